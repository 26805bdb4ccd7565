# Before anything is made: finds what would make the deployment fail half-way, and says what to do about it. It changes one thing: the
# day on which the budget begins, which azd keeps from then on.
$ErrorActionPreference = 'Stop'
function Stop-Hook([string] $why) { [Console]::Error.WriteLine($why); exit 1 }
$wrong = [System.Collections.Generic.List[string]]::new()

if (-not $env:AZURE_ENV_NAME) { Stop-Hook 'Run this with azd.' }
Write-Host "Checking the environment $env:AZURE_ENV_NAME"

if ($env:AZURE_ENV_NAME -notmatch '^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$') { $wrong.Add("The environment's name may have letters, digits and hyphens inside: azd env new NAME") }
if ($env:AZURE_ENV_NAME.Length -gt 32) { $wrong.Add("The environment's name may have 32 characters at most.") }
if (-not $env:AZURE_LOCATION) { $wrong.Add('No region is chosen: azd env set AZURE_LOCATION westeurope') }
if ($env:MCP_PUBLIC_BASE_URL -and $env:MCP_PUBLIC_BASE_URL -notmatch '^https://.*[^/]$') { $wrong.Add('MCP_PUBLIC_BASE_URL must be https://host, without a slash at its end.') }
if ($env:MCP_PUBLIC_SERVERS -and -not $env:MCP_PUBLIC_BASE_URL) { $wrong.Add('MCP_PUBLIC_SERVERS needs MCP_PUBLIC_BASE_URL, on a domain that is verified in the tenant.') }
if ($env:MCP_DEPLOY_ENTRA -eq 'false' -and -not $env:GATEWAY_CLIENT_ID) {
    $wrong.Add('MCP_DEPLOY_ENTRA is false and GATEWAY_CLIENT_ID is empty. Someone who may register applications runs infra/hooks/entra.ps1, which sets it.')
}

$signedIn = $false
if (Get-Command az -ErrorAction SilentlyContinue) { az account show --output none 2>$null; $signedIn = $LASTEXITCODE -eq 0 }
if ($signedIn) {
    $regions = az functionapp list-flexconsumption-locations --query '[].name' --output tsv 2>$null
    if ($LASTEXITCODE -eq 0 -and $env:AZURE_LOCATION -and ($regions | ForEach-Object { $_.ToLowerInvariant().Replace(' ', '') }) -notcontains $env:AZURE_LOCATION) {
        $wrong.Add("$env:AZURE_LOCATION has no Flex Consumption. It is in: $regions")
    }
    foreach ($provider in 'Microsoft.Web', 'Microsoft.App', 'Microsoft.Storage', 'Microsoft.KeyVault', 'Microsoft.OperationalInsights', 'Microsoft.Insights', 'Microsoft.ManagedIdentity') {
        $state = az provider show --namespace $provider --subscription $env:AZURE_SUBSCRIPTION_ID --query registrationState --output tsv 2>$null
        if ($state -and $state -ne 'Registered') { $wrong.Add("The subscription does not know $provider yet: az provider register --namespace $provider") }
    }
    if ($env:AZURE_PRINCIPAL_ID) {
        $roles = az role assignment list --assignee $env:AZURE_PRINCIPAL_ID --subscription $env:AZURE_SUBSCRIPTION_ID --include-inherited --include-groups --query '[].roleDefinitionName' --output tsv 2>$null
        if ($LASTEXITCODE -eq 0 -and -not ($roles | Where-Object { $_ -in 'Owner', 'User Access Administrator', 'Role Based Access Control Administrator' })) {
            $wrong.Add('You may not assign roles in this subscription. Ask for Owner, or for Contributor and Role Based Access Control Administrator.')
        }
    }
}
else { Write-Host '  The Azure CLI is not signed in; region, providers and rights are not checked. (az login)' }

if ($wrong.Count -gt 0) {
    $wrong | ForEach-Object { Write-Host "  - $_" }
    Write-Host 'Nothing was made.'
    exit 1
}

# A budget's first day cannot be changed once it is there.
$PSNativeCommandUseErrorActionPreference = $true
if (-not $env:MCP_BUDGET_START) { azd env set MCP_BUDGET_START ([DateTime]::UtcNow.ToString('yyyy-MM-01')) }
Write-Host '  Everything that can be checked beforehand is well.'
