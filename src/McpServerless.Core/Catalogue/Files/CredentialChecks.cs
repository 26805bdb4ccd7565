using McpServerless.OpenApi;

namespace McpServerless.Catalogue.Files;

/// <summary>Whether an upstream's credential is its own and goes where it says.</summary>
internal static class CredentialChecks
{
    public static void Check(CatalogueFile file, Upstream upstream, UpstreamCredential credential, List<CatalogueFinding> findings)
    {
        var prefix = UpstreamCredential.SecretPrefix(upstream.Name);
        if (credential.Secret is { } secret && !secret.StartsWith(prefix, StringComparison.Ordinal))
            Add("secret", $"has to begin with '{prefix}': the secrets of an upstream carry its name, so that no other's file can ask for them");
        if (credential is { Type: CredentialType.ApiKey, In: ApiKeyPlace.Header, Name: { } header } && !MayCarry(header))
            Add("name", $"'{header}' is a header that frames, routes or passes on a request; for Authorization use type: http");
        if (credential is { Type: CredentialType.ApiKey, In: ApiKeyPlace.Cookie, Name: { } cookie } && !ReservedHeaders.IsToken(cookie))
            Add("name", $"'{cookie}' is no name of a cookie (RFC 6265, section 4.1.1)");
        if (credential.TokenUrl is { } tokens && !(tokens.Scheme == Uri.UriSchemeHttps || (tokens.Scheme == Uri.UriSchemeHttp && tokens.IsLoopback)))
            Add("tokenUrl", "is not https; the client's secret would be read on the way");
        if (credential.TokenUrl is { UserInfo.Length: > 0 }) Add("tokenUrl", "carries a user name or password, which everybody who reads the catalogue would see");

        void Add(string member, string message) => findings.Add(file.Finding(FindingRule.CredentialInvalid, $"/credential/{member}", message));
    }

    private static bool MayCarry(string header) => ReservedHeaders.IsToken(header) && !ReservedHeaders.Contains(header);
}
