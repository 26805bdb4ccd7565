using System.Text.Json;

namespace McpServerless.Audit;

/// <summary>What an instance says of itself when it begins to write.</summary>
/// <param name="Build">Version of the program, with the commit where the build knew it.</param>
/// <param name="ConfigurationHash">See <see cref="ConfigurationFingerprint"/>.</param>
/// <param name="Host">The machine or the instance of the plan.</param>
/// <param name="CatalogueVersion">The active catalogue's number; null when it is not known in time.</param>
public sealed record WriterIdentity(string Build, string ConfigurationHash, string Host, Func<CancellationToken, ValueTask<long?>> CatalogueVersion)
{
    /// <summary>How long a start record waits for the catalogue's number.</summary>
    private static readonly TimeSpan CatalogueLimit = TimeSpan.FromSeconds(2);

    /// <summary>For a ledger that nobody configured, as in tools and tests.</summary>
    public static WriterIdentity Unnamed { get; } = new("unknown", "", "unknown", _ => ValueTask.FromResult<long?>(null));

    internal async Task<AuditRecord> StartedAsync(AuditRecord record, TimeProvider time, CancellationToken ct)
    {
        long? catalogue = null;
        using var limit = new CancellationTokenSource(CatalogueLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            catalogue = await CatalogueVersion(both.Token);
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            // The start is recorded without it: every record of a call names the version that decided.
        }

        return record with
        {
            CatalogueVersion = catalogue,
            DetailsJson = AuditDetails.Write(json =>
            {
                json.WriteString("build"u8, Build);
                json.WriteString("configurationHash"u8, ConfigurationHash);
                json.WriteString("host"u8, Host);
            }),
        };
    }
}

/// <summary>Canonical JSON of a record's details.</summary>
public static class AuditDetails
{
    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members)
    {
        using var text = new PooledBytes();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(text.Memory);
        using var canonical = new PooledBytes();
        CanonicalJson.Write(canonical, document.RootElement);
        return canonical.Memory.ToArray();
    }
}
