using System.Globalization;
using System.Text.Json;
using McpServerless.Azure.Storage;
using McpServerless.Hosting;
using McpServerless.Http;
using McpServerless.Infra.Rules;
using McpServerless.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.Infra.Tests.Settings;

/// <summary>Code, page, sample file and Bicep know the same settings. A new one is picked up by itself.</summary>
[Collection(nameof(CompilerFixture))]
public class SettingsTests(CompilerFixture fixture)
{
    [Fact]
    public void Page_IsWhatTheCodeSays() => AssertCurrent("docs/settings.md", SettingsDocuments.Page());

    [Fact]
    public void SampleFile_HasEverySetting() => AssertCurrent("local.settings.sample.json", SettingsDocuments.Sample());

    [Fact]
    public void EverySetting_IsDocumented_WithItsRange()
    {
        var silent = Setting.All.Where(setting => XmlDocumentation.Of(setting.Property, "summary") is null).Select(setting => setting.Name).ToArray();
        Assert.Empty(silent);
        var withoutRange = Setting.All.Where(setting => setting.Range is not null && XmlDocumentation.Of(setting.Property, "value") is null).Select(setting => setting.Name).ToArray();
        Assert.Empty(withoutRange);
        Assert.True(Setting.All.Count >= 30, $"{Setting.All.Count} settings");
    }

    [Fact]
    public async Task Bicep_GivesWhatTheDeploymentAloneKnows_AndNothingElse()
    {
        var result = await fixture.CheckAsync();
        Assert.NotEmpty(result.Deployments);
        var marked = Setting.All.Where(setting => setting.IsSetByDeployment).Select(setting => setting.Variable).Order().ToArray();
        foreach (var deployment in result.Deployments)
        {
            var given = AppRules.SettingsOf(deployment).Keys.Except(SettingsDocuments.OfTheHost.Keys).Order().ToArray();
            Assert.Equal(marked, given);
            Assert.Empty(SettingsDocuments.OfTheHost.Keys.Except(AppRules.SettingsOf(deployment).Keys));
        }
    }

    [Fact]
    public void WhatIsRequired_IsGivenByTheDeployment()
    {
        var missing = Setting.All.Where(setting => setting is { IsRequired: true, IsSetByDeployment: false }).Select(setting => setting.Name);
        Assert.Empty(missing);
    }

    [Fact]
    public void SampleFile_HasDefaultsThatTheAppTakes()
    {
        using var sample = JsonDocument.Parse(File.ReadAllText(RepositoryRoot.Combine("local.settings.sample.json")));
        var values = sample.RootElement.GetProperty("Values").EnumerateObject().ToDictionary(value => value.Name.Replace("__", ":", StringComparison.Ordinal), value => value.Value.GetString());
        Assert.Equal([], Faults(values));
    }

    [Fact]
    public void EveryWrongSetting_IsNamed_AllAtOnce()
    {
        var values = Required();
        var ranged = Setting.All.Where(setting => setting.Range is not null).ToArray();
        foreach (var setting in ranged) values[setting.Name] = Below(setting);
        var faults = Faults(values);
        foreach (var setting in ranged) Assert.Contains(faults, fault => fault.Contains(setting.Property.Name, StringComparison.Ordinal));
    }

    private static string Below(Setting setting) => (Convert.ToDecimal(setting.Range?.Minimum, CultureInfo.InvariantCulture) - 1).ToString(CultureInfo.InvariantCulture);

    private static Dictionary<string, string?> Required() => new()
    {
        ["Gateway:PublicBaseUrl"] = "https://mcp.contoso.example",
        ["Authentication:TenantId"] = TokenIssuer.TenantId,
        ["Authentication:Audience"] = TokenIssuer.Audience,
        ["Storage:ConnectionString"] = "UseDevelopmentStorage=true",
    };

    private static IReadOnlyList<string> Faults(Dictionary<string, string?> values)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging().AddGovernance().AddTableStores().AddGateway().BuildServiceProvider();
        return StartupSettings.FindFaults(services);
    }

    private static void AssertCurrent(string file, string expected)
    {
        var path = RepositoryRoot.Combine(file);
        if (Environment.GetEnvironmentVariable("MCPSERVERLESS_WRITE_DOCS") == "1") File.WriteAllText(path, expected);
        Assert.True(File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == expected, $"{file} is not what the code says: run dotnet run dev.cs docs.");
    }
}
