using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace McpServerless.Sealing;

/// <summary>Seals records as texts that clients carry, each kind for its own purpose, so that one can never stand for another.</summary>
internal sealed class Seals(ISealer sealer)
{
    /// <summary>A longer text was not made here.</summary>
    private const int MaxLength = 16 * 1024;

    public string Seal(SealedSession session) => Seal(session, SealingJson.Default.SealedSession);

    public string Seal(SealedRequestState state) => Seal(state, SealingJson.Default.SealedRequestState);

    public string Seal(SealedTask task) => Seal(task, SealingJson.Default.SealedTask);

    public string Seal(SealedCursor cursor) => Seal(cursor, SealingJson.Default.SealedCursor);

    public string Seal(SealedEvent place) => Seal(place, SealingJson.Default.SealedEvent);

    public SealedSession? OpenSession(string text) => Open(text, SealingJson.Default.SealedSession);

    public SealedRequestState? OpenRequestState(string text) => Open(text, SealingJson.Default.SealedRequestState);

    public SealedTask? OpenTask(string text) => Open(text, SealingJson.Default.SealedTask);

    public SealedCursor? OpenCursor(string text) => Open(text, SealingJson.Default.SealedCursor);

    public SealedEvent? OpenEvent(string text) => Open(text, SealingJson.Default.SealedEvent);

    private string Seal<T>(T content, JsonTypeInfo<T> type) => sealer.Seal(typeof(T).Name, JsonSerializer.SerializeToUtf8Bytes(content, type));

    private T? Open<T>(string text, JsonTypeInfo<T> type)
        where T : class
    {
        if (text.Length is 0 or > MaxLength || sealer.Open(typeof(T).Name, text) is not { } content) return null;
        try
        {
            return JsonSerializer.Deserialize(content, type);
        }
        catch (JsonException)
        {
            // Sealed by a version of the gateway that wrote another shape.
            return null;
        }
    }
}
