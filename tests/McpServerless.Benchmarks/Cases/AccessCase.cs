using System.Globalization;
using System.Net;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Authentication;
using McpServerless.Benchmarks.Setup;
using McpServerless.Catalogue;
using McpServerless.Testing;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Benchmarks.Cases;

/// <summary>What a decision costs with warm state: the client, its grants, the conditions, and the constraints on arguments; 5,000 grants in all.</summary>
internal static class AccessCase
{
    private const double MaxMicroseconds = 20;
    private const double MaxBytes = 2048;

    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(500);

    public static async Task<int> RunAsync(int rounds, CancellationToken ct)
    {
        var time = TimeProvider.System;
        var stores = new ManyGrants();
        var state = new GovernanceState(stores, stores, Options.Create(new AccessOptions()), time, NullLogger<GovernanceState>.Instance);
        var authorizer = new Authorizer(state, Options.Create(new AuthenticationOptions { TenantId = TokenIssuer.TenantId, Audience = "a" }), Options.Create(new AccessOptions()), time);
        var context = new RequestContext { RequestId = Guid.CreateVersion7(), Server = ManyGrants.Server, Token = null, StartedAt = time.GetTimestamp(), Address = IPAddress.Parse("10.1.2.3") };
        var callers = Enumerable.Range(0, ManyGrants.Clients).Select(c => new Caller
        {
            TenantId = TokenIssuer.TenantId,
            ClientId = ManyGrants.ClientId(c),
            ObjectId = "o",
            Kind = CallerKind.Application,
            Roles = ["Mcp.Call"],
            IssuedAt = time.GetUtcNow(),
            ExpiresAt = time.GetUtcNow().AddHours(1),
        }).ToArray();
        foreach (var caller in callers) SingleThread.Proven(await authorizer.AdmitAsync(caller, context, ct));
        using var arguments = JsonDocument.Parse("""{"amount":42.5,"region":"eu"}""");
        var next = 0;

        Console.WriteLine($"{ManyGrants.Clients * ManyGrants.GrantsPerClient} grants, {ManyGrants.GrantsPerClient} on the client; best and median of {rounds} rounds");
        Console.WriteLine($"{"decision",-58}{"best ns",10}{"median ns",11}{"bytes",9}");
        var worst = (Nanoseconds: 0.0, Bytes: 0.0);
        Measure("granted by name", 0);
        Measure("granted by a glob", 1);
        Measure("granted from a network, at hours, with a fresh token", 2);
        Measure("granted with a constraint, beside a denial that is not met", 3);
        Measure("not granted", 300);
        Measure("switched off", 399);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"worst median {worst.Nanoseconds / 1000:N2} µs (at most {MaxMicroseconds:N0}), {worst.Bytes:N0} bytes (at most {MaxBytes:N0})"));
        var list = Loop(() => authorizer.Visible(Admit(), SubjectKind.Tool).Take(51).Count(), ct);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a page of 50 tools: {list.Nanoseconds / 1000:N1} µs, {list.Bytes:N0} bytes"));
        var compile = Loop(() => new ClientAccess(BenchState.Client, stores.GrantsOf(callers[0].ClientId)), ct);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"reading 200 grants into rules: {compile.Nanoseconds / 1000:N1} µs, {compile.Bytes:N0} bytes, once in {new AccessOptions().ReloadSeconds} s at most, and after each change"));
        return worst.Nanoseconds < MaxMicroseconds * 1000 && worst.Bytes < MaxBytes ? 0 : 1;

        Admission Admit()
        {
            var admitting = authorizer.AdmitAsync(callers[next++ % callers.Length], context, ct);

            // Once in half a minute a client is read again; that belongs to what is measured.
            return SingleThread.Proven(admitting.IsCompletedSuccessfully ? admitting.Result : admitting.AsTask().GetAwaiter().GetResult());
        }

        void Measure(string name, int tool)
        {
            var toolName = ManyGrants.ToolName(tool);
            Loop(Decide, ct);
            var all = Enumerable.Range(0, rounds).Select(_ => Loop(Decide, ct)).OrderBy(r => r.Nanoseconds).ToArray();
            var (median, bytes) = (all[all.Length / 2].Nanoseconds, all.Max(r => r.Bytes));
            worst = (Math.Max(worst.Nanoseconds, median), Math.Max(worst.Bytes, bytes));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-58}{all[0].Nanoseconds,10:N0}{median,11:N0}{bytes,9:N0}"));

            RefusalCode? Decide()
            {
                if (!authorizer.Authorize(Admit(), SubjectKind.Tool, toolName).Succeeded(out var grant, out var refusal)) return refusal.Code;
                if (!authorizer.Confirm(grant).Succeeded(out grant, out refusal)) return refusal.Code;
                return grant.Arguments is null || grant.Arguments.Choose(grant, arguments.RootElement).Succeeded(out _, out refusal) ? null : refusal!.Code;
            }
        }
    }

    private static (double Nanoseconds, double Bytes) Loop<T>(Func<T> run, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return SingleThread.Loop(run, Round);
    }
}
