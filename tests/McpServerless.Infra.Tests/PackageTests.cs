using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using McpServerless.Infra.Rules;
using McpServerless.Infra.Tests.Settings;
using McpServerless.Testing;

namespace McpServerless.Infra.Tests;

/// <summary>The package that is deployed, started from the zip's contents with the settings that Bicep gives it.</summary>
[Collection(nameof(CompilerFixture))]
public class PackageTests(CompilerFixture fixture)
{
    private const int Calls = 40;

    [Fact]
    public async Task Package_ServesWithTheSettingsOfTheDeployment_AndLosesNoTelemetry()
    {
        var folder = Directory.CreateTempSubdirectory("mcpserverless-package-");
        try
        {
            var zip = Path.Combine(folder.FullName, "function-app.zip");
            await FunctionPackage.MakeAsync(zip, new FunctionPackageOptions { OnStandIns = true }, CancellationToken.None);
            var program = await FunctionPackage.UnpackAsync(zip, Path.Combine(folder.FullName, "wwwroot"), CancellationToken.None);
            Assert.True(File.Exists(Path.Combine(folder.FullName, "wwwroot", "host.json")));
            Assert.False(File.Exists(Path.Combine(folder.FullName, "wwwroot", "local.settings.json")));

            await using var monitor = await AzureMonitor.StartAsync(TestIssuer.AgentObjectId);
            var settings = await SettingsAsync(monitor);
            await using (var gateway = await LocalGateway.StartAsync(new LocalGatewayOptions { Program = program, Settings = settings }))
            {
                var token = await gateway.Issuer.TokenAsync(new TokenRequest("33333333-3333-3333-3333-333333333333"));
                for (var call = 0; call < Calls; call++) await CallAsync(gateway.App.Endpoint("demo"), token);
            }

            // Ending flushed what was left. The certificate's variable is one of OpenSSL: elsewhere the app serves without telemetry.
            if (!OperatingSystem.IsLinux()) return;
            Assert.Empty(monitor.Refused);
            var calls = monitor.Spans("mcp");
            Assert.True(calls >= Calls, $"spans of {calls} in {Calls} calls came in, among {monitor.Envelopes.Count} envelopes");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Every setting of the deployment under its own name; the addresses of Azure become those of this machine.</summary>
    private async Task<Dictionary<string, string>> SettingsAsync(AzureMonitor monitor)
    {
        var result = await fixture.CheckAsync();
        var settings = AppRules.SettingsOf(result.Deployments[0]).ToDictionary();
        foreach (var (name, value) in monitor.Environment) settings[name] = value;
        settings["APPLICATIONINSIGHTS_CONNECTION_STRING"] = monitor.ConnectionString;
        settings["AZURE_CLIENT_ID"] = TestIssuer.AgentObjectId;
        // An emulator has no identities, which the collection rule asks for too; the gateway's own address and issuer are known only when they listen.
        foreach (var name in (string[])["Storage__TableServiceUri", "Checkpoints__BlobContainer", "Checkpoints__KeyVaultKey", "Sinks__LogsIngestionEndpoint", "Sinks__LogsIngestionRule", "Upstreams__Vault"]) Assert.True(settings.Remove(name), name);
        foreach (var name in (string[])["Gateway__PublicBaseUrl", "Authentication__TenantId", "Authentication__Audience"]) Assert.True(settings.Remove(name), name);
        Assert.Equal(["Gateway__TrustedProxies"], settings.Keys.Where(name => Setting.All.Any(setting => setting.Variable == name)));
        return settings;
    }

    private static async Task CallAsync(Uri endpoint, string token)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        using var request = ToolsList.Request(endpoint);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        using var answer = JsonDocument.Parse(text);
        Assert.NotEqual(0, answer.RootElement.GetProperty("result").GetProperty("tools").GetArrayLength());
    }
}
