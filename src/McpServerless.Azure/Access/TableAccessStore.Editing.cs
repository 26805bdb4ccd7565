using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Expiring;
using McpServerless.Access.Reviewing;
using McpServerless.Azure.Storage;

namespace McpServerless.Azure.Access;

/// <summary>Changes that meet no other one unseen: every write but an insert says which row it read.</summary>
internal sealed partial class TableAccessStore : IAccessEditor, IEndedAccess, IReviewableGrants
{
    private const string RequestsKey = "requests";

    /// <remarks>Looked for in all tenants, for operators: a client's tenant is not theirs to remember. What is registered has its id in lower case.</remarks>
    public async ValueTask<Versioned<Client>?> FindClientAsync(string clientId, CancellationToken ct)
    {
        await foreach (var entity in tables.Clients.ReadKeyAsync(TableKey.Of(clientId.ToLowerInvariant()), ct)) return new Versioned<Client>(ClientOf(new Row(tables.Clients, entity)), entity.ETag.ToString());
        return null;
    }

    async ValueTask<Versioned<Client>?> IAccessEditor.FindClientAsync(string tenantId, string clientId, CancellationToken ct) =>
        await tables.Clients.FindAsync(TableKey.Of(tenantId), TableKey.Of(clientId), ct) is { } entity
            ? new Versioned<Client>(ClientOf(new Row(tables.Clients, entity)), entity.ETag.ToString())
            : null;

    public ValueTask<bool> AddClientAsync(Client client, CancellationToken ct) => tables.Clients.AddAsync(EntityOf(client), ct);

    public ValueTask<bool> ReplaceClientAsync(Client client, string read, CancellationToken ct) => tables.Clients.ReplaceAsync(EntityOf(client), new ETag(read), ct);

    public async ValueTask<Versioned<Grant>?> FindGrantAsync(string clientId, string server, string grantId, CancellationToken ct) =>
        await tables.Grants.FindAsync(TableKey.Of(clientId), TableKey.Of(server, grantId), ct) is { } entity
            ? new Versioned<Grant>(GrantOf(new Row(tables.Grants, entity)), entity.ETag.ToString())
            : null;

    async ValueTask<IReadOnlyList<Versioned<Grant>>> IAccessEditor.ReadGrantsAsync(string clientId, CancellationToken ct)
    {
        var grants = new List<Versioned<Grant>>();
        await foreach (var entity in tables.Grants.ReadPartitionAsync(TableKey.Of(clientId), rowsPerPage: null, ct))
        {
            grants.Add(new Versioned<Grant>(GrantOf(new Row(tables.Grants, entity)), entity.ETag.ToString()));
        }

        return grants;
    }

    public ValueTask<bool> AddGrantAsync(Grant grant, CancellationToken ct) => tables.Grants.AddAsync(EntityOf(grant), ct);

    public ValueTask<bool> ReplaceGrantAsync(Grant grant, string read, CancellationToken ct) => tables.Grants.ReplaceAsync(EntityOf(grant), new ETag(read), ct);

    public ValueTask<bool> RemoveGrantAsync(Grant grant, string read, CancellationToken ct) =>
        tables.Grants.DeleteAsync(TableKey.Of(grant.ClientId), TableKey.Of(grant.Server, grant.GrantId), new ETag(read), ct);

    public async ValueTask<Versioned<GrantRequest>?> FindRequestAsync(string requestId, CancellationToken ct) =>
        await tables.Requests.FindAsync(RequestsKey, TableKey.Of(requestId), ct) is { } entity ? RequestOf(entity) : null;

    public async IAsyncEnumerable<Versioned<GrantRequest>> ReadRequestsAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.Requests.ReadPartitionAsync(RequestsKey, rowsPerPage: null, ct)) yield return RequestOf(entity);
    }

    public ValueTask<bool> AddRequestAsync(GrantRequest request, CancellationToken ct) => tables.Requests.AddAsync(EntityOf(request), ct);

    public ValueTask<bool> ReplaceRequestAsync(GrantRequest request, string read, CancellationToken ct) => tables.Requests.ReplaceAsync(EntityOf(request), new ETag(read), ct);

    public async IAsyncEnumerable<Versioned<Client>> ReadEndedClientsAsync(DateTimeOffset moment, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.Clients.ReadUntilAsync("ExpiresAt", moment, ct)) yield return new Versioned<Client>(ClientOf(new Row(tables.Clients, entity)), entity.ETag.ToString());
    }

    public async IAsyncEnumerable<Versioned<Grant>> ReadEndedGrantsAsync(DateTimeOffset moment, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.Grants.ReadUntilAsync("ExpiresAt", moment, ct)) yield return new Versioned<Grant>(GrantOf(new Row(tables.Grants, entity)), entity.ETag.ToString());
    }

    public async IAsyncEnumerable<Grant> ReadGrantsAfterAsync(string clientId, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.Grants.ReadAfterAsync(TableKey.Of(clientId), ct)) yield return GrantOf(new Row(tables.Grants, entity));
    }

    public async IAsyncEnumerable<Grant> ReadGrantsToReviewAsync(DateTimeOffset moment, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.Grants.ReadUntilAsync("NextReview", moment, ct)) yield return GrantOf(new Row(tables.Grants, entity));
    }

    public ValueTask<bool> RemoveRequestAsync(GrantRequest request, string read, CancellationToken ct) =>
        tables.Requests.DeleteAsync(RequestsKey, TableKey.Of(request.RequestId), new ETag(read), ct);

    public ValueTask<bool> SwitchOffAsync(KillSwitch off, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(off);
        return tables.Epoch.AddAsync(new TableEntity(SwitchesKey, TableKey.Of(off.Subject)) { ["By"] = off.By, ["At"] = off.At, ["Reason"] = off.Reason }, ct);
    }

    public ValueTask SwitchOnAsync(string subject, CancellationToken ct) => tables.Epoch.DeleteAsync(SwitchesKey, TableKey.Of(subject), ct);

    private static TableEntity EntityOf(GrantRequest request)
    {
        var entity = new TableEntity(RequestsKey, TableKey.Of(request.RequestId)) { ["ClientId"] = request.ClientId, ["State"] = request.State.ToString() };
        ChunkedText.Write(entity, JsonSerializer.Serialize(request, AccessJson.Default.GrantRequest));
        return entity;
    }

    private Versioned<GrantRequest> RequestOf(TableEntity entity)
    {
        var row = new Row(tables.Requests, entity);
        try
        {
            var request = JsonSerializer.Deserialize(ChunkedText.Read(row), AccessJson.Default.GrantRequest) ?? throw row.Unreadable("it is null");
            return new Versioned<GrantRequest>(request, entity.ETag.ToString());
        }
        catch (JsonException e)
        {
            throw row.Unreadable("it is no request", e);
        }
    }
}
