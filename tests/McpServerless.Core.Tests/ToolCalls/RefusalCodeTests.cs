using McpServerless.Catalogue;
using McpServerless.ToolCalls;

namespace McpServerless.Core.Tests.ToolCalls;

public class RefusalCodeTests
{
    public static TheoryData<string> Names => [.. RefusalCode.All.Select(c => c.Name)];

    [Fact]
    public void Names_AreUnique() => Assert.Equal(RefusalCode.All.Count, RefusalCode.All.Select(c => c.Name).Distinct().Count());

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryRow_IsCompleteAndFoundByItsName(string name)
    {
        var code = RefusalCode.Find(name);
        Assert.NotNull(code);
        Assert.Matches("^[a-z]+(_[a-z]+)*$", code.Name);
        Assert.EndsWith(".", code.Meaning, StringComparison.Ordinal);
        Assert.EndsWith(".", code.Advice, StringComparison.Ordinal);
        Assert.InRange(code.JsonRpcCode, -32768, -32000);
        Assert.Equal(code.Form == RefusalForm.Http, code.HttpStatus >= 400);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ReservedJsonRpcCodes_AreUsedOnlyForWhatTheyMean(string name)
    {
        // -32000 to -32019 are old implementation codes, -32020 to -32099 are the specification's own (MCP 2026-07-28, Base Protocol).
        // Of them, only the three that the specification gives to servers may be sent.
        Assert.DoesNotContain(RefusalCode.Find(name)!.JsonRpcCode, Enumerable.Range(-32099, 100).Except([-32020, -32021, -32022]));
    }

    [Fact]
    public void WhatMayNotBeSeen_IsAnsweredInTheSameForm()
    {
        var hidden = RefusalCode.All.Where(c => c.LooksUnknown).ToArray();
        Assert.All(Enum.GetValues<SubjectKind>(), kind => Assert.Contains(RefusalCode.UnknownOf(kind), hidden));
        Assert.Single(hidden.Select(c => (c.Form, c.HttpStatus, c.JsonRpcCode, c.Advice)).Distinct());
    }

    [Theory]
    [InlineData(SubjectKind.Tool, "tool_unknown")]
    [InlineData(SubjectKind.Prompt, "prompt_unknown")]
    [InlineData(SubjectKind.Resource, "resource_unknown")]
    public void EachKind_HasItsOwnWordForWhatDoesNotExist(SubjectKind kind, string name) => Assert.Equal(name, RefusalCode.UnknownOf(kind).Name);
}
