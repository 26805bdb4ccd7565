using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using McpServerless.Audit.Sinks;
using McpServerless.Azure.Audit;

namespace McpServerless.Azure.Tests.Audit;

/// <summary>Against an endpoint that answers as the reference says, and refuses whatever the reference does not know.</summary>
public sealed class LogsIngestionSinkTests
{
    private const string Record = """{"decision":"allowed","event":"outcome","recordId":"r-1","time":"2026-11-21T06:09:10.123456Z","arguments":{"a":1}}""";

    [Fact]
    public async Task Records_ArriveAsRowsOfTheStream()
    {
        using var endpoint = new Endpoint();
        await Sink(endpoint).SendAsync([Outgoing(1), Outgoing(2)], default);
        Assert.Equal(2, endpoint.Rows.Count);
        Assert.Equal(("r-1", "McpServerless", """{"a":1}"""), (endpoint.Rows[0].GetProperty("EventUid").GetString(), endpoint.Rows[0].GetProperty("EventProduct").GetString(), endpoint.Rows[0].GetProperty("EventOriginalRequestDetails").GetString()));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.RequestEntityTooLarge)]
    public async Task WhatIsWrongWithTheRecords_IsRefusedForGood(HttpStatusCode status)
    {
        using var endpoint = new Endpoint { Refuses = status };
        await Assert.ThrowsAsync<RecordRefusedException>(async () => await Sink(endpoint).SendAsync([Outgoing(1)], default));
    }

    /// <remarks>A role takes up to half an hour to work; until then the answer is 403.</remarks>
    [Theory]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task EverythingElse_IsTriedAgainLater(HttpStatusCode status)
    {
        using var endpoint = new Endpoint { Refuses = status };
        var fault = await Assert.ThrowsAsync<SinkUnavailableException>(async () => await Sink(endpoint).SendAsync([Outgoing(1)], default));
        Assert.Contains($"{(int)status}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheLargestBatch_StaysBelowTheLimitOfACall()
    {
        using var endpoint = new Endpoint();
        var sink = Sink(endpoint);
        var one = Outgoing(1);
        await sink.SendAsync([.. Enumerable.Range(0, sink.MaxBatchBytes / one.Json.Length).Select(Outgoing)], default);
        Assert.InRange(endpoint.Length, 1, 1_000_000);
    }

    private static LogsIngestionSink Sink(Endpoint endpoint) =>
        new(new Uri("https://dcr-mcp.westeurope-1.ingest.monitor.azure.com"), "dcr-0123456789abcdef0123456789abcdef", new Identity(), new HttpClientTransport(endpoint));

    private static OutgoingRecord Outgoing(int sequence)
    {
        // As many members as real records have, so that the proportions are theirs.
        var json = Record.Replace("{\"decision\"", $$"""{"argumentDigest":"{{new string('a', 64)}}","catalogueVersion":3,"clientId":"{{Guid.Empty}}","contractHash":"{{new string('b', 64)}}","decision" """.TrimEnd(), StringComparison.Ordinal);
        return new OutgoingRecord("20261121", "c", "w", sequence, Encoding.UTF8.GetBytes(json), JsonDocument.Parse(json).RootElement);
    }

    private sealed class Identity : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Assert.Equal(["https://monitor.azure.com/.default"], requestContext.Scopes);
            return new AccessToken("monitor-token", DateTimeOffset.UtcNow.AddHours(1));
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }

    private sealed class Endpoint : HttpMessageHandler
    {
        public HttpStatusCode? Refuses { get; init; }

        public List<JsonElement> Rows { get; } = [];

        /// <summary>Of the last body, as it is before it is compressed.</summary>
        public long Length { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal(HttpMethod.Post, request.Method);
            Assert.Equal("Bearer monitor-token", request.Headers.Authorization!.ToString());
            Assert.Equal("/dataCollectionRules/dcr-0123456789abcdef0123456789abcdef/streams/Custom-McpAudit_CL", request.RequestUri!.AbsolutePath);
            Assert.Equal("?api-version=2023-01-01", request.RequestUri.Query);
            Assert.Equal("application/json", request.Content!.Headers.ContentType!.MediaType);
            Assert.Equal(["gzip"], request.Content.Headers.ContentEncoding);
            if (Refuses is { } status) return new HttpResponseMessage(status) { Content = new StringContent("""{"error":{"code":"no","message":"no"}}""") };
            await using var gzip = new GZipStream(await request.Content.ReadAsStreamAsync(cancellationToken), CompressionMode.Decompress);
            using var body = new MemoryStream();
            await gzip.CopyToAsync(body, cancellationToken);
            Length = body.Length;
            var rows = JsonDocument.Parse(body.ToArray()).RootElement;
            Assert.Equal(JsonValueKind.Array, rows.ValueKind);
            Rows.AddRange(rows.EnumerateArray());
            return new HttpResponseMessage(HttpStatusCode.NoContent);
        }
    }
}
