#nullable enable
namespace Azure.Data.Tables;

/// <summary>What an entity takes up in the service's own accounting, which counts strings in UTF-16 whatever was sent.</summary>
/// <remarks>
/// 4 bytes, the keys, and for each property 8 bytes, its name and its value; strings and binaries carry 4 bytes of length.
/// The formula is the storage team's ("Understanding Windows Azure Storage Billing"). Nulls are not stored and so are not counted.
/// </remarks>
internal struct EntitySize
{
    public EntitySize()
    {
    }

    /// <summary>Without the keys and the timestamp.</summary>
    public int Properties { get; private set; }

    public long Bytes { get; private set; } = 4;

    public void Add(string name, object? value)
    {
        if (value is null)
            return;
        if (name is nameof(ITableEntity.PartitionKey) or nameof(ITableEntity.RowKey))
        {
            Bytes += value is string key ? 2 * key.Length : 0;
            return;
        }

        Properties++;
        Bytes += 8 + 2 * name.Length + value switch
        {
            string text => 4 + 2L * text.Length,
            byte[] bytes => 4 + bytes.Length,
            BinaryData binary => 4 + binary.ToMemory().Length,
            Guid => 16,
            bool => 1,
            int => 4,
            _ => 8,
        };
    }
}
