using System.Text;
using System.Text.Json;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Notifying;
using McpServerless.Testing;

namespace McpServerless.Cli.Tests;

/// <summary>Whatever a command changes is in the ledger, announced and ended, with who and why.</summary>
public sealed class ChangesOnRecordTests
{
    private const string Agent = "33333333-3333-3333-3333-333333333333";

    private static readonly string Sample = RepositoryRoot.Combine("samples", "catalogue");

    private static readonly (string Happening, string[] Command)[] Changes =
    [
        ("catalogueApplied", ["apply", Sample, "--by", "ola@contoso.example"]),
        ("catalogueApplied", ["apply", Sample, "--by", "ola@contoso.example", "--set", "upstream.everything.timeoutSeconds=7"]),
        ("catalogueRolledBack", ["rollback", "1", "--by", "ola@contoso.example", "--reason", "why"]),
        ("clientSuspended", ["client", "suspend", Agent, "--reason", "why"]),
        ("clientResumed", ["client", "resume", Agent, "--reason", "why"]),
        ("switchedOff", ["kill-switch", "tool", "everything/echo", "--reason", "why"]),
        ("switchedOn", ["kill-switch", "tool", "everything/echo", "--on", "--reason", "why"]),
        ("grantRevoked", ["grant", "revoke", Agent, "sample-agent-demo", "--reason", "why"]),
        ("holdAdded", ["audit", "hold", "add", "--from", "2026-01-01", "--to", "2026-01-31", "--reason", "why"]),
        ("keyRotated", ["audit", "keys", "rotate", "--reason", "why"]),
        ("keyDestroyed", ["audit", "keys", "destroy", "2026-04.01", "--reason", "why"]),
        ("sinkResent", ["audit", "sinks", "resend", "http", "--from", "2026-05-30", "--reason", "why"]),
        ("clientDeprovisioned", ["client", "deprovision", Agent, "--reason", "why"]),
    ];

    [Fact]
    public async Task EachChange_IsAnnouncedAndEnded_WithWhoAndWhy()
    {
        var run = await NewAsync();
        foreach (var (happening, command) in Changes)
        {
            var before = run.Audit.Segments.Count;
            Assert.True(await run.RunAsync(command) == 0, $"{happening}: {run.Error}");
            var records = run.Audit.Segments.Skip(before).SelectMany(s => s.Records).Select(r => Encoding.UTF8.GetString(r.Span)).Where(r => r.Contains($"\"happening\":\"{happening}\"", StringComparison.Ordinal)).ToList();
            Assert.Single(records, r => r.Contains("\"ending\":\"intended\"", StringComparison.Ordinal));
            Assert.Single(records, r => r.Contains("\"ending\":\"done\"", StringComparison.Ordinal));
            Assert.All(records, r => Assert.Contains("@contoso.example\"", r, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task AnApply_PutsEachClientAndGrantOnRecord_WithWhatWasBefore_AndTellsWhoseGrantItTakesAway()
    {
        var run = await NewAsync();
        using var folder = new TemporaryFolder().CopyFrom(Sample);
        var grant = Path.Combine(folder.Path, "grants", "sample-agent-demo.yaml");
        Assert.True(await run.RunAsync("apply", folder.Path) == 0, run.Error);
        Assert.Contains(Records(run), r => Says(r, "grantGiven", "done") && !r.GetProperty("details").TryGetProperty("before", out _));

        await File.WriteAllTextAsync(grant, (await File.ReadAllTextAsync(grant)).Replace("justification: ", "justification: Again, ", StringComparison.Ordinal));
        Assert.True(await run.RunAsync("apply", folder.Path) == 0, run.Error);
        var changed = Assert.Single(Records(run), r => Says(r, "grantChanged", "done")).GetProperty("details");
        Assert.StartsWith("Again, ", changed.GetProperty("after").GetProperty("justification").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Again, ", changed.GetProperty("before").GetProperty("justification").GetString(), StringComparison.Ordinal);

        File.Delete(grant);
        Assert.True(await run.RunAsync("apply", folder.Path, "--prune", "--by", "ola@contoso.example") == 0, run.Error);
        var taken = Assert.Single(Records(run), r => Says(r, "grantRevoked", "done"));
        Assert.Equal((Agent, "sample-agent-demo", "ola@contoso.example"), (taken.GetProperty("clientId").GetString(), taken.GetProperty("grantId").GetString(), taken.GetProperty("details").GetProperty("by").GetString()));
        Assert.Contains(run.Notices.Stored.Values.Select(n => n.Notice), n => n.Type == NoticeTypes.GrantRevoked && n.GrantId == "sample-agent-demo" && n.Concerns.Contains("owner@contoso.example"));

        static bool Says(JsonElement record, string happening, string ending) =>
            record.TryGetProperty("details", out var details) && JsonMembers.Text(details, "happening") == happening && JsonMembers.Text(details, "ending") == ending;
    }

    private static IEnumerable<JsonElement> Records(CommandRun run) => run.Audit.Segments.SelectMany(s => s.Records).Select(r => JsonDocument.Parse(r).RootElement);

    [Fact]
    public async Task WhatCannotBeRecorded_IsNotDone()
    {
        var run = await NewAsync();
        Assert.Equal(0, await run.RunAsync("apply", Sample));
        var writes = run.Stores.Writes.Count;
        run.Audit.IsOut = true;
        foreach (var (happening, command) in Changes.Where(c => c.Happening is "catalogueApplied" or "holdAdded" or "keyDestroyed").Skip(1))
        {
            Assert.True(await run.RunAsync(command) == 2, $"{happening}: {run.Output}");
            Assert.Contains("nothing was changed", run.Error, StringComparison.Ordinal);
        }

        Assert.Equal(writes, run.Stores.Writes.Count);
        Assert.Empty(await run.Retention.ReadHoldsAsync(CancellationToken.None).ToListAsync());
        Assert.NotNull((await run.HashKeys.ReadAsync(CancellationToken.None).FirstAsync()).Secret);
    }

    private static async Task<CommandRun> NewAsync()
    {
        var run = new CommandRun();
        await run.HashKeys.AddAsync(new("2026-04.01", run.Time.Now.AddDays(-40), new byte[32], null), CancellationToken.None);
        await run.Outboxes.SaveStateAsync("http", new("20260531", run.Time.Now, null, null, null), CancellationToken.None);
        return run;
    }
}
