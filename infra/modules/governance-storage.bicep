// The governance state: clients, grants, catalogue, ledger in tables, and the signed checkpoints of the ledger as blobs that cannot be changed.
param name string
param location string
param tags object

@description('How the account is kept: Standard_ZRS survives the loss of a zone.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GZRS'])
param sku string

@description('Days in which no checkpoint can be changed or deleted, counted from when it was written.')
@minValue(1)
@maxValue(146000)
param checkpointImmutabilityDays int

@description('False when the account is reached through private endpoints alone.')
param publicAccess bool

var checkpointContainer = 'audit-checkpoints'

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: sku
  }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      defaultAction: publicAccess ? 'Allow' : 'Deny'
      bypass: 'None'
    }
  }

  resource tables 'tableServices' = {
    name: 'default'
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: {
        enabled: true
        days: 30
      }
      containerDeleteRetentionPolicy: {
        enabled: true
        days: 30
      }
    }

    resource checkpoints 'containers' = {
      name: checkpointContainer
      properties: {
        publicAccess: 'None'
      }

      // Unlocked: whoever deploys can still shorten it. Locking cannot be undone, so a person does it (docs/operations.md).
      resource immutability 'immutabilityPolicies' = {
        name: 'default'
        properties: {
          immutabilityPeriodSinceCreationInDays: checkpointImmutabilityDays
          allowProtectedAppendWrites: true
        }
      }
    }
  }
}

output name string = account.name
output id string = account.id
output tableEndpoint string = account.properties.primaryEndpoints.table
output blobEndpoint string = account.properties.primaryEndpoints.blob
output checkpointContainer string = checkpointContainer
