// McpServerless in one resource group: azd up. What each part is for stands at the top of its module.
targetScope = 'subscription'

@description('Name of the azd environment; part of the resources\' names.')
@minLength(1)
@maxLength(32)
param environmentName string

@description('A region that has Flex Consumption: az functionapp list-flexconsumption-locations.')
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

@description('Empty for rg-<environment name>.')
param resourceGroupName string = ''

@description('True to make the app registration in this deployment (needs rights in the tenant); false with gatewayClientId.')
param deployEntra bool = true

@description('Client id of an app registration that exists already, such as one that infra/hooks/entra.sh made.')
param gatewayClientId string = ''

@description('Where agents reach the gateway, when it has a custom domain: https://mcp.contoso.com. Empty for the address that Azure gives.')
param publicBaseUrl string = ''

@description('Virtual servers, separated by commas, that users\' clients sign in for. Needs publicBaseUrl on a domain that is verified in the tenant.')
param publicServers string = ''

@description('Client ids, separated by commas, that users may use without consenting first. The default is Visual Studio Code.')
param preAuthorizedClients string = 'aebc6443-996d-45c2-90f0-388ff96faa56'

@description('True to take storage and vault off the public network: a virtual network with private endpoints.')
param privateNetwork bool = false

@minValue(0)
@maxValue(1000)
param alwaysReadyInstances int = 0

@minValue(40)
@maxValue(1000)
param maximumInstances int = 100

@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@minValue(1)
@maxValue(1000)
param callsPerInstance int = 64

@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GZRS'])
param governanceStorageSku string = 'Standard_ZRS'

@minValue(1)
@maxValue(146000)
param checkpointImmutabilityDays int = 365

@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@minValue(4)
@maxValue(730)
param auditRetentionDays int = 90

@minValue(4)
@maxValue(4383)
param auditTotalRetentionDays int = 730

@description('-1 for no cap.')
param logDailyCapGb int = -1

@description('Addresses, separated by commas, that alerts and the budget write to. Empty for none: then see to it that somebody looks.')
param alertEmails string = ''

@description('Empty, or a receiver of the common alert schema.')
param alertWebhookUri string = ''

@description('Monthly, in the currency of the billing account; 0 for no budget.')
@minValue(0)
param monthlyBudget int = 0

param budgetStartDate string = utcNow('yyyy-MM-01')

@description('Object id of whoever runs azd, who then may publish the catalogue with mcpgov. Empty for nobody.')
param principalId string = ''

@allowed(['User', 'Group', 'ServicePrincipal'])
param principalType string = 'User'

@description('More app settings for the gateway (docs/settings.md), with __ between section and name.')
param moreSettings object = {}

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = {
  'azd-env-name': environmentName
}
var emails = empty(alertEmails) ? [] : map(split(alertEmails, ','), email => trim(email))
var packageContainer = 'app-package'

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: empty(resourceGroupName) ? 'rg-${environmentName}' : resourceGroupName
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: 'id-mcp-${token}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: 'log-mcp-${token}'
    componentName: 'appi-mcp-${token}'
    location: location
    tags: tags
    retentionInDays: logRetentionDays
    dailyCapGb: logDailyCapGb
    publicAccess: true
  }
}

module auditTable 'modules/audit-table.bicep' = {
  scope: group
  params: {
    workspaceName: monitoring.outputs.workspaceName
    ruleName: 'dcr-mcp-${token}'
    location: location
    tags: tags
    retentionInDays: auditRetentionDays
    totalRetentionInDays: max(auditRetentionDays, auditTotalRetentionDays)
  }
}

module hostStorage 'modules/host-storage.bicep' = {
  scope: group
  params: {
    name: 'sthost${token}'
    location: location
    tags: tags
    containerName: packageContainer
    publicAccess: !privateNetwork
  }
}

module governanceStorage 'modules/governance-storage.bicep' = {
  scope: group
  params: {
    name: 'stgov${token}'
    location: location
    tags: tags
    sku: governanceStorageSku
    checkpointImmutabilityDays: checkpointImmutabilityDays
    publicAccess: !privateNetwork
  }
}

module vault 'modules/key-vault.bicep' = {
  scope: group
  params: {
    name: 'kv-mcp-${token}'
    location: location
    tags: tags
    publicAccess: !privateNetwork
  }
}

module roles 'modules/roles.bicep' = {
  scope: group
  params: {
    principalId: identity.outputs.principalId
    hostStorageName: hostStorage.outputs.name
    governanceStorageName: governanceStorage.outputs.name
    checkpointContainer: governanceStorage.outputs.checkpointContainer
    vaultName: vault.outputs.name
    signingKeyName: vault.outputs.signingKeyName
    componentName: monitoring.outputs.componentName
    ruleName: auditTable.outputs.ruleName
  }
}

module operatorRole 'modules/operator-role.bicep' = if (!empty(principalId)) {
  scope: group
  params: {
    principalId: principalId
    principalType: principalType
    governanceStorageName: governanceStorage.outputs.name
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  scope: group
  params: {
    name: 'vnet-mcp-${token}'
    location: location
    tags: tags
    hostStorageId: hostStorage.outputs.id
    governanceStorageId: governanceStorage.outputs.id
    vaultId: vault.outputs.id
  }
}

module entra 'modules/entra.bicep' = if (deployEntra) {
  scope: group
  params: {
    uniqueName: 'mcp-gateway-${token}'
    displayName: 'MCP gateway (${environmentName})'
    endpoints: empty(publicBaseUrl) || empty(publicServers)
      ? []
      : map(split(publicServers, ','), server => '${publicBaseUrl}/servers/${trim(server)}/mcp')
    preAuthorizedClients: empty(preAuthorizedClients) ? [] : map(split(preAuthorizedClients, ','), client => trim(client))
    gatewayPrincipalId: identity.outputs.principalId
  }
}

module app 'modules/function-app.bicep' = {
  scope: group
  params: {
    name: 'func-mcp-${token}'
    planName: 'plan-mcp-${token}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    hostBlobEndpoint: hostStorage.outputs.blobEndpoint
    hostQueueEndpoint: hostStorage.outputs.queueEndpoint
    hostTableEndpoint: hostStorage.outputs.tableEndpoint
    packageContainer: packageContainer
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    publicBaseUrl: publicBaseUrl
    tenantId: tenant().tenantId
    audience: deployEntra ? entra!.outputs.clientId : gatewayClientId
    governanceTableEndpoint: governanceStorage.outputs.tableEndpoint
    checkpointContainerUri: '${governanceStorage.outputs.blobEndpoint}${governanceStorage.outputs.checkpointContainer}'
    signingKeyVersionUri: vault.outputs.signingKeyVersionUri
    upstreamVaultUri: vault.outputs.uri
    auditIngestionEndpoint: auditTable.outputs.endpoint
    auditRuleId: auditTable.outputs.immutableId
    moreSettings: moreSettings
    alwaysReadyInstances: alwaysReadyInstances
    maximumInstances: maximumInstances
    instanceMemoryMB: instanceMemoryMB
    callsPerInstance: callsPerInstance
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
  }
  // Roles take a while to be known everywhere; the app should not start before they are asked for.
  dependsOn: [
    roles
  ]
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    actionGroupName: 'ag-mcp-${token}'
    emails: emails
    webhookUri: alertWebhookUri
  }
  dependsOn: [
    auditTable
  ]
}

module workbooks 'modules/workbooks.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
  }
}

module parser 'modules/parser.bicep' = {
  scope: group
  params: {
    workspaceName: monitoring.outputs.workspaceName
  }
  dependsOn: [
    auditTable
  ]
}

module budget 'modules/budget.bicep' = if (monthlyBudget > 0 && !empty(alertEmails)) {
  scope: group
  params: {
    name: 'mcp-${environmentName}'
    amount: max(1, monthlyBudget)
    startDate: budgetStartDate
    emails: emails
  }
}

// azd keeps outputs as plain values in its environment: nothing here is secret.
output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output GATEWAY_APP_NAME string = app.outputs.name
output GATEWAY_URL string = app.outputs.url
output GATEWAY_CLIENT_ID string = deployEntra ? entra!.outputs.clientId : gatewayClientId
output GATEWAY_PRINCIPAL_ID string = identity.outputs.principalId
output MCPGOV_TABLE_SERVICE_URI string = governanceStorage.outputs.tableEndpoint
output GOVERNANCE_STORAGE_NAME string = governanceStorage.outputs.name
output AUDIT_INGESTION_ENDPOINT string = auditTable.outputs.endpoint
output AUDIT_RULE_ID string = auditTable.outputs.immutableId
output AUDIT_CHECKPOINT_CONTAINER string = governanceStorage.outputs.checkpointContainer
output AUDIT_SIGNING_KEY_URI string = vault.outputs.signingKeyUri
output KEY_VAULT_URI string = vault.outputs.uri
output AUDIT_WORKBOOK_ID string = workbooks.outputs.auditWorkbookId
