// Who is told of what. The questions are in ../queries/alerts, one file each.
param location string
param tags object
param workspaceId string

param actionGroupName string
param emails string[]

@description('Empty, or a Logic App, Teams workflow or other receiver of the common alert schema.')
param webhookUri string

var rules = [
  {
    name: 'mcp-refusal-spike'
    title: 'MCP: one client is refused very often'
    query: loadTextContent('../queries/alerts/refusal-spike.kql')
    severity: 2
    frequency: 'PT5M'
    window: 'PT15M'
    dimension: 'SrcAgentId'
  }
  {
    name: 'mcp-runaway-paused'
    title: 'MCP: a runaway agent was paused'
    query: loadTextContent('../queries/alerts/runaway-paused.kql')
    severity: 2
    frequency: 'PT5M'
    window: 'PT15M'
    dimension: 'SrcAgentId'
  }
  {
    name: 'mcp-audit-lag'
    title: 'MCP: records reach Azure Monitor late'
    query: loadTextContent('../queries/alerts/audit-lag.kql')
    severity: 1
    frequency: 'PT15M'
    window: 'PT30M'
    dimension: ''
  }
  {
    name: 'mcp-audit-gap'
    title: 'MCP: records are missing in a chain of the ledger'
    query: loadTextContent('../queries/alerts/audit-gap.kql')
    severity: 1
    frequency: 'PT15M'
    window: 'PT1H'
    dimension: 'Writer'
  }
  {
    name: 'mcp-chain-broken'
    title: 'MCP: a chain of the ledger is broken'
    query: loadTextContent('../queries/alerts/chain-broken.kql')
    severity: 0
    frequency: 'PT15M'
    window: 'PT1H'
    dimension: 'Writer'
  }
  {
    name: 'mcp-contract-quarantined'
    title: 'MCP: a tool no longer keeps its contract'
    query: loadTextContent('../queries/alerts/contract-quarantined.kql')
    severity: 2
    frequency: 'PT15M'
    window: 'PT30M'
    dimension: 'ToolName'
  }
  {
    name: 'mcp-credential-expiring'
    title: 'MCP: a client\'s credential ends soon'
    query: loadTextContent('../queries/alerts/credential-expiring.kql')
    severity: 3
    frequency: 'P1D'
    window: 'P1D'
    dimension: 'SrcAgentId'
  }
  {
    name: 'mcp-review-overdue'
    title: 'MCP: an access review is not answered'
    query: loadTextContent('../queries/alerts/review-overdue.kql')
    severity: 3
    frequency: 'P1D'
    window: 'P1D'
    dimension: 'SrcAgentId'
  }
  {
    name: 'mcp-state-unavailable'
    title: 'MCP: calls are refused because state or ledger cannot be reached'
    query: loadTextContent('../queries/alerts/state-unavailable.kql')
    severity: 1
    frequency: 'PT5M'
    window: 'PT10M'
    dimension: ''
  }
]

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'mcp'
    enabled: true
    emailReceivers: [
      for (email, index) in emails: {
        name: 'email-${index}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
    webhookReceivers: empty(webhookUri)
      ? []
      : [
          {
            name: 'webhook'
            serviceUri: webhookUri
            useCommonAlertSchema: true
          }
        ]
  }
}

resource alert 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: rule.name
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.title
      severity: rule.severity
      enabled: true
      scopes: [
        workspaceId
      ]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            dimensions: empty(rule.dimension)
              ? []
              : [
                  {
                    name: rule.dimension
                    operator: 'Include'
                    values: [
                      '*'
                    ]
                  }
                ]
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      // A rule that is evaluated once a day cannot resolve itself.
      autoMitigate: rule.frequency != 'P1D'
      // The table is empty when the rules are made for the first time.
      skipQueryValidation: true
      actions: {
        actionGroups: [
          actionGroup.id
        ]
      }
    }
  }
]
