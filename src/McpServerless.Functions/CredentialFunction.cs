using McpServerless.Access.Credentials;
using Microsoft.Azure.Functions.Worker;

namespace McpServerless.Functions;

/// <summary>Looks at the credentials of all clients once a day, in runs of a quarter of an hour until all were looked at.</summary>
public sealed class CredentialFunction(CredentialWatch watch)
{
    [Function("watchCredentials")]
    public Task RunAsync([TimerTrigger("0 10,25,40,55 4-23 * * *")] TimerInfo timer, CancellationToken cancellationToken) => watch.RunAsync(cancellationToken);
}
