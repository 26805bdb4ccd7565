using System.Collections.ObjectModel;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.Protocols.OpenIdConnect;

/// <summary>The discovery document, as far as a resource server reads it; other members are in <see cref="AdditionalData"/>.</summary>
public class OpenIdConnectConfiguration : BaseConfiguration
{
    public OpenIdConnectConfiguration()
    {
    }

    public OpenIdConnectConfiguration(string json)
    {
        ArgumentException.ThrowIfNullOrEmpty(json);
        try
        {
            Read(json);
        }
        catch (JsonException ex)
        {
            throw new ArgumentException("IDX21815: the text is not a discovery document.", ex);
        }
    }

    public static OpenIdConnectConfiguration Create(string json) => new(json);

    public IDictionary<string, object> AdditionalData { get; } = new Dictionary<string, object>(StringComparer.Ordinal);

    public string AuthorizationEndpoint { get; set; }

    public override string Issuer { get; set; }

    public string JwksUri { get; set; }

    public JsonWebKeySet JsonWebKeySet { get; set; }

    public override ICollection<SecurityKey> SigningKeys { get; } = new Collection<SecurityKey>();

    public override string TokenEndpoint { get; set; }

    internal OpenIdConnectConfiguration Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException("IDX11023: a discovery document must be an object.");
        foreach (var member in document.RootElement.EnumerateObject())
        {
            switch (member.Name)
            {
                case "authorization_endpoint": AuthorizationEndpoint = Text(member.Value); break;
                case "issuer": Issuer = Text(member.Value); break;
                case "jwks_uri": JwksUri = Text(member.Value); break;
                case "token_endpoint": TokenEndpoint = Text(member.Value); break;
                default: AdditionalData[member.Name] = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : member.Value.Clone(); break;
            }
        }

        return this;
    }

    private static string Text(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Null
        ? value.GetString()
        : throw new JsonException("IDX11020: an address or issuer must be text.");
}
