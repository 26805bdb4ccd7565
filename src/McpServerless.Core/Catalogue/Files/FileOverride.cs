using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpServerless.Catalogue.Files;

/// <summary>A value that replaces one in the files, for what differs from one environment to the next.</summary>
/// <param name="Upstream">Name of the upstream.</param>
/// <param name="Member"><c>url</c>, <c>allowPrivateNetwork</c>, <c>timeoutSeconds</c>, <c>maxResultBytes</c> or <c>maxConcurrentCalls</c>.</param>
/// <param name="Value">As YAML would have it: <c>true</c> is a truth value, <c>30</c> a number.</param>
public sealed record FileOverride(string Upstream, string Member, string Value)
{
    private const string Prefix = "upstream.";

    /// <summary>Reads <c>upstream.NAME.MEMBER=VALUE</c>. The name may have dots.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out FileOverride? parsed)
    {
        parsed = null;
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0 || !text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        var target = text[Prefix.Length..Math.Max(Prefix.Length, equals)];
        var dot = target.LastIndexOf('.');
        if (dot <= 0 || target[(dot + 1)..] is not ("url" or "allowPrivateNetwork" or "timeoutSeconds" or "maxResultBytes" or "maxConcurrentCalls")) return false;
        parsed = new FileOverride(target[..dot], target[(dot + 1)..], text[(equals + 1)..]);
        return true;
    }

    public override string ToString() => $"{Prefix}{Upstream}.{Member}={Value}";

    internal bool Names(CatalogueFile file) => file.Kind == FileSchemas.Upstream && file.Text("name") == Upstream;

    internal CatalogueFile ApplyTo(CatalogueFile file)
    {
        var changed = JsonObject.Create(file.Root)!;
        var (kind, text) = YamlScalars.Resolve(Value, Member == "url" ? YamlScalars.StringTag : null, plain: true);
        changed[Member] = kind is JsonValueKind.String or JsonValueKind.Undefined ? JsonValue.Create(Value) : JsonNode.Parse(text);
        using var document = JsonDocument.Parse(changed.ToJsonString());
        return file.With(document.RootElement.Clone());
    }
}
