using McpServerless.Access;
using McpServerless.Catalogue;
using McpServerless.Upstreams;

namespace McpServerless.Sessions;

/// <summary>What one virtual server can do for a caller: what is in the catalogue, and what the upstreams behind it can do with that.</summary>
/// <remarks>What cannot be carried over to the caller's era is not in it (MCP 2026-07-28, server/discover: what is named has to work).</remarks>
public sealed record ServerOffer
{
    public required Admission Admission { get; init; }

    public bool Prompts { get; init; }

    public bool Resources { get; init; }

    public bool Completions { get; init; }

    public bool Logging { get; init; }

    /// <summary>Changes of single resources can be subscribed to.</summary>
    public bool Subscriptions { get; init; }

    /// <summary>The tasks extension.</summary>
    public bool Tasks { get; init; }

    /// <summary>The session that was opened, sealed; null in the era that has none.</summary>
    public string? Session { get; init; }

    internal static ServerOffer Of(Admission admission, UpstreamOffer upstreams)
    {
        var features = admission.Server.Features;
        var prompts = features.Any(f => f.Kind == SubjectKind.Prompt);
        var resources = features.Any(f => f.Kind == SubjectKind.Resource);
        return new ServerOffer
        {
            Admission = admission,
            Prompts = prompts,
            Resources = resources,
            Completions = upstreams.Completions && (prompts || resources),
            Logging = upstreams.Logging,
            Subscriptions = upstreams.Subscriptions && resources,
            Tasks = upstreams.Tasks,
        };
    }
}
