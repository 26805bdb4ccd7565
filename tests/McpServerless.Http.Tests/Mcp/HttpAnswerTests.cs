using System.IO.Pipelines;
using System.Text;
using McpServerless.Http.Mcp;
using McpServerless.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace McpServerless.Http.Tests.Mcp;

/// <summary>A stream to a client: what is written when, and what happens when the client does not take it.</summary>
public sealed class HttpAnswerTests : IAsyncDisposable
{
    private const string Comment = ":\n\n";

    private static readonly byte[] Message = """{"jsonrpc":"2.0","method":"notifications/progress"}"""u8.ToArray();

    private readonly ManualTimeProvider _time = new();
    private readonly DefaultHttpContext _http = new();
    private readonly MemoryStream _body = new();
    private readonly HttpAnswer _answer;

    public HttpAnswerTests()
    {
        _http.Response.Body = _body;
        _answer = new HttpAnswer(_http, _time);
    }

    public ValueTask DisposeAsync() => _answer.DisposeAsync();

    [Fact]
    public async Task AQuietStream_GetsACommentEveryFifteenSeconds()
    {
        await _answer.OpenAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal("", Written());

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Comment, Written());

        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(Comment + Comment + Comment, Written());
    }

    [Fact]
    public async Task AMessage_PutsTheCommentOff_ByNoMoreThanItself()
    {
        await _answer.OpenAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(10));
        await _answer.SendAsync(Message, null, CancellationToken.None);
        var sent = Written();

        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal(sent, Written());

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(sent + Comment, Written());
    }

    [Fact]
    public async Task AnAnswerThatIsNoStream_GetsNoComment()
    {
        _time.Advance(TimeSpan.FromSeconds(60));
        await _answer.EndAsync(200, Message, CancellationToken.None);
        Assert.Equal(Encoding.UTF8.GetString(Message), Written());
    }

    [Fact]
    public async Task AfterTheEnd_NothingIsWritten()
    {
        await _answer.OpenAsync(CancellationToken.None);
        await _answer.EndAsync(200, Message, CancellationToken.None);
        await _answer.DisposeAsync();
        var whole = Written();

        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(whole, Written());
    }

    [Fact]
    public async Task AClientThatDoesNotRead_HoldsTheSenderBack_AndIsSentNoComment()
    {
        // As a server's connection does: past so many bytes that nobody took, a flush waits.
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 100, resumeWriterThreshold: 50, useSynchronizationContext: false));
        _http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(pipe.Writer.AsStream()));

        var first = _answer.SendAsync(Message, null, CancellationToken.None).AsTask();
        var second = _answer.SendAsync(Message, null, CancellationToken.None).AsTask();
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.False(second.IsCompleted);

        var text = new StringBuilder();
        while (text.ToString().Split("\n\n").Length < 3)
        {
            var read = await pipe.Reader.ReadAsync();
            text.Append(Encoding.UTF8.GetString(read.Buffer));
            pipe.Reader.AdvanceTo(read.Buffer.End);
        }

        await first;
        await second;
        var one = $"event: message\ndata: {Encoding.UTF8.GetString(Message)}\n\n";
        Assert.Equal(one + one, text.ToString());
    }

    [Fact]
    public async Task OneEvent_LeavesInOnePiece()
    {
        await using var pieces = new PieceCount();
        _http.Response.Body = pieces;
        await _answer.SendAsync(Message, "id-1", CancellationToken.None);
        await _answer.SendAsync(Message, null, CancellationToken.None);

        Assert.Equal(2, pieces.Count);
        Assert.StartsWith("id: id-1\nevent: message\ndata: {", Encoding.UTF8.GetString(pieces.ToArray()), StringComparison.Ordinal);
    }

    private string Written() => Encoding.UTF8.GetString(_body.ToArray());

    private sealed class PieceCount : MemoryStream
    {
        public int Count { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Count++;
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
