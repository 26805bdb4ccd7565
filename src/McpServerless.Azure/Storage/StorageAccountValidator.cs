using System.Data.Common;
using Azure.Data.Tables;
using Microsoft.Extensions.Options;

namespace McpServerless.Azure.Storage;

/// <summary>What the annotations cannot say: one account, reached in one way that does not show its traffic.</summary>
internal sealed class StorageAccountValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        var fault = (options.TableServiceUri, options.ConnectionString) switch
        {
            (null, null or "") => "Set Storage:TableServiceUri (with a managed identity), or Storage:ConnectionString for local development.",
            (not null, not (null or "")) => "Set either Storage:TableServiceUri or Storage:ConnectionString, not both.",
            ({ } uri, _) => FaultOf(uri),
            (_, { } text) => FaultOf(text),
        };
        return fault is null ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(fault);
    }

    /// <summary>Not even loopback may be plain HTTP here: the client sends no token over it.</summary>
    private static string? FaultOf(Uri uri) =>
        !uri.IsAbsoluteUri || uri.Scheme != Uri.UriSchemeHttps
            ? "Storage:TableServiceUri must be an absolute https address; an emulator is reached with Storage:ConnectionString."
            : null;

    private static string? FaultOf(string connectionString)
    {
        // No message repeats what was given: it holds a key.
        try
        {
            _ = new TableServiceClient(connectionString);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            return "Storage:ConnectionString is not a connection string of a storage account.";
        }

        return IsPlainHttpToElsewhere(connectionString)
            ? "Storage:ConnectionString must use https, unless it names this machine."
            : null;
    }

    private static bool IsPlainHttpToElsewhere(string connectionString)
    {
        var parts = new DbConnectionStringBuilder { ConnectionString = connectionString };
        if (parts.TryGetValue("TableEndpoint", out var endpoint))
        {
            return Uri.TryCreate(endpoint.ToString(), UriKind.Absolute, out var uri) && uri.Scheme != Uri.UriSchemeHttps && !uri.IsLoopback;
        }

        return parts.TryGetValue("DefaultEndpointsProtocol", out var protocol)
            && !Uri.UriSchemeHttps.Equals(protocol.ToString(), StringComparison.OrdinalIgnoreCase);
    }
}
