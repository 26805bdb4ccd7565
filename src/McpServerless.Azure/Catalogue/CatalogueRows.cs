using System.Text.Json;
using System.Text.Json.Serialization;
using McpServerless.Azure.Budgets;
using McpServerless.Catalogue;

namespace McpServerless.Azure.Catalogue;

// Rows outlive the program that wrote them, so their shape is its own and not the catalogue's types: what every row has is required
// here, and a property that comes later gets a default here, which rows without it are read with.

/// <summary>An upstream as it is kept.</summary>
internal sealed class UpstreamRow
{
    public required string Name { get; set; }

    public required Uri Url { get; set; }

    public required bool AllowPrivateNetwork { get; set; }

    public required int TimeoutSeconds { get; set; }

    public required int MaxResultBytes { get; set; }

    public static UpstreamRow From(Upstream upstream) => new()
    {
        Name = upstream.Name,
        Url = upstream.Url,
        AllowPrivateNetwork = upstream.AllowPrivateNetwork,
        TimeoutSeconds = upstream.TimeoutSeconds,
        MaxResultBytes = upstream.MaxResultBytes,
    };

    public Upstream ToUpstream() => new()
    {
        Name = Name,
        Url = Url,
        AllowPrivateNetwork = AllowPrivateNetwork,
        TimeoutSeconds = TimeoutSeconds,
        MaxResultBytes = MaxResultBytes,
    };
}

/// <summary>A tool contract as it is kept.</summary>
internal sealed class ToolRow
{
    public required string Upstream { get; set; }

    public required string Name { get; set; }

    [JsonConverter(typeof(RawJson))]
    public required JsonElement Definition { get; set; }

    public required string Hash { get; set; }

    public required string Version { get; set; }

    public required string Team { get; set; }

    [JsonConverter(typeof(EnumText<Sensitivity>))]
    public required Sensitivity Sensitivity { get; set; }

    [JsonConverter(typeof(EnumText<ToolState>))]
    public required ToolState State { get; set; }

    public DateTimeOffset? Sunset { get; set; }

    [JsonConverter(typeof(EnumText<AuditMode>))]
    public required AuditMode Audit { get; set; }

    public string? RequiredScope { get; set; }

    public string? RequiredRole { get; set; }

    public ToolBudgetRow? Budget { get; set; }

    public static ToolRow From(ToolContract tool) => new()
    {
        Upstream = tool.Upstream,
        Name = tool.Name,
        Definition = tool.Definition,
        Hash = tool.Hash,
        Version = tool.Version,
        Team = tool.Team,
        Sensitivity = tool.Sensitivity,
        State = tool.State,
        Sunset = tool.Sunset,
        Audit = tool.Audit,
        RequiredScope = tool.RequiredScope,
        RequiredRole = tool.RequiredRole,
        Budget = ToolBudgetRow.From(tool.Budget),
    };

    public ToolContract ToTool() => new()
    {
        Upstream = Upstream,
        Name = Name,
        Definition = Definition,
        Hash = Hash,
        Version = Version,
        Team = Team,
        Sensitivity = Sensitivity,
        State = State,
        Sunset = Sunset,
        Audit = Audit,
        RequiredScope = RequiredScope,
        RequiredRole = RequiredRole,
        Budget = Budget?.ToBudget(),
    };
}

/// <summary>A virtual server as it is kept.</summary>
internal sealed class ServerRow
{
    public required string Name { get; set; }

    public string? Title { get; set; }

    public string? Instructions { get; set; }

    public required IReadOnlyList<SelectionRow> Tools { get; set; }

    public IReadOnlyList<BudgetLimitRow> Budgets { get; set; } = [];

    public static ServerRow From(VirtualServer server) => new()
    {
        Name = server.Name,
        Title = server.Title,
        Instructions = server.Instructions,
        Tools = [.. server.Tools.Select(SelectionRow.From)],
        Budgets = [.. server.Budgets.Select(BudgetLimitRow.From)],
    };

    public VirtualServer ToServer() => new()
    {
        Name = Name,
        Title = Title,
        Instructions = Instructions,
        Tools = [.. Tools.Select(t => t.ToSelection())],
        Budgets = [.. Budgets.Select(l => l.ToLimit())],
    };
}

/// <summary>A selection of tools as it is kept within its virtual server.</summary>
internal sealed class SelectionRow
{
    public required string Upstream { get; set; }

    public required IReadOnlyList<string> Names { get; set; }

    public required string Prefix { get; set; }

    public static SelectionRow From(ToolSelection selection) => new() { Upstream = selection.Upstream, Names = selection.Names, Prefix = selection.Prefix };

    public ToolSelection ToSelection() => new() { Upstream = Upstream, Names = Names, Prefix = Prefix };
}
