using System.Text.Json.Nodes;
using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary><c>up</c>: the gateway on this machine until Ctrl-C.</summary>
internal static class UpChore
{
    public static async Task<int> RunAsync(ChoreContext context)
    {
        await using var gateway = await Gateway.StartAsync(context);
        ShowWhatToPaste(gateway);
        try
        {
            throw new DevFailure(await gateway.PartEndedAsync(context.Stop));
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("Stopping.");
            return 0;
        }
    }

    private static void ShowWhatToPaste(LocalGateway gateway)
    {
        var endpoint = gateway.App.Endpoint(Sample.Server);
        var entry = new JsonObject
        {
            ["servers"] = new JsonObject
            {
                ["mcpserverless"] = new JsonObject
                {
                    ["type"] = "http",
                    ["url"] = endpoint.AbsoluteUri,
                    ["headers"] = new JsonObject { ["Authorization"] = "Bearer ${input:token}" },
                },
            },
            ["inputs"] = new JsonArray(new JsonObject { ["type"] = "promptString", ["id"] = "token", ["description"] = "Access token", ["password"] = true }),
        };
        Console.WriteLine($"""

            Endpoint
              {endpoint}

            A token (for an hour)
              TOKEN=$(curl -s {gateway.Issuer.TokenEndpoint} -d grant_type=client_credentials -d client_id={Sample.ClientId} -d client_secret=any | sed 's/.*"access_token":"\([^"]*\).*/\1/')

            Claude Code
              claude mcp add --transport http mcpserverless {endpoint} --header "Authorization: Bearer $TOKEN"

            VS Code (.vscode/mcp.json)
              {entry.ToJsonString(Indented).Replace("\n", "\n  ", StringComparison.Ordinal)}

            MCP Inspector
              npx @modelcontextprotocol/inspector --cli {endpoint} --transport http --header "Authorization: Bearer $TOKEN" --method tools/list

            mcpgov through the gateway, as an administrator of this tenant
              export MCPGOV_GATEWAY={gateway.App.Address.GetLeftPart(UriPartial.Authority)}
              export MCPGOV_TOKEN=$(curl -s {gateway.Issuer.TokenEndpoint} -d grant_type=client_credentials -d client_id=99999999-9999-9999-9999-999999999999 -d client_secret=any -d roles=Governance.Admin | sed 's/.*"access_token":"\([^"]*\).*/\1/')
              dotnet run --project src/McpServerless.Cli -- doctor

            Ctrl-C ends it.
            """);
    }

    private static readonly System.Text.Json.JsonSerializerOptions Indented = new() { WriteIndented = true };
}
