namespace McpServerless.Cli;

/// <summary>What the exit code says.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>Findings in the files, a conflict with another publisher, or something asked for that does not exist.</summary>
    public const int Findings = 1;

    /// <summary>The command line is wrong, or the storage account could not be reached.</summary>
    public const int UsageOrOutage = 2;

    /// <summary>Ended by Ctrl-C, as shells have it.</summary>
    public const int Cancelled = 130;
}
