namespace McpServerless.Contracts.Impact;

/// <summary>How one client used one tool in some days, and what another contract would have said to it.</summary>
/// <param name="Subject"><c>upstream/tool</c>, as findings name it.</param>
/// <param name="Models">The models that were registered for the client when it called.</param>
/// <param name="Calls">Calls that were allowed.</param>
/// <param name="StillValid">Of them, those whose recorded shape keeps the inputSchema.</param>
/// <param name="NoLongerValid">Those whose shape breaks it.</param>
/// <param name="Untold">Those of which it cannot be told: the shape does not say, or none was recorded.</param>
/// <param name="WithoutShape">Of these, those without a recorded shape.</param>
/// <param name="Refused">Calls that were refused, by the code.</param>
public sealed record ToolUse(
    string TenantId,
    string ClientId,
    string Subject,
    IReadOnlyList<string> Models,
    int Calls,
    int StillValid,
    int NoLongerValid,
    int Untold,
    int WithoutShape,
    IReadOnlyDictionary<string, int> Refused,
    DateTimeOffset Last);

/// <summary>Who used tools in some days.</summary>
/// <param name="Records">Records of tool calls that the ledger has of these days; with none, nothing is known of anybody.</param>
public sealed record UsageReport(DateOnly From, DateOnly To, long Records, IReadOnlyList<ToolUse> Uses);
