# When the app runs: publishes the sample catalogue if asked to (MCP_SAMPLE_CATALOGUE=true, MCP_SAMPLE_UPSTREAM=https://…/mcp), and says what to do next.
$ErrorActionPreference = 'Stop'
function Stop-Hook([string] $why) { [Console]::Error.WriteLine($why); exit 1 }
if (-not $env:GATEWAY_URL) { Stop-Hook 'The resources are not there yet: azd provision' }

if ($env:MCP_SAMPLE_CATALOGUE -eq 'true') {
    if (-not $env:MCP_SAMPLE_UPSTREAM) { Stop-Hook 'azd env set MCP_SAMPLE_UPSTREAM with the address of an MCP server that the gateway can reach' }
    # The role on the tables was given minutes ago and may not be known everywhere yet.
    foreach ($attempt in 1..6) {
        dotnet run --project src/McpServerless.Cli -- apply samples/catalogue --set "upstream.everything.url=$env:MCP_SAMPLE_UPSTREAM"
        if ($LASTEXITCODE -eq 0) { break }
        if ($attempt -eq 6) { Stop-Hook 'The sample catalogue could not be published.' }
        Write-Host "Once more in 30 seconds ($attempt of 5)."
        Start-Sleep -Seconds 30
    }
}

Write-Host @"

The gateway runs.
  Endpoint          $env:GATEWAY_URL/servers/{server}/mcp
  Health            $env:GATEWAY_URL/readyz
  Tenant            $env:AZURE_TENANT_ID
  App registration  $env:GATEWAY_CLIENT_ID
  Audit workbook    https://portal.azure.com/#@$env:AZURE_TENANT_ID/resource$env:AUDIT_WORKBOOK_ID/workbook

Next
  1. Publish what agents may see:   dotnet run --project src/McpServerless.Cli -- apply FOLDER
     (the storage account is in MCPGOV_TABLE_SERVICE_URI: azd env get-values)
  2. Let an agent in:               docs/entra.md
  3. Point it at the gateway:       claude mcp add --transport http mcp $env:GATEWAY_URL/servers/SERVER/mcp --header "Authorization: Bearer `$TOKEN"
     with a token of the agent:     az account get-access-token --scope api://$env:GATEWAY_CLIENT_ID/.default --query accessToken -o tsv
  4. Operate it:                    docs/operations.md
"@
