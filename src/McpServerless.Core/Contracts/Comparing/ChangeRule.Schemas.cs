namespace McpServerless.Contracts.Comparing;

public sealed partial record ChangeRule
{
    // Places in a schema: each keyword as it came to accept less, more, or what cannot be told.
    public static readonly ChangeRule NothingAllowed = Narrowed("anything", "No value is allowed where some were.");
    public static readonly ChangeRule SomethingAllowed = Widened("anything", "Values are allowed where none were.");
    public static readonly ChangeRule TypeNarrowed = Narrowed("type", "A type is no longer allowed.");
    public static readonly ChangeRule TypeWidened = Widened("type", "Another type is allowed.");
    public static readonly ChangeRule EnumNarrowed = Narrowed("enum", "A listed value is gone, or values are listed now (enum, const).");
    public static readonly ChangeRule EnumWidened = Widened("enum", "Another value is listed, or values are no longer listed (enum, const).");
    public static readonly ChangeRule MinimumNarrowed = Narrowed("minimum", "The lower bound of a number is higher (minimum, exclusiveMinimum).");
    public static readonly ChangeRule MinimumWidened = Widened("minimum", "The lower bound of a number is lower or gone.");
    public static readonly ChangeRule MaximumNarrowed = Narrowed("maximum", "The upper bound of a number is lower (maximum, exclusiveMaximum).");
    public static readonly ChangeRule MaximumWidened = Widened("maximum", "The upper bound of a number is higher or gone.");
    public static readonly ChangeRule MultipleOfNarrowed = Narrowed("multiple-of", "Numbers have to be multiples of something that they need not have been.");
    public static readonly ChangeRule MultipleOfWidened = Widened("multiple-of", "Numbers need not be multiples of what they had to be.");
    public static readonly ChangeRule MinLengthNarrowed = Narrowed("min-length", "Texts have to be longer.");
    public static readonly ChangeRule MinLengthWidened = Widened("min-length", "Texts may be shorter.");
    public static readonly ChangeRule MaxLengthNarrowed = Narrowed("max-length", "Texts have to be shorter.");
    public static readonly ChangeRule MaxLengthWidened = Widened("max-length", "Texts may be longer.");
    public static readonly ChangeRule PatternNarrowed = Narrowed("pattern", "Texts have to match a pattern.");
    public static readonly ChangeRule PatternWidened = Widened("pattern", "Texts need not match a pattern any more.");
    public static readonly ChangeRule PatternUndecided = Undecided("pattern", "Texts have to match another pattern; whether it accepts the same texts is not decided.");
    public static readonly ChangeRule FormatNarrowed = Narrowed("format", "Texts have to keep a format.");
    public static readonly ChangeRule FormatWidened = Widened("format", "Texts need not keep a format any more.");
    public static readonly ChangeRule FormatUndecided = Undecided("format", "Texts have to keep another format.");
    public static readonly ChangeRule RequiredNarrowed = Narrowed("required", "A property has to be there (required).");
    public static readonly ChangeRule RequiredWidened = Widened("required", "A property need not be there any more.");
    public static readonly ChangeRule PropertyNarrowed = Narrowed("property", "A property is no longer allowed (it is not declared any more, and others are not allowed).");
    public static readonly ChangeRule PropertyWidened = Widened("property", "A property is allowed that was not (it is declared now, and others were not allowed).");
    public static readonly ChangeRule DeclaredNarrowed = Narrowed("declared-property", "A property is declared now that could have any value before, because properties that are not declared were allowed.");
    public static readonly ChangeRule DeclaredWidened = Widened("declared-property", "The declaration of a property is gone, and it may have any value now, because properties that are not declared are allowed.");
    public static readonly ChangeRule AdditionalNarrowed = Narrowed("additional-properties", "Properties that are not declared are no longer allowed, or fewer of them.");
    public static readonly ChangeRule AdditionalWidened = Widened("additional-properties", "Properties that are not declared are allowed, or more of them.");
    public static readonly ChangeRule PatternPropertiesUndecided = Undecided("pattern-properties", "Properties are told apart by other patterns of their names.");
    public static readonly ChangeRule MinPropertiesNarrowed = Narrowed("min-properties", "An object needs more properties.");
    public static readonly ChangeRule MinPropertiesWidened = Widened("min-properties", "An object needs fewer properties.");
    public static readonly ChangeRule MaxPropertiesNarrowed = Narrowed("max-properties", "An object may have fewer properties.");
    public static readonly ChangeRule MaxPropertiesWidened = Widened("max-properties", "An object may have more properties.");
    public static readonly ChangeRule DependentNarrowed = Narrowed("dependent-required", "A property has to be there when another is.");
    public static readonly ChangeRule DependentWidened = Widened("dependent-required", "A property need not be there any more when another is.");
    public static readonly ChangeRule MinItemsNarrowed = Narrowed("min-items", "A list needs more items.");
    public static readonly ChangeRule MinItemsWidened = Widened("min-items", "A list needs fewer items.");
    public static readonly ChangeRule MaxItemsNarrowed = Narrowed("max-items", "A list may have fewer items.");
    public static readonly ChangeRule MaxItemsWidened = Widened("max-items", "A list may have more items.");
    public static readonly ChangeRule UniqueItemsNarrowed = Narrowed("unique-items", "Items of a list have to differ.");
    public static readonly ChangeRule UniqueItemsWidened = Widened("unique-items", "Items of a list need not differ any more.");
    public static readonly ChangeRule ContainsNarrowed = Narrowed("contains", "A list has to contain something, or fewer or more of it.");
    public static readonly ChangeRule ContainsWidened = Widened("contains", "A list need not contain something any more, or may have fewer or more of it.");
    public static readonly ChangeRule ContainsUndecided = Undecided("contains", "A list has to contain something else.");
    public static readonly ChangeRule AnyOfNarrowed = Narrowed("any-of", "An alternative is gone, or alternatives are given now (anyOf).");
    public static readonly ChangeRule AnyOfWidened = Widened("any-of", "There is another alternative, or the alternatives no longer count.");
    public static readonly ChangeRule OneOfNarrowed = Narrowed("one-of", "Exactly one of several schemas has to match now (oneOf).");
    public static readonly ChangeRule OneOfWidened = Widened("one-of", "It no longer has to be exactly one of several schemas that matches.");
    public static readonly ChangeRule OneOfUndecided = Undecided("one-of", "Exactly one of other schemas has to match; a value may match two of them now.");
    public static readonly ChangeRule NotNarrowed = Narrowed("not", "Something is ruled out.");
    public static readonly ChangeRule NotWidened = Widened("not", "Something is no longer ruled out.");
    public static readonly ChangeRule NotUndecided = Undecided("not", "Something else is ruled out.");
    public static readonly ChangeRule ConditionUndecided = Undecided("condition", "Another condition, or other consequences of it (if, then, else).");
    public static readonly ChangeRule UnevaluatedUndecided = Undecided("unevaluated", "What is left over by other keywords is judged differently (unevaluatedProperties, unevaluatedItems), or those others are different.");
    public static readonly ChangeRule ReferenceUndecided = Undecided("reference", "A reference that depends on the path by which it is reached, or leads nowhere ($dynamicRef, $id).");
    public static readonly ChangeRule BoundUndecided = Undecided("bound", "A number that is too long to be compared exactly.");
    public static readonly ChangeRule DialectUndecided = Undecided("dialect", "The schema is written in another dialect ($schema), and has keywords that only one of the two knows or that they read differently.");
    public static readonly ChangeRule SizeUndecided = Undecided("size", "The schemas are too entangled to be compared within bounds.");

    // What does not judge values.
    public static readonly ChangeRule SchemaRewritten = new("schema-rewritten", ChangeScope.Schema, ChangeImpact.Compatible, ChangeImpact.Compatible, "The schema is written differently and accepts the same values.");
    public static readonly ChangeRule SchemaTextChanged = new("schema-text-changed", ChangeScope.Schema, ChangeImpact.TextOnly, ChangeImpact.TextOnly, "A title, description, comment or example is another.");
    public static readonly ChangeRule DefaultChanged = new("default-changed", ChangeScope.Schema, ChangeImpact.Compatible, ChangeImpact.Compatible, "What is assumed for a missing value is another (default). Calls stay valid, but may do something else.");
    public static readonly ChangeRule HeaderParameterChanged = new("header-parameter-changed", ChangeScope.Schema, ChangeImpact.Breaking, ChangeImpact.Compatible, "A parameter is repeated in another header, or no longer in one (x-mcp-header).");
    public static readonly ChangeRule ExtensionChanged = new("schema-extension-changed", ChangeScope.Schema, ChangeImpact.Compatible, ChangeImpact.Compatible, "A keyword that judges no values is another, for example x-governance.");
}
