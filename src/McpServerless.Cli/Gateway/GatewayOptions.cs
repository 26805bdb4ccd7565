using System.CommandLine;
using Azure.Core;
using Azure.Identity;

namespace McpServerless.Cli.Gateway;

/// <summary>The options that say which gateway to go through, and as whom.</summary>
/// <remarks>
/// Whoever goes through the gateway is proven by a token, and the gateway's rules decide. Without it commands write to the storage account, which proves nobody:
/// that is for setting a gateway up, and for when it is down.
/// </remarks>
internal sealed class GatewayOptions(Func<string?, TokenCredential> credential, Func<string, string?> environment)
{
    public const string GatewayVariable = "MCPGOV_GATEWAY";
    public const string AudienceVariable = "MCPGOV_AUDIENCE";
    public const string TokenVariable = "MCPGOV_TOKEN";

    private readonly Option<string?> _gateway = new("--gateway")
    {
        Description = $"URL of the gateway: changes go through its management API, and who makes them is proven by your sign-in. Also in {GatewayVariable}.",
        Recursive = true,
    };

    private readonly Option<string?> _audience = new("--audience")
    {
        Description = $"Client id of the gateway's application, for which a token is got with your Azure sign-in (az or azd login, workload identity, managed identity). Also in {AudienceVariable}; {TokenVariable} is taken as it is.",
        Recursive = true,
    };

    public void AddTo(RootCommand root)
    {
        root.Add(_gateway);
        root.Add(_audience);
    }

    /// <summary>The gateway; null when none is named, and the command goes straight to the storage account.</summary>
    /// <exception cref="UsageException">It is no address to which a token may be sent.</exception>
    public GatewayClient? Open(ParseResult result)
    {
        if (AddressOf(result) is not { } address) return null;
        return new GatewayClient(address, GatewayClient.CreateHttp(), ct => TokenAsync(result, ct));
    }

    /// <exception cref="UsageException">It is no address to which a token may be sent.</exception>
    public Uri? AddressOf(ParseResult result)
    {
        var text = result.GetValue(_gateway) ?? Variable(GatewayVariable);
        if (text is null) return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address is not { AbsolutePath: "/", Query.Length: 0, Fragment.Length: 0, UserInfo.Length: 0 })
            throw new UsageException("--gateway is a URL without path, such as https://mcp.contoso.com");
        if (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)) throw new UsageException("--gateway has to be https; plain http is accepted for loopback");
        return address;
    }

    /// <summary>What tokens are asked for; null when nobody said.</summary>
    /// <remarks>Never what the gateway says of itself: whoever could answer in its place would get a token for something else.</remarks>
    public string? ScopeOf(ParseResult result)
    {
        if ((result.GetValue(_audience) ?? Variable(AudienceVariable)) is not { } audience) return null;
        return Guid.TryParse(audience, out var id) ? $"api://{id:D}/.default"
            : audience.StartsWith("api://", StringComparison.Ordinal) ? $"{audience.TrimEnd('/')}/.default"
            : throw new UsageException("--audience is the client id of the gateway's application, or its identifier URI api://…");
    }

    /// <exception cref="UsageException">There is none to be had.</exception>
    public async ValueTask<string> TokenAsync(ParseResult result, CancellationToken ct)
    {
        if (Variable(TokenVariable) is { } given) return given;
        var scope = ScopeOf(result) ?? throw new UsageException($"say for whom to get a token: --audience or {AudienceVariable} with the client id of the gateway's application, or a token in {TokenVariable}");
        try
        {
            return (await credential(Variable("AZURE_CLIENT_ID")).GetTokenAsync(new TokenRequestContext([scope]), ct)).Token;
        }
        catch (AuthenticationFailedException e)
        {
            throw new UsageException($"no token for {scope}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;
}
