using System.Text.Json;
using McpServerless.Audit;

namespace McpServerless.Catalogue;

/// <summary>Tools that the gateway answers itself. A virtual server exposes them by a selection from the upstream <c>gateway</c>, which needs no file; a grant has to name them like any other.</summary>
public static class GatewayTools
{
    /// <summary>The upstream's name, which no file may take.</summary>
    public const string UpstreamName = "gateway";

    /// <summary>Says how a client's own limits stand.</summary>
    public const string Budget = "gateway.budget";

    public static Upstream Upstream { get; } = new() { Name = UpstreamName, Protocol = UpstreamProtocol.Gateway, Url = new Uri("about:gateway") };

    public static IReadOnlyList<ToolContract> Contracts { get; } = [Contract(Budget, """
        {
          "name": "gateway.budget",
          "title": "Budget",
          "description": "Says how much of your limits is left, when they are renewed, and which of your tools are paused. Ask before many calls. It changes nothing and counts against no limit.",
          "inputSchema": {
            "type": "object",
            "properties": { "tool": { "type": "string", "minLength": 1, "maxLength": 128, "description": "Only what limits this tool; without it, what limits any tool that you may use." } },
            "additionalProperties": false
          },
          "outputSchema": {
            "type": "object",
            "properties": {
              "limits": {
                "type": "array",
                "items": {
                  "type": "object",
                  "properties": {
                    "limit": { "type": "string", "description": "As refusals name it." },
                    "kind": { "enum": ["rate", "budget", "concurrency"] },
                    "unit": { "enum": ["calls", "cost", "resultBytes"] },
                    "amount": { "type": "integer", "description": "How much in one period; for concurrency, at once." },
                    "per": { "enum": ["second", "minute", "hour", "day", "month"] },
                    "left": { "type": "integer", "minimum": 0, "description": "Units that are left at least; what instances of the gateway have set aside counts as used." },
                    "renewsInSeconds": { "type": "integer", "minimum": 0, "description": "Until the period ends, or until a burst is whole again." },
                    "tools": { "type": "array", "items": { "type": "string" }, "description": "The tools that it limits; absent where it limits all." }
                  },
                  "required": ["limit", "kind", "unit", "amount", "left"],
                  "additionalProperties": false
                }
              },
              "paused": {
                "type": "array",
                "items": {
                  "type": "object",
                  "properties": { "tool": { "type": "string" }, "seconds": { "type": "integer", "minimum": 1 }, "reason": { "type": "string" } },
                  "required": ["tool", "seconds", "reason"],
                  "additionalProperties": false
                }
              }
            },
            "required": ["limits", "paused"],
            "additionalProperties": false
          },
          "annotations": { "readOnlyHint": true, "openWorldHint": false }
        }
        """)];

    private static ToolContract Contract(string name, string definition)
    {
        using var document = JsonDocument.Parse(definition);
        var root = document.RootElement.Clone();
        return new ToolContract { Upstream = UpstreamName, Name = name, Definition = root, Hash = CanonicalJson.Hash(root), Version = "1.0.0", Team = UpstreamName };
    }
}
