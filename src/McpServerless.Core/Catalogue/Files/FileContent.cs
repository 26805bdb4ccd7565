using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Budgets;

namespace McpServerless.Catalogue.Files;

/// <summary>Turns files that keep their schema into the records that they describe.</summary>
internal static partial class FileContent
{
    public static Upstream Upstream(JsonElement file) => new()
    {
        Name = Required(file, "name"),
        Url = new Uri(Required(file, "url")),
        AllowPrivateNetwork = file.TryGetProperty("allowPrivateNetwork", out var allow) && allow.GetBoolean(),
        TimeoutSeconds = Number(file, "timeoutSeconds", 60),
        MaxResultBytes = Number(file, "maxResultBytes", 4 * 1024 * 1024),
    };

    public static ToolContract Tool(JsonElement file)
    {
        var definition = file.GetProperty("definition");
        return new ToolContract
        {
            Upstream = Required(file, "upstream"),
            Name = Required(definition, "name"),
            Definition = definition,
            Hash = CanonicalJson.Hash(definition),
            Version = Required(file, "version"),
            Team = Required(file, "team"),
            Sensitivity = OneOf(file, "sensitivity", Sensitivity.Medium),
            State = OneOf(file, "state", ToolState.Active),
            Sunset = Moment(file, "sunset"),
            Audit = OneOf(file, "audit", AuditMode.Default),
            RequiredScope = Optional(file, "requiredScope"),
            RequiredRole = Optional(file, "requiredRole"),
            Budget = file.TryGetProperty("budget", out var budget) ? Budget(budget) : null,
        };
    }

    public static VirtualServer Server(JsonElement file) => new()
    {
        Name = Required(file, "name"),
        Title = Optional(file, "title"),
        Instructions = Optional(file, "instructions"),
        Tools = [.. file.GetProperty("tools").EnumerateArray().Select(selection => new ToolSelection
        {
            Upstream = Required(selection, "upstream"),
            Names = Texts(selection, "names"),
            Prefix = Optional(selection, "prefix") ?? "",
        })],
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
                RequiredUserRole = Optional(file, "requiredUserRole"),
                ExpiresAt = Moment(file, "expiresAt") ?? After(now, expiresIn),
                Justification = Required(file, "justification"),
                Approver = Required(file, "approver"),
                NextReview = Moment(file, "nextReview"),
                Budgets = Limits(file, "budgets"),
            },
            expiresIn);
    }

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

    private static int Part(Match match, string name) =>
        match.Groups[name] is { Success: true } part ? int.Parse(part.Value, CultureInfo.InvariantCulture) : 0;

    /// <summary>Whole seconds: nobody means more, and stores differ in what they keep.</summary>
    private static DateTimeOffset After(DateTimeOffset now, TimeSpan? duration) =>
        DateTimeOffset.FromUnixTimeSeconds((now + (duration ?? TimeSpan.Zero)).ToUnixTimeSeconds());

    private static string Required(JsonElement file, string name) => file.GetProperty(name).GetString()!; // the schema requires it

    private static string? Optional(JsonElement file, string name) => file.TryGetProperty(name, out var value) ? value.GetString() : null;

    // A JSON Schema integer may be written 60.0 or 6e1.
    private static int Number(JsonElement file, string name, int otherwise) => file.TryGetProperty(name, out var value) ? (int)value.GetDouble() : otherwise;

    private static string[] Texts(JsonElement file, string name) => [.. file.GetProperty(name).EnumerateArray().Select(item => item.GetString()!)]; // likewise

    private static DateTimeOffset? Moment(JsonElement file, string name) =>
        Optional(file, name) is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind).ToUniversalTime() : null;

    private static T OneOf<T>(JsonElement file, string name, T otherwise)
        where T : struct, Enum => Optional(file, name) is { } text ? Enum.Parse<T>(text, ignoreCase: true) : otherwise;

    [GeneratedRegex(@"^P((?<weeks>\d+)W)?((?<days>\d+)D)?(T(?<hours>\d+)H)?\z")]
    private static partial Regex Parts();
}
