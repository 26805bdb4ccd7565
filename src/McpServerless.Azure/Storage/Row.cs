using Azure.Data.Tables;

namespace McpServerless.Azure.Storage;

/// <summary>Reads a row's properties. One that is missing or is not what it should be makes the store unavailable, never a default.</summary>
internal readonly struct Row(Table table, TableEntity entity)
{
    public string Text(string name) => OptionalText(name) ?? throw Unreadable($"{name} is missing");

    public string? OptionalText(string name) =>
        entity.TryGetValue(name, out var value) && value is not null ? value as string ?? throw Unreadable($"{name} is not a text") : null;

    public byte[]? OptionalBinary(string name) =>
        entity.TryGetValue(name, out var value) && value is not null ? value as byte[] ?? throw Unreadable($"{name} is not binary") : null;

    public bool? OptionalFlag(string name) =>
        entity.TryGetValue(name, out var value) && value is not null ? value as bool? ?? throw Unreadable($"{name} is not a flag") : null;

    public DateTimeOffset Date(string name) => OptionalDate(name) ?? throw Unreadable($"{name} is missing");

    public DateTimeOffset? OptionalDate(string name) => entity.TryGetValue(name, out var value) && value is not null
        ? value switch
        {
            DateTimeOffset date => date,
            DateTime { Kind: DateTimeKind.Utc } date => date,
            _ => throw Unreadable($"{name} is not a date"),
        }
        : null;

    public int Int32(string name) => entity.TryGetValue(name, out var value) && value is int number ? number : throw Unreadable($"{name} is not a number");

    public long Int64(string name) => entity.TryGetValue(name, out var value) && value is long number ? number : throw Unreadable($"{name} is not a number");

    /// <summary>The member with exactly this name; numbers and other spellings are not taken.</summary>
    public T Enum<T>(string name)
        where T : struct, Enum
    {
        var text = Text(name);
        return System.Enum.TryParse<T>(text, out var value) && System.Enum.GetName(value) == text ? value : throw Unreadable($"{name} is unknown");
    }

    /// <summary>The parts of the row key, however many they are.</summary>
    public string[] RowKeyParts() => TableKey.Parts(entity.RowKey) ?? throw ForeignKeys();

    /// <summary>The parts of the row key.</summary>
    public string[] RowKeyParts(int count) => RowKeyParts() is { } parts && parts.Length == count ? parts : throw ForeignKeys();

    /// <summary>The parts of the partition key.</summary>
    public string[] PartitionKeyParts(int count) =>
        TableKey.Parts(entity.PartitionKey) is { } parts && parts.Length == count ? parts : throw ForeignKeys();

    public StoreUnavailableException Unreadable(string why, Exception? inner = null) =>
        new($"Table {table.Name} holds a row that cannot be read, '{entity.PartitionKey}' / '{entity.RowKey}': {why}.", inner);

    private StoreUnavailableException ForeignKeys() => Unreadable("its keys are not ours");
}
