// A second step, because the client id that stands in the first identifier URI is known only once the application exists.
extension microsoftGraphV1

param uniqueName string
param displayName string
param identifierUris string[]

resource application 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  identifierUris: identifierUris
}
