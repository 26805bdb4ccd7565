using System.Text.Json;

namespace McpServerless.Contracts;

internal abstract partial class Acceptor
{
    private sealed partial class Rules
    {
        public int MinItems { get; set; }

        public int MaxItems { get; set; } = int.MaxValue;

        public bool Unique { get; set; }

        public Acceptor[] Prefix { get; set; } = [];

        /// <summary>Null without the keyword, as for the next two.</summary>
        public Acceptor? Items { get; set; }

        public Acceptor? Contains { get; set; }

        public Acceptor? UnevaluatedItems { get; set; }

        public int MinContains { get; set; } = 1;

        public int MaxContains { get; set; } = int.MaxValue;

        internal override bool Evaluates(JsonElement value, int index) =>
            Items is not null || UnevaluatedItems is not null || index < Prefix.Length
            || (Contains is not null && Contains.Judge(value[index]) == Verdict.Valid)
            || IsLookedAt(value, index);

        /// <summary>As with properties.</summary>
        private bool IsLookedAt(JsonElement value, int index) => AppliedTo(value).Any(a => a.Evaluates(value, index));

        private Verdict JudgeList(JsonElement value)
        {
            var length = value.GetArrayLength();
            if (length < MinItems || length > MaxItems) return Verdict.Invalid;
            var verdict = Verdict.Valid;
            if (Unique) Weaken(ref verdict, JudgeUnique(value));
            if (Prefix.Length == 0 && Items is null && Contains is null && UnevaluatedItems is null) return verdict;
            var (index, contained, maybe) = (0, 0, 0);
            foreach (var item in value.EnumerateArray())
            {
                var at = index++;
                var rule = at < Prefix.Length ? Prefix[at] : Items;
                if (rule is not null && Weaken(ref verdict, rule.Judge(item))) return Verdict.Invalid;
                var found = Contains?.Judge(item) ?? Verdict.Invalid;
                if (found == Verdict.Valid) contained++;
                if (found == Verdict.Unknown) maybe++;
                if (UnevaluatedItems is not null && rule is null && found != Verdict.Valid && !IsLookedAt(value, at) && UnevaluatedItems.Judge(item) != Verdict.Valid) verdict = Verdict.Unknown;
            }

            if (Contains is null) return verdict;
            if (contained + maybe < MinContains || contained > MaxContains) return Verdict.Invalid;
            return contained < MinContains || contained + maybe > MaxContains ? Verdict.Unknown : verdict;
        }

        /// <summary>Plain items are compared here, each with each while they are few; others are the library's.</summary>
        private static Verdict JudgeUnique(JsonElement value)
        {
            var length = value.GetArrayLength();
            if (length > 64) return Verdict.Unknown;
            for (var i = 0; i < length; i++)
            {
                var item = value[i];
                if (item.ValueKind is JsonValueKind.Object or JsonValueKind.Array || (item.ValueKind == JsonValueKind.Number && !TryExact(item, out _))) return Verdict.Unknown;
                for (var k = 0; k < i; k++)
                {
                    if (JsonElement.DeepEquals(item, value[k])) return Verdict.Unknown;
                }
            }

            return Verdict.Valid;
        }
    }
}
