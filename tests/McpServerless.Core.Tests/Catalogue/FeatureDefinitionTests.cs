using System.Text;
using System.Text.Json;
using McpServerless.Catalogue;

namespace McpServerless.Core.Tests.Catalogue;

public class FeatureDefinitionTests
{
    private const string Tool = """
        {"description":"d","name":"own","title":"T","icons":[],"x-vendor":1.0,"execution":{"taskSupport":"optional"},
         "inputSchema":{"type":"object","title":"stays","execution":1},"outputSchema":{"type":"object"},"_meta":{"k":1e2}}
        """;

    [Fact]
    public void Modern_HasEveryMemberButExecution_AsItWasWritten() => Assert.Equal(
        """{"name":"shown","description":"d","title":"T","icons":[],"x-vendor":1.0,"inputSchema":{"type":"object","title":"stays","execution":1},"outputSchema":{"type":"object"},"_meta":{"k":1e2}}""",
        Text(Of(Tool, "shown").Modern));

    [Fact]
    public void Legacy_HasAnOutputSchemaOnlyWhereItIsOfAnObject()
    {
        Assert.Equal(Text(Of(Tool, "shown").Modern), Text(Of(Tool, "shown").Legacy));
        foreach (var root in (string[])["""{"type":"array"}""", """{"type":["object"]}""", "{}", "true", """{"anyOf":[{"type":"object"}]}"""])
        {
            var forms = Of($$"""{"name":"a","inputSchema":{"type":"object"},"outputSchema":{{root}}}""", "a");
            Assert.Contains("outputSchema", Text(forms.Modern), StringComparison.Ordinal);
            Assert.DoesNotContain("outputSchema", Text(forms.Legacy), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Oldest_HasWhat2025_03_26_Knows_AndWhatNobodyNames() => Assert.Equal(
        """{"name":"shown","description":"d","x-vendor":1.0,"inputSchema":{"type":"object","title":"stays","execution":1},"_meta":{"k":1e2}}""",
        Text(Of(Tool, "shown").Oldest));

    [Theory]
    [InlineData("""{"uri":"demo://a","name":"its own","size":12345678901234567890,"mimeType":"text/plain","annotations":{"priority":0.50},"x":null}""")]
    [InlineData("""{"uriTemplate":"demo://{a}","name":"its own","_meta":{"a":[]}}""")]
    public void WhatIsKnownByAUri_KeepsItsOwnName(string definition)
    {
        var forms = Of(definition, name: null);

        Assert.Equal([definition, definition, definition], [Text(forms.Modern), Text(forms.Legacy), Text(forms.Oldest)]);
    }

    [Fact]
    public void APrompt_HasTheNameOfItsServer_AndItsArguments()
    {
        var forms = Of("""{"name":"own","title":"T","arguments":[{"name":"a","title":"A","required":true,"x":1}]}""", "pre_own");

        Assert.Equal("""{"name":"pre_own","title":"T","arguments":[{"name":"a","title":"A","required":true,"x":1}]}""", Text(forms.Modern));
        Assert.Equal("""{"name":"pre_own","arguments":[{"name":"a","title":"A","required":true,"x":1}]}""", Text(forms.Oldest));
    }

    private static FeatureDefinition Of(string definition, string? name) => FeatureDefinition.Of(JsonDocument.Parse(definition).RootElement, name);

    private static string Text(ReadOnlyMemory<byte> form) => Encoding.UTF8.GetString(form.Span);
}
