using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using McpServerless.Audit;
using McpServerless.Audit.Sinks;
using Microsoft.Extensions.Logging;

namespace McpServerless.Core.Tests.Audit.Sinks;

/// <summary>Sinks against receivers on this machine: good ones, and those that are down, slow, half broken or somebody else.</summary>
public sealed class SinkServerTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public SinkServerTests() => _listener.Start();

    public void Dispose() => _listener.Dispose();

    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", null)]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", typeof(SinkUnavailableException))]
    [InlineData("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", typeof(SinkUnavailableException))]
    [InlineData("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", typeof(SinkUnavailableException))]
    [InlineData("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n", typeof(RecordRefusedException))]
    [InlineData("HTTP/1.1 20", typeof(SinkUnavailableException))]
    [InlineData("this is not HTTP\r\n\r\n", typeof(SinkUnavailableException))]
    [InlineData("", typeof(SinkUnavailableException))]
    public async Task WhatAnHttpReceiverAnswers_DecidesWhetherRecordsAreSentAgain(string answer, Type? fault)
    {
        var served = AnswerOnceAsync(answer);
        var sink = Single(new SinkOptions { HttpAddress = new Uri($"http://127.0.0.1:{Port}/collect"), HttpAuthorization = "Splunk key" });
        await AssertEndsAsync(sink, fault);
        var request = await served.WaitAsync(Limit);
        Assert.Contains("Authorization: Splunk key", request, StringComparison.Ordinal);
        Assert.Contains("\"recordId\":\"r1\"", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AReceiverThatIsDown_OrDoesNotAnswer_IsTriedAgainLater()
    {
        _listener.Stop();
        foreach (var options in new[] { new SinkOptions { HttpAddress = new Uri($"http://127.0.0.1:{FreePort()}/") }, new SinkOptions { Syslog = $"127.0.0.1:{FreePort()}", SyslogTls = false }, new SinkOptions { Syslog = $"127.0.0.1:{FreePort()}" } })
        {
            await Assert.ThrowsAsync<SinkUnavailableException>(() => Single(options).SendAsync(Records(1), CancellationToken.None).AsTask());
        }

        _listener.Start();
        // It takes the connection and says nothing; the outbox gives up after its time and says so.
        using var limit = new CancellationTokenSource();
        var sending = Single(new SinkOptions { HttpAddress = new Uri($"http://127.0.0.1:{Port}/") }).SendAsync(Records(1), limit.Token).AsTask();
        using var silent = await _listener.AcceptTcpClientAsync().WaitAsync(Limit);
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.WaitAsync(Limit));
    }

    [Fact]
    public async Task ASyslogReceiver_GetsEachMessage_WithItsLengthInFront()
    {
        var received = ReadAllAsync();
        await Single(new SinkOptions { Syslog = $"127.0.0.1:{Port}", SyslogTls = false }).SendAsync(Records(3), CancellationToken.None);
        var rest = (await received.WaitAsync(Limit)).AsSpan();
        for (var i = 1; i <= 3; i++)
        {
            var blank = rest.IndexOf((byte)' ');
            var length = int.Parse(rest[..blank], System.Globalization.CultureInfo.InvariantCulture);
            var message = Encoding.UTF8.GetString(rest.Slice(blank + 1, length));
            Assert.StartsWith("<110>1 ", message);
            Assert.Contains($"\"recordId\":\"r{i}\"", message, StringComparison.Ordinal);
            rest = rest[(blank + 1 + length)..];
        }

        Assert.True(rest.IsEmpty);
    }

    [Fact]
    public async Task ATlsReceiverWithACertificateOfAnother_GetsNothing()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = new CertificateRequest("CN=somebody else", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(80));
        using var certificate = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pfx), null);
        var served = Task.Run(async () =>
        {
            using var client = await _listener.AcceptTcpClientAsync();
            await using var secure = new SslStream(client.GetStream());
            try
            {
                await secure.AuthenticateAsServerAsync(certificate);
                return await secure.ReadAsync(new byte[1]);
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                return 0;
            }
        });
        var met = await Assert.ThrowsAsync<SinkUnavailableException>(() => Single(new SinkOptions { Syslog = $"localhost:{Port}" }).SendAsync(Records(1), CancellationToken.None).AsTask());
        Assert.Contains("AuthenticationException", met.Message, StringComparison.Ordinal);
        Assert.Equal(0, await served.WaitAsync(Limit));
    }

    [Fact]
    public async Task DatagramsHaveOneMessageEach_AndALongerOneIsRefusedBeforeAnyIsSent()
    {
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var options = new SinkOptions { Syslog = $"127.0.0.1:{((IPEndPoint)receiver.Client.LocalEndPoint!).Port}", SyslogTls = false, SyslogUdp = true, SyslogUdpMaxBytes = 600 };
        await Assert.ThrowsAsync<RecordRefusedException>(() => Single(options).SendAsync([.. Records(1), Record("long", new string('x', 700))], CancellationToken.None).AsTask());
        await Single(options).SendAsync(Records(2), CancellationToken.None);
        for (var i = 1; i <= 2; i++)
        {
            using var limit = new CancellationTokenSource(Limit);
            var message = Encoding.UTF8.GetString((await receiver.ReceiveAsync(limit.Token)).Buffer);
            Assert.StartsWith("<110>1 ", message);
            Assert.Contains($"\"recordId\":\"r{i}\"", message, StringComparison.Ordinal);
        }

        Assert.True(new SinkPlaceValidator().Validate(null, new SinkOptions { Syslog = "siem:514", SyslogUdp = true }).Failed);
    }

    [Fact]
    public async Task RecordsAreEventsOfOpenTelemetry_WithTheirMembersAsAttributes()
    {
        using var logging = new Events();
        await Assert.Single(RecordSinks.Of(new SinkOptions { Telemetry = true }, logging)).SendAsync(Records(2), CancellationToken.None);
        Assert.Equal(["r1", "r2"], logging.Taken.Select(e => e.Attributes.Single(a => a.Key == "mcp.audit.recordId").Value));
        Assert.All(logging.Taken, e => Assert.Equal(("mcp.audit.record", LogLevel.Information), (e.Name, e.Severity)));
    }

    private static IRecordSink Single(SinkOptions options) => Assert.Single(RecordSinks.Of(options));

    private static IReadOnlyList<OutgoingRecord> Records(int count) => [.. Enumerable.Range(1, count).Select(i => Record($"r{i}", ""))];

    private static OutgoingRecord Record(string id, string note)
    {
        var json = Encoding.UTF8.GetBytes($$"""{"decision":"allowed","event":"outcome","note":"{{note}}","recordId":"{{id}}","time":"2026-11-21T08:00:00.000000Z"}""");
        return OutgoingRecord.Of(new AuditSegment { Day = "20261121", ClientId = "client", Writer = "w", FirstSequence = 1, Records = [json], LastHash = "" }, 1, json);
    }

    private static async Task AssertEndsAsync(IRecordSink sink, Type? fault)
    {
        var met = await Xunit.Record.ExceptionAsync(() => sink.SendAsync(Records(1), CancellationToken.None).AsTask().WaitAsync(Limit));
        Assert.Equal(fault, met?.GetType());
    }

    /// <summary>Reads one request, answers as it is told and hangs up.</summary>
    private async Task<string> AnswerOnceAsync(string answer)
    {
        using var client = await _listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        var request = new StringBuilder();
        var buffer = new byte[4096];
        while (!request.ToString().Contains("r1", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer);
            if (read == 0) break;
            request.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
        return request.ToString();
    }

    private async Task<byte[]> ReadAllAsync()
    {
        using var client = await _listener.AcceptTcpClientAsync();
        using var all = new MemoryStream();
        await client.GetStream().CopyToAsync(all);
        return all.ToArray();
    }

    /// <summary>Takes events as an exporter of OpenTelemetry does: name, severity, and the state as attributes.</summary>
    private sealed class Events : ILoggerFactory, ILogger
    {
        public List<(string? Name, LogLevel Severity, IReadOnlyList<KeyValuePair<string, object?>> Attributes)> Taken { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Assert.NotEqual("", formatter(state, exception));
            Taken.Add((eventId.Name, logLevel, Assert.IsAssignableFrom<IReadOnlyList<KeyValuePair<string, object?>>>(state)));
        }

        public void Dispose()
        {
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
