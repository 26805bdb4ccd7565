namespace Azure.Data.Tables;

/// <summary>The Microsoft Entra resource that tokens for Table Storage are issued for.</summary>
public readonly struct TableAudience : IEquatable<TableAudience>
{
    private readonly string _value;

    public TableAudience(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        _value = value;
    }

    public static TableAudience AzurePublicCloud { get; } = new("https://storage.azure.com");
    public static TableAudience AzureGovernment { get; } = new("https://storage.azure.us");
    public static TableAudience AzureChina { get; } = new("https://storage.azure.cn");

    public static implicit operator TableAudience(string value) => new(value);
    public static bool operator ==(TableAudience left, TableAudience right) => left.Equals(right);
    public static bool operator !=(TableAudience left, TableAudience right) => !left.Equals(right);

    public bool Equals(TableAudience other) => string.Equals(_value, other._value, StringComparison.OrdinalIgnoreCase);
    public override bool Equals(object obj) => obj is TableAudience other && Equals(other);
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(_value ?? "");
    public override string ToString() => _value;
}
