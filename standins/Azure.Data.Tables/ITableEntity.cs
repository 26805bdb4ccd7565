namespace Azure.Data.Tables;

/// <summary>What every row has. The service sets <see cref="Timestamp"/> and <see cref="ETag"/>; neither is ever sent as a property.</summary>
public interface ITableEntity
{
    string PartitionKey { get; set; }
    string RowKey { get; set; }
    DateTimeOffset? Timestamp { get; set; }
    ETag ETag { get; set; }
}
