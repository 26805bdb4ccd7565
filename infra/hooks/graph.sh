#!/bin/sh
# Lets the gateway's identity look at credentials and owners of the registered applications (docs/reviews.md). An administrator of the directory
# (Privileged Role Administrator) runs it once, with the Azure CLI signed in, after azd up. It can be run again.
# Application.Read.All: secrets, certificates, federated credentials, owners. User.Read.All: whether an owner is enabled.
set -eu

principal="${1:-${GATEWAY_PRINCIPAL_ID:-}}"
if [ -z "$principal" ]; then
  echo "graph.sh: give the object id of the gateway's identity (azd env get-value GATEWAY_PRINCIPAL_ID)" >&2
  exit 1
fi

graph="$(az cloud show --query endpoints.microsoftGraphResourceId -o tsv)"
graph="${graph%/}/v1.0"
api="$(az ad sp show --id 00000003-0000-0000-c000-000000000000 --query id -o tsv)"
for role in Application.Read.All User.Read.All; do
  id="$(az ad sp show --id 00000003-0000-0000-c000-000000000000 --query "appRoles[?value=='$role' && contains(allowedMemberTypes, 'Application')].id | [0]" -o tsv)"
  given="$(az rest --method get --url "$graph/servicePrincipals/$principal/appRoleAssignments" --query "value[?appRoleId=='$id' && resourceId=='$api'].id | [0]" -o tsv)"
  if [ -n "$given" ]; then
    echo "$role is there."
    continue
  fi
  az rest --method post --url "$graph/servicePrincipals/$principal/appRoleAssignments" --headers 'Content-Type=application/json' --output none \
    --body "{\"principalId\":\"$principal\",\"resourceId\":\"$api\",\"appRoleId\":\"$id\"}"
  echo "$role is given."
done
echo "Set Credentials__Watch to true in moreSettings of infra/main.parameters.json and run azd provision. Tokens of managed identities live up to a day, so the roles can arrive late."
