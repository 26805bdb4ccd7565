using System.Globalization;
using System.Text;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Authentication;
using McpServerless.Benchmarks.Setup;
using McpServerless.Catalogue;
using McpServerless.Contracts;
using McpServerless.Contracts.Sanitising;
using McpServerless.Hosting;
using McpServerless.Http.Sealing;
using McpServerless.Protocol;
using McpServerless.Sealing;
using McpServerless.Testing;
using McpServerless.ToolCalls;
using McpServerless.Upstreams;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.Benchmarks.Cases;

/// <summary>Time and allocations of single stages of a call, on one thread and without the network.</summary>
internal static class StagesCase
{
    private const string Params = """{"name":"echo-async","arguments":{"message":"The quick brown fox jumps over the lazy dog, and the gateway writes it down."},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}""";

    private const string Answer = """{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[{"type":"text","text":"The quick brown fox jumps over the lazy dog, and the gateway writes it down."}],"structuredContent":{"message":"The quick brown fox jumps over the lazy dog, and the gateway writes it down.","length":76}}}""";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(CancellationToken ct)
    {
        await using var issuer = await TokenIssuer.StartAsync(cancellationToken: ct);
        await using var services = Services(issuer, verifiedTokenSeconds: 300);
        await using var forgetful = Services(issuer, verifiedTokenSeconds: 0);
        var token = new AccessToken(await issuer.TokenAsync(BenchState.Token, ct));
        var verifier = services.GetRequiredService<AccessTokenVerifier>();
        var uncached = forgetful.GetRequiredService<AccessTokenVerifier>();
        var authorizer = services.GetRequiredService<Authorizer>();
        var contracts = services.GetRequiredService<ContractChecks>();
        var results = services.GetRequiredService<ResultChecks>();

        using var parameters = JsonDocument.Parse(Params);
        var time = TimeProvider.System;
        var context = new RequestContext
        {
            RequestId = Guid.CreateVersion7(),
            Server = BenchState.Server,
            Method = "tools/call",
            Token = token,
            Revision = ProtocolRevision.Modern,
            StartedAt = time.GetTimestamp(),
            ClaimedClientName = "bench",
            ClaimedClientVersion = "1.0",
            ClaimedUserAgent = "bench/1.0",
        };
        var call = new GovernedCall { Context = context, Target = new CallTarget("tools/call", SubjectKind.Tool, "echo-async"), Id = new RpcId(1), Params = parameters.RootElement, Agent = new NoNotifications() };
        var caller = SingleThread.Proven(await verifier.AuthenticateAsync(token, ct));
        var admission = SingleThread.Proven(await authorizer.AdmitAsync(caller, context, ct));
        var grant = SingleThread.Proven(authorizer.Authorize(admission, SubjectKind.Tool, call.Target.Name));
        var answerBytes = new PooledBytes();
        answerBytes.ReadFrom(Answer);
        using var answer = new UpstreamAnswer(JsonDocument.Parse(answerBytes.Memory), answerBytes, 200, isModern: true);
        var entry = new AuditEntry(context, time) { Caller = caller, Admission = admission, Grant = grant };
        entry.Ask(call.Target);
        var continuation = new Continuation(SubjectKind.Tool, call.Target.Name, null, null);
        var arguments = SingleThread.Proven(contracts.CheckArguments(grant, call, continuation, entry));
        _ = results.Check(arguments, answer, entry);
        var record = entry.Outcome(null);
        var json = record.ToJson(new string('0', 32), 1, new string('0', 64));
        var body = Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":""" + Params + "}");
        var compiled = ((ExposedTool)grant.Feature).Compiled;

        Console.WriteLine($"{"stage",-44}{"ns",10}{"bytes",10}");
        Measure("token, verified before", () => verifier.AuthenticateAsync(token, ct).AsTask().IsCompletedSuccessfully, ct);
        Measure("  of it: its hash", () => VerifiedTokens.KeyOf(token.Reveal()), ct);
        Measure("token, verified anew", () => Finish(uncached.AuthenticateAsync(token, ct)), ct);
        Measure("admit", () => authorizer.AdmitAsync(caller, context, ct).AsTask().IsCompletedSuccessfully, ct);
        Measure("authorise and confirm", () => authorizer.Confirm(SingleThread.Proven(authorizer.Authorize(admission, SubjectKind.Tool, call.Target.Name))), ct);
        Measure("request JSON, parsed strictly", () => Parse(body), ct);
        Measure("check arguments", () => contracts.CheckArguments(grant, call, continuation, entry), ct);
        Measure("  of it: canonical JSON and its hash", () => CanonicalJson.Hash(call.Arguments), ct);
        Measure("  of it: field rules", () => compiled.Redactions.Apply(call.Arguments, null), ct);
        Measure("  of it: inputSchema", () => compiled.Input.Check(call.Arguments), ct);
        Measure("check result", () => results.Check(arguments, answer, entry), ct);
        Measure("upstream request, written", () => WriteRequest(arguments), ct);
        Measure("audit record", () => entry.Outcome(null), ct);
        Measure("audit record as canonical JSON", () => record.ToJson("0123456789abcdef0123456789abcdef", 1, "0"), ct);
        Measure("audit record's hash", () => CanonicalJson.Hash(json), ct);
        return 0;
    }

    private static void Measure<T>(string stage, Func<T> run, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        SingleThread.Loop(run, Warmup);
        var (nanoseconds, bytes) = SingleThread.Loop(run, Measured);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stage,-44}{nanoseconds,10:N0}{bytes,10:N0}"));
    }

    private static Outcome<Caller> Finish(ValueTask<Outcome<Caller>> running) => running.AsTask().GetAwaiter().GetResult();

    private static JsonValueKind Parse(byte[] body)
    {
        using var document = JsonDocument.Parse(body, Strict);
        return document.RootElement.ValueKind;
    }

    private static int WriteRequest(CheckedCall arguments)
    {
        using var body = new PooledBytes();
        UpstreamRequest.WriteCall(body, new RpcId(1), arguments, modern: true, progressToken: null);
        return body.Length;
    }

    private static ServiceProvider Services(TokenIssuer issuer, int verifiedTokenSeconds)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Authentication:TenantId", TokenIssuer.TenantId),
            new("Authentication:Audience", TokenIssuer.Audience),
            new("Authentication:Issuer", issuer.Issuer),
            new("Authentication:RequireHttpsMetadata", "false"),
            new("Authentication:VerifiedTokenSeconds", verifiedTokenSeconds.ToString(CultureInfo.InvariantCulture)),
        ]).Build();
        var stores = new FixedStores();
        return new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddLogging()
            .AddSingleton<IAccessStore>(stores)
            .AddSingleton<ICatalogueStore>(stores)
            .AddSingleton<IAuditStore>(stores)
            .AddSingleton<IHashKeyStore>(stores)
            .AddSingleton<ISealer>(new DataProtectionSealer(new EphemeralDataProtectionProvider()))
            .AddGovernance()
            .BuildServiceProvider();
    }

    private static void ReadFrom(this PooledBytes target, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        bytes.CopyTo(target.GetSpan(bytes.Length));
        target.Advance(bytes.Length);
    }

    private sealed class NoNotifications : IAgentChannel
    {
        public bool IsLost => false;

        public ValueTask SendAsync(ReadOnlyMemory<byte> message, string? eventId, CancellationToken ct) => ValueTask.CompletedTask;

        public ValueTask OpenAsync(CancellationToken ct) => ValueTask.CompletedTask;
    }
}
