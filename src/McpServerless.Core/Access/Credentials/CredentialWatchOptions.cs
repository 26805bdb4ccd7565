using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace McpServerless.Access.Credentials;

/// <summary>How credentials and owners of the registered Entra applications are watched.</summary>
public sealed class CredentialWatchOptions
{
    public const string Section = "Credentials";

    /// <summary>Whether the directory is asked once a day.</summary>
    /// <value>Default false: the gateway's identity needs Application.Read.All and User.Read.All of Microsoft Graph first, which an administrator of the directory grants (<c>infra/hooks/graph.sh</c>).</value>
    public bool Watch { get; set; }

    /// <summary>Microsoft Graph; another address in national clouds.</summary>
    /// <value>An https address; default <c>https://graph.microsoft.com</c>.</value>
    [Required]
    public Uri GraphEndpoint { get; set; } = new("https://graph.microsoft.com");

    /// <summary>How long a secret or certificate may live, in days.</summary>
    /// <value>1 to 3,650; default 180. One that lives longer is told of.</value>
    [Range(1, 3650)]
    public int MaxLifetimeDays { get; set; } = 180;

    /// <summary>Issuers that federated credentials may trust; an address, or its beginning with <c>*</c> at the end.</summary>
    /// <value>None by default; then any.</value>
    public IList<string> TrustedIssuers { get; } = [];

    /// <summary>After how many days without a call a client is unused.</summary>
    /// <value>7 to 365; default 90.</value>
    [Range(7, 365)]
    public int UnusedDays { get; set; } = 90;

    /// <summary>Whether a client is suspended when neither owner nor backup is an enabled user.</summary>
    public bool SuspendWithoutOwner { get; set; }

    /// <summary>Whether an unused client is suspended.</summary>
    public bool SuspendUnused { get; set; }

    /// <summary>Whether a client with a credential that lives too long is suspended.</summary>
    public bool SuspendTooLong { get; set; }

    /// <summary>How many clients one run looks at.</summary>
    /// <value>1 to 10,000; default 300. The next run, a quarter of an hour later, goes on until the day's are done.</value>
    [Range(1, 10000)]
    public int MaxPerRun { get; set; } = 300;

    /// <summary>Time for all that is asked about one client, with the waits that the directory asks for, in seconds.</summary>
    /// <value>1 to 300; default 60. Past it the run ends and the next one goes on there.</value>
    [Range(1, 300)]
    public int SecondsPerClient { get; set; } = 60;
}

[OptionsValidator]
internal sealed partial class CredentialWatchOptionsValidator : IValidateOptions<CredentialWatchOptions>;

/// <summary>What the annotations cannot say.</summary>
internal sealed class GraphEndpointValidator : IValidateOptions<CredentialWatchOptions>
{
    public ValidateOptionsResult Validate(string? name, CredentialWatchOptions options) =>
        options.GraphEndpoint is { IsAbsoluteUri: true } address && address.Scheme == Uri.UriSchemeHttps && address.PathAndQuery == "/"
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("Credentials:GraphEndpoint must be an https address without a path.");
}
