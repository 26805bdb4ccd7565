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

    [Fact]
    public async Task Mcpgov_ActsThroughTheGateway_AsWhoeverTheTokenProves_AndTheLedgerHasIt()
    {
        const string Client = "77777777-0000-7777-7777-77777777777a";
        await gateway.Access.SaveClientAsync(Gateway.Client(Client), CancellationToken.None);
        var claims = gateway.Issuer.ApplicationClaims("99999999-9999-9999-9999-999999999999");
        claims["roles"] = new JsonArray("Governance.Admin");
        (string, string)[] surroundings = [("MCPGOV_GATEWAY", gateway.App.Address.GetLeftPart(UriPartial.Authority)), ("MCPGOV_TOKEN", gateway.Issuer.Token(claims))];
        var suspended = await RunAsync("client", "suspend", Client, "--reason", "over the gateway");
        Assert.True(suspended.ExitCode == 0, suspended.Everything);
        var stale = await RunAsync("client", "resume", Client, "--reason", "r", "--if-match", "\"other\"");
        Assert.True(stale.ExitCode == 1 && stale.Everything.Contains("precondition_failed", StringComparison.Ordinal), stale.Everything);
        var query = await RunAsync("audit", "query", "--client", "gateway", "--output", "json", "--limit", "10000");
        Assert.True(query.ExitCode == 0, query.Everything);
        Assert.Contains(query.Output.Split('\n'), line => line.Contains("over the gateway", StringComparison.Ordinal) && line.Contains($"\"by\":\"{TestIssuer.AgentObjectId}\"", StringComparison.Ordinal));
        var doctor = await RunAsync("doctor", "--server", Gateway.Server);
        Assert.True(doctor.ExitCode == 0, doctor.Everything);

        Task<McpgovResult> RunAsync(params string[] arguments) => Mcpgov.RunAsync(arguments, gateway.Azurite.ConnectionString, null, CancellationToken.None, surroundings);
    }
}
