using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace McpServerless.Cli.Gateway;

/// <summary>A list of the gateway's, page by page.</summary>
internal static class GatewayPages
{
    /// <exception cref="UsageException">The gateway refuses; the message has its reason.</exception>
    public static async IAsyncEnumerable<JsonElement> ReadAsync(GatewayClient gateway, string path, IEnumerable<KeyValuePair<string, string>> parameters, int? page, [EnumeratorCancellation] CancellationToken ct)
    {
        var query = string.Join('&', parameters.Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}"));
        if (page is { } size) query += string.Create(CultureInfo.InvariantCulture, $"&limit={size}");
        for (string? cursor = ""; cursor is not null;)
        {
            var answer = await gateway.SendAsync(new GatewayCall("GET", $"{path}?{query}{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}"), ct);
            if (!answer.Succeeded) throw new UsageException(string.Join(' ', answer.Problem()));
            foreach (var item in answer.Body.GetProperty("items").EnumerateArray()) yield return item;
            cursor = JsonMembers.Text(answer.Body, "next");
        }
    }
}
