using System.CommandLine;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov completion bash|zsh|pwsh</c>: what makes a shell complete commands and options.</summary>
internal static class CompletionCommand
{
    // Each asks mcpgov itself, by the directive that System.CommandLine has for it, and gives it the line behind the command's name.
    private const string Bash = """
        # mcpgov: eval "$(mcpgov completion bash)", in ~/.bashrc to have it always
        _mcpgov_complete() {
          local line="${COMP_LINE#* }" IFS=$'\n'
          local point=$((COMP_POINT - ${#COMP_LINE} + ${#line}))
          COMPREPLY=($(compgen -W "$(mcpgov "[suggest:${point}]" "${line}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -F _mcpgov_complete mcpgov
        """;

    private const string Zsh = """
        # mcpgov: eval "$(mcpgov completion zsh)", in ~/.zshrc behind compinit to have it always
        _mcpgov_complete() {
          local line="${BUFFER#* }"
          local point=$((CURSOR - ${#BUFFER} + ${#line}))
          local -a found
          found=("${(@f)$(mcpgov "[suggest:${point}]" "${line}" 2>/dev/null)}")
          compadd -- "${found[@]}"
        }
        compdef _mcpgov_complete mcpgov
        """;

    private const string Pwsh = """
        # mcpgov: mcpgov completion pwsh | Out-String | Invoke-Expression, in $PROFILE to have it always
        Register-ArgumentCompleter -Native -CommandName mcpgov -ScriptBlock {
          param($wordToComplete, $commandAst, $cursorPosition)
          $text = $commandAst.ToString()
          $name = $text.IndexOf(' ') + 1
          if ($name -eq 0) { $name = $text.Length + 1 }
          $point = [Math]::Max(0, $cursorPosition - $commandAst.Extent.StartOffset - $name)
          $line = $(if ($name -lt $text.Length) { $text.Substring($name) } else { '' }).PadRight($point)
          mcpgov "[suggest:$point]" $line | Where-Object { $_ -like "$wordToComplete*" } |
            ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    public static Command Create(CommandContext context)
    {
        var command = new Command("completion", "Writes what makes a shell complete mcpgov's commands and options.");
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or pwsh." }.AcceptOnlyFromAmong("bash", "zsh", "pwsh");
        command.Add(shell);
        command.SetAction(result => context.Out.WriteLine(result.GetRequiredValue(shell) switch { "zsh" => Zsh, "pwsh" => Pwsh, _ => Bash }));
        return command;
    }
}
