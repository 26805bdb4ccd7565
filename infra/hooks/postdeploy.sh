#!/bin/sh
# When the app runs: publishes the sample catalogue if asked to (MCP_SAMPLE_CATALOGUE=true, MCP_SAMPLE_UPSTREAM=https://…/mcp), and says what to do next.
set -eu

url="${GATEWAY_URL:?the resources are not there yet: azd provision}"

if [ "${MCP_SAMPLE_CATALOGUE:-false}" = "true" ]; then
  upstream="${MCP_SAMPLE_UPSTREAM:?azd env set MCP_SAMPLE_UPSTREAM with the address of an MCP server that the gateway can reach}"
  # The role on the tables was given minutes ago and may not be known everywhere yet.
  for attempt in 1 2 3 4 5 6; do
    if dotnet run --project src/McpServerless.Cli -- apply samples/catalogue --set "upstream.everything.url=$upstream"; then break; fi
    [ "$attempt" -lt 6 ] || { echo "The sample catalogue could not be published." >&2; exit 1; }
    echo "Once more in 30 seconds ($attempt of 5)."
    sleep 30
  done
fi

cat <<EOF

The gateway runs.
  Endpoint          $url/servers/{server}/mcp
  Health            $url/readyz
  Tenant            $AZURE_TENANT_ID
  App registration  $GATEWAY_CLIENT_ID
  Audit workbook    https://portal.azure.com/#@$AZURE_TENANT_ID/resource$AUDIT_WORKBOOK_ID/workbook

Next
  1. Publish what agents may see:   dotnet run --project src/McpServerless.Cli -- apply FOLDER
     (the storage account is in MCPGOV_TABLE_SERVICE_URI: azd env get-values)
  2. Let an agent in:               docs/entra.md
  3. Point it at the gateway:       claude mcp add --transport http mcp $url/servers/SERVER/mcp --header "Authorization: Bearer \$TOKEN"
     with a token of the agent:     az account get-access-token --scope api://$GATEWAY_CLIENT_ID/.default --query accessToken -o tsv
  4. Operate it:                    docs/operations.md
EOF
