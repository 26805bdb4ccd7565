#!/bin/sh
# The app registration by hand, for tenants in which a deployment may not make one. Someone who may register applications runs it once, with
# the Azure CLI signed in. It makes what infra/modules/entra.bicep makes, and can be run again. The federated credential is added when
# GATEWAY_PRINCIPAL_ID is known, after the first azd up.
set -eu

name="${1:-MCP gateway}"
here="$(cd "$(dirname "$0")" && pwd)"
graph="$(az cloud show --query endpoints.microsoftGraphResourceId -o tsv)"
graph="${graph%/}/v1.0"

id="${GATEWAY_CLIENT_ID:-}"
if [ -z "$id" ]; then id="$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId -o tsv)"; fi
object="$(az ad app show --id "$id" --query id -o tsv)"
az rest --method patch --url "$graph/applications/$object" --headers 'Content-Type=application/json' --body "@$here/entra-application.json" --output none
az ad app update --id "$id" --identifier-uris "api://$id"

az ad sp show --id "$id" --output none 2>/dev/null || az ad sp create --id "$id" --output none
service="$(az ad sp show --id "$id" --query id -o tsv)"
az rest --method patch --url "$graph/servicePrincipals/$service" --headers 'Content-Type=application/json' --body '{"appRoleAssignmentRequired":true}' --output none

if [ -n "${GATEWAY_PRINCIPAL_ID:-}" ] && [ -n "${AZURE_TENANT_ID:-}" ]; then
  login="$(az cloud show --query endpoints.activeDirectory -o tsv)"
  az ad app federated-credential list --id "$id" --query "[?name=='gateway'].id" -o tsv | grep -q . ||
    az ad app federated-credential create --id "$id" --output none --parameters \
      "{\"name\":\"gateway\",\"issuer\":\"${login%/}/$AZURE_TENANT_ID/v2.0\",\"subject\":\"$GATEWAY_PRINCIPAL_ID\",\"audiences\":[\"api://AzureADTokenExchange\"]}"
fi

echo "The app registration is $id. Whoever deploys runs:"
echo "  azd env set MCP_DEPLOY_ENTRA false"
echo "  azd env set GATEWAY_CLIENT_ID $id"
