using System.Text;
using System.Text.Json;

namespace McpServerless.Contracts;

internal abstract partial class Acceptor
{
    /// <summary>The understood keywords of one subschema.</summary>
    private sealed class Rules : Acceptor
    {
        private readonly HashSet<JsonValueKind> _kinds = [];
        private byte[][] _required = [];
        private bool _typed;
        private bool _integersOnly;

        public JsonElement[]? Enum { get; set; }

        public JsonElement? Const { get; set; }

        public decimal? Minimum { get; set; }

        public decimal? Maximum { get; set; }

        public decimal? Above { get; set; }

        public decimal? Below { get; set; }

        public int MinLength { get; set; }

        public int MaxLength { get; set; } = int.MaxValue;

        public int MinItems { get; set; }

        public int MaxItems { get; set; } = int.MaxValue;

        public int MinProperties { get; set; }

        public int MaxProperties { get; set; } = int.MaxValue;

        public Property[] Properties { get; set; } = [];

        public Acceptor Additional { get; set; } = Constant.Everything;

        public Acceptor Items { get; set; } = Constant.Everything;

        public List<Acceptor> All { get; } = [];

        public Acceptor[]? Any { get; set; }

        public bool TakeType(JsonElement rule)
        {
            _typed = true;
            if (rule.ValueKind == JsonValueKind.String) return Add(rule);
            return rule.ValueKind == JsonValueKind.Array && rule.EnumerateArray().All(Add);

            bool Add(JsonElement name)
            {
                switch (name.ValueKind == JsonValueKind.String ? name.GetString() : null)
                {
                    case "string": return _kinds.Add(JsonValueKind.String) || true;
                    case "object": return _kinds.Add(JsonValueKind.Object) || true;
                    case "array": return _kinds.Add(JsonValueKind.Array) || true;
                    case "null": return _kinds.Add(JsonValueKind.Null) || true;
                    case "boolean":
                        _kinds.Add(JsonValueKind.True);
                        return _kinds.Add(JsonValueKind.False) || true;
                    case "number":
                        _integersOnly = false;
                        return _kinds.Add(JsonValueKind.Number) || true;
                    case "integer":
                        // Beside "number" it says nothing more.
                        _integersOnly = !_kinds.Contains(JsonValueKind.Number);
                        return _kinds.Add(JsonValueKind.Number) || true;
                    default: return false;
                }
            }
        }

        public bool TakeRequired(JsonElement rule)
        {
            if (rule.ValueKind != JsonValueKind.Array || !rule.EnumerateArray().All(n => n.ValueKind == JsonValueKind.String)) return false;
            _required = [.. rule.EnumerateArray().Select(n => Encoding.UTF8.GetBytes(n.GetString()!))];
            return true;
        }

        public override bool Accepts(JsonElement value)
        {
            var kind = value.ValueKind;
            if (_typed && !_kinds.Contains(kind)) return false;
            if (Const is { } only && !JsonElement.DeepEquals(only, value)) return false;
            if (Enum is not null && !IsMember(value)) return false;
            var own = kind switch
            {
                JsonValueKind.String => AcceptsText(value),
                JsonValueKind.Number => AcceptsNumber(value),
                JsonValueKind.Object => AcceptsObject(value),
                JsonValueKind.Array => AcceptsList(value),
                _ => true,
            };
            return own && AcceptsComposition(value);
        }

        private bool AcceptsComposition(JsonElement value)
        {
            foreach (var each in All)
            {
                if (!each.Accepts(value)) return false;
            }

            if (Any is null) return true;
            foreach (var one in Any)
            {
                if (one.Accepts(value)) return true;
            }

            return false;
        }

        private bool IsMember(JsonElement value)
        {
            foreach (var member in Enum!)
            {
                if (JsonElement.DeepEquals(member, value)) return true;
            }

            return false;
        }

        /// <summary>Lengths count characters, not code units (JSON Schema Validation 2020-12, section 6.3).</summary>
        private bool AcceptsText(JsonElement value)
        {
            if (MinLength == 0 && MaxLength == int.MaxValue) return true;
            var length = 0;
            foreach (var _ in value.GetString()!.EnumerateRunes()) length++;
            return length >= MinLength && length <= MaxLength;
        }

        private bool AcceptsNumber(JsonElement value)
        {
            // 1.0 is an integer too, but whether a text with a point or an exponent is one is left to the library.
            if (_integersOnly && !value.TryGetInt64(out _)) return false;
            if (Minimum is null && Maximum is null && Above is null && Below is null) return true;
            return IsExact(value) && value.TryGetDecimal(out var number)
                && !(number < Minimum) && !(number > Maximum) && !(number <= Above) && !(number >= Below);
        }

        private bool AcceptsList(JsonElement value)
        {
            var length = value.GetArrayLength();
            if (length < MinItems || length > MaxItems) return false;
            if (ReferenceEquals(Items, Constant.Everything)) return true;
            foreach (var item in value.EnumerateArray())
            {
                if (!Items.Accepts(item)) return false;
            }

            return true;
        }

        private bool AcceptsObject(JsonElement value)
        {
            foreach (var name in _required)
            {
                if (!value.TryGetProperty(name, out _)) return false;
            }

            var count = 0;
            foreach (var member in value.EnumerateObject())
            {
                count++;
                if (!(Find(member)?.Value ?? Additional).Accepts(member.Value)) return false;
            }

            return count >= MinProperties && count <= MaxProperties;
        }

        private Property? Find(JsonProperty member)
        {
            foreach (var property in Properties)
            {
                if (member.NameEquals(property.Name)) return property;
            }

            return null;
        }
    }
}
