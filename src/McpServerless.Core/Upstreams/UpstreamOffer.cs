using System.Text.Json;
using McpServerless.Protocol;
using static McpServerless.JsonMembers;

namespace McpServerless.Upstreams;

/// <summary>What an upstream says that it can do beside what the catalogue pins.</summary>
internal sealed record UpstreamOffer(bool Completions, bool Logging, bool Subscriptions, bool Tasks)
{
    public static UpstreamOffer Nothing { get; } = new(false, false, false, false);

    /// <summary>Reads the <c>capabilities</c> of <c>server/discover</c> or <c>initialize</c>.</summary>
    public static UpstreamOffer Read(JsonElement result)
    {
        var capabilities = Member(result, "capabilities");
        return new UpstreamOffer(
            IsObject(Member(capabilities, "completions")),
            IsObject(Member(capabilities, "logging")),
            Member(Member(capabilities, "resources"), "subscribe").ValueKind == JsonValueKind.True,
            IsObject(Member(Member(capabilities, "extensions"), AgentCapabilities.TasksExtension)));
    }

    /// <summary>What either of two offers has.</summary>
    public UpstreamOffer Or(UpstreamOffer other) =>
        new(Completions || other.Completions, Logging || other.Logging, Subscriptions || other.Subscriptions, Tasks || other.Tasks);

    private static bool IsObject(JsonElement value) => value.ValueKind == JsonValueKind.Object;
}
