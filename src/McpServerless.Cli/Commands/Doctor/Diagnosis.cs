namespace McpServerless.Cli.Commands.Doctor;

internal enum Verdict
{
    Ok,

    /// <summary>It works, or cannot be told from here; somebody should look.</summary>
    Warn,
    Fail,
}

/// <summary>What one check found.</summary>
/// <param name="Check">Its name, the same in every run.</param>
/// <param name="Found">What is so.</param>
/// <param name="ToDo">What to do about it; null where nothing is to be done.</param>
internal sealed record Diagnosis(Verdict Verdict, string Check, string Found, string? ToDo = null)
{
    public static Diagnosis Ok(string check, string found) => new(Verdict.Ok, check, found);

    public static Diagnosis Warn(string check, string found, string toDo) => new(Verdict.Warn, check, found, toDo);

    public static Diagnosis Fail(string check, string found, string toDo) => new(Verdict.Fail, check, found, toDo);
}
