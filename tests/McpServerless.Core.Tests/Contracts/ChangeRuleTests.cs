using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Contracts;
using McpServerless.Contracts.Comparing;

namespace McpServerless.Core.Tests.Contracts;

/// <summary>Every rule has a pair that shows it, and generated values that show the rule to be right.</summary>
public class ChangeRuleTests
{
    public static TheoryData<string> Narrowings => [.. ChangeRuleExamples.Schemas.Select(e => e.Rule)];

    public static TheoryData<string> UndecidedRules => [.. ChangeRuleExamples.Undecided.Select(e => e.Rule)];

    public static TheoryData<string> WordRules => [.. ChangeRuleExamples.Words.Select(e => e.Rule)];

    public static TheoryData<string> ToolRules => [.. ChangeRuleExamples.Tools.Select(e => e.Rule)];

    [Theory]
    [MemberData(nameof(Narrowings))]
    public void SchemaThatAcceptsLess_BreaksCallersAndNotReaders_AndTheOtherWayRound(string name)
    {
        var (_, wider, narrower) = ChangeRuleExamples.Schemas.Single(e => e.Rule == name);
        Assert.NotNull(Witness(wider, narrower));
        Assert.Null(Witness(narrower, wider));
        AssertRule(wider, narrower, SchemaSide.Input, name + "-narrowed", ChangeImpact.Breaking);
        AssertRule(wider, narrower, SchemaSide.Output, name + "-narrowed", ChangeImpact.Compatible);
        AssertRule(narrower, wider, SchemaSide.Input, name + "-widened", ChangeImpact.Compatible);
        AssertRule(narrower, wider, SchemaSide.Output, name + "-widened", ChangeImpact.Breaking);
        Assert.All(SchemaComparison.Compare(Parse(narrower), Parse(wider), SchemaSide.Input, "s"), c => Assert.False(c.NeedsApproval, $"{c.Rule} at {c.Pointer}"));
        Assert.All(SchemaComparison.Compare(Parse(wider), Parse(narrower), SchemaSide.Output, "s"), c => Assert.False(c.NeedsApproval, $"{c.Rule} at {c.Pointer}"));
    }

    [Theory]
    [MemberData(nameof(UndecidedRules))]
    public void WhatIsNotDecided_IsSaidToBeSo_AndAValueShowsWhyItHasTo(string rule)
    {
        var (_, before, after) = ChangeRuleExamples.Undecided.Single(e => e.Rule == rule);
        Assert.True(Witness(before, after) is not null || Witness(after, before) is not null, "the two accept the same values, as far as any was found");
        AssertRule(before, after, SchemaSide.Input, rule, ChangeImpact.Undecidable);
        if (rule != "bound-undecided") AssertRule(before, after, SchemaSide.Output, rule, ChangeImpact.Undecidable);
    }

    [Theory]
    [MemberData(nameof(WordRules))]
    public void ChangeOfWords_ChangesNoVerdictOnAnyValue(string rule)
    {
        var (_, before, after) = ChangeRuleExamples.Words.Single(e => e.Rule == rule);
        Assert.Null(Witness(before, after));
        Assert.Null(Witness(after, before));
        AssertRule(before, after, SchemaSide.Input, rule, ChangeRule.All.Single(r => r.Id == rule).OnInput);
        AssertRule(after, before, SchemaSide.Output, rule, ChangeRule.All.Single(r => r.Id == rule).OnOutput);
    }

    [Theory]
    [MemberData(nameof(ToolRules))]
    public void ChangeOfADefinition_IsFoundByItsRule(string rule)
    {
        var (_, before, after) = ChangeRuleExamples.Tools.Single(e => e.Rule == rule);
        var change = Assert.Single(ToolComparison.Compare(Tool(before), Tool(after), "s"), c => c.Rule.Id == rule);
        Assert.Equal(change.Rule.OnInput, change.Impact);
    }

    /// <summary>Entangled beyond the bounds: said, not guessed, and in bounded time.</summary>
    [Fact]
    public void SchemasThatAreTooEntangled_AreUndecided()
    {
        static string Entangled(string leaf) => "{" + string.Join(',', "\"$ref\":\"#/$defs/d0\"", "\"$defs\":{" + string.Join(',', Enumerable.Range(0, 7).Select(i =>
            $"\"d{i}\":{{\"anyOf\":[{string.Join(',', Enumerable.Range(0, 3).Select(k => $"{{\"properties\":{{\"p{k}\":{{\"$ref\":\"#/$defs/d{i + 1}\"}}}},\"required\":[\"p{k}\"],\"minProperties\":{k}}}"))}]}}").Append($"\"d7\":{leaf}")) + "}") + "}";
        var (before, after) = (Parse(Entangled("""{"pattern":"^a"}""")), Parse(Entangled("""{"pattern":"^b"}""")));
        var changes = SchemaComparison.Compare(before, after, SchemaSide.Input, "s");
        Assert.Contains(changes, c => c.Impact >= ChangeImpact.Undecidable);
    }

    [Fact]
    public void EveryRuleOfSchemasAndDefinitions_HasAnExample()
    {
        HashSet<string> shown =
        [
            .. ChangeRuleExamples.Schemas.SelectMany(e => new[] { e.Rule + "-narrowed", e.Rule + "-widened" }),
            .. ChangeRuleExamples.Undecided.Select(e => e.Rule), .. ChangeRuleExamples.Words.Select(e => e.Rule), .. ChangeRuleExamples.Tools.Select(e => e.Rule),
            .. CatalogueComparisonTests.Shown, "size-undecided",
        ];
        Assert.All(ChangeRule.All, rule => Assert.Contains(rule.Id, shown));
        Assert.Equal(ChangeRule.All.Count, ChangeRule.All.Select(r => r.Id).Distinct(StringComparer.Ordinal).Count());
    }

    private static void AssertRule(string before, string after, SchemaSide side, string rule, ChangeImpact impact)
    {
        var changes = SchemaComparison.Compare(Parse(before), Parse(after), side, "s");
        Assert.True(changes.Any(c => c.Rule.Id == rule && c.Impact == impact), $"{side}: wanted {rule} {impact}, found {string.Join("; ", changes.Select(c => $"{c.Rule} {c.Impact} at {c.Pointer} ({c.Detail})"))}");
    }

    /// <summary>A generated value that is valid under one schema and not under the other; null when none was found.</summary>
    private static JsonElement? Witness(string under, string notUnder)
    {
        var random = new Random(6);
        var instances = new InstanceGenerator(random);
        var (one, other) = (ValueSchema.Build(Parse(under)), ValueSchema.Build(Parse(notUnder)));
        for (var i = 0; i < 600; i++)
        {
            var value = instances.For((JsonObject)JsonNode.Parse(i % 2 == 0 ? under : notUnder)!);
            var candidate = Parse((i % 3 == 0 ? instances.Spoilt(value) : value)?.ToJsonString() ?? "null");
            if (one.Check(candidate).Count == 0 && other.Check(candidate).Count > 0) return candidate;
        }

        return null;
    }

    private static JsonElement Tool(string members)
    {
        var tool = (JsonObject)JsonNode.Parse(members)!;
        tool["name"] = "t";
        tool["inputSchema"] ??= new JsonObject { ["type"] = "object" };
        return Parse(tool.ToJsonString());
    }

    private static JsonElement Parse(string json) => ComparisonAgainstInstancesTests.Parse(json);
}
