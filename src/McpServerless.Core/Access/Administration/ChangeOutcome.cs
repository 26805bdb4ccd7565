namespace McpServerless.Access.Administration;

/// <summary>Why a change was not made.</summary>
public enum ChangeProblem
{
    /// <summary>There is no such thing.</summary>
    NotFound,

    /// <summary>Somebody else changed it meanwhile; nothing was overwritten.</summary>
    Conflict,

    /// <summary>Not for this person to do.</summary>
    NotAllowed,

    /// <summary>It makes no sense as it was asked for.</summary>
    Invalid,

    /// <summary>It could not be written down that this is about to happen, so it does not happen.</summary>
    NotRecorded,
}

/// <summary>What came of a change: the thing as it is now, or why it is as it was.</summary>
public sealed class ChangeOutcome<T>
    where T : class
{
    private ChangeOutcome(T? value, ChangeProblem problem, string message) => (Value, Problem, Message) = (value, problem, message);

    /// <summary>Null when nothing was changed.</summary>
    public T? Value { get; }

    /// <summary>Only where <see cref="Value"/> is null.</summary>
    public ChangeProblem Problem { get; }

    /// <summary>For the person who asked; empty when it was done.</summary>
    public string Message { get; }

    public static implicit operator ChangeOutcome<T>(T value) => new(value, default, "");

    public static implicit operator ChangeOutcome<T>((ChangeProblem Problem, string Message) problem) => new(null, problem.Problem, problem.Message);
}
