// The key that signs the ledger's checkpoints, and secrets for upstreams that know nothing better.
param name string
param location string
param tags object

@description('False when the vault is reached through private endpoints alone.')
param publicAccess bool

var signingKeyName = 'audit-checkpoints'

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      defaultAction: publicAccess ? 'Allow' : 'Deny'
      bypass: 'None'
    }
  }

  // Made in the vault and never leaves it. Older versions stay, so that what they signed can be verified.
  resource signingKey 'keys' = {
    name: signingKeyName
    tags: tags
    properties: {
      kty: 'EC'
      curveName: 'P-256'
      keyOps: [
        'sign'
        'verify'
      ]
      attributes: {
        enabled: true
        exportable: false
      }
    }
  }
}

output name string = vault.name
output id string = vault.id
output uri string = vault.properties.vaultUri
output signingKeyName string = signingKeyName
output signingKeyUri string = vault::signingKey.properties.keyUri
// With its version, so that a new key is a change of settings, which the ledger records.
output signingKeyVersionUri string = vault::signingKey.properties.keyUriWithVersion
