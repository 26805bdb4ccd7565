using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Audit.Shapes;
using McpServerless.Contracts.Sanitising;

namespace McpServerless.Contracts;

/// <summary>What the ledger keeps of arguments or of a result: by the field rules of one contract, and where it says nothing by name and by form.</summary>
/// <remarks>
/// A rule of a place counts for the items of an array there too, but not for members below it, which have names of their own. Of arguments everything is kept that
/// nothing speaks against; of results only what stands under a rule that keeps, hashes or masks it.
/// </remarks>
internal sealed class Redactions
{
    /// <summary>Sanitised arguments of more bytes than this are not kept; their digest and shape are.</summary>
    private const int MaxArguments = 16_000;

    /// <summary>A sanitised result of more bytes than this is not kept; its digest is.</summary>
    private const int MaxResult = 8_000;

    /// <summary>A longer text is cut, in characters.</summary>
    private const int MaxText = 2000;

    /// <summary>What stays of a text that is cut.</summary>
    private const int CutText = 256;

    /// <summary>The most pointers that a record names; then comes <see cref="More"/>.</summary>
    private const int MaxWithheld = 100;

    /// <summary>Stands at the end of a list of pointers that goes on.</summary>
    internal const string More = "...";

    private readonly FieldRules _rules;
    private readonly bool _ofResults;

    private Redactions(FieldRules rules, bool ofResults = false) => (_rules, _ofResults) = (rules, ofResults);

    /// <summary>For values that no schema describes.</summary>
    public static Redactions ByName { get; } = From(default);

    public static Redactions From(JsonElement inputSchema) => new(FieldRules.Read(inputSchema));

    /// <summary>Null where no rule keeps anything of a result.</summary>
    public static Redactions? FromOutput(JsonElement outputSchema) =>
        outputSchema.GetRawText().Contains("\"x-governance\"", StringComparison.Ordinal) ? new Redactions(FieldRules.Read(outputSchema), ofResults: true) : null;

    /// <summary>The value as the record may keep it, in canonical JSON, its shape, and the pointers where something was withheld.</summary>
    public SanitisedValue Apply(JsonElement value, HashKey? key)
    {
        using var json = new PooledBytes();
        var pass = new Pass(json, key, _ofResults ? null : new ShapeSurvey());
        if (_ofResults) pass.WriteKnown(value, _rules.Root);
        else pass.Write(value, _rules.Root, null, "", pass.Root, null);
        var fits = json.Length <= (_ofResults ? MaxResult : MaxArguments);
        return new SanitisedValue(fits && json.Length > 0 ? json.Memory.ToArray() : null, fits ? pass.Withheld : [""])
        {
            IsWhole = fits && pass.IsWhole,
            HidesValues = pass.HidesValues,
            Shape = pass.Shape,
        };
    }

    private sealed class Pass(PooledBytes json, HashKey? key, ShapeSurvey? survey)
    {
        public List<string> Withheld { get; } = [];

        public bool IsWhole { get; private set; } = true;

        public bool HidesValues { get; private set; }

        public ShapeSurvey.Spot? Root => survey?.Root;

        public byte[]? Shape => survey?.ToShape().ToBoundedJson();

        /// <param name="value">What stands here.</param>
        /// <param name="field">What the schema says of the place.</param>
        /// <param name="name">Null for the root and for items.</param>
        /// <param name="at">Its pointer.</param>
        /// <param name="spot">Its place in the shape; null beyond its bounds.</param>
        /// <param name="inherited">The rule of the array around it.</param>
        public void Write(JsonElement value, FieldRules.Field field, string? name, string at, ShapeSurvey.Spot? spot, FieldRule? inherited)
        {
            var stated = field.Rule ?? inherited;
            var rule = stated ?? DefaultOf(value, field, name);
            string? concealed = null;
            if (rule is null && value.ValueKind == JsonValueKind.String && SensitiveText.Inspect(Head(value)) is { } found) (rule, concealed) = found;
            if (rule is null && value.ValueKind == JsonValueKind.Number && SensitiveText.IsCard(JsonMarshal.GetRawUtf8Value(value))) rule = FieldRule.Mask;
            if (rule is null or FieldRule.Keep)
            {
                if (concealed is null) spot?.See(value);
                else spot?.SeeWithheld(value);
                WriteKept(value, field, at, spot, concealed, stated);
                return;
            }

            spot?.SeeWithheld(value);
            Hide(at);
            // Without a key a hash could be guessed, so it is a mask then.
            if (rule == FieldRule.Hash && key is not null) CanonicalJson.WriteString(json, key.Hash(value));
            else json.Write("\"[masked]\""u8);
        }

        /// <summary>Of a result only what a rule reaches.</summary>
        public void WriteKnown(JsonElement value, FieldRules.Field field)
        {
            if (IsReached(value, field)) WriteReached(value, field, null);
        }

        private static FieldRule? DefaultOf(JsonElement value, FieldRules.Field field, string? name)
        {
            var rule = field.Implied;
            if (name is not null && SensitiveNames.RuleOf(name) is { } byName && (rule is null || byName > rule)) rule = byName;
            // An address or a phone may be an object, whose parts have names of their own; and "send an e-mail: yes" is none.
            return rule == FieldRule.Hash && value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number) ? null : rule;
        }

        private void WriteKept(JsonElement value, FieldRules.Field field, string at, ShapeSurvey.Spot? spot, string? concealed, FieldRule? stated)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    WriteObject(value, field, at, spot);
                    break;
                case JsonValueKind.Array:
                    json.Write("["u8);
                    var index = 0;
                    foreach (var each in value.EnumerateArray())
                    {
                        if (index > 0) json.Write(","u8);
                        Write(each, field.Items, null, $"{at}/{index++}", survey?.Item(spot), stated);
                    }

                    json.Write("]"u8);
                    break;
                case JsonValueKind.String:
                    WriteText(value, at, concealed);
                    break;
                default:
                    CanonicalJson.Write(json, value);
                    break;
            }
        }

        private void WriteText(JsonElement value, string at, string? concealed)
        {
            // A character takes one byte or more.
            var isLong = JsonMarshal.GetRawUtf8Value(value).Length > MaxText + 2;
            if (!isLong && concealed is null)
            {
                CanonicalJson.Write(json, value);
                return;
            }

            var text = value.GetString()!;
            if (text.Length <= MaxText)
            {
                if (concealed is null)
                {
                    CanonicalJson.Write(json, value);
                    return;
                }

                Hide(at);
                CanonicalJson.WriteString(json, concealed);
                return;
            }

            if (concealed is not null) HidesValues = true;
            Withhold(at);
            var head = concealed ?? text;
            var length = Math.Min(head.Length, CutText);
            if (char.IsHighSurrogate(head[length - 1])) length--;
            var digest = key?.HashText(text) ?? (HidesValues ? null : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
            CanonicalJson.WriteString(json, $"{head[..length]}[cut: {text.Length} characters{(digest is null ? "" : ", ")}{digest}]");
        }

        private void WriteObject(JsonElement value, FieldRules.Field field, string at, ShapeSurvey.Spot? spot)
        {
            json.Write("{"u8);
            var first = true;
            foreach (var member in CanonicalJson.SortedMembers(value))
            {
                var here = $"{at}/{JsonPointers.Escape(member.Name)}";
                var below = field.Member(member.Name);
                var place = survey?.Member(spot, member.Name);
                if (below.Rule == FieldRule.Drop)
                {
                    place?.SeeWithheld(member.Value);
                    Hide(here);
                    continue;
                }

                if (!first) json.Write(","u8);
                first = false;
                CanonicalJson.WriteString(json, member.Name);
                json.Write(":"u8);
                Write(member.Value, below, member.Name, here, place, null);
            }

            json.Write("}"u8);
        }

        private void WriteReached(JsonElement value, FieldRules.Field field, string? name)
        {
            if (field.Rule is not null)
            {
                Write(value, field, name, "", null, null);
                return;
            }

            var first = true;
            json.Write(value.ValueKind == JsonValueKind.Array ? "["u8 : "{"u8);
            if (value.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in value.EnumerateArray())
                {
                    if (!first) json.Write(","u8);
                    first = false;
                    // Its place is kept, so that the others keep theirs.
                    if (IsReached(item, field.Items)) WriteReached(item, field.Items, null);
                    else json.Write("null"u8);
                }
            }
            else
            {
                foreach (var (member, inner) in CanonicalJson.SortedMembers(value))
                {
                    var below = field.Member(member);
                    if (!IsReached(inner, below)) continue;
                    if (!first) json.Write(","u8);
                    first = false;
                    CanonicalJson.WriteString(json, member);
                    json.Write(":"u8);
                    WriteReached(inner, below, member);
                }
            }

            json.Write(value.ValueKind == JsonValueKind.Array ? "]"u8 : "}"u8);
        }

        /// <summary>Whether something here stands under a rule that leaves something of it.</summary>
        private static bool IsReached(JsonElement value, FieldRules.Field field) => field.Rule is { } rule
            ? rule != FieldRule.Drop
            : value.ValueKind switch
            {
                JsonValueKind.Object => value.EnumerateObject().Any(m => IsReached(m.Value, field.Member(m.Name))),
                JsonValueKind.Array => value.EnumerateArray().Any(i => IsReached(i, field.Items)),
                _ => false,
            };

        /// <summary>What is looked at of a text: more of it is not kept.</summary>
        private static string Head(JsonElement value)
        {
            var text = value.GetString()!;
            return text.Length <= MaxText ? text : text[..MaxText];
        }

        private void Hide(string at)
        {
            HidesValues = true;
            Withhold(at);
        }

        private void Withhold(string at)
        {
            IsWhole = false;
            if (Withheld.Count < MaxWithheld) Withheld.Add(at);
            else if (Withheld.Count == MaxWithheld) Withheld.Add(More);
        }
    }
}

/// <param name="Json">Canonical JSON in UTF-8; null when it was too long to keep, or when nothing of it is kept.</param>
/// <param name="Withheld">JSON pointers of what is masked, hashed, cut or left out.</param>
internal sealed record SanitisedValue(byte[]? Json, IReadOnlyList<string> Withheld)
{
    /// <summary>Whether it is the canonical JSON of the whole.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Whether a rule withheld something, or would have in what was too long to keep.</summary>
    public bool HidesValues { get; init; }

    /// <summary>Canonical JSON of the shape; null where none is gathered.</summary>
    public byte[]? Shape { get; init; }
}
