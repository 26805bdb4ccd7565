using System.CommandLine;
using McpServerless.Catalogue.Files;

namespace McpServerless.Cli.Commands;

/// <summary>The folder and what is overridden in it, as two commands take them.</summary>
internal sealed class FolderArguments
{
    private readonly Argument<string> _folder;

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Replaces a value of the files: upstream.NAME.url=URL. Also allowPrivateNetwork, timeoutSeconds and maxResultBytes. Can be repeated.",
        HelpName = "upstream.NAME.MEMBER=VALUE",
    };

    public FolderArguments(string description = "Folder of catalogue files, read with the folders below it.")
    {
        _folder = new Argument<string>("FOLDER") { Description = description };
        _set.Validators.Add(option =>
        {
            foreach (var token in option.Tokens)
            {
                if (!FileOverride.TryParse(token.Value, out _)) option.AddError($"--set {token.Value}: write upstream.NAME.MEMBER=VALUE with url, allowPrivateNetwork, timeoutSeconds or maxResultBytes.");
            }
        });
    }

    public void AddTo(Command command)
    {
        command.Add(_folder);
        command.Add(_set);
    }

    public string PathOf(ParseResult result) => result.GetRequiredValue(_folder);

    /// <exception cref="UsageException">There is no such folder.</exception>
    public async Task<LoadedCatalogue> LoadAsync(ParseResult result, CommandContext context, CancellationToken ct)
    {
        var overrides = new List<FileOverride>();
        foreach (var text in result.GetValue(_set) ?? [])
        {
            if (FileOverride.TryParse(text, out var parsed)) overrides.Add(parsed);
        }

        try
        {
            return await CatalogueFolder.LoadAsync(result.GetRequiredValue(_folder), overrides, context.Time, ct);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
