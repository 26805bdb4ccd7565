using System.Text;
using McpServerless.Catalogue;
using McpServerless.Contracts.Comparing;
using McpServerless.Testing;
using McpServerless.ToolCalls;

namespace McpServerless.Core.Tests;

/// <summary>Documents that are made from the code say what the code says. <c>dotnet run dev.cs docs</c> writes them.</summary>
public class GeneratedDocumentTests
{
    [Fact]
    public void Refusals_AreDocumentedAsTheyAre() => AssertCurrent("refusals.md", Refusals());

    private static readonly RefusalCode[] Unknown = [.. Enum.GetValues<SubjectKind>().Select(RefusalCode.UnknownOf)];

    [Fact]
    public void ChangeRules_AreDocumentedAsTheyAre() => AssertCurrent("changes.md", Changes());

    private static string Changes()
    {
        var text = new StringBuilder("""
            # Changes of contracts
            Made from `ChangeRule*.cs` by `dotnet run dev.cs docs`.

            `mcpgov diff`, `mcpgov plan`, `mcpgov apply` and the timer that watches upstreams sort every difference between two versions of a contract by
            these rules. Ids are stable and never reused.

            - **breaking**: calls that were valid are refused, or results come that nobody had to expect.
            - **undecidable**: whether something breaks cannot be decided; it counts as breaking until a person accepts it.
            - **compatible**: whatever worked goes on to work.
            - **text only**: words that people and models read.

            Two schemas are compared as sets of values, in both directions and over the whole of JSON Schema 2020-12 and draft-07, `$ref` and composition
            included. An input breaks callers when it accepts less (`-narrowed`); an output breaks readers when it accepts more (`-widened`). "Compatible" is
            proven and never guessed. "Breaking" names the keyword that stands in the way; where other keywords make it harmless, it can be wrong.
            Strictly, an optional property that is declared in an open object narrows it (`declared-property-narrowed`): callers could have sent
            any value under that name before. Objects with `additionalProperties: false` do not have that trouble.


            """);
        foreach (var scope in ChangeRule.All.GroupBy(r => r.Scope))
        {
            text.Append(scope.Key switch
            {
                ChangeScope.Tool => "## The definition of a tool\n| rule | impact | meaning |\n|---|---|---|\n",
                ChangeScope.Feature => "\n## Prompts and resources\nTheir definitions are compared for words alone.\n\n| rule | impact | meaning |\n|---|---|---|\n",
                ChangeScope.Contract => "\n## How it is served\n| rule | impact | meaning |\n|---|---|---|\n",
                ChangeScope.Server => "\n## Virtual servers and upstreams\n| rule | impact | meaning |\n|---|---|---|\n",
                _ => "\n## Places in a schema\n| rule | in an inputSchema | in an outputSchema | meaning |\n|---|---|---|---|\n",
            });
            foreach (var rule in scope)
                text.Append(null, $"| `{rule.Id}` | {Word(rule.OnInput)} | {(rule.Scope == ChangeScope.Schema ? $"{Word(rule.OnOutput)} | " : "")}{rule.Meaning} |\n");
        }

        return text.ToString();

        static string Word(ChangeImpact impact) => impact == ChangeImpact.TextOnly ? "text only" : impact.ToString().ToLowerInvariant();
    }

    private static string Refusals()
    {
        var text = new StringBuilder("""
            # Refusals
            Made from `RefusalCode.cs` by `dotnet run dev.cs docs`.

            A refusal is a decision not to serve, under a stable name that is never reused. It reaches the agent in one of three forms:

            - **HTTP**: an HTTP error status; the body is a JSON-RPC error.
            - **error**: a JSON-RPC error on HTTP 200.
            - **result**: a tool result with `isError: true`, which a model reads and can act on (MCP, Tools, "Error Handling"). Revisions before
              2025-11-25 get `arguments_invalid` as a JSON-RPC error.

            The name stands in the error's `data`, or in the result's `_meta`, under `io.github.mcpserverless/refusal`, with the id under which the
            request is in the ledger. A name marked * is for the ledger alone: the agent is answered exactly as for `tool_unknown`, `prompt_unknown` or
            `resource_unknown`, so that it cannot tell what it may not see from what does not exist.

            `malformed_request` comes with the status and the JSON-RPC code that MCP and HTTP have for the fault: 400, 403 (origin), 404 (method), 405,
            406, 408, 415; `-32700`, `-32600`, `-32601`, `-32602`, `-32020`, `-32022`. `request_too_large` is 413 for the body and 431 for the headers.

            | name | form | HTTP | JSON-RPC | meaning | what to do |
            |---|---|---|---|---|---|

            """);
        foreach (var code in RefusalCode.All)
        {
            var form = code.Form switch { RefusalForm.Http => "HTTP", RefusalForm.JsonRpcError => "error", _ => "result" };
            var hidden = code.LooksUnknown && !Unknown.Contains(code) ? " *" : "";
            // A result has no error code, and to a client that went away nothing is sent at all.
            var rpc = code.Form == RefusalForm.ToolResult || code == RefusalCode.Cancelled ? "" : $"{code.JsonRpcCode}";
            var status = code == RefusalCode.Cancelled ? "not sent" : $"{code.HttpStatus}";
            text.Append(null, $"| `{code.Name}`{hidden} | {form} | {status} | {rpc} | {code.Meaning} | {code.Advice} |\n");
        }

        return text.ToString();
    }

    private static void AssertCurrent(string name, string expected)
    {
        var path = RepositoryRoot.Combine("docs", name);
        expected = expected.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("MCPSERVERLESS_WRITE_DOCS") == "1") File.WriteAllText(path, expected);
        Assert.True(File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == expected, $"docs/{name} is not what the code says: run dotnet run dev.cs docs.");
    }
}
