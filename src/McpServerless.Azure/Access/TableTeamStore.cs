using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using McpServerless.Access.Administration;
using McpServerless.Azure.Storage;

namespace McpServerless.Azure.Access;

/// <summary>Teams in Table Storage: one partition, a row for each.</summary>
internal sealed class TableTeamStore(TableSet tables) : ITeamStore
{
    private const string Partition = "teams";

    public async ValueTask<IReadOnlyList<Versioned<Team>>> ReadTeamsAsync(CancellationToken ct)
    {
        var teams = new List<Versioned<Team>>();
        await foreach (var entity in tables.Teams.ReadPartitionAsync(Partition, rowsPerPage: null, ct)) teams.Add(TeamOf(entity));
        return teams;
    }

    public async ValueTask<Versioned<Team>?> FindTeamAsync(string name, CancellationToken ct) =>
        await tables.Teams.FindAsync(Partition, TableKey.Of(name), ct) is { } entity ? TeamOf(entity) : null;

    public ValueTask<bool> SaveTeamAsync(Team team, string? read, CancellationToken ct)
    {
        var entity = new TableEntity(Partition, TableKey.Of(team.Name));
        ChunkedText.Write(entity, "Members", JsonSerializer.Serialize(team.Members, AccessJson.Default.IReadOnlyListString));
        ChunkedText.Write(entity, "Groups", JsonSerializer.Serialize(team.Groups, AccessJson.Default.IReadOnlyListString));
        return read is null ? tables.Teams.AddAsync(entity, ct) : tables.Teams.ReplaceAsync(entity, new ETag(read), ct);
    }

    public ValueTask<bool> RemoveTeamAsync(string name, string read, CancellationToken ct) => tables.Teams.DeleteAsync(Partition, TableKey.Of(name), new ETag(read), ct);

    private Versioned<Team> TeamOf(TableEntity entity)
    {
        var row = new Row(tables.Teams, entity);
        return new Versioned<Team>(new Team(row.RowKeyParts(1)[0], ListOf(row, "Members"), ListOf(row, "Groups")), entity.ETag.ToString());
    }

    private static IReadOnlyList<string> ListOf(Row row, string name)
    {
        try
        {
            return ChunkedText.Read(row, name) is { } text && JsonSerializer.Deserialize(text, AccessJson.Default.IReadOnlyListString) is { } list ? list : throw row.Unreadable($"{name} is missing");
        }
        catch (JsonException e)
        {
            throw row.Unreadable($"{name} is not a list of texts", e);
        }
    }
}
