#nullable enable
using System.Globalization;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Azure.Data.Tables;

/// <summary>Signs each try of a request with the account's key, in the SharedKeyLite form of the Table service.</summary>
/// <remarks>The signature covers the date, the path as it is on the wire and the <c>comp</c> parameter, so a retry needs a new one.</remarks>
internal sealed class SharedKeyPolicy(TableSharedKeyCredential credential) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        var date = TimeProvider.System.GetUtcNow().ToString("r", CultureInfo.InvariantCulture);
        var uri = message.Request.Uri.ToUri();
        message.Request.Headers.SetValue("x-ms-date", date);
        var signature = credential.Sign($"{date}\n/{credential.AccountName}{uri.AbsolutePath}{Comp(uri.Query)}");
        message.Request.Headers.SetValue("Authorization", $"SharedKeyLite {credential.AccountName}:{signature}");
    }

    private static string Comp(string query)
    {
        foreach (var parameter in query.TrimStart('?').Split('&'))
        {
            if (parameter.StartsWith("comp=", StringComparison.OrdinalIgnoreCase))
                return "?" + parameter;
        }

        return "";
    }
}

/// <summary>Puts a shared access signature into the query; a rotated one takes the place of the old one on a retry.</summary>
internal sealed class SasPolicy(AzureSasCredential credential) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        var signature = credential.Signature.TrimStart('?');
        var query = message.Request.Uri.Query.TrimStart('?');
        if (message.TryGetProperty(typeof(SasPolicy), out var sent) && sent is string previous)
            query = query.Replace(previous, "", StringComparison.Ordinal).TrimEnd('&');
        message.Request.Uri.Query = query.Length == 0 ? signature : $"{query}&{signature}";
        message.SetProperty(typeof(SasPolicy), signature);
    }
}
