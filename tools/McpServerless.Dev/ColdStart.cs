using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary>From the start of the process to the first governed answer: a <c>tools/list</c> with a verified token, from the catalogue in storage.</summary>
internal static class ColdStart
{
    private const int Rounds = 11;

    /// <summary>Takes turns between the packages, so that whatever else the machine does meets all of them.</summary>
    public static async Task MeasureAsync(ChoreContext context, IReadOnlyList<(string Name, string Zip)> packages)
    {
        await using var gateway = await Gateway.StartAsync(context);
        var token = await gateway.Issuer.TokenAsync(new TokenRequest(Sample.ClientId), context.Stop);
        List<(string Name, string Program, List<double> Milliseconds)> runs = [];
        foreach (var (name, zip) in packages)
            runs.Add((name, await FunctionPackage.UnpackAsync(zip, context.Folder.LogFile("cold-" + name) + ".app", context.Stop), []));

        // One round more: the first fills the file cache.
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var (_, program, milliseconds) in runs)
            {
                var took = await StartOnceAsync(context, gateway, program, token);
                if (round > 0) milliseconds.Add(took.TotalMilliseconds);
            }
        }

        foreach (var (name, _, milliseconds) in runs)
        {
            milliseconds.Sort();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{name}: median {milliseconds[Rounds / 2]:0} ms, fastest {milliseconds[0]:0}, slowest {milliseconds[^1]:0}, of {Rounds} starts to the first governed answer"));
        }
    }

    private static async Task<TimeSpan> StartOnceAsync(ChoreContext context, LocalGateway gateway, string program, string token)
    {
        var address = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var started = TimeProvider.System.GetTimestamp();
        await using var process = ChildProcess.Start(new ChildProcessStart("cold start", program, "--urls", address.GetLeftPart(UriPartial.Authority))
        {
            WorkingDirectory = Path.GetDirectoryName(program),
            Environment = new Dictionary<string, string?>
            {
                ["AZURE_FUNCTIONS_ENVIRONMENT"] = "Production",
                ["Authentication__TenantId"] = TokenIssuer.TenantId,
                ["Authentication__Audience"] = TokenIssuer.Audience,
                ["Authentication__Issuer"] = gateway.Issuer.Issuer,
                ["Authentication__RequireHttpsMetadata"] = "false",
                ["Storage__ConnectionString"] = gateway.Azurite.ConnectionString,
                ["Gateway__PublicBaseUrl"] = address.GetLeftPart(UriPartial.Authority),
            },
        });
        while (!await AnswersAsync(http, new Uri(address, $"servers/{Sample.Server}/mcp"), context.Stop))
        {
            if (process.HasExited) throw new DevFailure($"The function app ended with code {process.ExitCode}.\n{process.LastLines(10)}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, context.Stop);
        }

        return TimeProvider.System.GetElapsedTime(started);
    }

    private static async Task<bool> AnswersAsync(HttpClient http, Uri endpoint, CancellationToken cancellationToken)
    {
        using var request = ToolsList.Request(endpoint);
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            // It serves already, and still waits for the state: a caller would come again.
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable) return false;
            return response.StatusCode == HttpStatusCode.OK
                ? true
                : throw new DevFailure($"The function app answers {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }
        catch (HttpRequestException)
        {
            return false; // It does not listen yet.
        }
    }
}
