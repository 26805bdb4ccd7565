// The ledger's copy in Azure Monitor: the table, and the rule through which the gateway sends records.
param workspaceName string
param ruleName string
param location string
param tags object

@description('Days in which records are searched without extra cost.')
@minValue(4)
@maxValue(730)
param retentionInDays int

@description('Days after which a record is gone from the workspace. The ledger has a retention of its own.')
@minValue(4)
@maxValue(4383)
param totalRetentionInDays int

// The one description of the columns; the exporter, the workbooks and the checks of their queries follow it too.
var columns = loadJsonContent('../../schemas/mcp-audit-table.json')

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource table 'Microsoft.OperationalInsights/workspaces/tables@2023-09-01' = {
  parent: workspace
  name: 'McpAudit_CL'
  properties: {
    plan: 'Analytics'
    retentionInDays: retentionInDays
    totalRetentionInDays: totalRetentionInDays
    schema: {
      name: 'McpAudit_CL'
      description: 'Records of the MCP gateway: who called what, and how it was decided.'
      columns: map(columns, column => {
        name: column.name
        // The two services spell this one type differently.
        type: column.type == 'datetime' ? 'dateTime' : column.type
        description: column.description
      })
    }
  }
}

resource rule 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: ruleName
  location: location
  tags: tags
  kind: 'Direct'
  properties: {
    description: 'Takes audit records from the MCP gateway.'
    streamDeclarations: {
      'Custom-McpAudit_CL': {
        columns: map(columns, column => {
          name: column.name
          type: column.type
        })
      }
    }
    destinations: {
      logAnalytics: [
        {
          name: 'workspace'
          workspaceResourceId: workspace.id
        }
      ]
    }
    dataFlows: [
      {
        streams: [
          'Custom-McpAudit_CL'
        ]
        destinations: [
          'workspace'
        ]
        transformKql: 'source'
        outputStream: 'Custom-McpAudit_CL'
      }
    ]
  }
  dependsOn: [
    table
  ]
}

output ruleName string = rule.name
output immutableId string = rule.properties.immutableId
output endpoint string = rule.properties.endpoints.logsIngestion
