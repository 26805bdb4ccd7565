namespace McpServerless.Telemetry;

/// <summary>The stages of a request, as its spans are called.</summary>
internal enum CallStage
{
    Authenticate,
    Admit,
    Continue,
    Authorize,
    CheckArguments,
    Reserve,
    RecordIntent,
    Forward,
    CheckResult,
    Record,
}
