using System.Text.Json;
using System.Text.Json.Serialization;
using McpServerless.Azure.Budgets;
using McpServerless.Catalogue;
using McpServerless.Contracts;
using McpServerless.Contracts.Guarding;

namespace McpServerless.Azure.Catalogue;

// Rows outlive the program that wrote them, so their shape is its own and not the catalogue's types: what every row has is required
// here, and a property that comes later gets a default here, which rows without it are read with.

/// <summary>An upstream as it is kept.</summary>
internal sealed class UpstreamRow
{
    public required string Name { get; set; }

    [JsonConverter(typeof(EnumText<UpstreamProtocol>))]
    public UpstreamProtocol Protocol { get; set; } = UpstreamProtocol.Mcp;

    public required Uri Url { get; set; }

    public required bool AllowPrivateNetwork { get; set; }

    public required int TimeoutSeconds { get; set; }

    public required int MaxResultBytes { get; set; }

    public int MaxConcurrentCalls { get; set; } = 500;

    public CredentialRow? Credential { get; set; }

    public static UpstreamRow From(Upstream upstream) => new()
    {
        Name = upstream.Name,
        Protocol = upstream.Protocol,
        Url = upstream.Url,
        AllowPrivateNetwork = upstream.AllowPrivateNetwork,
        TimeoutSeconds = upstream.TimeoutSeconds,
        MaxResultBytes = upstream.MaxResultBytes,
        MaxConcurrentCalls = upstream.MaxConcurrentCalls,
        Credential = upstream.Credential is { } credential ? CredentialRow.From(credential) : null,
    };

    public Upstream ToUpstream() => new()
    {
        Name = Name,
        Protocol = Protocol,
        Url = Url,
        AllowPrivateNetwork = AllowPrivateNetwork,
        TimeoutSeconds = TimeoutSeconds,
        MaxResultBytes = MaxResultBytes,
        MaxConcurrentCalls = MaxConcurrentCalls,
        Credential = Credential?.ToCredential(),
    };
}

/// <summary>An upstream's credential as it is kept: names, never a secret.</summary>
internal sealed class CredentialRow
{
    [JsonConverter(typeof(EnumText<CredentialType>))]
    public required CredentialType Type { get; set; }

    [JsonConverter(typeof(EnumText<ApiKeyPlace>))]
    public ApiKeyPlace In { get; set; }

    public string? Name { get; set; }

    [JsonConverter(typeof(EnumText<HttpScheme>))]
    public HttpScheme Scheme { get; set; }

    public string? Secret { get; set; }

    public string? Scope { get; set; }

    public Uri? TokenUrl { get; set; }

    public string? ClientId { get; set; }

    public static CredentialRow From(UpstreamCredential credential) => new()
    {
        Type = credential.Type,
        In = credential.In,
        Name = credential.Name,
        Scheme = credential.Scheme,
        Secret = credential.Secret,
        Scope = credential.Scope,
        TokenUrl = credential.TokenUrl,
        ClientId = credential.ClientId,
    };

    public UpstreamCredential ToCredential() => new() { Type = Type, In = In, Name = Name, Scheme = Scheme, Secret = Secret, Scope = Scope, TokenUrl = TokenUrl, ClientId = ClientId };
}

/// <summary>A contract as it is kept, whatever its kind: the row's key says that.</summary>
internal sealed class ContractRow
{
    public required string Upstream { get; set; }

    public required string Name { get; set; }

    [JsonConverter(typeof(RawJson))]
    public required JsonElement Definition { get; set; }

    [JsonConverter(typeof(RawJson))]
    public JsonElement? Http { get; set; }

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

    public IReadOnlyList<GuardAcceptance>? Accepted { get; set; }

    public DateTimeOffset? DeprecatedSince { get; set; }

    [JsonConverter(typeof(EnumText<OutputMode>))]
    public OutputMode Output { get; set; }

    [JsonConverter(typeof(EnumText<AdditionalArguments>))]
    public AdditionalArguments AdditionalArguments { get; set; }

    public static ContractRow From(Contract contract) => new()
    {
        Upstream = contract.Upstream,
        Name = contract.Name,
        Definition = contract.Definition,
        Http = (contract as ToolContract)?.Http,
        Hash = contract.Hash,
        Version = contract.Version,
        Team = contract.Team,
        Sensitivity = contract.Sensitivity,
        State = contract.State,
        Sunset = contract.Sunset,
        Audit = contract.Audit,
        RequiredScope = contract.RequiredScope,
        RequiredRole = contract.RequiredRole,
        Budget = ToolBudgetRow.From((contract as ToolContract)?.Budget),
        Accepted = (contract as ToolContract)?.Accepted,
        DeprecatedSince = contract.DeprecatedSince,
        Output = (contract as ToolContract)?.Output ?? OutputMode.Enforce,
        AdditionalArguments = (contract as ToolContract)?.AdditionalArguments ?? AdditionalArguments.AsSchema,
    };

    public ToolContract ToTool() =>
        Governed(new ToolContract { Upstream = Upstream, Name = Name, Definition = Definition, Http = Http, Hash = Hash, Version = Version, Team = Team, Accepted = Accepted, Output = Output, AdditionalArguments = AdditionalArguments, Budget = Budget?.ToBudget() });

    public PromptContract ToPrompt() =>
        Governed(new PromptContract { Upstream = Upstream, Name = Name, Definition = Definition, Hash = Hash, Version = Version, Team = Team });

    public ResourceContract ToResource() =>
        Governed(new ResourceContract { Upstream = Upstream, Name = Name, Definition = Definition, Hash = Hash, Version = Version, Team = Team });

    private T Governed<T>(T contract)
        where T : Contract => contract with
        {
            Sensitivity = Sensitivity,
            State = State,
            Sunset = Sunset,
            DeprecatedSince = DeprecatedSince,
            Audit = Audit,
            RequiredScope = RequiredScope,
            RequiredRole = RequiredRole,
        };
}

/// <summary>A virtual server as it is kept.</summary>
internal sealed class ServerRow
{
    public required string Name { get; set; }

    public string? Title { get; set; }

    public string? Instructions { get; set; }

    public required IReadOnlyList<SelectionRow> Tools { get; set; }

    public IReadOnlyList<SelectionRow> Prompts { get; set; } = [];

    public IReadOnlyList<ResourceSelectionRow> Resources { get; set; } = [];

    public IReadOnlyList<ClientRequestKind> ClientRequests { get; set; } = [ClientRequestKind.Elicitation];

    public IReadOnlyList<BudgetLimitRow> Budgets { get; set; } = [];

    public static ServerRow From(VirtualServer server) => new()
    {
        Name = server.Name,
        Title = server.Title,
        Instructions = server.Instructions,
        Tools = [.. server.Tools.Select(SelectionRow.From)],
        Prompts = [.. server.Prompts.Select(SelectionRow.From)],
        Resources = [.. server.Resources.Select(ResourceSelectionRow.From)],
        ClientRequests = server.ClientRequests,
        Budgets = [.. server.Budgets.Select(BudgetLimitRow.From)],
    };

    public VirtualServer ToServer() => new()
    {
        Name = Name,
        Title = Title,
        Instructions = Instructions,
        Tools = [.. Tools.Select(t => t.ToSelection())],
        Prompts = [.. Prompts.Select(p => p.ToSelection())],
        Resources = [.. Resources.Select(r => r.ToSelection())],
        ClientRequests = ClientRequests,
        Budgets = [.. Budgets.Select(l => l.ToLimit())],
    };
}

/// <summary>A selection of tools or prompts as it is kept within its virtual server.</summary>
internal sealed class SelectionRow
{
    public required string Upstream { get; set; }

    public required IReadOnlyList<string> Names { get; set; }

    public required string Prefix { get; set; }

    public static SelectionRow From(FeatureSelection selection) => new() { Upstream = selection.Upstream, Names = selection.Names, Prefix = selection.Prefix };

    public FeatureSelection ToSelection() => new() { Upstream = Upstream, Names = Names, Prefix = Prefix };
}

/// <summary>A selection of resources as it is kept within its virtual server.</summary>
internal sealed class ResourceSelectionRow
{
    public required string Upstream { get; set; }

    public required IReadOnlyList<string> Uris { get; set; }

    public static ResourceSelectionRow From(ResourceSelection selection) => new() { Upstream = selection.Upstream, Uris = selection.Uris };

    public ResourceSelection ToSelection() => new() { Upstream = Upstream, Uris = Uris };
}
