using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Budgets;
using McpServerless.Contracts;
using McpServerless.Contracts.Guarding;

namespace McpServerless.Catalogue.Files;

/// <summary>Turns files that keep their schema into the records that they describe.</summary>
internal static partial class FileContent
{
    public static Upstream Upstream(JsonElement file) => new()
    {
        Name = Required(file, "name"),
        Protocol = OneOf(file, "protocol", UpstreamProtocol.Mcp),
        Url = new Uri(Required(file, "url")),
        Credential = file.TryGetProperty("credential", out var credential) ? Credential(credential) : null,
        AllowPrivateNetwork = file.TryGetProperty("allowPrivateNetwork", out var allow) && allow.GetBoolean(),
        TimeoutSeconds = Number(file, "timeoutSeconds", 60),
        MaxResultBytes = Number(file, "maxResultBytes", 4 * 1024 * 1024),
        MaxConcurrentCalls = Number(file, "maxConcurrentCalls", 500),
    };

    private static UpstreamCredential Credential(JsonElement credential) => new()
    {
        Type = OneOf(credential, "type", CredentialType.ApiKey),
        In = OneOf(credential, "in", ApiKeyPlace.Header),
        Name = Optional(credential, "name"),
        Scheme = OneOf(credential, "scheme", HttpScheme.Bearer),
        Secret = Optional(credential, "secret"),
        Scope = Optional(credential, "scope"),
        TokenUrl = Optional(credential, "tokenUrl") is { } url ? new Uri(url) : null,
        ClientId = Optional(credential, "clientId"),
    };

    public static ToolContract Tool(JsonElement file)
    {
        var (upstream, definition, hash, version, team) = Pinned(file);
        JsonElement? http = file.TryGetProperty("http", out var binding) ? binding : null;
        if (http is { } bound) hash = BoundHash(definition, bound);
        return Governed(file, new ToolContract
        {
            Upstream = upstream,
            Name = Required(definition, "name"),
            Definition = definition,
            Http = http,
            Hash = hash,
            Version = version,
            Team = team,
            Output = OneOf(file, "output", OutputMode.Enforce),
            AdditionalArguments = OneOf(file, "additionalArguments", AdditionalArguments.AsSchema),
            Accepted = file.TryGetProperty("accepted", out var accepted)
                ? [.. accepted.EnumerateArray().Select(a => new GuardAcceptance(Required(a, "rule"), Required(a, "reason")))]
                : null,
            Budget = file.TryGetProperty("budget", out var budget) ? Budget(budget) : null,
        });
    }

    public static PromptContract Prompt(JsonElement file)
    {
        var (upstream, definition, hash, version, team) = Pinned(file);
        return Governed(file, new PromptContract { Upstream = upstream, Name = Required(definition, "name"), Definition = definition, Hash = hash, Version = version, Team = team });
    }

    public static ResourceContract Resource(JsonElement file)
    {
        var (upstream, definition, hash, version, team) = Pinned(file);
        var name = Optional(definition, "uri") ?? Required(definition, "uriTemplate");
        return Governed(file, new ResourceContract { Upstream = upstream, Name = name, Definition = definition, Hash = hash, Version = version, Team = team });
    }

    /// <summary>Without the blanks between its parts: they are a file's layout, and would count where the size of a schema is bounded.</summary>
    private static JsonElement Compact(JsonElement value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) value.WriteTo(writer);
        using var document = JsonDocument.Parse(buffer.ToArray(), new JsonDocumentOptions { MaxDepth = 512 });
        return document.RootElement.Clone();
    }

    private static string BoundHash(JsonElement definition, JsonElement http)
    {
        using var both = JsonDocument.Parse($$"""{"definition":{{definition.GetRawText()}},"http":{{http.GetRawText()}}}""", new JsonDocumentOptions { MaxDepth = 512 });
        return CanonicalJson.Hash(both.RootElement);
    }

    public static VirtualServer Server(JsonElement file) => new()
    {
        Name = Required(file, "name"),
        Title = Optional(file, "title"),
        Instructions = Optional(file, "instructions"),
        Tools = Features(file, "tools"),
        Prompts = Features(file, "prompts"),
        Resources = [.. Items(file, "resources").Select(selection => new ResourceSelection
        {
            Upstream = Required(selection, "upstream"),
            Uris = Texts(selection, "uris"),
        })],
        ClientRequests = file.TryGetProperty("clientRequests", out _)
            ? [.. Texts(file, "clientRequests").Select(text => Enum.Parse<ClientRequestKind>(text, ignoreCase: true))]
            : [ClientRequestKind.Elicitation],
        Budgets = Limits(file, "budgets"),
    };

    public static DeclaredClient Client(JsonElement file, DateTimeOffset now)
    {
        var expiresIn = Duration(Optional(file, "expiresIn"));
        return new DeclaredClient(
            new Client
            {
                TenantId = Guid.Parse(Required(file, "tenantId")).ToString("D"),
                ClientId = Guid.Parse(Required(file, "clientId")).ToString("D"),
                DisplayName = Required(file, "displayName"),
                Owner = Required(file, "owner"),
                BackupOwner = Optional(file, "backupOwner"),
                Team = Optional(file, "team"),
                Purpose = Required(file, "purpose"),
                ModelId = Optional(file, "modelId"),
                DeploymentContext = Optional(file, "deploymentContext"),
                DataClassification = Optional(file, "dataClassification") is { } data ? Enum.Parse<DataClassification>(data, ignoreCase: true) : null,
                AgentBlueprintId = Optional(file, "agentBlueprintId") is { } blueprint ? Guid.Parse(blueprint).ToString("D") : null,
                State = OneOf(file, "state", ClientState.Active),
                ExpiresAt = Moment(file, "expiresAt") ?? After(now, expiresIn),
                Budgets = Limits(file, "budgets"),
            },
            expiresIn,
            StateGiven: file.TryGetProperty("state", out _));
    }

    public static DeclaredGrant Grant(JsonElement file, DateTimeOffset now)
    {
        var expiresIn = Duration(Optional(file, "expiresIn"));
        return new DeclaredGrant(
            new Grant
            {
                GrantId = Required(file, "grantId"),
                ClientId = Guid.Parse(Required(file, "clientId")).ToString("D"),
                Server = Required(file, "server"),
                Tools = Texts(file, "tools"),
                Prompts = Texts(file, "prompts"),
                Resources = Texts(file, "resources"),
                Effect = OneOf(file, "effect", GrantEffect.Allow),
                Constraints = [.. Items(file, "constraints").Select(c => new ArgumentConstraint(Texts(c, "tools"), Compact(c.GetProperty("arguments"))))],
                Context = file.TryGetProperty("context", out var context) ? Context(context) : null,
                RequiredRole = Optional(file, "requiredRole"),
                RequiredScope = Optional(file, "requiredScope"),
                RequiredUserRole = Optional(file, "requiredUserRole"),
                ModelIds = Texts(file, "modelIds"),
                Ticket = Optional(file, "ticket"),
                Requester = Optional(file, "requester"),
                BroadReason = Optional(file, "broadReason"),
                ExpiresAt = Moment(file, "expiresAt") ?? After(now, expiresIn),
                Justification = Required(file, "justification"),
                Approver = Required(file, "approver"),
                NextReview = Moment(file, "nextReview"),
                Budgets = Limits(file, "budgets"),
            },
            expiresIn);
    }

    private static GrantContext Context(JsonElement context) => new()
    {
        Networks = Texts(context, "networks"),
        Hours = [.. Items(context, "hours").Select(h => new GrantHours(
            [.. Texts(h, "days").Select(d => Enum.Parse<DayOfWeek>(d, ignoreCase: true))],
            TimeOnly.ParseExact(Required(h, "from"), "HH:mm", CultureInfo.InvariantCulture),
            TimeOnly.ParseExact(Required(h, "to"), "HH:mm", CultureInfo.InvariantCulture),
            Required(h, "timeZone")))],
        MaxTokenAgeMinutes = context.TryGetProperty("maxTokenAgeMinutes", out var age) ? (int)age.GetDouble() : null,
        AuthContexts = Texts(context, "authContexts"),
        AuthMethods = Texts(context, "authMethods"),
        Callers = [.. Texts(context, "callers").Select(c => Enum.Parse<GrantCaller>(c, ignoreCase: true))],
        Environments = Texts(context, "environments"),
    };

    private static ToolBudget Budget(JsonElement budget) => new()
    {
        Limits = Limits(budget, "limits"),
        Cost = !budget.TryGetProperty("cost", out var cost) ? null : new ToolCost
        {
            Fixed = Long(cost, "fixed") ?? 0,
            Argument = Optional(cost, "argument"),
            Result = Optional(cost, "result"),
            Reserve = Long(cost, "reserve") ?? 1,
        },
        FailMode = OneOf(budget, "failMode", BudgetFailMode.Closed),
        OpenCallsPerMinute = Number(budget, "openCallsPerMinute", 60),
    };

    private static IReadOnlyList<BudgetLimit> Limits(JsonElement file, string name) => !file.TryGetProperty(name, out var limits) ? [] :
    [
        .. limits.EnumerateArray().Select(limit => new BudgetLimit
        {
            Name = Required(limit, "name"),
            Kind = OneOf(limit, "kind", LimitKind.Budget),
            Unit = OneOf(limit, "unit", LimitUnit.Calls),
            Amount = Long(limit, "amount") ?? 1,
            Per = Optional(limit, "per") is null ? null : OneOf(limit, "per", LimitPeriod.Day),
            Burst = Long(limit, "burst"),
            TimeZone = Optional(limit, "timeZone") ?? "UTC",
            Sharing = OneOf(limit, "sharing", LimitSharing.Client),
        }),
    ];

    private static long? Long(JsonElement file, string name) => file.TryGetProperty(name, out var value) ? (long)value.GetDouble() : null;

    /// <summary>Days, hours or weeks (ISO 8601); months and years have no fixed length.</summary>
    public static TimeSpan? Duration(string? text)
    {
        if (text is null) return null;
        var match = Parts().Match(text);
        return TimeSpan.FromDays(Part(match, "weeks") * 7) + TimeSpan.FromDays(Part(match, "days")) + TimeSpan.FromHours(Part(match, "hours"));
    }

    private static (string Upstream, JsonElement Definition, string Hash, string Version, string Team) Pinned(JsonElement file)
    {
        var definition = Compact(file.GetProperty("definition"));
        return (Required(file, "upstream"), definition, CanonicalJson.Hash(definition), Required(file, "version"), Required(file, "team"));
    }

    private static T Governed<T>(JsonElement file, T contract)
        where T : Contract => contract with
        {
            Sensitivity = OneOf(file, "sensitivity", Sensitivity.Medium),
            State = OneOf(file, "state", ToolState.Active),
            Sunset = Moment(file, "sunset"),
            DeprecatedSince = Moment(file, "deprecatedSince"),
            Audit = OneOf(file, "audit", AuditMode.Default),
            RequiredScope = Optional(file, "requiredScope"),
            RequiredRole = Optional(file, "requiredRole"),
        };

    private static FeatureSelection[] Features(JsonElement file, string name) => [.. Items(file, name).Select(selection => new FeatureSelection
    {
        Upstream = Required(selection, "upstream"),
        Names = Texts(selection, "names"),
        Prefix = Optional(selection, "prefix") ?? "",
    })];

    private static int Part(Match match, string name) =>
        match.Groups[name] is { Success: true } part ? int.Parse(part.Value, CultureInfo.InvariantCulture) : 0;

    /// <summary>Whole seconds: nobody means more, and stores differ in what they keep.</summary>
    private static DateTimeOffset After(DateTimeOffset now, TimeSpan? duration) =>
        DateTimeOffset.FromUnixTimeSeconds((now + (duration ?? TimeSpan.Zero)).ToUnixTimeSeconds());

    private static string Required(JsonElement file, string name) => file.GetProperty(name).GetString()!; // the schema requires it

    private static string? Optional(JsonElement file, string name) => file.TryGetProperty(name, out var value) ? value.GetString() : null;

    // A JSON Schema integer may be written 60.0 or 6e1.
    private static int Number(JsonElement file, string name, int otherwise) => file.TryGetProperty(name, out var value) ? (int)value.GetDouble() : otherwise;

    private static string[] Texts(JsonElement file, string name) => [.. Items(file, name).Select(item => item.GetString()!)]; // likewise

    private static JsonElement.ArrayEnumerator Items(JsonElement file, string name) => file.TryGetProperty(name, out var items) ? items.EnumerateArray() : default;

    private static DateTimeOffset? Moment(JsonElement file, string name) =>
        Optional(file, name) is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind).ToUniversalTime() : null;

    private static T OneOf<T>(JsonElement file, string name, T otherwise)
        where T : struct, Enum => Optional(file, name) is { } text ? Enum.Parse<T>(text, ignoreCase: true) : otherwise;

    [GeneratedRegex(@"^P((?<weeks>\d+)W)?((?<days>\d+)D)?(T(?<hours>\d+)H)?\z")]
    private static partial Regex Parts();
}
