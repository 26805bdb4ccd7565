using System.ComponentModel.DataAnnotations;
using McpServerless.Hosting;
using Microsoft.Extensions.Options;

namespace McpServerless.Azure.Storage;

/// <summary>Which storage account holds the state, and how patient its client is.</summary>
/// <remarks>Exactly one of <see cref="TableServiceUri"/> and <see cref="ConnectionString"/> is set.</remarks>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>The account's table endpoint, such as <c>https://account.table.core.windows.net</c>, reached with a managed identity.</summary>
    /// <remarks>
    /// With <c>AZURE_CLIENT_ID</c> that user-assigned identity is used and nothing else is tried; without it, what DefaultAzureCredential
    /// finds. The identity needs the role Storage Table Data Contributor.
    /// </remarks>
    [SetByDeployment]
    public Uri? TableServiceUri { get; set; }

    /// <summary>For local development only, for an emulator: it carries the account's key, which anyone who reads it holds for good.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Put before the name of each table, so that several deployments can share an account.</summary>
    /// <value>Empty by default; else a letter and up to 39 letters or digits.</value>
    [RegularExpression("^([A-Za-z][A-Za-z0-9]{0,39})?$", ErrorMessage = "Storage:TablePrefix must be a letter followed by up to 39 letters or digits, or empty.")]
    public string TablePrefix { get; set; } = "";

    /// <summary>Time for one try of one request, in milliseconds.</summary>
    /// <value>100 to 60,000; default 2,000, which is far above what the service takes within a region. Raise it on slow lines.</value>
    [Range(100, 60000)]
    public int NetworkTimeoutMilliseconds { get; set; } = 2000;

    /// <summary>How often a request is sent again after its first try failed.</summary>
    /// <value>0 to 10; default 2.</value>
    [Range(0, 10)]
    public int MaxRetries { get; set; } = 2;

    /// <summary>The pause before the first retry, in milliseconds. It doubles with each.</summary>
    /// <value>10 to 10,000; default 100.</value>
    [Range(10, 10000)]
    public int RetryDelayMilliseconds { get; set; } = 100;

    /// <summary>The longest pause between two tries, in milliseconds.</summary>
    /// <value>10 to 60,000; default 1,000.</value>
    [Range(10, 60000)]
    public int MaxRetryDelayMilliseconds { get; set; } = 1000;
}

[OptionsValidator]
internal sealed partial class StorageOptionsValidator : IValidateOptions<StorageOptions>;
