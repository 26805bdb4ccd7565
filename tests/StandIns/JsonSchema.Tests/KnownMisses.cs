namespace McpServerless.StandIns.JsonSchemaTests;

/// <summary>The optional tests that JsonSchema.Net 9.7.0 does not pass, by the start of their names. No required or format test is among them.</summary>
internal static class KnownMisses
{
    private const string Whitespace = "in .NET's ECMAScript mode \\s is ASCII white space only";
    private const string LongNames = ".NET knows Unicode classes by their short names (\\p{L}, \\p{Nd}) only, and such a pattern is refused";
    private const string Surrogates = ".NET's patterns see UTF-16 units: a character outside the basic plane is two of them";

    public static readonly (string Test, string Reason)[] All =
    [
        ("dependencies-compatibility.json: ", "draft 2020-12 no longer has 'dependencies', and unknown keywords only annotate"),
        (@"ecmascript-regex.json: ECMA 262 \s matches whitespace", Whitespace),
        (@"ecmascript-regex.json: ECMA 262 \S matches everything but whitespace", Whitespace),
        ("ecmascript-regex.json: patterns always use unicode semantics with patternProperties", LongNames),
        ("ecmascript-regex.json: patternProperties with non-ASCII digits", LongNames),
        (@"ecmascript-regex.json: \a is not an ECMA 262 control escape / when used as a pattern", @".NET takes \a for the bell (suites before 2024 only)"),
        ("non-bmp-regex.json: ", Surrogates),
    ];
}
