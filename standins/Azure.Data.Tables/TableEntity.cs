using System.Collections;

namespace Azure.Data.Tables;

/// <summary>A row as a dictionary of properties.</summary>
/// <remarks>
/// The keys and what the service sets are in the dictionary too, as <c>PartitionKey</c>, <c>RowKey</c>, <c>Timestamp</c> and
/// <c>odata.etag</c>. Values may be string, int, long, ulong, double, bool, Guid, DateTime (UTC), DateTimeOffset, byte[] and BinaryData;
/// read back, dates are <see cref="DateTimeOffset"/> and binaries byte[]. A null value is not stored.
/// </remarks>
public sealed class TableEntity : ITableEntity, IDictionary<string, object>
{
    internal const string ETagKey = "odata.etag";

    public TableEntity()
        : this(null)
    {
    }

    public TableEntity(string partitionKey, string rowKey)
        : this(null)
    {
        PartitionKey = partitionKey;
        RowKey = rowKey;
    }

    public TableEntity(IDictionary<string, object> values) =>
        Properties = values is null ? new Dictionary<string, object>() : new Dictionary<string, object>(values);

    /// <summary>The backing store: readers and writers go through it without the coercion of the indexer.</summary>
    internal Dictionary<string, object> Properties { get; }

    public string PartitionKey
    {
        get => GetString(nameof(PartitionKey));
        set => Properties[nameof(PartitionKey)] = value;
    }

    public string RowKey
    {
        get => GetString(nameof(RowKey));
        set => Properties[nameof(RowKey)] = value;
    }

    public DateTimeOffset? Timestamp
    {
        get => GetDateTimeOffset(nameof(Timestamp));
        set => Properties[nameof(Timestamp)] = value;
    }

    public ETag ETag
    {
        get => new(GetString(ETagKey));
        set => Properties[ETagKey] = value.ToString();
    }

    /// <summary>Null for a property that is not there. A whole number put over a long or a double keeps the property's type.</summary>
    public object this[string key]
    {
        get => Value(key);
        set
        {
            ArgumentException.ThrowIfNullOrEmpty(key);
            Properties[key] = Properties.TryGetValue(key, out var existing) ? KeepType(existing, value) : value;
        }
    }

    public ICollection<string> Keys => Properties.Keys;
    ICollection<object> IDictionary<string, object>.Values => Properties.Values;
    public int Count => Properties.Count;
    bool ICollection<KeyValuePair<string, object>>.IsReadOnly => false;

    // Each getter answers null for a missing or null property and throws InvalidOperationException for one of another type.
    public string GetString(string key) => Value(key) is { } value ? Typed<string>(key, value) : null;
    public bool? GetBoolean(string key) => Value(key) is { } value ? Typed<bool>(key, value) : null;
    public int? GetInt32(string key) => Value(key) is { } value ? Typed<int>(key, value) : null;
    public long? GetInt64(string key) => Value(key) is { } value ? Typed<long>(key, value) : null;
    public double? GetDouble(string key) => Value(key) is { } value ? Typed<double>(key, value) : null;
    public Guid? GetGuid(string key) => Value(key) is { } value ? Typed<Guid>(key, value) : null;
    public byte[] GetBinary(string key) => Value(key) is { } value ? Typed<byte[]>(key, value) : null;

    public BinaryData GetBinaryData(string key) => Value(key) switch
    {
        null => null,
        byte[] bytes => new BinaryData(bytes),
        var value => Typed<BinaryData>(key, value),
    };

    public DateTime? GetDateTime(string key) => Value(key) switch
    {
        null => null,
        DateTimeOffset time => time.UtcDateTime,
        var value => Typed<DateTime>(key, value),
    };

    public DateTimeOffset? GetDateTimeOffset(string key) => Value(key) switch
    {
        null => null,
        DateTime time => new DateTimeOffset(time),
        var value => Typed<DateTimeOffset>(key, value),
    };

    public void Add(string key, object value) => this[key] = value;
    public bool ContainsKey(string key) => Properties.ContainsKey(key);
    public bool Remove(string key) => Properties.Remove(key);
    public bool TryGetValue(string key, out object value) => Properties.TryGetValue(key, out value);
    public void Clear() => Properties.Clear();

    void ICollection<KeyValuePair<string, object>>.Add(KeyValuePair<string, object> item) => Add(item.Key, item.Value);
    bool ICollection<KeyValuePair<string, object>>.Contains(KeyValuePair<string, object> item) => Pairs.Contains(item);
    void ICollection<KeyValuePair<string, object>>.CopyTo(KeyValuePair<string, object>[] array, int arrayIndex) => Pairs.CopyTo(array, arrayIndex);
    bool ICollection<KeyValuePair<string, object>>.Remove(KeyValuePair<string, object> item) => Pairs.Remove(item);
    IEnumerator<KeyValuePair<string, object>> IEnumerable<KeyValuePair<string, object>>.GetEnumerator() => Properties.GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => Properties.GetEnumerator();

    private ICollection<KeyValuePair<string, object>> Pairs => Properties;

    private object Value(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return Properties.GetValueOrDefault(key);
    }

    private static T Typed<T>(string key, object value) =>
        value is T typed ? typed : throw new InvalidOperationException($"Property '{key}' holds a {value.GetType()}, which is not a {typeof(T)}.");

    private static object KeepType(object existing, object value) => (existing, value) switch
    {
        (double, int whole) => (double)whole,
        (long, int whole) => (long)whole,
        (string, DateTime or DateTimeOffset) => value.ToString(),
        _ => value,
    };
}
