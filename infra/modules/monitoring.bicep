// Where records, traces and logs are read: one workspace, and an Application Insights component on top of it.
param workspaceName string
param componentName string
param location string
param tags object

@description('Days in which the workspace is searched without extra cost for what is not the audit table.')
param retentionInDays int

@description('GB of a day after which the workspace takes no more; -1 for no cap. A cap also stops the audit export until the next day (the ledger itself goes on).')
param dailyCapGb int

@description('False when the workspace is reached through a private link scope of your own.')
param publicAccess bool

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionInDays
    workspaceCapping: {
      dailyQuotaGb: dailyCapGb
    }
    features: {
      // Keys of a workspace would let anyone who reads one write records.
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
    publicNetworkAccessForIngestion: publicAccess ? 'Enabled' : 'Disabled'
    publicNetworkAccessForQuery: publicAccess ? 'Enabled' : 'Disabled'
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: componentName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    // Telemetry is taken from identities with the role Monitoring Metrics Publisher alone.
    DisableLocalAuth: true
    publicNetworkAccessForIngestion: publicAccess ? 'Enabled' : 'Disabled'
    publicNetworkAccessForQuery: publicAccess ? 'Enabled' : 'Disabled'
  }
}

output workspaceId string = workspace.id
output workspaceName string = workspace.name
output componentName string = component.name
// An address and a public identifier. With local authentication off it lets nobody write.
output connectionString string = component.properties.ConnectionString
