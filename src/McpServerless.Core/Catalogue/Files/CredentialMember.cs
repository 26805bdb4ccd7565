using System.Text.Json;

namespace McpServerless.Catalogue.Files;

/// <summary>The member <c>credential</c> of an upstream's file, as imports write it.</summary>
internal static class CredentialMember
{
    public static void Write(Utf8JsonWriter writer, UpstreamCredential credential)
    {
        writer.WriteStartObject("credential"u8);
        writer.WriteString("type"u8, JsonNamingPolicy.CamelCase.ConvertName(credential.Type.ToString()));
        if (credential.Type == CredentialType.ApiKey) writer.WriteString("in"u8, JsonNamingPolicy.CamelCase.ConvertName(credential.In.ToString()));
        if (credential.Name is { } name) writer.WriteString("name"u8, name);
        if (credential.Type == CredentialType.Http) writer.WriteString("scheme"u8, JsonNamingPolicy.CamelCase.ConvertName(credential.Scheme.ToString()));
        if (credential.TokenUrl is { } tokens) writer.WriteString("tokenUrl"u8, tokens.OriginalString);
        if (credential.ClientId is { } client) writer.WriteString("clientId"u8, client);
        if (credential.Secret is { } secret) writer.WriteString("secret"u8, secret);
        if (credential.Scope is { } scope) writer.WriteString("scope"u8, scope);
        writer.WriteEndObject();
    }
}
