using System.Net;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Http.Mcp;

/// <summary>From where a request comes.</summary>
/// <remarks>
/// Each front end that is ours adds the address that it saw at the end of <c>X-Forwarded-For</c>. What stands before those is the caller's own
/// writing, and is never looked at.
/// </remarks>
internal static class CallerAddress
{
    public static IPAddress? Of(HttpRequest request, int trustedProxies)
    {
        if (trustedProxies == 0) return Plain(request.HttpContext.Connection.RemoteIpAddress);
        var entries = request.Headers["X-Forwarded-For"].SelectMany(line => (line ?? "").Split(',')).ToArray();
        return entries.Length >= trustedProxies ? Parse(entries[^trustedProxies].Trim()) : null;
    }

    /// <summary>An address, alone or with the port that some front ends add: <c>192.0.2.1:4711</c>, <c>[2001:db8::1]:4711</c>.</summary>
    private static IPAddress? Parse(string entry) => IPAddress.TryParse(entry, out var alone) ? Plain(alone)
        : IPEndPoint.TryParse(entry, out var withPort) ? Plain(withPort.Address)
        : null;

    private static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
}
