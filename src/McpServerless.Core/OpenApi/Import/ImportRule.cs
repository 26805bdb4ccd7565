namespace McpServerless.OpenApi.Import;

/// <summary>What a finding means for what it is about.</summary>
public enum ImportSeverity
{
    /// <summary>Nothing of the document is imported.</summary>
    Document,

    /// <summary>The operation is not imported.</summary>
    Operation,

    /// <summary>The operation is imported, with less than the document says.</summary>
    Part,
}

/// <summary>What of an OpenAPI document cannot become tool contracts. Ids are stable and never reused.</summary>
public sealed record ImportRule
{
    public static readonly ImportRule DocumentUnreadable = Document("document-unreadable", "The document is not JSON or YAML, repeats a name, or cannot be read as OpenAPI.");
    public static readonly ImportRule DocumentTooLarge = Document("document-too-large", "The document is larger than 64 MiB.");
    public static readonly ImportRule VersionNotSupported = Document("version-not-supported", "The document is not OpenAPI 3.0, 3.1 or 3.2.");

    public static readonly ImportRule MethodNotMapped = Operation("method-not-mapped", "HEAD, OPTIONS, TRACE and methods of no standard have no result that a tool could give.");
    public static readonly ImportRule PathNotMapped = Operation("path-not-mapped", "The path is no path below a URL, or its parameters are not those of the template.");
    public static readonly ImportRule ServerDiffers = Operation("server-differs", "The operation or its path names servers of its own; a contract is called at its upstream's URL alone. Import it for an upstream of its own.");
    public static readonly ImportRule ParameterNotMapped = Operation("parameter-not-mapped", "A required parameter cannot be an argument.");
    public static readonly ImportRule BodyNotMapped = Operation("body-not-mapped", "The required body has no media type that an argument can become.");
    public static readonly ImportRule InputNotMapped = Operation("input-not-mapped", "The schema of the arguments cannot be held: it is invalid, or over the bounds even when it is widened.");
    public static readonly ImportRule ReferenceUnresolved = Operation("reference-unresolved", "The arguments refer to something that the document does not have. References to other documents are not followed.");

    public static readonly ImportRule ParameterDropped = Part("parameter-dropped", "An optional parameter cannot be an argument.");
    public static readonly ImportRule ParameterIsCredential = Part("parameter-is-credential", "A parameter carries the API's credential, which no argument may set.");
    public static readonly ImportRule StyleUndefined = Part("style-undefined", "OpenAPI does not define how such a value is sent; the contract says how the gateway sends it.");
    public static readonly ImportRule BodyDropped = Part("body-dropped", "An optional body has no media type that an argument can become.");
    public static readonly ImportRule MediaTypesNotMapped = Part("media-types-not-mapped", "The body can be sent in other media types too; one is used.");
    public static readonly ImportRule KeywordInvalid = Part("keyword-invalid", "A keyword of a schema has a value that JSON Schema does not know; it is left out.");
    public static readonly ImportRule PatternNotChecked = Part("pattern-not-checked", "A pattern is no regular expression, or one whose time cannot be bounded; values are not held to it.");
    public static readonly ImportRule EnumNotChecked = Part("enum-not-checked", "An enumeration is empty or longer than is checked; values are not held to it.");
    public static readonly ImportRule DiscriminatorNotMapped = Part("discriminator-not-mapped", "A discriminator says nothing that the alternatives of a schema do not say; it is left out.");
    public static readonly ImportRule InputWidened = Part("input-widened", "The schema of the arguments is over the bounds; deep parts of it are not checked by the gateway.");
    public static readonly ImportRule OutputWidened = Part("output-widened", "The schema of the result is over the bounds; deep parts of it are not checked.");
    public static readonly ImportRule OutputNotMapped = Part("output-not-mapped", "There is no schema for the result: a success has no JSON content, no schema, or one that cannot be held. Results are not checked.");
    public static readonly ImportRule SuccessAssumed = Part("success-assumed", "The operation names no status of success; any 2xx counts as one.");
    public static readonly ImportRule RedirectNotFollowed = Part("redirect-not-followed", "An answer of the operation is a redirect, which the gateway does not follow.");
    public static readonly ImportRule TextCut = Part("text-cut", "A description is longer than a contract holds, and was cut.");
    public static readonly ImportRule CredentialNeeded = Part("credential-needed", "The API asks for a credential. It is the upstream's own and never an argument.");
    public static readonly ImportRule ResponseHeadersNotMapped = Part("response-headers-not-mapped", "Headers of an answer are not part of a tool's result.");
    public static readonly ImportRule LinksNotMapped = Part("links-not-mapped", "Links between operations have no form in MCP.");
    public static readonly ImportRule CallbacksNotMapped = Part("callbacks-not-mapped", "Callbacks and webhooks are calls by the API, not of it.");
    public static readonly ImportRule DocumentInvalid = Part("document-invalid", "The document breaks the OpenAPI specification here; what could be read of it is used.");

    private ImportRule(string id, ImportSeverity severity, string meaning) => (Id, Severity, Meaning) = (id, severity, meaning);

    /// <summary>Every rule, in the order of the table.</summary>
    public static IReadOnlyList<ImportRule> All { get; } =
        [.. typeof(ImportRule).GetFields(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static).Select(f => f.GetValue(null)).OfType<ImportRule>()];

    /// <summary>Stable, in kebab case.</summary>
    public string Id { get; }

    public ImportSeverity Severity { get; }

    public string Meaning { get; }

    public override string ToString() => Id;

    private static ImportRule Document(string id, string meaning) => new(id, ImportSeverity.Document, meaning);

    private static ImportRule Operation(string id, string meaning) => new(id, ImportSeverity.Operation, meaning);

    private static ImportRule Part(string id, string meaning) => new(id, ImportSeverity.Part, meaning);
}

/// <summary>Something of a document that did not become a contract as it stands, and where.</summary>
/// <param name="Pointer">JSON pointer into the document; empty for the whole.</param>
public sealed record ImportFinding(ImportRule Rule, string Pointer, string Message)
{
    public override string ToString()
    {
        var severity = Rule.Severity == ImportSeverity.Part ? "warning" : "error";
        return $"{severity} {Rule.Id}: {(Pointer.Length > 0 ? Pointer + ": " : "")}{Message}";
    }
}
