using System.Reflection;

namespace McpServerless.Benchmarks.Hosts;

/// <summary>The function app as it is: its own entry point, in a process that also says how much memory it uses.</summary>
internal static class GatewayHost
{
    public static void Run()
    {
        ProcessMeter.Start();
        var entry = Assembly.Load("McpServerless.Functions").EntryPoint ?? throw new InvalidOperationException("The function app has no entry point.");
        entry.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [Array.Empty<string>()], null);
    }
}
