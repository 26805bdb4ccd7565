using System.Text.Json;

namespace McpServerless.Contracts;

internal abstract partial class Acceptor
{
    /// <summary>The values of <c>enum</c> or <c>const</c>. Most are texts, which are compared as they stand.</summary>
    private sealed class Members(params IEnumerable<JsonElement> values)
    {
        private readonly byte[][] _texts = [.. values.Where(v => v.ValueKind == JsonValueKind.String).Select(v => Utf8(v.GetString()!))];
        private readonly JsonElement[] _others = [.. values.Where(v => v.ValueKind != JsonValueKind.String)];

        /// <summary>Numbers and lists are spelled in several ways; that two of them differ is said of short plain values alone.</summary>
        public Verdict Judge(JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.String)
            {
                foreach (var text in _texts)
                {
                    if (value.ValueEquals(text)) return Verdict.Valid;
                }

                return Verdict.Invalid;
            }

            foreach (var other in _others)
            {
                if (JsonElement.DeepEquals(other, value)) return Verdict.Valid;
            }

            return value.ValueKind switch
            {
                JsonValueKind.Object or JsonValueKind.Array => Verdict.Unknown,
                JsonValueKind.Number => TryExact(value, out _) ? Verdict.Invalid : Verdict.Unknown,
                _ => Verdict.Invalid,
            };
        }
    }
}
