#!/bin/sh
# Before the resources go: says what stays. With MCP_DELETE_ENTRA=true the app registration goes too.
set -eu

echo "azd down leaves behind:"
echo "  - the Key Vault for 90 days (purge protection), so its name stays taken"
echo "  - a checkpoint container whose immutability policy is locked or not over: its storage account cannot be deleted before"
if [ "${MCP_DELETE_ENTRA:-false}" = "true" ] && [ "${MCP_DEPLOY_ENTRA:-true}" = "true" ] && [ -n "${GATEWAY_CLIENT_ID:-}" ]; then
  az ad app delete --id "$GATEWAY_CLIENT_ID"
  echo "The app registration $GATEWAY_CLIENT_ID is deleted. Before the same environment is deployed again within 30 days, purge it:"
  echo "  az rest --method delete --url https://graph.microsoft.com/v1.0/directory/deletedItems/OBJECT_ID"
else
  echo "  - the app registration ${GATEWAY_CLIENT_ID:-} (azd env set MCP_DELETE_ENTRA true to delete it too)"
fi
