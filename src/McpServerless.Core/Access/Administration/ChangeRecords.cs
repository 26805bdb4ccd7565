using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using McpServerless.Audit;
using McpServerless.Notifying;

namespace McpServerless.Access.Administration;

/// <summary>What is recorded of a change.</summary>
/// <param name="Happening">What it is, in the words of the workbooks: <c>clientSuspended</c>, <c>grantRevoked</c>.</param>
/// <param name="By">Who changes it.</param>
/// <param name="Reason">Why.</param>
public sealed record ChangeSubject(string Happening, string By, string Reason)
{
    public ChangeSubject(string happening, Actor by, string reason)
        : this(happening, by.Name, reason) => (ByClaimed, ByApplication, ByToken) = (by.ClaimedName, by.Application, by.TokenId);

    /// <summary>What the token claims the person's name to be: not proven, for people who read the record.</summary>
    public string? ByClaimed { get; init; }

    /// <summary>The application through which it was done; null where no token proved who did it.</summary>
    public string? ByApplication { get; init; }

    public string? ByToken { get; init; }

    public string? ClientId { get; init; }

    public string? Server { get; init; }

    public string? GrantId { get; init; }

    /// <summary>A person's change, or a timer's.</summary>
    public AuditEvent Event { get; init; } = AuditEvent.Administration;

    /// <summary>What people hear of it; null for nothing.</summary>
    public Notice? Notice { get; init; }

    /// <summary>By what the state shows that it was made. Null where the notice is true without the change, which then only marks that it was given.</summary>
    public NoticeProof? Proof { get; init; }
}

/// <summary>Puts changes into the ledger, with what was before and what comes after: once before they are made, and once how that ended.</summary>
/// <remarks>
/// A change that cannot be announced in the ledger is not made. So none is missing there, whatever dies between the two records. Its notice is written before it too,
/// and held back until it is made.
/// </remarks>
/// <param name="notices">Null where nobody is told.</param>
public sealed class ChangeRecords(Ledger ledger, TimeProvider time, NoticeBox? notices = null)
{
    /// <summary>Makes a change between its two records.</summary>
    /// <param name="change">Makes it; false when somebody else was faster.</param>
    /// <returns>Null when it was made, else why not.</returns>
    /// <exception cref="StoreUnavailableException">It is not known whether the change was made; that is recorded too.</exception>
    public async Task<(ChangeProblem Problem, string Message)?> AroundAsync<T>(
        ChangeSubject subject, T? before, T? after, JsonTypeInfo<T> type, Func<CancellationToken, Task<bool>> change, CancellationToken ct)
        where T : class
    {
        var changeId = Guid.CreateVersion7(time.GetUtcNow());
        if (!await ledger.AppendAsync(Record(subject, changeId, "intended", before, after, type), ct)) return (ChangeProblem.NotRecorded, "The ledger cannot be written, so nothing was changed; try again later.");
        var ending = "failed";
        try
        {
            await AnnounceAsync(subject, ct);
            if (await change(ct))
            {
                ending = "done";
                if (notices is not null && subject is { Notice: { } notice, Proof: not null }) await notices.ReleaseAsync(notice, CancellationToken.None);
                return null;
            }

            ending = "conflict";
            return (ChangeProblem.Conflict, "Somebody else changed it meanwhile. Nothing was overwritten; look at it again and decide anew.");
        }
        finally
        {
            // Without the caller's token: that it ended belongs into the ledger. The announcement is there already.
            await ledger.AppendAsync(Record(subject, changeId, ending, before, after, type), CancellationToken.None);
        }
    }

    /// <summary>Puts on record what somebody looked at, or was refused; nothing is changed.</summary>
    /// <param name="about">What was asked for, by name.</param>
    /// <returns>False when it could not be made durable in time.</returns>
    public ValueTask<bool> NoteAsync(ChangeSubject subject, IEnumerable<KeyValuePair<string, string>> about, CancellationToken ct) =>
        ledger.AppendAsync(AuditRecords.OfGateway(subject.Event, time.GetUtcNow()) with
        {
            ClientId = subject.ClientId,
            DetailsJson = AuditDetails.Write(json =>
            {
                json.WriteStartObject("about"u8);
                foreach (var (name, value) in about.OrderBy(a => a.Key, StringComparer.Ordinal)) json.WriteString(name, value);
                json.WriteEndObject();
                WriteBy(json, subject);
                json.WriteString("happening"u8, subject.Happening);
                json.WriteString("reason"u8, subject.Reason);
            }),
        }, ct);

    private static void WriteBy(Utf8JsonWriter json, ChangeSubject subject)
    {
        json.WriteString("by"u8, subject.By);
        if (subject.ByApplication is { } application) json.WriteString("byApplication"u8, application);
        if (subject.ByClaimed is { } claimed) json.WriteString("byClaimed"u8, claimed);
        if (subject.ByToken is { } token) json.WriteString("byToken"u8, token);
    }

    private async ValueTask AnnounceAsync(ChangeSubject subject, CancellationToken ct)
    {
        if (notices is null || subject.Notice is not { } notice) return;
        if (subject.Proof is { } proof) await notices.HoldAsync(notice, proof, ct);
        else await notices.PostAsync(notice, ct);
    }

    private AuditRecord Record<T>(ChangeSubject subject, Guid changeId, string ending, T? before, T? after, JsonTypeInfo<T> type)
        where T : class
    {
        var record = AuditRecords.OfGateway(subject.Event, time.GetUtcNow()) with
        {
            RequestId = changeId,
            ClientId = subject.ClientId,
            GrantId = subject.GrantId,
            DetailsJson = AuditDetails.Write(json =>
            {
                if (after is not null)
                {
                    json.WritePropertyName("after"u8);
                    JsonSerializer.Serialize(json, after, type);
                }

                if (before is not null)
                {
                    json.WritePropertyName("before"u8);
                    JsonSerializer.Serialize(json, before, type);
                }

                WriteBy(json, subject);
                json.WriteString("ending"u8, ending);
                json.WriteString("happening"u8, subject.Happening);
                json.WriteString("reason"u8, subject.Reason);
            }),
        };
        return subject.Server is { } server ? record with { Server = server } : record;
    }
}
