using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Testing;

namespace McpServerless.EndToEnd;

/// <summary>The management API where it is deployed: behind a trigger that takes every path below it.</summary>
[Collection(nameof(Gateway))]
public sealed class ManagementTests(Gateway gateway)
{
    [Fact]
    public async Task EveryPathBelowManage_ReachesTheApi()
    {
        using var http = new HttpClient { BaseAddress = gateway.App.Address };
        using var document = await http.GetAsync(new Uri("manage/openapi.json", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, document.StatusCode);
        using var unknown = await http.GetAsync(new Uri("manage/clients/x/y/z", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
        Assert.Contains("resource_metadata", unknown.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);

        var claims = gateway.Issuer.ApplicationClaims("99999999-9999-9999-9999-999999999999");
        claims["roles"] = new JsonArray("Governance.Admin");
        http.DefaultRequestHeaders.Authorization = new("Bearer", gateway.Issuer.Token(claims));
        using var client = await http.GetAsync(new Uri($"manage/clients/{TestIssuer.AgentClientId}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, client.StatusCode);
        using var body = JsonDocument.Parse(await client.Content.ReadAsStringAsync());
        Assert.Equal("Test agent", body.RootElement.GetProperty("displayName").GetString());
        using var method = await http.DeleteAsync(new Uri($"manage/clients/{TestIssuer.AgentClientId}", UriKind.Relative));
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "application/problem+json"), (method.StatusCode, method.Content.Headers.ContentType?.MediaType));
        using var root = await http.GetAsync(new Uri("manage", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, root.StatusCode);
    }
}
