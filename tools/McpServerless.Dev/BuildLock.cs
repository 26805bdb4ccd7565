namespace McpServerless.Dev;

/// <summary>Lets one run at a time write build output; two builds of the same projects would disturb each other.</summary>
internal static class BuildLock
{
    /// <summary>Waits for its turn. It is given back by disposing, and when this process ends.</summary>
    public static async Task<IDisposable> TakeAsync(CancellationToken stop)
    {
        Directory.CreateDirectory(RunFolder.Root);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(RunFolder.Root, "build.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await poll.WaitForNextTickAsync(stop);
            }
        }
    }
}
