using System.Diagnostics.CodeAnalysis;

namespace McpServerless.ToolCalls;

/// <summary>An ending, whatever would have been proved.</summary>
internal interface IOutcome
{
    /// <summary>Null for a success.</summary>
    Refusal? Refusal { get; }
}

/// <summary>What a stage proved, or the refusal with which it ended.</summary>
public sealed class Outcome<T> : IOutcome
    where T : class
{
    private readonly T? _value;
    private readonly Refusal? _refusal;

    private Outcome(T? value, Refusal? refusal) => (_value, _refusal) = (value, refusal);

    /// <summary>True with the value, or false with the refusal.</summary>
    public bool Succeeded([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Refusal? refusal)
    {
        (value, refusal) = (_value, _refusal);
        return value is not null;
    }

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(null, refusal);

    Refusal? IOutcome.Refusal => _refusal;

    public Outcome<T> ToOutcome() => this;
}
