namespace McpServerless.Contracts.Comparing;

/// <summary>Something that a schema asks of values, with the rules for asking more of it, less, or what cannot be told.</summary>
internal sealed record SchemaConstraint(ChangeRule? Narrowed, ChangeRule? Widened, ChangeRule? Undecided = null)
{
    public static readonly SchemaConstraint Anything = new(ChangeRule.NothingAllowed, ChangeRule.SomethingAllowed);
    public static readonly SchemaConstraint Type = new(ChangeRule.TypeNarrowed, ChangeRule.TypeWidened);
    public static readonly SchemaConstraint Enum = new(ChangeRule.EnumNarrowed, ChangeRule.EnumWidened);
    public static readonly SchemaConstraint Minimum = new(ChangeRule.MinimumNarrowed, ChangeRule.MinimumWidened);
    public static readonly SchemaConstraint Maximum = new(ChangeRule.MaximumNarrowed, ChangeRule.MaximumWidened);
    public static readonly SchemaConstraint MultipleOf = new(ChangeRule.MultipleOfNarrowed, ChangeRule.MultipleOfWidened);
    public static readonly SchemaConstraint MinLength = new(ChangeRule.MinLengthNarrowed, ChangeRule.MinLengthWidened);
    public static readonly SchemaConstraint MaxLength = new(ChangeRule.MaxLengthNarrowed, ChangeRule.MaxLengthWidened);
    public static readonly SchemaConstraint Pattern = new(ChangeRule.PatternNarrowed, ChangeRule.PatternWidened, ChangeRule.PatternUndecided);
    public static readonly SchemaConstraint Format = new(ChangeRule.FormatNarrowed, ChangeRule.FormatWidened, ChangeRule.FormatUndecided);
    public static readonly SchemaConstraint Required = new(ChangeRule.RequiredNarrowed, ChangeRule.RequiredWidened);
    public static readonly SchemaConstraint Property = new(ChangeRule.PropertyNarrowed, ChangeRule.PropertyWidened);
    public static readonly SchemaConstraint Declared = new(ChangeRule.DeclaredNarrowed, ChangeRule.DeclaredWidened);
    public static readonly SchemaConstraint Additional = new(ChangeRule.AdditionalNarrowed, ChangeRule.AdditionalWidened);
    public static readonly SchemaConstraint PatternProperties = new(null, null, ChangeRule.PatternPropertiesUndecided);
    public static readonly SchemaConstraint MinProperties = new(ChangeRule.MinPropertiesNarrowed, ChangeRule.MinPropertiesWidened);
    public static readonly SchemaConstraint MaxProperties = new(ChangeRule.MaxPropertiesNarrowed, ChangeRule.MaxPropertiesWidened);
    public static readonly SchemaConstraint Dependent = new(ChangeRule.DependentNarrowed, ChangeRule.DependentWidened);
    public static readonly SchemaConstraint MinItems = new(ChangeRule.MinItemsNarrowed, ChangeRule.MinItemsWidened);
    public static readonly SchemaConstraint MaxItems = new(ChangeRule.MaxItemsNarrowed, ChangeRule.MaxItemsWidened);
    public static readonly SchemaConstraint UniqueItems = new(ChangeRule.UniqueItemsNarrowed, ChangeRule.UniqueItemsWidened);
    public static readonly SchemaConstraint Contains = new(ChangeRule.ContainsNarrowed, ChangeRule.ContainsWidened, ChangeRule.ContainsUndecided);
    public static readonly SchemaConstraint AnyOf = new(ChangeRule.AnyOfNarrowed, ChangeRule.AnyOfWidened);
    public static readonly SchemaConstraint OneOf = new(ChangeRule.OneOfNarrowed, ChangeRule.OneOfWidened, ChangeRule.OneOfUndecided);
    public static readonly SchemaConstraint Not = new(ChangeRule.NotNarrowed, ChangeRule.NotWidened, ChangeRule.NotUndecided);
    public static readonly SchemaConstraint Condition = new(null, null, ChangeRule.ConditionUndecided);
    public static readonly SchemaConstraint Unevaluated = new(null, null, ChangeRule.UnevaluatedUndecided);
    public static readonly SchemaConstraint Reference = new(null, null, ChangeRule.ReferenceUndecided);
    public static readonly SchemaConstraint Bound = new(null, null, ChangeRule.BoundUndecided);
    public static readonly SchemaConstraint Dialect = new(null, null, ChangeRule.DialectUndecided);
    public static readonly SchemaConstraint Size = new(null, null, ChangeRule.SizeUndecided);
}

/// <summary>A constraint that not all values of the other side keep.</summary>
/// <param name="At">The schema that has the constraint.</param>
/// <param name="Path">What follows its pointer, with the leading slash; empty for the schema itself.</param>
/// <param name="Detail">What was not met, for people; never empty.</param>
/// <param name="IsUndecided">True when it is only not proven that they keep it.</param>
internal sealed record Violation(SchemaConstraint Constraint, SchemaNode At, string Path, string Detail, bool IsUndecided);
