// The gateway's app registration: roles, scopes, known clients. Needs Application.ReadWrite.All or .OwnedBy in the tenant; without it,
// infra/hooks/entra.sh (.ps1) does the same with the Azure CLI, by a person who may.
extension microsoftGraphV1

@description('Names the application for good; a later deployment finds it by this.')
param uniqueName string

param displayName string

@description('Addresses of MCP endpoints on a domain that is verified in the tenant. Users\' MCP clients name the endpoint when they ask for a token, and Entra takes only names that it knows (docs/entra.md).')
param endpoints string[]

@description('Client ids of applications that users may use without consenting first, such as an editor.')
param preAuthorizedClients string[]

@description('Object id of the gateway\'s identity, which may then act as the application without a secret.')
param gatewayPrincipalId string

var roles = [
  {
    value: 'Mcp.Call'
    name: 'Call granted MCP tools'
    description: 'May call the tools for which the gateway holds a grant.'
    members: ['Application', 'User']
  }
  {
    value: 'Governance.Admin'
    name: 'Administer the MCP gateway'
    description: 'May change clients, grants, catalogue and budgets.'
    members: ['Application', 'User']
  }
  {
    value: 'Governance.Owner'
    name: 'Own tools or clients of the MCP gateway'
    description: 'May change the own team\'s tools and clients.'
    members: ['Application', 'User']
  }
  {
    value: 'Governance.Reviewer'
    name: 'Review access to MCP tools'
    description: 'May answer access reviews.'
    members: ['User']
  }
  {
    value: 'Governance.Auditor'
    name: 'Read the MCP gateway\'s records'
    description: 'May read records, clients and grants, and change nothing.'
    members: ['Application', 'User']
  }
]

var callScopeId = guid(uniqueName, 'scope', 'Mcp.Call')
var manageScopeId = guid(uniqueName, 'scope', 'Governance.Manage')

// With which people sign in to use mcpgov; the Azure Developer CLI signs in as the same application.
var azureCli = '04b07795-8ddb-461a-bbee-02f9e1bf7b46'

resource application 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  signInAudience: 'AzureADMyOrg'
  appRoles: [
    for role in roles: {
      id: guid(uniqueName, 'role', role.value)
      value: role.value
      displayName: role.name
      description: role.description
      isEnabled: true
      allowedMemberTypes: role.members
    }
  ]
  api: {
    requestedAccessTokenVersion: 2
    oauth2PermissionScopes: [
      {
        id: callScopeId
        value: 'Mcp.Call'
        type: 'User'
        isEnabled: true
        adminConsentDisplayName: 'Call granted MCP tools'
        adminConsentDescription: 'Calls the MCP tools that the signed-in user and this client are granted.'
        userConsentDisplayName: 'Call granted MCP tools'
        userConsentDescription: 'Calls the MCP tools that you and this client are granted.'
      }
      {
        // Apart from the other one, so that an agent which calls tools for an administrator does not govern the gateway for them.
        id: manageScopeId
        value: 'Governance.Manage'
        type: 'Admin'
        isEnabled: true
        adminConsentDisplayName: 'Govern the MCP gateway'
        adminConsentDescription: 'Uses the management API with the roles of the signed-in user. Not for agents.'
      }
    ]
    preAuthorizedApplications: concat(
      map(preAuthorizedClients, client => {
        appId: client
        delegatedPermissionIds: [
          callScopeId
        ]
      }),
      [
        {
          appId: azureCli
          delegatedPermissionIds: [
            manageScopeId
          ]
        }
      ]
    )
  }
  groupMembershipClaims: 'ApplicationGroup'
  optionalClaims: {
    accessToken: [
      {
        name: 'idtyp'
        essential: false
        additionalProperties: [
          'include_user_token'
        ]
      }
    ]
  }
}

// The gateway's identity can act as the application where an upstream is called on behalf of a user: no secret, no certificate.
resource federation 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = {
  name: '${application.uniqueName}/gateway'
  description: 'The managed identity of the MCP gateway.'
  issuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
  subject: gatewayPrincipalId
  audiences: [
    'api://AzureADTokenExchange'
  ]
}

// Without the assignment any application of the tenant could get a token for the gateway.
resource servicePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: application.appId
  appRoleAssignmentRequired: true
}

module uris 'entra-uris.bicep' = {
  params: {
    uniqueName: application.uniqueName
    displayName: displayName
    identifierUris: union(
      [
        'api://${application.appId}'
      ],
      endpoints
    )
  }
}

output clientId string = application.appId
output servicePrincipalId string = servicePrincipal.id
