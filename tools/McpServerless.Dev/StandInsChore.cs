namespace McpServerless.Dev;

internal static class StandInsChore
{
    public static async Task<int> RunAsync(ChoreContext context)
    {
        PackageFeed.Forget();
        await Steps.ShowAsync(steps => steps.RunAsync("Package feed", () => PackageFeed.CheckAsync(context)));
        return 0;
    }
}
