using System.Diagnostics;
using System.Text.RegularExpressions;

namespace FunctionsRuntime.Tests;

/// <summary>What only an app in a process of its own shows: discovery, settings, the line that tells its address, and its end.</summary>
public sealed partial class SampleAppTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task App_TellsItsFreePort_ReadsItsFiles_AndEndsOnSigterm()
    {
        if (OperatingSystem.IsWindows()) return; // Which has no such signal.
        using var app = Start(("SAMPLE_ENVIRONMENT_WINS", "environment"));
        try
        {
            using var client = new HttpClient { BaseAddress = await AddressAsync(app) };
            Assert.NotEqual(0, client.BaseAddress.Port);
            Assert.Equal("hello environment Development", await client.GetStringAsync("/sample/settings"));
            Assert.Equal("from a library", await client.GetStringAsync("/sample/library"));
            using var hanging = await client.GetAsync("/sample/hang", HttpCompletionOption.ResponseHeadersRead);
            using var kill = Process.Start("kill", ["-TERM", $"{app.Id}"]);
            await app.WaitForExitAsync().WaitAsync(Patience);
            Assert.Contains("invocation ended", await app.StandardOutput.ReadToEndAsync());
        }
        finally
        {
            if (!app.HasExited) app.Kill();
        }
    }

    [Fact]
    public async Task AddressFromTheEnvironment_IsUsedWithoutUrlsArgument()
    {
        using var app = Start(("ASPNETCORE_URLS", "http://127.0.0.1:0"));
        try
        {
            Assert.Equal("127.0.0.1", (await AddressAsync(app)).Host);
        }
        finally
        {
            app.Kill();
        }
    }

    private static Process Start(params (string Name, string Value)[] environment)
    {
        // .../bin/FunctionsRuntime.Tests/debug/ and .../bin/SampleApp/debug/ lie side by side.
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var app = Path.Combine(own.Parent!.Parent!.FullName, "SampleApp", own.Name, "FunctionsRuntime.SampleApp.dll");
        var start = new ProcessStartInfo("dotnet", [app]) { RedirectStandardOutput = true };
        start.Environment.Remove("ASPNETCORE_URLS");
        foreach (var (name, value) in environment) start.Environment[name] = value;
        if (!start.Environment.ContainsKey("ASPNETCORE_URLS"))
        {
            start.ArgumentList.Add("--urls");
            start.ArgumentList.Add("http://127.0.0.1:0");
        }
        return Process.Start(start)!; // It starts a new process.
    }

    private static async Task<Uri> AddressAsync(Process app)
    {
        while (await app.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
            if (Listening().Match(line) is { Success: true } match) return new Uri(match.Groups[1].Value);
        throw new InvalidOperationException("The app ended without telling its address.");
    }

    [GeneratedRegex(@"^Now listening on: (http://\S+)$")]
    private static partial Regex Listening();
}
