// The gateway: one Flex Consumption app that scales to nothing, or keeps instances ready when asked to.
param name string
param planName string
param location string
param tags object

param identityId string
param identityClientId string

param hostBlobEndpoint string
param hostQueueEndpoint string
param hostTableEndpoint string
param packageContainer string

param applicationInsightsConnectionString string

@description('Where agents reach the gateway. Empty for the address that Azure gives the app.')
param publicBaseUrl string

@description('The tenant whose tokens are accepted.')
param tenantId string

@description('Client id of the gateway\'s own app registration: what tokens must be made out to.')
param audience string

param governanceTableEndpoint string

@description('Address of the container for signed checkpoints of the ledger.')
param checkpointContainerUri string

@description('Address of the key that signs them, with its version.')
param signingKeyVersionUri string

@description('Address of the vault that has the secrets of upstreams.')
param upstreamVaultUri string

@description('Endpoint of the rule that takes audit records into Azure Monitor.')
param auditIngestionEndpoint string

@description('Immutable id of that rule.')
param auditRuleId string

@description('More app settings, such as Gateway__Documentation. They cannot replace those that this template sets.')
param moreSettings object

@description('Instances that are always there. 0 costs nothing when idle, and makes the first call after a pause wait for a cold start.')
@minValue(0)
@maxValue(1000)
param alwaysReadyInstances int

@minValue(40)
@maxValue(1000)
param maximumInstances int

@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('Calls that one instance serves at once, before another one is started.')
@minValue(1)
@maxValue(1000)
param callsPerInstance int

@description('Empty, or the subnet through which the app reaches storage and vault.')
param subnetId string

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  // azd finds the app by this tag.
  tags: union(tags, {
    'azd-service-name': 'gateway'
  })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostBlobEndpoint}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReadyInstances == 0
          ? []
          : [
              {
                name: 'http'
                instanceCount: alwaysReadyInstances
              }
            ]
        triggers: {
          http: {
            perInstanceConcurrency: callsPerInstance
          }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
  }

  // Passwords for publishing are a way in beside Entra. azd deploys with the signed-in person's token.
  resource noScmPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }

  resource noFtpPassword 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(moreSettings, {
      AzureWebJobsStorage__blobServiceUri: hostBlobEndpoint
      AzureWebJobsStorage__queueServiceUri: hostQueueEndpoint
      AzureWebJobsStorage__tableServiceUri: hostTableEndpoint
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identityClientId
      // Gives the address / to the gateway's own routes.
      AzureWebJobsDisableHomepage: 'true'
      APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
      AZURE_CLIENT_ID: identityClientId
      Gateway__PublicBaseUrl: empty(publicBaseUrl) ? 'https://${app.properties.defaultHostName}' : publicBaseUrl
      // The front end of the plan adds the caller's address at the end of X-Forwarded-For.
      Gateway__TrustedProxies: '1'
      Authentication__TenantId: tenantId
      Authentication__Audience: audience
      Storage__TableServiceUri: governanceTableEndpoint
      Checkpoints__BlobContainer: checkpointContainerUri
      Checkpoints__KeyVaultKey: signingKeyVersionUri
      Sinks__LogsIngestionEndpoint: auditIngestionEndpoint
      Sinks__LogsIngestionRule: auditRuleId
      Upstreams__Vault: upstreamVaultUri
    })
  }
}

output name string = app.name
output id string = app.id
output url string = empty(publicBaseUrl) ? 'https://${app.properties.defaultHostName}' : publicBaseUrl
