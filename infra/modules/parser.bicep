// Reads McpAudit_CL as the Agent Event schema of Microsoft Sentinel's ASIM, so that its rules and hunts see the gateway's records.
param workspaceName string

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource parser 'Microsoft.OperationalInsights/workspaces/savedSearches@2023-09-01' = {
  parent: workspace
  name: 'ASimAgentEventMcpServerless'
  properties: {
    category: 'ASIM'
    displayName: 'ASIM Agent Event parser for McpServerless'
    functionAlias: 'ASimAgentEventMcpServerless'
    functionParameters: 'disabled:bool=False'
    query: loadTextContent('../queries/asim-agent-event.kql')
    version: 2
  }
}
