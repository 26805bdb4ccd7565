namespace McpServerless.Audit;

/// <summary>Records that no request is behind.</summary>
public static class AuditRecords
{
    /// <summary>One about the gateway itself.</summary>
    public static AuditRecord OfGateway(AuditEvent kind, DateTimeOffset time) => new()
    {
        RecordId = Guid.CreateVersion7(time),
        RequestId = Guid.CreateVersion7(time),
        Time = time,
        Event = kind,
        Server = AuditRecord.Gateway,
        Decision = "recorded",
    };
}
