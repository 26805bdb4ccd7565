using McpServerless.Access.Administration;
using McpServerless.Access.Reviewing;
using McpServerless.Audit;
using McpServerless.Budgets;
using McpServerless.Cli.Stores;
using McpServerless.Notifying;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Cli.Commands.Access;

/// <summary>What an operator changes things with. It writes into the ledger like an instance of the gateway: its own chain, with a beginning and an end.</summary>
internal sealed class ChangeSession : IAsyncDisposable
{
    private readonly Ledger _ledger;

    private ChangeSession(GovernanceStores stores, Ledger ledger, TimeProvider time)
    {
        (Stores, _ledger) = (stores, ledger);
        var box = new NoticeBox(stores.Notices, time);
        var records = Records = new ChangeRecords(ledger, time, box);
        Clients = new ClientAdministration(stores.Editor, stores.Access, records, time);
        Grants = new GrantAdministration(stores.Editor, stores.Access, stores.Catalogues, records, time);
        Requests = new GrantRequests(stores.Editor, stores.Access, stores.Catalogues, records, time);
        Budgets = new BudgetAdministration(stores.Editor, new BudgetOperations(stores.Budgets, time), records, time);
        Switches = new SwitchAdministration(stores.Editor, stores.Access, stores.Catalogues, records, time);
        Notices = new NoticeAdministration(stores.Notices, records, time);
        var reviews = Options.Create(new ReviewOptions());
        var outcomes = new ReviewOutcomes(stores.Reviews, stores.Editor, stores.Access, records, time);
        Reviews = new ReviewAnswers(stores.Reviews, stores.Editor, new GrantUseSurvey(stores.Audit, reviews, time), outcomes, records, reviews, time);
        Campaigns = new ReviewCampaigns(stores.Reviews, stores.Reviewable, stores.Clients, stores.Editor, stores.Catalogues, outcomes, records, box, reviews, time, NullLogger<ReviewCampaigns>.Instance);
    }

    public ChangeRecords Records { get; }

    /// <summary>What it works on.</summary>
    public GovernanceStores Stores { get; }

    public ClientAdministration Clients { get; }

    public GrantAdministration Grants { get; }

    public GrantRequests Requests { get; }

    public BudgetAdministration Budgets { get; }

    public SwitchAdministration Switches { get; }

    public NoticeAdministration Notices { get; }

    public ReviewAnswers Reviews { get; }

    public ReviewCampaigns Campaigns { get; }

    public static async Task<ChangeSession> OpenAsync(GovernanceStores stores, TimeProvider time, CancellationToken ct)
    {
        var identity = new WriterIdentity($"mcpgov {typeof(ChangeSession).Assembly.GetName().Version}", "", Environment.MachineName, _ => ValueTask.FromResult<long?>(null));
        var ledger = new Ledger(stores.Audit, Options.Create(new AuditOptions()), time, NullLogger<Ledger>.Instance, identity);
        await ledger.StartAsync(ct);
        return new ChangeSession(stores, ledger, time);
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _ledger.StopAsync(limit.Token);
        _ledger.Dispose();
    }
}
