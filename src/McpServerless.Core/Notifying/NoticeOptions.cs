using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace McpServerless.Notifying;

/// <summary>Where notices are sent.</summary>
public sealed class NoticeOptions
{
    public const string Section = "Notices";

    /// <summary>Webhooks that notices are sent to. Each has <c>Name</c>, <c>Address</c> and <c>Secret</c>, and may have <c>PreviousSecret</c>, <c>Types__0</c> and <c>AllowPrivateNetwork</c>.</summary>
    /// <value>
    /// Name: 1 to 32 of <c>a-z 0-9 -</c>. Address: https; http only on the own machine. Secrets: <c>whsec_</c> and the Base64 of 24 to 64 bytes, better as references to a vault; while both are
    /// set every message is signed with both. Types: names or globs such as <c>review.*</c>; without any, all. AllowPrivateNetwork: default false; then names that lead to private addresses are not connected to.
    /// </value>
    public IList<NoticeEndpoint> Endpoints { get; } = [];

    /// <summary>The attribute <c>source</c> of the CloudEvents: what tells this deployment from others.</summary>
    /// <value>A URI reference; default <c>/mcpserverless</c>.</value>
    [Required]
    public string Source { get; set; } = "/mcpserverless";

    /// <summary>Time for one delivery, in milliseconds.</summary>
    /// <value>100 to 60,000; default 15,000. One past it counts as failed and is tried again.</value>
    [Range(100, 60000)]
    public int TimeoutMilliseconds { get; set; } = 15_000;

    /// <summary>How many notices one run looks at.</summary>
    /// <value>1 to 10,000; default 500. The next run, a minute later, goes on.</value>
    [Range(1, 10000)]
    public int MaxPerRun { get; set; } = 500;

    /// <summary>How long a notice is tried, in days; after that it is a dead letter, which an operator replays or drops.</summary>
    /// <value>7 to 30; default 8, so that an endpoint that is down for a week misses nothing.</value>
    [Range(7, 30)]
    public int GiveUpDays { get; set; } = 8;

    /// <summary>How long notices that were delivered or dropped are kept, in days. Dead letters are kept until somebody decides on them.</summary>
    /// <value>90 to 3,650; default 120. Nothing is said again that is older than 60 days, so that no id comes twice.</value>
    [Range(90, 3650)]
    public int KeepDays { get; set; } = 120;
}

/// <summary>A webhook.</summary>
public sealed class NoticeEndpoint
{
    public string Name { get; set; } = "";

    public Uri? Address { get; set; }

    public string Secret { get; set; } = "";

    public string? PreviousSecret { get; set; }

    public IList<string> Types { get; } = [];

    public bool AllowPrivateNetwork { get; set; }

    public bool Wants(string type) => Types.Count == 0 || Types.Any(pattern => Access.NamePattern.Matches(pattern, type));
}

[OptionsValidator]
internal sealed partial class NoticeOptionsValidator : IValidateOptions<NoticeOptions>;

/// <summary>What the annotations cannot say.</summary>
internal sealed partial class NoticeEndpointValidator : IValidateOptions<NoticeOptions>
{
    private const int MaxEndpoints = 20;

    public ValidateOptionsResult Validate(string? name, NoticeOptions options)
    {
        var faults = new List<string>();
        if (!Uri.TryCreate(options.Source, UriKind.RelativeOrAbsolute, out _)) faults.Add("Notices:Source must be a URI reference.");
        if (options.Endpoints.Count > MaxEndpoints) faults.Add($"Notices:Endpoints has more than {MaxEndpoints}.");
        for (var i = 0; i < options.Endpoints.Count; i++) faults.AddRange(FaultsOf(options.Endpoints[i]).Select(fault => $"Notices:Endpoints:{i}:{fault}"));
        foreach (var twice in options.Endpoints.GroupBy(e => e.Name, StringComparer.Ordinal).Where(g => g.Count() > 1)) faults.Add($"Notices:Endpoints has the name '{twice.Key}' more than once.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> FaultsOf(NoticeEndpoint endpoint)
    {
        if (!Names().IsMatch(endpoint.Name)) yield return "Name must be 1 to 32 of a-z, 0-9 and -.";
        if (endpoint.Address is not { IsAbsoluteUri: true } address || !(address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)) || address.UserInfo.Length > 0)
        {
            yield return "Address must be an https address without a user name; http only on the own machine.";
        }

        if (WebhookSignature.ReadSecret(endpoint.Secret) is null) yield return "Secret must be whsec_ and the Base64 of 24 to 64 bytes.";
        if (endpoint.PreviousSecret is { Length: > 0 } previous && WebhookSignature.ReadSecret(previous) is null) yield return "PreviousSecret must be whsec_ and the Base64 of 24 to 64 bytes.";
        foreach (var pattern in endpoint.Types.Where(p => !NoticeTypes.All.Any(type => Access.NamePattern.Matches(p, type)))) yield return $"Types names no type of notice with '{pattern}'.";
    }

    [GeneratedRegex("^[a-z0-9-]{1,32}$")]
    private static partial Regex Names();
}
