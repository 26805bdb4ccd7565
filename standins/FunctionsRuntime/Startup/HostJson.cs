using Microsoft.Extensions.Configuration;

namespace FunctionsRuntime.Startup;

/// <summary>What this runtime follows in the app's <c>host.json</c>.</summary>
internal sealed record HostJson
{
    /// <summary>Comes before every route; <c>api</c> unless the file says otherwise.</summary>
    public string RoutePrefix { get; init; } = "api";

    /// <summary>Requests running at once; null means unbounded, as on every plan but Windows Consumption.</summary>
    public int? MaxConcurrentRequests { get; init; }

    /// <summary>Requests running or waiting to run; one more is answered with 429. Null means unbounded.</summary>
    public int? MaxOutstandingRequests { get; init; }

    /// <exception cref="InvalidOperationException">The file is not readable as JSON, or a value has the wrong type.</exception>
    public static HostJson Read(string folder)
    {
        var http = new ConfigurationBuilder().AddJsonFile(Path.Combine(folder, "host.json"), optional: true).Build().GetSection("extensions:http");
        return new HostJson
        {
            RoutePrefix = http["routePrefix"]?.Trim('/') ?? "api",
            MaxConcurrentRequests = Bound("maxConcurrentRequests"),
            MaxOutstandingRequests = Bound("maxOutstandingRequests"),
        };

        int? Bound(string key) => http.GetValue<int?>(key) is { } value and > 0 ? value : null; // The host writes "unbounded" as -1.
    }
}
