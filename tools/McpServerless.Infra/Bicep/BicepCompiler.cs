using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpServerless.Infra.Bicep;

/// <summary>The Bicep compiler as a process that answers one question after the other (JSON-RPC over its standard streams, framed as in LSP).</summary>
public sealed class BicepCompiler : IAsyncDisposable
{
    private readonly Process _process;
    private readonly SemaphoreSlim _turn = new(1);
    private int _calls;

    private BicepCompiler(string program, Process process)
    {
        Program = program;
        _process = process;
    }

    public string Program { get; }

    public static async Task<BicepCompiler> StartAsync(CancellationToken cancellationToken)
    {
        var program = await BicepPackage.FindAsync(cancellationToken);
        var start = new ProcessStartInfo(program, ["jsonrpc", "--stdio"]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        // Nothing of this is to be looked up on a network: the one extension is given as a file.
        start.Environment["BICEP_TRACING_ENABLED"] = "false";
        var process = Process.Start(start) ?? throw new InvalidOperationException("The Bicep compiler did not start.");
        return new BicepCompiler(program, process);
    }

    /// <summary>Compiles a file with its modules.</summary>
    /// <returns>What the compiler says, and the ARM template when it could make one.</returns>
    public async Task<(IReadOnlyList<BicepDiagnostic> Diagnostics, JsonDocument? Template)> CompileAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await CallAsync("bicep/compile", new JsonObject { ["path"] = path }, cancellationToken);
        var result = ResultOf(answer);
        var diagnostics = result.GetProperty("diagnostics").EnumerateArray().Select(BicepDiagnostic.Read).ToArray();
        var template = result.GetProperty("success").GetBoolean() && result.GetProperty("contents").GetString() is { } contents ? JsonDocument.Parse(contents) : null;
        return (diagnostics, template);
    }

    /// <summary>What a deployment with these parameters would make, with every expression worked out that needs no Azure.</summary>
    /// <exception cref="InvalidOperationException">The compiler cannot say; the message is its own.</exception>
    public async Task<JsonDocument> PredictAsync(string parametersFile, CancellationToken cancellationToken)
    {
        var parameters = new JsonObject
        {
            ["path"] = parametersFile,
            ["metadata"] = new JsonObject
            {
                ["tenantId"] = "11111111-1111-1111-1111-111111111111",
                ["subscriptionId"] = "22222222-2222-2222-2222-222222222222",
                ["location"] = "westeurope",
                ["deploymentName"] = "check",
            },
        };
        using var answer = await CallAsync("bicep/getSnapshot", parameters, cancellationToken);
        return JsonDocument.Parse(ResultOf(answer).GetProperty("snapshot").GetString() ?? "{}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var grace = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _process.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        _turn.Dispose();
    }

    private static JsonElement ResultOf(JsonDocument answer) =>
        answer.RootElement.TryGetProperty("result", out var result)
            ? result
            : throw new InvalidOperationException(answer.RootElement.GetProperty("error").GetProperty("message").GetString());

    private async Task<JsonDocument> CallAsync(string method, JsonObject parameters, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var body = Encoding.UTF8.GetBytes(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = ++_calls, ["method"] = method, ["params"] = parameters }.ToJsonString());
            var input = _process.StandardInput.BaseStream;
            await input.WriteAsync(Encoding.ASCII.GetBytes($"Content-Length: {body.Length}\r\n\r\n"), cancellationToken);
            await input.WriteAsync(body, cancellationToken);
            await input.FlushAsync(cancellationToken);
            var answer = new byte[await ReadLengthAsync(cancellationToken)];
            await _process.StandardOutput.BaseStream.ReadExactlyAsync(answer, cancellationToken);
            return JsonDocument.Parse(answer);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<int> ReadLengthAsync(CancellationToken cancellationToken)
    {
        var header = new StringBuilder();
        var one = new byte[1];
        while (!header.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await _process.StandardOutput.BaseStream.ReadExactlyAsync(one, cancellationToken);
            header.Append((char)one[0]);
        }

        const string Length = "Content-Length:";
        var line = header.ToString().Split("\r\n").First(text => text.StartsWith(Length, StringComparison.OrdinalIgnoreCase));
        return int.Parse(line.AsSpan(Length.Length), CultureInfo.InvariantCulture);
    }
}

/// <summary>One sentence of the compiler or of its linter.</summary>
public sealed record BicepDiagnostic(string File, int Line, string Level, string Code, string Message)
{
    internal static BicepDiagnostic Read(JsonElement json) => new(
        json.GetProperty("source").GetString() ?? "",
        json.GetProperty("range").GetProperty("start").GetProperty("line").GetInt32() + 1,
        json.GetProperty("level").GetString() ?? "",
        json.GetProperty("code").GetString() ?? "",
        json.GetProperty("message").GetString() ?? "");
}
