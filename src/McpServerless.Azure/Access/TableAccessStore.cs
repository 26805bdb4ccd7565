using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Azure.Data.Tables;
using McpServerless.Access;
using McpServerless.Azure.Budgets;
using McpServerless.Azure.Storage;
using McpServerless.Budgets;

namespace McpServerless.Azure.Access;

/// <summary>Clients, grants and the epoch in Table Storage.</summary>
internal sealed partial class TableAccessStore(TableSet tables, TimeProvider time) : IAccessStore, IClientDirectory
{
    private const string EpochKey = "epoch";
    private const string SwitchesKey = "switches";

    public async ValueTask<string> ReadEpochAsync(CancellationToken ct) =>
        await tables.Epoch.FindAsync(EpochKey, EpochKey, ct) is { } entity ? new Row(tables.Epoch, entity).Text("Value") : "";

    /// <remarks>
    /// Written without a condition: when two bump at once the later value stands, and that is as new to every reader as the earlier.
    /// </remarks>
    public ValueTask BumpEpochAsync(CancellationToken ct) => tables.Epoch.PutAsync(
        new TableEntity(EpochKey, EpochKey) { ["Value"] = Guid.CreateVersion7(time.GetUtcNow()).ToString("N") }, ct);

    public async ValueTask<Client?> FindClientAsync(string tenantId, string clientId, CancellationToken ct) =>
        await tables.Clients.FindAsync(TableKey.Of(tenantId), TableKey.Of(clientId), ct) is { } entity
            ? ClientOf(new Row(tables.Clients, entity))
            : null;

    public async IAsyncEnumerable<Client> ReadClientsAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.Clients.ReadAllAsync(ct)) yield return ClientOf(new Row(tables.Clients, entity));
    }

    public async ValueTask<IReadOnlyList<Grant>> ReadGrantsAsync(string clientId, CancellationToken ct)
    {
        var grants = new List<Grant>();
        await foreach (var entity in tables.Grants.ReadPartitionAsync(TableKey.Of(clientId), rowsPerPage: null, ct))
        {
            grants.Add(GrantOf(new Row(tables.Grants, entity)));
        }

        return grants;
    }

    public ValueTask SaveClientAsync(Client client, CancellationToken ct) => tables.Clients.PutAsync(EntityOf(client), ct);

    private static TableEntity EntityOf(Client client)
    {
        var entity = new TableEntity(TableKey.Of(client.TenantId), TableKey.Of(client.ClientId))
        {
            ["DisplayName"] = client.DisplayName,
            ["Owner"] = client.Owner,
            ["Purpose"] = client.Purpose,
            ["State"] = client.State.ToString(),
            ["Budgets"] = LimitsText(client.Budgets),
            ["ExpiresAt"] = client.ExpiresAt,
        };
        if (client.BackupOwner is { } backup) entity["BackupOwner"] = backup;
        if (client.Team is { } team) entity["Team"] = team;
        if (client.ModelId is { } model) entity["ModelId"] = model;
        if (client.DeploymentContext is { } context) entity["DeploymentContext"] = context;
        if (client.DataClassification is { } data) entity["DataClassification"] = data.ToString();
        if (client.AgentBlueprintId is { } blueprint) entity["AgentBlueprintId"] = blueprint;
        if (client.History.Count > 0) ChunkedText.Write(entity, "History", JsonSerializer.Serialize(client.History, AccessJson.Default.IReadOnlyListClientStateChange));
        return entity;
    }

    public ValueTask SaveGrantAsync(Grant grant, CancellationToken ct) => tables.Grants.PutAsync(EntityOf(grant), ct);

    private static TableEntity EntityOf(Grant grant)
    {
        var entity = new TableEntity(TableKey.Of(grant.ClientId), TableKey.Of(grant.Server, grant.GrantId))
        {
            ["ExpiresAt"] = grant.ExpiresAt,
            ["Justification"] = grant.Justification,
            ["Budgets"] = LimitsText(grant.Budgets),
            ["Approver"] = grant.Approver,
        };
        ChunkedText.Write(entity, "Tools", Text(grant.Tools));
        ChunkedText.Write(entity, "Prompts", Text(grant.Prompts));
        ChunkedText.Write(entity, "Resources", Text(grant.Resources));
        if (grant.Effect != GrantEffect.Allow) entity["Effect"] = grant.Effect.ToString();
        if (grant.Constraints.Count > 0) ChunkedText.Write(entity, "Constraints", JsonSerializer.Serialize(grant.Constraints, AccessJson.Default.IReadOnlyListArgumentConstraint));
        if (grant.Context is { } context) ChunkedText.Write(entity, "Context", JsonSerializer.Serialize(context, AccessJson.Default.GrantContext));
        if (grant.ModelIds.Count > 0) ChunkedText.Write(entity, "ModelIds", Text(grant.ModelIds));
        if (grant.RequiredRole is { } appRole) entity["RequiredRole"] = appRole;
        if (grant.RequiredScope is { } scope) entity["RequiredScope"] = scope;
        if (grant.RequiredUserRole is { } role) entity["RequiredUserRole"] = role;
        if (grant.Ticket is { } ticket) entity["Ticket"] = ticket;
        if (grant.Requester is { } requester) entity["Requester"] = requester;
        if (grant.EndRecorded) entity["EndRecorded"] = true;
        if (grant.BroadReason is { } broad) entity["BroadReason"] = broad;
        if (grant.NextReview is { } review) entity["NextReview"] = review;
        return entity;
    }

    public ValueTask DeleteGrantAsync(Grant grant, CancellationToken ct) =>
        tables.Grants.DeleteAsync(TableKey.Of(grant.ClientId), TableKey.Of(grant.Server, grant.GrantId), ct);

    /// <remarks>Beside the epoch, so that what is switched off needs no table of its own and is read with it.</remarks>
    public async ValueTask<IReadOnlyList<KillSwitch>> ReadSwitchesAsync(CancellationToken ct)
    {
        var switches = new List<KillSwitch>();
        await foreach (var entity in tables.Epoch.ReadPartitionAsync(SwitchesKey, rowsPerPage: null, ct))
        {
            var row = new Row(tables.Epoch, entity);
            switches.Add(new KillSwitch(row.RowKeyParts(1)[0], row.Text("By"), row.Date("At"), row.Text("Reason")));
        }

        return switches;
    }

    private static Client ClientOf(Row row) => new()
    {
        TenantId = row.PartitionKeyParts(1)[0],
        ClientId = row.RowKeyParts(1)[0],
        DisplayName = row.Text("DisplayName"),
        Owner = row.Text("Owner"),
        BackupOwner = row.OptionalText("BackupOwner"),
        Team = row.OptionalText("Team"),
        Purpose = row.Text("Purpose"),
        ModelId = row.OptionalText("ModelId"),
        DeploymentContext = row.OptionalText("DeploymentContext"),
        DataClassification = row.OptionalText("DataClassification") is null ? null : row.Enum<DataClassification>("DataClassification"),
        AgentBlueprintId = row.OptionalText("AgentBlueprintId"),
        History = JsonOf(row, "History", AccessJson.Default.IReadOnlyListClientStateChange) ?? [],
        State = row.Enum<ClientState>("State"),
        ExpiresAt = row.Date("ExpiresAt"),
        Budgets = LimitsOf(row),
    };

    private static Grant GrantOf(Row row)
    {
        var key = row.RowKeyParts(2);
        return new Grant
        {
            ClientId = row.PartitionKeyParts(1)[0],
            Server = key[0],
            GrantId = key[1],
            Tools = ListOf(row, "Tools") ?? throw row.Unreadable("Tools is missing"),

            // Rows from before there were these.
            Prompts = ListOf(row, "Prompts") ?? [],
            Resources = ListOf(row, "Resources") ?? [],
            Effect = row.OptionalText("Effect") is null ? GrantEffect.Allow : row.Enum<GrantEffect>("Effect"),
            Constraints = JsonOf(row, "Constraints", AccessJson.Default.IReadOnlyListArgumentConstraint) ?? [],
            Context = JsonOf(row, "Context", AccessJson.Default.GrantContext),
            ModelIds = ListOf(row, "ModelIds") ?? [],
            RequiredRole = row.OptionalText("RequiredRole"),
            RequiredScope = row.OptionalText("RequiredScope"),
            RequiredUserRole = row.OptionalText("RequiredUserRole"),
            Ticket = row.OptionalText("Ticket"),
            Requester = row.OptionalText("Requester"),
            BroadReason = row.OptionalText("BroadReason"),
            EndRecorded = row.OptionalFlag("EndRecorded") ?? false,
            ExpiresAt = row.Date("ExpiresAt"),
            Justification = row.Text("Justification"),
            Approver = row.Text("Approver"),
            NextReview = row.OptionalDate("NextReview"),
            Budgets = LimitsOf(row),
        };
    }

    private static string LimitsText(IReadOnlyList<BudgetLimit> limits) =>
        JsonSerializer.Serialize([.. limits.Select(BudgetLimitRow.From)], AccessJson.Default.IReadOnlyListBudgetLimitRow);

    /// <summary>None in rows that were written before there were limits.</summary>
    private static IReadOnlyList<BudgetLimit> LimitsOf(Row row)
    {
        if (row.OptionalText("Budgets") is not { } text || text == "[]") return [];
        try
        {
            var limits = JsonSerializer.Deserialize(text, AccessJson.Default.IReadOnlyListBudgetLimitRow);
            return limits is null || limits.Contains(null) ? throw row.Unreadable("Budgets is not a list of limits") : [.. limits.Select(l => l.ToLimit())];
        }
        catch (JsonException e)
        {
            throw row.Unreadable("Budgets is not a list of limits", e);
        }
    }

    private static string Text(IReadOnlyList<string> list) => JsonSerializer.Serialize(list, AccessJson.Default.IReadOnlyListString);

    private static IReadOnlyList<string>? ListOf(Row row, string name) =>
        JsonOf(row, name, AccessJson.Default.IReadOnlyListString) is { } list ? list.Contains(null) ? throw row.Unreadable($"{name} is not a list of texts") : list : null;

    /// <summary>Null when the row has none.</summary>
    private static T? JsonOf<T>(Row row, string name, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            if (ChunkedText.Read(row, name) is not { } text) return null;
            return JsonSerializer.Deserialize(text, type) ?? throw row.Unreadable($"{name} is null");
        }
        catch (JsonException e)
        {
            throw row.Unreadable($"{name} cannot be read", e);
        }
    }
}
