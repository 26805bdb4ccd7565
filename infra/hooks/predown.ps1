# Before the resources go: says what stays. With MCP_DELETE_ENTRA=true the app registration goes too.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

Write-Host 'azd down leaves behind:'
Write-Host '  - the Key Vault for 90 days (purge protection), so its name stays taken'
Write-Host '  - a checkpoint container whose immutability policy is locked or not over: its storage account cannot be deleted before'
if ($env:MCP_DELETE_ENTRA -eq 'true' -and $env:MCP_DEPLOY_ENTRA -ne 'false' -and $env:GATEWAY_CLIENT_ID) {
    az ad app delete --id $env:GATEWAY_CLIENT_ID
    Write-Host "The app registration $env:GATEWAY_CLIENT_ID is deleted. Before the same environment is deployed again within 30 days, purge it:"
    Write-Host '  az rest --method delete --url https://graph.microsoft.com/v1.0/directory/deletedItems/OBJECT_ID'
}
else { Write-Host "  - the app registration $env:GATEWAY_CLIENT_ID (azd env set MCP_DELETE_ENTRA true to delete it too)" }
