#!/bin/sh
# Before anything is made: finds what would make the deployment fail half-way, and says what to do about it. It changes one thing: the
# day on which the budget begins, which azd keeps from then on.
set -eu

fail=0
wrong() { echo "  - $1" >&2; fail=1; }
value() { eval "printf '%s' \"\${$1:-}\""; }

echo "Checking the environment ${AZURE_ENV_NAME:?run this with azd}"

case "$AZURE_ENV_NAME" in
  *[!a-zA-Z0-9-]*|-*|*-) wrong "The environment's name may have letters, digits and hyphens inside: azd env new NAME" ;;
esac
[ ${#AZURE_ENV_NAME} -le 32 ] || wrong "The environment's name may have 32 characters at most."
[ -n "$(value AZURE_LOCATION)" ] || wrong "No region is chosen: azd env set AZURE_LOCATION westeurope"

base="$(value MCP_PUBLIC_BASE_URL)"
case "$base" in
  ''|https://*[!/]) ;;
  *) wrong "MCP_PUBLIC_BASE_URL must be https://host, without a slash at its end." ;;
esac
[ -z "$(value MCP_PUBLIC_SERVERS)" ] || [ -n "$base" ] || wrong "MCP_PUBLIC_SERVERS needs MCP_PUBLIC_BASE_URL, on a domain that is verified in the tenant."
if [ "$(value MCP_DEPLOY_ENTRA)" = "false" ] && [ -z "$(value GATEWAY_CLIENT_ID)" ]; then
  wrong "MCP_DEPLOY_ENTRA is false and GATEWAY_CLIENT_ID is empty. Someone who may register applications runs infra/hooks/entra.sh, which sets it."
fi

if command -v az >/dev/null 2>&1 && az account show >/dev/null 2>&1; then
  location="$(value AZURE_LOCATION)"
  subscription="$(value AZURE_SUBSCRIPTION_ID)"
  if [ -n "$location" ] && regions="$(az functionapp list-flexconsumption-locations --query '[].name' -o tsv 2>/dev/null)"; then
    echo "$regions" | tr '[:upper:]' '[:lower:]' | tr -d ' ' | grep -qx "$location" || wrong "$location has no Flex Consumption. It is in: $(echo $regions)"
  fi
  for provider in Microsoft.Web Microsoft.App Microsoft.Storage Microsoft.KeyVault Microsoft.OperationalInsights Microsoft.Insights Microsoft.ManagedIdentity; do
    state="$(az provider show --namespace "$provider" --subscription "$subscription" --query registrationState -o tsv 2>/dev/null || true)"
    [ -z "$state" ] || [ "$state" = "Registered" ] || wrong "The subscription does not know $provider yet: az provider register --namespace $provider"
  done
  if [ -n "$(value AZURE_PRINCIPAL_ID)" ] && roles="$(az role assignment list --assignee "$AZURE_PRINCIPAL_ID" --subscription "$subscription" --include-inherited --include-groups --query '[].roleDefinitionName' -o tsv 2>/dev/null)"; then
    case "$roles" in
      *Owner*|*"User Access Administrator"*|*"Role Based Access Control Administrator"*) ;;
      *) wrong "You may not assign roles in this subscription. Ask for Owner, or for Contributor and Role Based Access Control Administrator." ;;
    esac
  fi
else
  echo "  The Azure CLI is not signed in; region, providers and rights are not checked. (az login)"
fi

[ "$fail" -eq 0 ] || { echo "Nothing was made." >&2; exit 1; }

# A budget's first day cannot be changed once it is there.
if [ -z "$(value MCP_BUDGET_START)" ]; then azd env set MCP_BUDGET_START "$(date -u +%Y-%m-01)"; fi
echo "  Everything that can be checked beforehand is well."
