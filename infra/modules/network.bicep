// For deployments whose storage and vault have no public address: a network, private endpoints and the names that lead to them.
param name string
param location string
param tags object

param hostStorageId string
param governanceStorageId string
param vaultId string

var endpoints = [
  {
    name: 'host-blob'
    service: hostStorageId
    group: 'blob'
    zone: 0
  }
  {
    name: 'host-queue'
    service: hostStorageId
    group: 'queue'
    zone: 1
  }
  {
    name: 'host-table'
    service: hostStorageId
    group: 'table'
    zone: 2
  }
  {
    name: 'governance-blob'
    service: governanceStorageId
    group: 'blob'
    zone: 0
  }
  {
    name: 'governance-table'
    service: governanceStorageId
    group: 'table'
    zone: 2
  }
  {
    name: 'vault'
    service: vaultId
    group: 'vault'
    zone: 3
  }
]

// The zones that the page "Azure Private Endpoint private DNS zone values" names.
var zoneNames = [
  'privatelink.blob.${environment().suffixes.storage}'
  'privatelink.queue.${environment().suffixes.storage}'
  'privatelink.table.${environment().suffixes.storage}'
  replace(environment().suffixes.keyvaultDns, '.vault.', 'privatelink.vaultcore.')
]

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        '10.60.0.0/23'
      ]
    }
    subnets: [
      {
        // Flex Consumption wants a subnet of its own, without an underscore in its name.
        name: 'app'
        properties: {
          addressPrefix: '10.60.0.0/24'
          delegations: [
            {
              name: 'flex'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: '10.60.1.0/24'
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }

  resource app 'subnets' existing = {
    name: 'app'
  }

  resource privateEndpoints 'subnets' existing = {
    name: 'endpoints'
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in zoneNames: {
    name: zone
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, index) in zoneNames: {
    parent: zones[index]
    name: 'gateway'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: network.id
      }
    }
  }
]

resource privateEndpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for endpoint in endpoints: {
    name: '${name}-${endpoint.name}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: network::privateEndpoints.id
      }
      privateLinkServiceConnections: [
        {
          name: endpoint.name
          properties: {
            // A parameter, in a list with others.
            #disable-next-line use-resource-id-functions
            privateLinkServiceId: endpoint.service
            groupIds: [
              endpoint.group
            ]
          }
        }
      ]
    }
  }
]

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (endpoint, index) in endpoints: {
    parent: privateEndpoint[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: endpoint.group
          properties: {
            privateDnsZoneId: zones[endpoint.zone].id
          }
        }
      ]
    }
  }
]

output appSubnetId string = network::app.id
