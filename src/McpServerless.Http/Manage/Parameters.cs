using System.Text.Json.Nodes;

namespace McpServerless.Http.Manage;

/// <summary>Parameters of paths and queries, each described once.</summary>
internal static class Parameters
{
    private static readonly Dictionary<string, ManageParameter> OfPaths = new(StringComparer.Ordinal)
    {
        ["clientId"] = new("clientId", Text(Patterns.Guid), "The application (client) id.", "33333333-3333-3333-3333-333333333333"),
        ["server"] = new("server", Text(Patterns.Name), "The virtual server.", "demo"),
        ["grantId"] = new("grantId", Text(Patterns.Name), "The grant's name.", "support-refunds"),
        ["campaign"] = new("campaign", Text(Patterns.Campaign), "The campaign.", "2026-Q4"),
        ["requestId"] = new("requestId", Text("^[0-9a-f]{32}$"), "The request.", "01999999999970008000000000000001"),
        ["number"] = new("number", Whole(1, long.MaxValue), "The number of a catalogue version.", 7),
        ["noticeId"] = new("noticeId", Text("^[a-z0-9_]{1,64}$"), "The notice.", "ntc_0123456789abcdef0123456789abcdef"),
        ["endpoint"] = new("endpoint", Text(Patterns.Name), "The endpoint, as the settings name it.", "ops"),
        ["upstream"] = new("upstream", Text(Patterns.Name), "The upstream.", "everything"),
        ["tool"] = new("tool", Text("^[A-Za-z0-9_.-]{1,192}$"), "The upstream's own name of the tool.", "echo"),
        ["team"] = new("team", Text("^[^/\\x00-\\x1f\\x7f-\\x9f]{1,128}$"), "The team, as contracts and clients name it.", "payments"),
        ["id"] = new("id", Text("^[0-9A-Za-z_.~-]{8,128}$"), "A session, a trace or a request.", "0199d0c2-0000-7000-8000-000000000001"),
    };

    public static ManageParameter OfPath(string name) => OfPaths[name];

    public static IReadOnlyList<ManageParameter> Paging { get; } =
    [
        new("limit", Whole(1, Pages.MaxLimit), $"The most items of a page; {Pages.DefaultLimit} where left out.", 50),
        new("cursor", Text("^[A-Za-z0-9_-]{1,1400}$"), "What the page before says as next. It is opaque.", "c3VwcG9ydA"),
    ];

    public static ManageParameter Of(string name, string description, string example, string pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]{1,256}$") => new(name, Text(pattern), description, example);

    public static ManageParameter OneOf(string name, string description, params ReadOnlySpan<string> values) =>
        new(name, new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. values.ToArray().Select(v => JsonValue.Create(v))]) }, description, values[0]);

    public static ManageParameter Flag(string name, string description) => new(name, new JsonObject { ["type"] = "boolean" }, description, true);

    public static ManageParameter Moment(string name, string description) =>
        new(name, new JsonObject { ["type"] = "string", ["format"] = "date-time", ["maxLength"] = 40 }, description, "2026-11-01T00:00:00Z");

    private static JsonObject Text(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    private static JsonObject Whole(long least, long most) => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };
}
