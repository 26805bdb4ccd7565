using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpServerless.Catalogue.Files;

/// <summary>YAML 1.2's core schema for scalars (section 10.3), with JSON as the result. Numbers keep their own digits.</summary>
internal static partial class YamlScalars
{
    public const string StringTag = Core + "str";
    public const string MapTag = Core + "map";
    public const string SequenceTag = Core + "seq";
    private const string Core = "tag:yaml.org,2002:";

    /// <summary>Of an octal or hexadecimal number, whose conversion takes time that grows with the square of its length.</summary>
    private const int MaxDigits = 100;

    public static bool IsCoreTag(string tag) => tag is Core + "str" or Core + "null" or Core + "bool" or Core + "int" or Core + "float";

    /// <returns>Text that is raw JSON; for a string the string itself; for <see cref="JsonValueKind.Undefined"/> what is wrong.</returns>
    public static (JsonValueKind Kind, string Text) Resolve(string value, string? tag, bool plain)
    {
        if (tag == StringTag || (tag is null && !plain)) return (JsonValueKind.String, value);
        var resolved = ResolvePlain(value);
        if (tag is null) return resolved;
        var kept = (tag, resolved.Kind) switch
        {
            (Core + "null", JsonValueKind.Null) => true,
            (Core + "bool", JsonValueKind.True or JsonValueKind.False) => true,
            (Core + "int", JsonValueKind.Number) => !resolved.Text.AsSpan().ContainsAny('.', 'e', 'E'),
            (Core + "float", JsonValueKind.Number) => true,
            _ => false,
        };
        return kept ? resolved : (JsonValueKind.Undefined, $"'{value}' is not what its tag '{tag}' says");
    }

    private static (JsonValueKind Kind, string Text) ResolvePlain(string value) => value switch
    {
        "" or "~" or "null" or "Null" or "NULL" => (JsonValueKind.Null, "null"),
        "true" or "True" or "TRUE" => (JsonValueKind.True, "true"),
        "false" or "False" or "FALSE" => (JsonValueKind.False, "false"),
        _ when Special().IsMatch(value) => (JsonValueKind.Undefined, $"'{value}' has no JSON"),
        _ when value.Length > MaxDigits && value[0] == '0' && (value[1] is 'o' or 'x') => (JsonValueKind.String, value),
        _ when Octal().IsMatch(value) => (JsonValueKind.Number, FromOctal(value)),
        _ when Hexadecimal().IsMatch(value) => (JsonValueKind.Number, FromHexadecimal(value)),
        _ when Decimal().Match(value) is { Success: true } match => (JsonValueKind.Number, AsJson(match)),
        _ => (JsonValueKind.String, value),
    };

    /// <summary>JSON wants a digit on both sides of the point, and neither a plus nor leading zeros.</summary>
    private static string AsJson(Match number)
    {
        var whole = number.Groups["whole"].Value.TrimStart('0');
        var fraction = number.Groups["fraction"].Value;
        return string.Concat(
            number.Value[0] == '-' ? "-" : "",
            whole.Length == 0 ? "0" : whole,
            fraction.Length == 0 ? "" : "." + fraction,
            number.Groups["exponent"].Value);
    }

    private static string FromOctal(string value)
    {
        var number = BigInteger.Zero;
        foreach (var digit in value.AsSpan(2)) number = (number * 8) + (digit - '0');
        return number.ToString(CultureInfo.InvariantCulture);
    }

    private static string FromHexadecimal(string value) =>
        BigInteger.Parse("0" + value[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^[-+]?\.(inf|Inf|INF)\z|^\.(nan|NaN|NAN)\z")]
    private static partial Regex Special();

    [GeneratedRegex(@"^0o[0-7]+\z")]
    private static partial Regex Octal();

    [GeneratedRegex(@"^0x[0-9a-fA-F]+\z")]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"^[-+]?((?<whole>[0-9]+)(\.(?<fraction>[0-9]*))?|\.(?<fraction>[0-9]+))(?<exponent>[eE][-+]?[0-9]+)?\z")]
    private static partial Regex Decimal();
}
