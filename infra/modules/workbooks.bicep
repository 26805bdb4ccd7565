// The pages on which people read the audit trail. Each is a file in ../workbooks.
param location string
param tags object
param workspaceId string

// A workbook's name is a GUID; the same one at each deployment, so that no second copy appears.
var books = [
  {
    key: 'audit'
    title: 'MCP audit'
    content: loadTextContent('../workbooks/audit.json')
  }
  {
    key: 'access'
    title: 'MCP access'
    content: loadTextContent('../workbooks/access.json')
  }
  {
    key: 'budgets'
    title: 'MCP budgets and runaways'
    content: loadTextContent('../workbooks/budgets.json')
  }
  {
    key: 'contracts'
    title: 'MCP contracts'
    content: loadTextContent('../workbooks/contracts.json')
  }
  {
    key: 'health'
    title: 'MCP gateway health'
    content: loadTextContent('../workbooks/health.json')
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = [
  for book in books: {
    name: guid(resourceGroup().id, 'mcp-workbook', book.key)
    location: location
    tags: tags
    kind: 'shared'
    properties: {
      displayName: book.title
      category: 'workbook'
      version: 'Notebook/1.0'
      sourceId: workspaceId
      // Links between the workbooks name each other by id, which is known only here.
      serializedData: replace(
        replace(
          replace(
            replace(
              replace(
                replace(book.content, '__WORKSPACE__', workspaceId),
                '__WORKBOOK_AUDIT__',
                resourceId('Microsoft.Insights/workbooks', guid(resourceGroup().id, 'mcp-workbook', 'audit'))
              ),
              '__WORKBOOK_ACCESS__',
              resourceId('Microsoft.Insights/workbooks', guid(resourceGroup().id, 'mcp-workbook', 'access'))
            ),
            '__WORKBOOK_BUDGETS__',
            resourceId('Microsoft.Insights/workbooks', guid(resourceGroup().id, 'mcp-workbook', 'budgets'))
          ),
          '__WORKBOOK_CONTRACTS__',
          resourceId('Microsoft.Insights/workbooks', guid(resourceGroup().id, 'mcp-workbook', 'contracts'))
        ),
        '__WORKBOOK_HEALTH__',
        resourceId('Microsoft.Insights/workbooks', guid(resourceGroup().id, 'mcp-workbook', 'health'))
      )
    }
  }
]

output auditWorkbookId string = workbook[0].id
