#!/bin/sh
# After the resources are there: gives the first administrator a role, when MCP_FIRST_ADMIN names one.
set -eu

admin="${MCP_FIRST_ADMIN:-}"
if [ -z "$admin" ]; then
  echo "No first administrator was named (azd env set MCP_FIRST_ADMIN user@contoso.com). docs/entra.md says how to give roles later."
  exit 0
fi
command -v az >/dev/null 2>&1 || { echo "MCP_FIRST_ADMIN needs the Azure CLI: https://aka.ms/azcli" >&2; exit 1; }

api="$(az ad sp show --id "$GATEWAY_CLIENT_ID" --query id -o tsv)"
role="$(az ad sp show --id "$GATEWAY_CLIENT_ID" --query "appRoles[?value=='Governance.Admin'].id | [0]" -o tsv)"
user="$(az ad user show --id "$admin" --query id -o tsv)"
[ -n "$role" ] || { echo "The app registration $GATEWAY_CLIENT_ID has no role Governance.Admin." >&2; exit 1; }

graph="$(az cloud show --query endpoints.microsoftGraphResourceId -o tsv)"
graph="${graph%/}/v1.0"
given="$(az rest --method get --url "$graph/users/$user/appRoleAssignments?\$filter=resourceId%20eq%20$api" --query "length(value[?appRoleId=='$role'])" -o tsv)"
if [ "$given" = "0" ]; then
  az rest --method post --url "$graph/servicePrincipals/$api/appRoleAssignedTo" --headers 'Content-Type=application/json' \
    --body "{\"principalId\":\"$user\",\"resourceId\":\"$api\",\"appRoleId\":\"$role\"}" --output none
fi
echo "$admin is administrator of the gateway."
