using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using McpServerless.Contracts.Comparing;

namespace McpServerless.Contracts;

internal abstract partial class Acceptor
{
    private sealed partial class Rules
    {
        /// <summary>Names that have to be there and that <see cref="Properties"/> does not list.</summary>
        public byte[][] Required { get; set; } = [];

        private ulong _required;

        public (byte[] Name, byte[][] Needs)[] DependentRequired { get; set; } = [];

        public Property[] Properties { get; set; } = [];

        public Property[] DependentSchemas { get; set; } = [];

        public (Regex Pattern, Acceptor Value)[] PatternProperties { get; set; } = [];

        /// <summary>Null without the keyword, as for the next two.</summary>
        public Acceptor? Additional { get; set; }

        public Acceptor? Names { get; set; }

        public Acceptor? UnevaluatedProperties { get; set; }

        public int MinProperties { get; set; }

        public int MaxProperties { get; set; } = int.MaxValue;

        /// <summary>Required properties that have a schema are ticked off while the value is walked; only the others are looked up.</summary>
        private void SettleObject()
        {
            List<byte[]> others = [];
            foreach (var (name, i) in Required.Select((name, i) => (name, i)))
            {
                var bit = i < 64 ? 1UL << i : 0;
                var listed = false;
                for (var k = 0; bit != 0 && k < Properties.Length; k++)
                {
                    if (!Properties[k].Name.AsSpan().SequenceEqual(name)) continue;
                    Properties[k] = Properties[k] with { RequiredBit = Properties[k].RequiredBit | bit };
                    listed = true;
                }

                if (listed) _required |= bit;
                else others.Add(name);
            }

            Required = [.. others];
        }

        internal override bool Evaluates(JsonElement value, JsonProperty member)
        {
            if (Additional is not null || UnevaluatedProperties is not null) return true;
            foreach (var property in Properties)
            {
                if (member.NameEquals(property.Name)) return true;
            }

            foreach (var (pattern, _) in PatternProperties)
            {
                if (Matches(pattern, Utf8(member.Name)) == Verdict.Valid) return true;
            }

            return IsLookedAt(value, member)
                || DependentSchemas.Any(d => value.TryGetProperty(d.Name, out _) && d.Value.Evaluates(value, member));
        }

        /// <summary>The subschemas beside this one that the value certainly keeps, or has to keep.</summary>
        private IEnumerable<Acceptor> AppliedTo(JsonElement value)
        {
            IEnumerable<Acceptor> applied = [.. All, .. (Any ?? []).Concat(One ?? []).Where(a => a.Judge(value) == Verdict.Valid)];
            return If?.Judge(value) switch
            {
                Verdict.Valid => [.. applied, If, .. Then is null ? (Acceptor[])[] : [Then]],
                Verdict.Invalid when Else is not null => [.. applied, Else],
                _ => applied,
            };
        }

        /// <summary>Whether a subschema beside this one certainly looks at the property. Apart from its caller, which then needs no object for a closure.</summary>
        private bool IsLookedAt(JsonElement value, JsonProperty member) => AppliedTo(value).Any(a => a.Evaluates(value, member));

        private Verdict JudgeObject(JsonElement value)
        {
            foreach (var name in Required)
            {
                if (!value.TryGetProperty(name, out _)) return Verdict.Invalid;
            }

            var verdict = Verdict.Valid;
            var (count, next, missing) = (0, 0, _required);
            foreach (var member in value.EnumerateObject())
            {
                count++;
                var own = Find(member, ref next);
                if (own is not null) missing &= ~own.RequiredBit;
                if (Weaken(ref verdict, JudgeMember(value, member, own))) return Verdict.Invalid;
            }

            if (missing != 0 || count < MinProperties || count > MaxProperties) return Verdict.Invalid;
            foreach (var (name, needs) in DependentRequired)
            {
                if (!value.TryGetProperty(name, out _)) continue;
                foreach (var need in needs)
                {
                    if (!value.TryGetProperty(need, out _)) return Verdict.Invalid;
                }
            }

            foreach (var (name, schema, _) in DependentSchemas)
            {
                if (value.TryGetProperty(name, out _) && Weaken(ref verdict, schema.Judge(value))) return Verdict.Invalid;
            }

            return verdict;
        }

        private Verdict JudgeMember(JsonElement value, JsonProperty member, Property? own)
        {
            var verdict = Verdict.Valid;
            if (own is not null && Weaken(ref verdict, own.Value.Judge(member.Value))) return Verdict.Invalid;
            var mayMatch = false;
            foreach (var (pattern, schema) in PatternProperties)
            {
                var matches = Matches(pattern, Encoding.UTF8.GetBytes(member.Name));
                if (matches == Verdict.Unknown) verdict = Verdict.Unknown;
                if (matches == Verdict.Valid && Weaken(ref verdict, schema.Judge(member.Value))) return Verdict.Invalid;
                mayMatch |= matches != Verdict.Invalid;
            }

            if (own is null && !mayMatch && Additional is not null && Weaken(ref verdict, Additional.Judge(member.Value))) return Verdict.Invalid;
            if (Names is not null && Weaken(ref verdict, Names.Judge(JsonText.Of(member.Name)))) return Verdict.Invalid;
            if (UnevaluatedProperties is not null && own is null && !mayMatch && Additional is null
                && !IsLookedAt(value, member)
                && UnevaluatedProperties.Judge(member.Value) != Verdict.Valid)
            {
                // That nothing looked at it is not certain, only that nothing certainly did.
                verdict = Verdict.Unknown;
            }

            return verdict;
        }

        /// <summary>Arguments mostly come in the order in which the schema names them.</summary>
        private Property? Find(JsonProperty member, ref int next)
        {
            for (var i = 0; i < Properties.Length; i++)
            {
                var at = next + i < Properties.Length ? next + i : next + i - Properties.Length;
                if (!member.NameEquals(Properties[at].Name)) continue;
                next = at + 1 == Properties.Length ? 0 : at + 1;
                return Properties[at];
            }

            return null;
        }
    }
}
