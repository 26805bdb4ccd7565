using System.Text.Json;

namespace McpServerless.Contracts;

internal abstract partial class Acceptor
{
    /// <summary>The understood keywords of one subschema.</summary>
    private sealed partial class Rules : Acceptor
    {
        private int _kinds;
        private bool _typed;
        private bool _integersOnly;
        private bool _composes;

        public Members? Enum { get; set; }

        public Members? Const { get; set; }

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

        /// <summary>Once all keywords are taken.</summary>
        public void Settle()
        {
            _composes = All.Count > 0 || Any is not null || One is not null || Not is not null || If is not null;
            SettleNumber();
            SettleObject();
        }

        internal override Verdict Judge(JsonElement value)
        {
            var kind = value.ValueKind;
            if (_typed && (_kinds & (1 << (int)kind)) == 0) return Verdict.Invalid;
            var verdict = Verdict.Valid;
            if (Const is not null && Weaken(ref verdict, Const.Judge(value))) return Verdict.Invalid;
            if (Enum is not null && Weaken(ref verdict, Enum.Judge(value))) return Verdict.Invalid;
            var own = kind switch
            {
                JsonValueKind.String => JudgeText(value),
                JsonValueKind.Number => JudgeNumber(value),
                JsonValueKind.Object => JudgeObject(value),
                JsonValueKind.Array => JudgeList(value),
                _ => Verdict.Valid,
            };
            if (Weaken(ref verdict, own) || (_composes && Weaken(ref verdict, JudgeComposition(value)))) return Verdict.Invalid;
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
    }
}
