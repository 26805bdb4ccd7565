using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using McpServerless.Contracts;
using McpServerless.Contracts.Comparing;
using Xunit.Abstractions;

namespace McpServerless.Core.Tests.Contracts;

/// <summary>The classifier against generated values: what it calls compatible has to be so.</summary>
public class ComparisonAgainstInstancesTests(ITestOutputHelper output)
{
    private const int Pairs = 2_000;
    private const int ValuesOfEach = 40;
    private const string Dialects = "$schema";
    private const string Draft07 = "http://json-schema.org/draft-07/schema#";
    private const string Draft202012 = "https://json-schema.org/draft/2020-12/schema";

    [Theory]
    [InlineData(20261126, false)]
    [InlineData(4, false)]
    [InlineData(20261127, true)]
    public void NoPairIsCalledCompatible_ForWhichAGeneratedValueSaysOtherwise(int seed, bool inTwoDialects)
    {
        var random = new Random(seed);
        var (schemas, instances) = (new SchemaGenerator(random), new InstanceGenerator(random));
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (values, broken, confirmed, undecided) = (0, 0, 0, 0);
        for (var i = 0; i < Pairs;)
        {
            var before = schemas.Root(3);
            var after = random.Next(10) == 0 ? schemas.Root(3) : schemas.Changed(before);
            if (inTwoDialects) before[Dialects] = (string)(random.Next(2) == 0 ? Draft07 : Draft202012);
            if (inTwoDialects) after[Dialects] = (string)before[Dialects]! == Draft07 ? Draft202012 : Draft07;
            if (Draft(before, after) is not var (old, now)) continue;
            i++;
            foreach (var side in new[] { SchemaSide.Input, SchemaSide.Output })
            {
                var changes = SchemaComparison.Compare(old.Text, now.Text, side, "s");
                var impact = changes.Count == 0 ? ChangeImpact.TextOnly : changes.Max(c => c.Impact);
                Count($"{side} {impact}");
                var (from, to) = side == SchemaSide.Input ? (old, now) : (now, old);
                var witness = Enumerable.Range(0, ValuesOfEach).SelectMany(_ => Values(from.Node, to.Node)).FirstOrDefault(v => from.Accepts(v) == true && to.Accepts(v) == false);
                values += ValuesOfEach * 3;
                if (witness.ValueKind != JsonValueKind.Undefined) broken++;
                if (impact is ChangeImpact.Undecidable) undecided++;
                if (impact is ChangeImpact.Breaking && witness.ValueKind != JsonValueKind.Undefined) confirmed++;
                Assert.False(
                    impact < ChangeImpact.Undecidable && witness.ValueKind != JsonValueKind.Undefined,
                    $"seed {seed}, pair {i}, {side}: called {impact}\nbefore {before.ToJsonString()}\nafter  {after.ToJsonString()}\nvalue  {(witness.ValueKind == JsonValueKind.Undefined ? "" : witness.GetRawText())}");
            }
        }

        output.WriteLine($"seed {seed}: {Pairs} pairs, both sides, {values} values; {string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}"))}");
        output.WriteLine($"a value showed the break for {broken}; of those called breaking for {confirmed}; {undecided} undecided");
        Assert.True(broken > 500, $"the values show a break for {broken} of {2 * Pairs}: too few to test anything");
        Assert.True(counts["Input Compatible"] + counts["Output Compatible"] > (inTwoDialects ? 200 : 600), "too few are called compatible: then nothing is tested");

        void Count(string name) => counts[name] = counts.GetValueOrDefault(name) + 1;

        IEnumerable<JsonElement> Values(JsonObject from, JsonObject to)
        {
            var good = instances.For(from);
            yield return Element(good);
            yield return Element(instances.Spoilt(good));
            yield return Element(instances.For(to));
        }
    }

    /// <summary>A recursive schema is compared by assuming what is being shown; the change inside it must be found all the same.</summary>
    [Fact]
    public void ChangeInsideARecursiveSchema_IsFound()
    {
        const string schema = """{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"},"n":{"type":"integer"}},"additionalProperties":false}}}""";
        var changes = SchemaComparison.Compare(Parse(schema), Parse(schema.Replace("integer", "string", StringComparison.Ordinal)), SchemaSide.Input, "s");
        Assert.Contains(changes, c => c.Rule == ChangeRule.TypeNarrowed && c.Pointer == "/inputSchema/$defs/node/properties/n/type");
        Assert.Contains(SchemaComparison.Compare(Parse(schema), Parse(schema.Replace("integer", "number", StringComparison.Ordinal)), SchemaSide.Input, "s"), c => c.Impact == ChangeImpact.Compatible);
    }

    /// <summary>Rewritings that mean the same must not alarm anybody.</summary>
    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}}}""", """{"type":"object","properties":{"a":{"$ref":"#/$defs/s"}},"$defs":{"s":{"type":"string"}}}""")]
    [InlineData("""{"const":"a"}""", """{"enum":["a"]}""")]
    [InlineData("""{"type":["string","null"]}""", """{"anyOf":[{"type":"string"},{"type":"null"}]}""")]
    [InlineData("""{"anyOf":[{"const":"a"},{"const":"b"}]}""", """{"enum":["a","b"]}""")]
    [InlineData("""{"type":"integer","exclusiveMinimum":0}""", """{"type":"integer","minimum":1}""")]
    [InlineData("""{"minimum":1,"maximum":5,"type":"number"}""", """{"allOf":[{"minimum":1},{"type":"number","maximum":5}]}""")]
    [InlineData("""{"type":"string","minimum":3}""", """{"type":"string"}""")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"a":{"type":"string"}},"required":["a"]}""", """{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}""")]
    public void WritingItDifferently_BreaksNeitherSide(string before, string after)
    {
        foreach (var side in new[] { SchemaSide.Input, SchemaSide.Output })
        {
            Assert.All(SchemaComparison.Compare(Parse(before), Parse(after), side, "s"), c => Assert.False(c.NeedsApproval, $"{side} {c.Rule} {c.Pointer} {c.Detail}"));
            Assert.All(SchemaComparison.Compare(Parse(after), Parse(before), side, "s"), c => Assert.False(c.NeedsApproval, $"back, {side} {c.Rule} {c.Pointer} {c.Detail}"));
        }
    }

    [Fact]
    public void SchemaOverTheBounds_IsNotCompared_AndCountsAsUndecidable()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"not\":", 40)) + "{}" + new string('}', 40);
        var change = Assert.Single(SchemaComparison.Compare(Parse("{}"), Parse(deep), SchemaSide.Input, "s"));
        Assert.Equal((ChangeRule.InputSchemaRefused, ChangeImpact.Undecidable), (change.Rule, change.Impact));
    }

    internal static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    private static JsonElement Element(JsonNode? node) => Parse(node?.ToJsonString() ?? "null");

    /// <summary>Null when one of the two is not admitted: such schemas are never compared.</summary>
    private static (Subject Old, Subject Now)? Draft(JsonObject before, JsonObject after)
    {
        var (old, now) = (new Subject(before), new Subject(after));
        return SchemaAdmission.Check(old.Text).Count == 0 && SchemaAdmission.Check(now.Text).Count == 0 ? (old, now) : null;
    }

    private sealed class Subject(JsonObject node)
    {
        private readonly JsonSchema _schema = JsonSchema.FromText(node.ToJsonString(), new BuildOptions { Dialect = (string?)node[Dialects] == Draft07 ? Dialect.Draft07 : Dialect.Draft202012, SchemaRegistry = new SchemaRegistry() });

        public JsonObject Node => node;

        public JsonElement Text { get; } = Parse(node.ToJsonString());

        /// <summary>Null where the library cannot reckon with a number.</summary>
        public bool? Accepts(JsonElement value)
        {
            try
            {
                return _schema.Evaluate(value, new EvaluationOptions { RequireFormatValidation = true }).IsValid;
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                return null;
            }
        }
    }
}
