using Azure.Core;

namespace Azure.Data.Tables;

/// <summary>Retries, transport and diagnostics come from <see cref="ClientOptions"/>; the defaults are Azure.Core's.</summary>
public class TableClientOptions : ClientOptions
{
    public TableClientOptions(ServiceVersion serviceVersion = ServiceVersion.V2020_12_06)
    {
        VersionString = serviceVersion switch
        {
            ServiceVersion.V2019_02_02 => "2019-02-02",
            ServiceVersion.V2020_12_06 => "2020-12-06",
            _ => throw new ArgumentOutOfRangeException(nameof(serviceVersion)),
        };
        foreach (var name in new[] { "$format", "$filter", "$top", "$select" })
            Diagnostics.LoggedQueryParameters.Add(name);
    }

    /// <summary>Which cloud tokens are asked for; null means <see cref="TableAudience.AzurePublicCloud"/>.</summary>
    public TableAudience? Audience { get; set; }

    internal string VersionString { get; }

    internal string Scope => $"{Audience ?? TableAudience.AzurePublicCloud}/.default";

    public enum ServiceVersion
    {
        /// <summary>Too old for token credentials.</summary>
        V2019_02_02 = 1,
        V2020_12_06 = 2,
    }
}
