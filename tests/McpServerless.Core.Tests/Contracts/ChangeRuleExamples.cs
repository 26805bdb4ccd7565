namespace McpServerless.Core.Tests.Contracts;

/// <summary>For each rule a pair that shows it.</summary>
internal static class ChangeRuleExamples
{
    /// <summary>Rule id without its ending, a schema that accepts more, and one that accepts less.</summary>
    public static readonly (string Rule, string Wider, string Narrower)[] Schemas =
    [
        ("anything", """{"properties":{"a":{"type":"string"}}}""", """{"properties":{"a":false}}"""),
        ("type", """{"type":["string","integer"]}""", """{"type":"string"}"""),
        ("enum", """{"enum":["a","b"]}""", """{"const":"a"}"""),
        ("minimum", """{"type":"number","minimum":1}""", """{"type":"number","exclusiveMinimum":1}"""),
        ("maximum", """{"type":"integer"}""", """{"type":"integer","maximum":3}"""),
        ("multiple-of", """{"type":"integer","multipleOf":2}""", """{"type":"integer","multipleOf":4}"""),
        ("min-length", """{"type":"string"}""", """{"type":"string","minLength":2}"""),
        ("max-length", """{"type":"string","maxLength":3}""", """{"type":"string","maxLength":2}"""),
        ("pattern", """{"type":"string"}""", """{"type":"string","pattern":"^a"}"""),
        ("format", """{"type":"string"}""", """{"type":"string","format":"email"}"""),
        ("required", """{"type":"object","properties":{"a":{}}}""", """{"type":"object","properties":{"a":{}},"required":["a"]}"""),
        ("property", """{"type":"object","properties":{"a":{},"b":{}},"additionalProperties":false}""", """{"type":"object","properties":{"a":{}},"additionalProperties":false}"""),
        ("declared-property", """{"type":"object","properties":{"a":{}}}""", """{"type":"object","properties":{"a":{},"b":{"type":"integer"}}}"""),
        ("additional-properties", """{"type":"object","properties":{"a":{}}}""", """{"type":"object","properties":{"a":{}},"additionalProperties":false}"""),
        ("min-properties", """{"type":"object","minProperties":1}""", """{"type":"object","minProperties":2}"""),
        ("max-properties", """{"type":"object"}""", """{"type":"object","maxProperties":1}"""),
        ("dependent-required", """{"type":"object"}""", """{"type":"object","dependentRequired":{"a":["b"]}}"""),
        ("min-items", """{"type":"array"}""", """{"type":"array","minItems":1}"""),
        ("max-items", """{"type":"array","maxItems":3}""", """{"type":"array","maxItems":1}"""),
        ("unique-items", """{"type":"array","items":{"type":"boolean"}}""", """{"type":"array","items":{"type":"boolean"},"uniqueItems":true}"""),
        ("contains", """{"type":"array"}""", """{"type":"array","contains":{"type":"string"}}"""),
        ("any-of", """{"anyOf":[{"type":"string"},{"type":"integer"},{"type":"object","required":["a"]}]}""", """{"anyOf":[{"type":"string"},{"type":"integer","multipleOf":2}]}"""),
        ("one-of", """{"type":"integer"}""", """{"type":"integer","oneOf":[{"multipleOf":2},{"multipleOf":3}]}"""),
        ("not", """{"type":"integer"}""", """{"type":"integer","not":{"multipleOf":2}}"""),
    ];

    /// <summary>Rule id, and two schemas of which it is not decided whether one accepts all that the other does.</summary>
    public static readonly (string Rule, string Before, string After)[] Undecided =
    [
        ("pattern-undecided", """{"type":"string","pattern":"^a"}""", """{"type":"string","pattern":"b$"}"""),
        ("format-undecided", """{"type":"string","format":"email"}""", """{"type":"string","format":"date"}"""),
        ("pattern-properties-undecided", """{"type":"object","patternProperties":{"^a":{"type":"string"}}}""", """{"type":"object","patternProperties":{"b$":{"type":"string"}}}"""),
        ("contains-undecided", """{"type":"array","minItems":1,"contains":{"type":"string"}}""", """{"type":"array","minItems":1,"contains":{"type":"integer"}}"""),
        ("one-of-undecided", """{"type":"integer","oneOf":[{"multipleOf":2},{"multipleOf":3}]}""", """{"type":"integer","oneOf":[{"multipleOf":2},{"multipleOf":4}]}"""),
        ("not-undecided", """{"type":"integer","not":{"multipleOf":2}}""", """{"type":"integer","not":{"multipleOf":3}}"""),
        ("condition-undecided", """{"type":"integer","if":{"multipleOf":2},"then":{"minimum":3}}""", """{"type":"integer","if":{"multipleOf":3},"then":{"minimum":5}}"""),
        ("unevaluated-undecided", """{"type":"object","properties":{"a":{}},"unevaluatedProperties":false}""", """{"type":"object","properties":{"a":{"type":"string"}},"unevaluatedProperties":false}"""),
        ("reference-undecided", """{"$dynamicRef":"#n","$defs":{"x":{"$dynamicAnchor":"n","type":"string"}}}""", """{"$dynamicRef":"#n","$defs":{"x":{"$dynamicAnchor":"n","type":"integer"}}}"""),
        ("dialect-undecided", """{"$schema":"http://json-schema.org/draft-07/schema#","type":"array","items":[{"type":"string"}],"minItems":1}""", """{"type":"array","prefixItems":[{"type":"integer"}],"minItems":1}"""),
        ("bound-undecided", """{"type":"integer","minimum":-4}""", """{"type":"integer","minimum":1.00000000000000000000000000000001}"""),
    ];

    /// <summary>Rule id, a change of words or spelling, the same in both directions.</summary>
    public static readonly (string Rule, string Before, string After)[] Words =
    [
        ("schema-rewritten", """{"type":"string","minimum":1}""", """{"type":"string"}"""),
        ("schema-text-changed", """{"type":"object","properties":{"a":{"description":"x"}}}""", """{"type":"object","properties":{"a":{"description":"y"}}}"""),
        ("default-changed", """{"properties":{"a":{"default":1}}}""", """{"properties":{"a":{"default":2}}}"""),
        ("header-parameter-changed", """{"properties":{"a":{"type":"string","x-mcp-header":"Region"}}}""", """{"properties":{"a":{"type":"string"}}}"""),
        ("schema-extension-changed", """{"properties":{"a":{"x-governance":"mask"}}}""", """{"properties":{"a":{"x-governance":"drop"}}}"""),
    ];

    /// <summary>Rule id, and what each of two tool definitions has beside its name and an empty inputSchema.</summary>
    public static readonly (string Rule, string Before, string After)[] Tools =
    [
        ("schema-refused", """{}""", """{"inputSchema":{"type":"object","$ref":"https://example.org/x"}}"""),
        ("output-schema-added", """{}""", """{"outputSchema":{"type":"object"}}"""),
        ("output-schema-removed", """{"outputSchema":{"type":"object"}}""", """{}"""),
        ("description-changed", """{"description":"a"}""", """{"description":"b"}"""),
        ("title-changed", """{}""", """{"icons":[]}"""),
        ("meta-changed", """{}""", """{"_meta":{"a":1}}"""),
        ("member-changed", """{}""", """{"later":1}"""),
        ("read-only-lost", """{"annotations":{"readOnlyHint":true}}""", """{}"""),
        ("read-only-gained", """{}""", """{"annotations":{"readOnlyHint":true}}"""),
        ("destructive-gained", """{"annotations":{"destructiveHint":false}}""", """{}"""),
        ("destructive-lost", """{}""", """{"annotations":{"destructiveHint":false}}"""),
        ("idempotent-lost", """{"annotations":{"idempotentHint":true}}""", """{}"""),
        ("idempotent-gained", """{}""", """{"annotations":{"idempotentHint":true}}"""),
        ("open-world-gained", """{"annotations":{"openWorldHint":false}}""", """{}"""),
        ("open-world-lost", """{}""", """{"annotations":{"openWorldHint":false}}"""),
        ("annotation-changed", """{}""", """{"annotations":{"title":"x"}}"""),
        ("task-support-narrowed", """{"execution":{"taskSupport":"optional"}}""", """{"execution":{"taskSupport":"required"}}"""),
        ("task-support-widened", """{}""", """{"execution":{"taskSupport":"optional"}}"""),
    ];
}
