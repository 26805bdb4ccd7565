using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpServerless.Contracts;

internal abstract partial class Acceptor
{
    /// <summary>The understood keywords of one subschema.</summary>
    private sealed partial class Rules : Acceptor
    {
        private int _kinds;
        private bool _typed;
        private bool _integersOnly;

        public JsonElement[]? Enum { get; set; }

        public JsonElement[]? Const { get; set; }

        public decimal? Minimum { get; set; }

        public decimal? Maximum { get; set; }

        public decimal? Above { get; set; }

        public decimal? Below { get; set; }

        public decimal? Divisor { get; set; }

        public int MinLength { get; set; }

        public int MaxLength { get; set; } = int.MaxValue;

        public Regex? Pattern { get; set; }

        public string? Format { get; set; }

        public List<Acceptor> All { get; } = [];

        public Acceptor[]? Any { get; set; }

        public Acceptor[]? One { get; set; }

        public Acceptor? Not { get; set; }

        public Acceptor? If { get; set; }

        public Acceptor? Then { get; set; }

        public Acceptor? Else { get; set; }

        public bool TakeType(JsonElement rule)
        {
            _typed = true;
            if (rule.ValueKind == JsonValueKind.String) return Add(rule);
            return rule.ValueKind == JsonValueKind.Array && rule.EnumerateArray().All(Add);

            bool Add(JsonElement name)
            {
                switch (name.ValueKind == JsonValueKind.String ? name.GetString() : null)
                {
                    case "string": return Take(JsonValueKind.String);
                    case "object": return Take(JsonValueKind.Object);
                    case "array": return Take(JsonValueKind.Array);
                    case "null": return Take(JsonValueKind.Null);
                    case "boolean": return Take(JsonValueKind.True) && Take(JsonValueKind.False);
                    case "number":
                        _integersOnly = false;
                        return Take(JsonValueKind.Number);
                    case "integer":
                        // Beside "number" it says nothing more.
                        _integersOnly = (_kinds & (1 << (int)JsonValueKind.Number)) == 0;
                        return Take(JsonValueKind.Number);
                    default: return false;
                }
            }

            bool Take(JsonValueKind kind)
            {
                _kinds |= 1 << (int)kind;
                return true;
            }
        }

        internal override Verdict Judge(JsonElement value)
        {
            var kind = value.ValueKind;
            if (_typed && (_kinds & (1 << (int)kind)) == 0) return Verdict.Invalid;
            var verdict = Verdict.Valid;
            if (Const is not null && Weaken(ref verdict, Among(Const, value))) return Verdict.Invalid;
            if (Enum is not null && Weaken(ref verdict, Among(Enum, value))) return Verdict.Invalid;
            var own = kind switch
            {
                JsonValueKind.String => JudgeText(value),
                JsonValueKind.Number => JudgeNumber(value),
                JsonValueKind.Object => JudgeObject(value),
                JsonValueKind.Array => JudgeList(value),
                _ => Verdict.Valid,
            };
            if (Weaken(ref verdict, own) || Weaken(ref verdict, JudgeComposition(value))) return Verdict.Invalid;
            return verdict;
        }

        /// <summary>Takes another verdict into account; true when that settles it.</summary>
        private static bool Weaken(ref Verdict verdict, Verdict other)
        {
            if (other == Verdict.Unknown) verdict = Verdict.Unknown;
            return other == Verdict.Invalid;
        }

        private static Verdict Flip(Verdict verdict) => verdict switch
        {
            Verdict.Valid => Verdict.Invalid,
            Verdict.Invalid => Verdict.Valid,
            _ => Verdict.Unknown,
        };

        private Verdict JudgeComposition(JsonElement value)
        {
            var verdict = Verdict.Valid;
            foreach (var each in All)
            {
                if (Weaken(ref verdict, each.Judge(value))) return Verdict.Invalid;
            }

            if (Any is not null && Weaken(ref verdict, JudgeAny(value))) return Verdict.Invalid;
            if (One is not null && Weaken(ref verdict, JudgeOne(value))) return Verdict.Invalid;
            if (Not is not null && Weaken(ref verdict, Flip(Not.Judge(value)))) return Verdict.Invalid;
            if (If is not null && Weaken(ref verdict, JudgeCondition(value))) return Verdict.Invalid;
            return verdict;
        }

        private Verdict JudgeAny(JsonElement value)
        {
            var verdict = Verdict.Invalid;
            foreach (var one in Any!)
            {
                var judged = one.Judge(value);
                if (judged == Verdict.Valid) return Verdict.Valid;
                if (judged == Verdict.Unknown) verdict = Verdict.Unknown;
            }

            return verdict;
        }

        private Verdict JudgeOne(JsonElement value)
        {
            var (valid, unknown) = (0, 0);
            foreach (var one in One!)
            {
                var judged = one.Judge(value);
                if (judged == Verdict.Valid) valid++;
                else if (judged == Verdict.Unknown) unknown++;
            }

            return valid > 1 ? Verdict.Invalid : unknown > 0 ? Verdict.Unknown : valid == 1 ? Verdict.Valid : Verdict.Invalid;
        }

        private Verdict JudgeCondition(JsonElement value)
        {
            var condition = If!.Judge(value);
            if (condition == Verdict.Valid) return Then?.Judge(value) ?? Verdict.Valid;
            if (condition == Verdict.Invalid) return Else?.Judge(value) ?? Verdict.Valid;
            return (Then?.Judge(value) ?? Verdict.Valid) == Verdict.Valid && (Else?.Judge(value) ?? Verdict.Valid) == Verdict.Valid ? Verdict.Valid : Verdict.Unknown;
        }

        /// <summary>Numbers and lists are spelled in several ways; that two of them differ is said of short plain values alone.</summary>
        private static Verdict Among(JsonElement[] members, JsonElement value)
        {
            foreach (var member in members)
            {
                if (JsonElement.DeepEquals(member, value)) return Verdict.Valid;
            }

            return value.ValueKind switch
            {
                JsonValueKind.Object or JsonValueKind.Array => Verdict.Unknown,
                JsonValueKind.Number => TryExact(value, out _) ? Verdict.Invalid : Verdict.Unknown,
                _ => Verdict.Invalid,
            };
        }

        private Verdict JudgeNumber(JsonElement value)
        {
            var raw = JsonMarshal.GetRawUtf8Value(value);
            var plain = raw.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0;
            var exact = TryExact(value, out var number);
            if (_integersOnly && !plain)
            {
                if (!exact) return Verdict.Unknown;
                if (!decimal.IsInteger(number)) return Verdict.Invalid;
            }

            if (Minimum is null && Maximum is null && Above is null && Below is null && Divisor is null) return Verdict.Valid;
            if (!exact) return Verdict.Unknown;
            if (number < Minimum || number > Maximum || number <= Above || number >= Below) return Verdict.Invalid;
            if (Divisor is not { } divisor) return Verdict.Valid;
            // With an exponent, a library may divide in another way.
            if (raw.IndexOfAny((byte)'e', (byte)'E') >= 0) return Verdict.Unknown;
            return number % divisor == 0 ? Verdict.Valid : Verdict.Unknown;
        }
    }
}
