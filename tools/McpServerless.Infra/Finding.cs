namespace McpServerless.Infra;

/// <summary>What a deployment would trip over, or an auditor would object to.</summary>
/// <param name="Where">A file below the repository's root, with a line where there is one; or a deployment and a resource of it.</param>
/// <param name="Rule">The stable name of the rule.</param>
/// <param name="Message">What is wrong, and what would be right.</param>
public sealed record Finding(string Where, string Rule, string Message)
{
    public override string ToString() => $"{Where}: {Message} [{Rule}]";
}
