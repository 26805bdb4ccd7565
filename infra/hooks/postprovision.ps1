# After the resources are there: gives the first administrator a role, when MCP_FIRST_ADMIN names one.
$ErrorActionPreference = 'Stop'
function Stop-Hook([string] $why) { [Console]::Error.WriteLine($why); exit 1 }
$PSNativeCommandUseErrorActionPreference = $true

if (-not $env:MCP_FIRST_ADMIN) {
    Write-Host 'No first administrator was named (azd env set MCP_FIRST_ADMIN user@contoso.com). docs/entra.md says how to give roles later.'
    exit 0
}
if (-not (Get-Command az -ErrorAction SilentlyContinue)) { Stop-Hook 'MCP_FIRST_ADMIN needs the Azure CLI: https://aka.ms/azcli' }

$service = az ad sp show --id $env:GATEWAY_CLIENT_ID | ConvertFrom-Json
$role = $service.appRoles | Where-Object value -EQ 'Governance.Admin'
if (-not $role) { Stop-Hook "The app registration $env:GATEWAY_CLIENT_ID has no role Governance.Admin." }
$user = az ad user show --id $env:MCP_FIRST_ADMIN --query id --output tsv
$graph = (az cloud show --query endpoints.microsoftGraphResourceId --output tsv).TrimEnd('/') + '/v1.0'

$given = (az rest --method get --url "$graph/users/$user/appRoleAssignments?`$filter=resourceId%20eq%20$($service.id)" | ConvertFrom-Json).value
if (-not ($given | Where-Object appRoleId -EQ $role.id)) {
    # A file, since quotes in arguments do not reach az the same way on every version of PowerShell.
    $body = New-TemporaryFile
    @{ principalId = $user; resourceId = $service.id; appRoleId = $role.id } | ConvertTo-Json | Set-Content $body
    az rest --method post --url "$graph/servicePrincipals/$($service.id)/appRoleAssignedTo" --headers 'Content-Type=application/json' --body "@$body" --output none
    Remove-Item $body
}
Write-Host "$env:MCP_FIRST_ADMIN is administrator of the gateway."
