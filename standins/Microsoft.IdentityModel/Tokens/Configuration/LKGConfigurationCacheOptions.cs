namespace Microsoft.IdentityModel.Tokens.Configuration;

/// <summary>Bounds of the last known good configurations that are kept.</summary>
public class LKGConfigurationCacheOptions
{
    public static readonly int DefaultLKGConfigurationSizeLimit = 10;

    public int LastKnownGoodConfigurationSizeLimit
    {
        get;
        set => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), $"IDX10901: {value} is no size limit.");
    } = DefaultLKGConfigurationSizeLimit;
}
