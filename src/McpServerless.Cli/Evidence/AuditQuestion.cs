namespace McpServerless.Cli.Evidence;

/// <summary>A question that auditors ask, and what of an archive answers it.</summary>
/// <param name="Framework">Whose question it is.</param>
/// <param name="Control">The criterion, control or article.</param>
/// <param name="Asks">In plain words.</param>
/// <param name="Files">What answers it.</param>
/// <param name="Answers">What one sees there.</param>
/// <param name="DoesNotProve">What has to be shown with something else.</param>
internal sealed record AuditQuestion(string Framework, string Control, string Asks, string Files, string Answers, string DoesNotProve)
{
    private const string Soc2 = "SOC 2 (Trust Services Criteria)";
    private const string Iso = "ISO/IEC 27001:2022, Annex A";
    private const string Psd2 = "PSD2 RTS, Delegated Regulation (EU) 2018/389";
    private const string Gdpr = "GDPR, Regulation (EU) 2016/679";

    public static IReadOnlyList<AuditQuestion> All { get; } =
    [
        new(Soc2, "CC6.1", "Is access to the tools restricted to agents that were let in?", "ledger/, access/grants.json", "each call with the identity that a token proved, the grant that allowed it or the refusal; the grants themselves", "that every way to the tools leads through the gateway: that is a matter of the network"),
        new(Soc2, "CC6.2", "Are agents registered and approved before they get access, and removed after?", "access/clients.json, access/changes.jsonl", "registration, owner, state and its history, with who and when", "that the people named are who the organisation says, outside of the management API's sign-in"),
        new(Soc2, "CC6.3", "Are rights given, changed, reviewed and taken away by those who may?", "access/grants.json, access/changes.jsonl", "per grant: from, to, requested by, approved by, reviews, why it ended", "that the reason given was a good one"),
        new(Soc2, "CC6.6", "Is access from outside refused where it is not allowed?", "ledger/ (decision refused)", "every refusal with its code and the rule, those without a valid token under anonymous", "attempts that never reached the gateway"),
        new(Soc2, "CC7.2", "Is what agents do watched for anomalies?", "ledger/ (refusals, notes), ledger of client gateway (timers)", "refusals by code, paused runaways, sinks that were behind", "that somebody looked at the alerts"),
        new(Soc2, "CC7.3", "Can an incident be followed afterwards?", "ledger/", "the calls of a session, trace or request in order (mcpgov audit timeline), which nobody could change afterwards", "what an upstream did behind its answer"),
        new(Soc2, "CC8.1", "Are changes of contracts, grants and the catalogue authorised and on record?", "access/changes.jsonl, ledger of client gateway", "what was applied, rolled back, accepted or rejected, by whom, when and why", "that files were reviewed before they were applied: that is in the repository"),
        new(Iso, "5.15 Access control", "Are there rules for access, and are they followed?", "access/grants.json, ledger/", "the rules in force, and every decision by them", "that the rules are the right ones"),
        new(Iso, "5.16 Identity management", "Has each agent one identity with an owner, over its whole life?", "access/clients.json", "application id, owner, purpose, model, state, end", "the life of the application in Entra ID itself"),
        new(Iso, "5.18 Access rights", "Are rights given, reviewed, changed and removed in order?", "access/grants.json, access/changes.jsonl", "the same as CC6.3", "the same as CC6.3"),
        new(Iso, "8.2 Privileged access rights", "Are far-reaching rights few, and held to more?", "access/grants.json", "grants by their tools and patterns, with requester and approver apart", "rights of people in the subscription and on the storage account"),
        new(Iso, "8.3 Information access restriction", "Do agents get only what they may see?", "ledger/ (redactions, constraints)", "what was withheld or masked, and by which field", "what a result held that no rule of its contract spoke of"),
        new(Iso, "8.15 Logging", "Are logs kept, protected and complete?", "ledger/, checkpoints/, keys/, verify.cs", "chains, signed checkpoints, and a verifier that needs neither us nor our account", "that the gateway wrote the truth; only that nothing was changed after it was written"),
        new(Iso, "8.16 Monitoring activities", "Is behaviour monitored, and acted on?", "ledger of client gateway", "timers, runaways, lost instances, places that records are sent to", "what the place that they are sent to did with them"),
        new(Iso, "8.32 Change management", "Do changes follow a procedure?", "access/changes.jsonl", "the same as CC8.1", "the same as CC8.1"),
        new(Psd2, "Article 29, traceability", "Can each interaction be traced, with unique identifiers, time stamps and the data needed?", "ledger/, record.schema.json", "request, session and trace ids, times in UTC to the microsecond, who, what, and the digests of arguments and results", "the accuracy of the platform's clock, which follows Azure's"),
        new(Psd2, "Article 30, general obligations for access interfaces", "Is it on record through which interface who had access?", "ledger/ (server, clientId), access/grants.json", "the virtual server and the client of each call", "availability and performance of the interface: those are metrics"),
        new(Gdpr, "Article 5(2), accountability", "Can it be shown how personal data was handled by agents?", "ledger/, index.html", "each call with purpose (of the client and its grant) and what was kept of its arguments", "that the purpose is lawful"),
        new(Gdpr, "Article 15, access by the data subject", "Which calls concerned a person?", "ledger/ (keyed hashes)", "with the key, the hash of a known value finds its records", "values that were masked or dropped: they are not there"),
        new(Gdpr, "Article 17, erasure", "What of a person can be made unreadable?", "ledger of client gateway (keyDestroyed, ledgerPurged)", "which keys were destroyed and which records purged, when and by whom", "erasure in places that records were sent to, and in archives such as this one"),
        new(Gdpr, "Article 30, records of processing", "Which agents process data, and on whose behalf?", "access/clients.json, access/grants.json", "client, owner, team, purpose, classification, tools", "the record of processing itself, which has more than this"),
        new(Gdpr, "Article 32, security of processing", "Is data protected, and can that be tested?", "ledger/, checkpoints/", "refusals, redactions, integrity of the record", "encryption and network of the deployment: see its infrastructure files"),
    ];
}
