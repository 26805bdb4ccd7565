using System.Text.Json;
using McpServerless.Contracts;
using McpServerless.StandIns.JsonSchemaTests;
using Xunit.Abstractions;

namespace McpServerless.Core.Tests.Contracts;

/// <summary>JSON Schema's own suite comes out the same through acceptor and library as through the library alone.</summary>
public class AcceptorSuiteTests(ITestOutputHelper output)
{
    // The oldest suite that is accepted has this many; an emptied folder must not pass.
    [Theory]
    [InlineData("", false, 1176)]
    [InlineData("optional", false, 145)]
    [InlineData("optional/format", true, 467)]
    public void EveryTest_ComesOutTheSame(string folder, bool requireFormat, int atLeast)
    {
        var (tests, accepted) = (0, 0);
        foreach (var file in SuiteRun.Files(folder))
        {
            var alone = SuiteRun.Of(folder, file, requireFormat).ToList();
            Assert.Equal(alone, SuiteRun.Of(folder, file, requireFormat, Accepts).ToList());
            tests += alone.Count;
        }

        output.WriteLine($"{(folder.Length == 0 ? "required" : folder)}: {tests} tests the same; {accepted} values accepted without the library");
        Assert.True(tests >= atLeast, $"{tests} tests");
        Assert.True(accepted > tests / 10, $"{accepted} of {tests} were accepted: then nothing is tested");

        bool Accepts(JsonElement schema, JsonElement value)
        {
            if (!Acceptor.Compile(schema).Accepts(value)) return false;
            accepted++;
            return true;
        }
    }
}
