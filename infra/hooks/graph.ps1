# Lets the gateway's identity look at credentials and owners of the registered applications (docs/reviews.md). An administrator of the directory
# (Privileged Role Administrator) runs it once, with the Azure CLI signed in, after azd up. It can be run again.
# Application.Read.All: secrets, certificates, federated credentials, owners. User.Read.All: whether an owner is enabled.
param([string] $Principal = $env:GATEWAY_PRINCIPAL_ID)
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
if (-not $Principal) { throw "Give the object id of the gateway's identity (azd env get-value GATEWAY_PRINCIPAL_ID)." }

$graph = (az cloud show --query endpoints.microsoftGraphResourceId --output tsv).TrimEnd('/') + '/v1.0'
$api = az ad sp show --id 00000003-0000-0000-c000-000000000000 --query id --output tsv
$body = New-TemporaryFile
foreach ($role in 'Application.Read.All', 'User.Read.All') {
    $id = az ad sp show --id 00000003-0000-0000-c000-000000000000 --query "appRoles[?value=='$role' && contains(allowedMemberTypes, 'Application')].id | [0]" --output tsv
    $given = az rest --method get --url "$graph/servicePrincipals/$Principal/appRoleAssignments" --query "value[?appRoleId=='$id' && resourceId=='$api'].id | [0]" --output tsv
    if ($given) {
        Write-Host "$role is there."
        continue
    }
    @{ principalId = $Principal; resourceId = $api; appRoleId = $id } | ConvertTo-Json | Set-Content $body
    az rest --method post --url "$graph/servicePrincipals/$Principal/appRoleAssignments" --headers 'Content-Type=application/json' --body "@$body" --output none
    Write-Host "$role is given."
}
Remove-Item $body
Write-Host 'Set Credentials__Watch to true in moreSettings of infra/main.parameters.json and run azd provision. Tokens of managed identities live up to a day, so the roles can arrive late.'
