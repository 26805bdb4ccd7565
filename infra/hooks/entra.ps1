# The app registration by hand, for tenants in which a deployment may not make one. Someone who may register applications runs it once, with
# the Azure CLI signed in. It makes what infra/modules/entra.bicep makes, and can be run again. The federated credential is added when
# GATEWAY_PRINCIPAL_ID is known, after the first azd up.
param([string] $Name = 'MCP gateway')
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

$graph = (az cloud show --query endpoints.microsoftGraphResourceId --output tsv).TrimEnd('/') + '/v1.0'
$id = $env:GATEWAY_CLIENT_ID
if (-not $id) { $id = az ad app create --display-name $Name --sign-in-audience AzureADMyOrg --query appId --output tsv }
$object = az ad app show --id $id --query id --output tsv
az rest --method patch --url "$graph/applications/$object" --headers 'Content-Type=application/json' --body "@$PSScriptRoot/entra-application.json" --output none
az ad app update --id $id --identifier-uris "api://$id"

$PSNativeCommandUseErrorActionPreference = $false
az ad sp show --id $id --output none 2>$null
$there = $LASTEXITCODE -eq 0
$PSNativeCommandUseErrorActionPreference = $true
if (-not $there) { az ad sp create --id $id --output none }
$service = az ad sp show --id $id --query id --output tsv
$body = New-TemporaryFile
'{"appRoleAssignmentRequired":true}' | Set-Content $body
az rest --method patch --url "$graph/servicePrincipals/$service" --headers 'Content-Type=application/json' --body "@$body" --output none

if ($env:GATEWAY_PRINCIPAL_ID -and $env:AZURE_TENANT_ID) {
    $login = (az cloud show --query endpoints.activeDirectory --output tsv).TrimEnd('/')
    if (-not (az ad app federated-credential list --id $id --query "[?name=='gateway'].id" --output tsv)) {
        @{ name = 'gateway'; issuer = "$login/$env:AZURE_TENANT_ID/v2.0"; subject = $env:GATEWAY_PRINCIPAL_ID; audiences = @('api://AzureADTokenExchange') } | ConvertTo-Json | Set-Content $body
        az ad app federated-credential create --id $id --parameters "@$body" --output none
    }
}
Remove-Item $body

Write-Host "The app registration is $id. Whoever deploys runs:"
Write-Host '  azd env set MCP_DEPLOY_ENTRA false'
Write-Host "  azd env set GATEWAY_CLIENT_ID $id"
