using System.Text;
using System.Text.Json;

namespace McpServerless.Infra.Tests.Settings;

/// <summary>The page and the sample file that are made from the options classes.</summary>
internal static class SettingsDocuments
{
    /// <summary>What the host and the platform's libraries read; the gateway's own settings have a section.</summary>
    public static readonly IReadOnlyDictionary<string, string> OfTheHost = new OrderedDictionary<string, string>
    {
        ["AZURE_CLIENT_ID"] = "Client id of the user-assigned identity. Without it, what DefaultAzureCredential finds.",
        ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = "Where telemetry goes. Without it there is none; the ledger does not depend on it.",
        ["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"] = "`ClientId=…;Authorization=AAD`: how the host writes telemetry of its own.",
        ["AzureWebJobsStorage__blobServiceUri"] = "The host's account: package, and leases of timers.",
        ["AzureWebJobsStorage__queueServiceUri"] = "The host's account.",
        ["AzureWebJobsStorage__tableServiceUri"] = "The host's account: its own events.",
        ["AzureWebJobsStorage__credential"] = "`managedidentity`.",
        ["AzureWebJobsStorage__clientId"] = "Client id of that identity.",
        ["AzureWebJobsDisableHomepage"] = "`true`: the address `/` belongs to the gateway.",
    };

    /// <summary>What a person who runs the app by hand, beside an emulator, begins with.</summary>
    private static readonly Dictionary<string, string> Local = new()
    {
        ["Gateway__PublicBaseUrl"] = "http://127.0.0.1:7071",
        ["Authentication__TenantId"] = "<tenant id>",
        ["Authentication__Audience"] = "<client id of the gateway's app registration>",
        ["Storage__ConnectionString"] = "UseDevelopmentStorage=true",
    };

    public static string Page()
    {
        var text = new StringBuilder("""
            # Settings
            Made from the options classes by `dotnet run dev.cs docs`.

            App settings in Azure, or environment variables: `__` stands for the colon, as in `Gateway__PublicBaseUrl`. A list counts from 0:
            `Gateway__AllowedOrigins__0`. A wrong setting stops the start, and all of them are named at once. To run the app by hand, copy
            `local.settings.sample.json`, which has every setting, to `local.settings.json`.

            Those marked * are given by the deployment (`infra/modules/function-app.bicep`). Any other can be given in `moreSettings` of
            `infra/main.parameters.json`.


            """.ReplaceLineEndings("\n"));
        foreach (var type in Setting.OptionsClasses)
        {
            text.Append(null, $"## {Setting.SectionOf(type)}\n{XmlDocumentation.Of(type, "summary")}\n");
            if (XmlDocumentation.Of(type, "remarks") is { } remarks) text.Append(null, $"{remarks}\n");
            text.Append("\n| Setting | Default | What it is | Values |\n|---|---|---|---|\n");
            foreach (var setting in Setting.All.Where(setting => setting.Section == Setting.SectionOf(type)))
            {
                var what = XmlDocumentation.Of(setting.Property, "summary") + (XmlDocumentation.Of(setting.Property, "remarks") is { } more ? " " + more : "");
                text.Append(null, $"| `{setting.Name}`{(setting.IsSetByDeployment ? " *" : "")} | {Default(setting)} | {what} | {XmlDocumentation.Of(setting.Property, "value")} |\n");
            }

            text.Append('\n');
        }

        text.Append("## Host and platform\nAll of these are given by the deployment.\n\n| Setting | What it is |\n|---|---|\n");
        foreach (var (name, what) in OfTheHost) text.Append(null, $"| `{name}` | {what} |\n");
        return text.ToString();
    }

    public static string Sample()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteBoolean("IsEncrypted", false);
            json.WriteStartObject("Values");
            json.WriteString("FUNCTIONS_WORKER_RUNTIME", "dotnet-isolated");
            json.WriteString("AzureWebJobsStorage", "UseDevelopmentStorage=true");
            foreach (var setting in Setting.All.Where(HasValue)) json.WriteString(setting.Variable, Local.GetValueOrDefault(setting.Variable) ?? setting.Default);
            json.WriteEndObject();
            json.WriteStartObject("WithoutDefault");
            json.WriteString("About", "Not read from here. Move into Values what you need; docs/settings.md says what each is.");
            foreach (var setting in Setting.All.Where(setting => !HasValue(setting))) json.WriteString(setting.Variable + setting.Member, "");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static bool HasValue(Setting setting) => Local.ContainsKey(setting.Variable) || setting.IsRequired || !string.IsNullOrEmpty(setting.Default);

    private static string Default(Setting setting) => setting switch
    {
        { IsRequired: true } => "required",
        { IsList: true } => "none",
        { Default: null or "" } => "none",
        _ => $"`{setting.Default}`",
    };
}
