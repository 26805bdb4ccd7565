using McpServerless.Access.Administration;
using McpServerless.Azure.Access;
using McpServerless.Azure.Tests.Storage;

namespace McpServerless.Azure.Tests.Access;

[Collection(AzuriteCollection.Name)]
public sealed class TableTeamStoreTests(AzuriteFixture azurite)
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    private readonly TableTeamStore _store = new(azurite.NewAccount().Open());

    [Fact]
    public async Task ATeamIsAddedOnce_ChangedByWhoeverReadItLast_AndTakenAwayOnce()
    {
        Assert.Empty(await _store.ReadTeamsAsync(Ct));
        var team = new Team("pay/ments | é", ["a"], ["g"]);
        Assert.True(await _store.SaveTeamAsync(team, null, Ct));
        Assert.False(await _store.SaveTeamAsync(team with { Members = ["b"] }, null, Ct));
        var read = await _store.FindTeamAsync(team.Name, Ct);
        Assert.Equal((team.Name, "a", "g"), (read!.Value.Name, Assert.Single(read.Value.Members), Assert.Single(read.Value.Groups)));
        Assert.True(await _store.SaveTeamAsync(team with { Members = ["b", "c"] }, read.ETag, Ct));
        Assert.False(await _store.SaveTeamAsync(team with { Members = [] }, read.ETag, Ct));
        Assert.False(await _store.RemoveTeamAsync(team.Name, read.ETag, Ct));
        var now = Assert.Single(await _store.ReadTeamsAsync(Ct));
        Assert.Equal(["b", "c"], now.Value.Members);
        Assert.True(await _store.RemoveTeamAsync(team.Name, now.ETag, Ct));
        Assert.Null(await _store.FindTeamAsync(team.Name, Ct));
    }
}
