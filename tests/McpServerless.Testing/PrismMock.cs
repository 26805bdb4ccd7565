using System.Text.RegularExpressions;

namespace McpServerless.Testing;

/// <summary>A mock of an API that holds each request to the API's OpenAPI document (npm <c>@stoplight/prism-cli</c>).</summary>
public sealed partial class PrismMock : IAsyncDisposable
{
    private const int Tries = 3;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    private readonly ChildProcess _process;

    private PrismMock(ChildProcess process, Uri url) => (_process, Url) = (process, url);

    /// <summary>Where the paths of the document begin.</summary>
    public Uri Url { get; }

    /// <summary>What it said last.</summary>
    public string LastLines => _process.LastLines(20);

    /// <exception cref="InvalidOperationException">It did not come up; the message has what it said.</exception>
    public static async Task<PrismMock> StartAsync(string document, CancellationToken cancellationToken = default)
    {
        var script = NodeProgram.Installed("@stoplight", "prism-cli", "dist", "index.js");
        for (var attempt = 1; ; attempt++)
        {
            // It listens on the port that it is told, and prints the wrong one for 0.
            var port = LoopbackPort.Free().ToString(System.Globalization.CultureInfo.InvariantCulture);
            var process = ChildProcess.Start(NodeProgram.Start("Prism", script, "mock", "--errors", "-h", "127.0.0.1", "-p", port, document) with
            {
                Environment = BareEnvironment.With("NO_COLOR", "1"),
                ReadyLine = Listening(),
            });
            try
            {
                var match = await process.ReadyAsync(StartLimit, cancellationToken);
                return new PrismMock(process, new Uri(match.Groups[1].Value));
            }
            catch (InvalidOperationException) when (attempt < Tries)
            {
                await process.DisposeAsync();
            }
            catch
            {
                await process.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Why it refused a request, or null where it took it. What it cannot make up as an answer, or makes up against its own document, is not about the request.</summary>
    public static string? Refusal(string answer) => Refused().IsMatch(answer) || (Violations().IsMatch(answer) && OfRequest().IsMatch(answer)) ? answer : null;

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [GeneratedRegex(@"listening on (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();

    [GeneratedRegex(@"stoplight\.io/prism/errors#(UNPROCESSABLE_ENTITY|INVALID_CONTENT_TYPE|NO_PATH_MATCHED_ERROR|NO_METHOD_MATCHED_ERROR|NO_SERVER_MATCHED_ERROR|UNAUTHORIZED)")]
    private static partial Regex Refused();

    [GeneratedRegex(@"stoplight\.io/prism/errors#VIOLATIONS")]
    private static partial Regex Violations();

    [GeneratedRegex(@"""location"":\s*\[\s*""request""")]
    private static partial Regex OfRequest();
}
