using System.Text.Json;

namespace McpServerless.Audit.Sinks;

/// <summary>A record on its way out of the ledger.</summary>
/// <param name="Day">The UTC day of its chain.</param>
/// <param name="ClientId">Whose chain it is.</param>
/// <param name="Writer">The instance.</param>
/// <param name="Sequence">Its place in the chain.</param>
/// <param name="Json">As it was written.</param>
/// <param name="Root">The same, read; undefined when it cannot be read.</param>
public sealed record OutgoingRecord(string Day, string ClientId, string Writer, long Sequence, ReadOnlyMemory<byte> Json, JsonElement Root)
{
    /// <summary>One of a segment's records.</summary>
    internal static OutgoingRecord Of(AuditSegment segment, long sequence, ReadOnlyMemory<byte> json) => new(segment.Day, segment.ClientId, segment.Writer, sequence, json, Parse(json));

    /// <summary>A member that is a text; null where there is none.</summary>
    public string? Text(string name) => JsonMembers.Text(Root, name);

    /// <summary>When it happened, as the record says; null when it does not.</summary>
    public DateTimeOffset? Time => JsonMembers.Member(Root, "time") is { ValueKind: JsonValueKind.String } time && time.TryGetDateTimeOffset(out var moment) ? moment : null;

    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }
}

/// <summary>A place outside that takes records.</summary>
public interface IRecordSink
{
    /// <summary>The name of its outbox. Must not change, or everything is sent again.</summary>
    string Name { get; }

    /// <summary>The most bytes of records, as the ledger has them, in one batch.</summary>
    int MaxBatchBytes { get; }

    /// <summary>Sends records in their order. They may have been sent before.</summary>
    /// <exception cref="SinkUnavailableException">It is not known that they were taken; they are sent again later.</exception>
    /// <exception cref="RecordRefusedException">They will not be taken, however often they are sent.</exception>
    ValueTask SendAsync(IReadOnlyList<OutgoingRecord> records, CancellationToken ct);
}

/// <summary>A sink cannot be reached, or does not take anything now.</summary>
public sealed class SinkUnavailableException : Exception
{
    public SinkUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    public SinkUnavailableException()
    {
    }

    public SinkUnavailableException(string message)
        : base(message)
    {
    }
}

/// <summary>A sink says that it will never take this.</summary>
public sealed class RecordRefusedException : Exception
{
    public RecordRefusedException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    public RecordRefusedException()
    {
    }

    public RecordRefusedException(string message)
        : base(message)
    {
    }
}
