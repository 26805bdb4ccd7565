// The person who deploys publishes the first catalogue with mcpgov, which writes tables. Off when OPERATOR_PRINCIPAL_ID is empty.
param principalId string

@allowed(['User', 'Group', 'ServicePrincipal'])
param principalType string

param governanceStorageName string

var storageTableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

resource governanceStorage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: governanceStorageName
}

resource tables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(governanceStorage.id, principalId, storageTableDataContributor)
  scope: governanceStorage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageTableDataContributor)
    principalId: principalId
    principalType: principalType
  }
}
