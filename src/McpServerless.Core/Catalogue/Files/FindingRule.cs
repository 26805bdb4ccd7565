namespace McpServerless.Catalogue.Files;

public enum FindingSeverity
{
    /// <summary>Nothing of the folder is applied.</summary>
    Error,

    /// <summary>Applied, but probably not what was meant.</summary>
    Warning,
}

/// <summary>What can be wrong with catalogue files. Ids are stable and never reused.</summary>
public sealed record FindingRule
{
    // Reading a file.
    public static readonly FindingRule FolderEmpty = Error("folder-empty", "The folder has no *.json, *.yaml or *.yml file.");
    public static readonly FindingRule TooManyFiles = Error("too-many-files", "The folder has more files than are read.");
    public static readonly FindingRule FileTooLarge = Error("file-too-large", "A file is larger than 1 MiB.");
    public static readonly FindingRule FileUnreadable = Error("file-unreadable", "The system does not let the file be read.");
    public static readonly FindingRule InvalidUtf8 = Error("invalid-utf8", "A file is not UTF-8.");
    public static readonly FindingRule Syntax = Error("syntax", "A file is not JSON or YAML, or holds nothing.");
    public static readonly FindingRule NestedTooDeep = Error("nested-too-deep", "Values are nested more than 64 levels deep.");
    public static readonly FindingRule DuplicateKey = Error("duplicate-key", "An object has a member twice.");
    public static readonly FindingRule YamlAlias = Error("yaml-alias", "YAML anchors and aliases are not read: a few lines of them can stand for gigabytes.");
    public static readonly FindingRule YamlTag = Error("yaml-tag", "Only the tags of YAML's core schema are read.");
    public static readonly FindingRule YamlKey = Error("yaml-key", "A key is not a text.");
    public static readonly FindingRule YamlNumber = Error("yaml-number", "Infinity and NaN have no JSON.");
    public static readonly FindingRule YamlMultipleDocuments = Error("yaml-multiple-documents", "A file holds more than one document.");

    // The shape of a file, by its JSON Schema.
    public static readonly FindingRule KindUnknown = Error("kind-unknown", "The member kind is missing or names no kind of file.");
    public static readonly FindingRule UnknownMember = Error("unknown-member", "The schema knows no such member.");
    public static readonly FindingRule MissingMember = Error("missing-member", "A required member is missing.");
    public static readonly FindingRule InvalidValue = Error("invalid-value", "A value has the wrong type, form or range.");
    public static readonly FindingRule ExpiryMissing = Error("expiry-missing", "A client or grant has neither expiresAt nor expiresIn, or both.");
    public static readonly FindingRule UriMissing = Error("uri-missing", "A resource has neither uri nor uriTemplate, or both.");
    public static readonly FindingRule ObjectTooLarge = Error("object-too-large", "What a file describes is larger than can be kept.");
    public static readonly FindingRule OverrideUnknown = Error("override-unknown", "A --set names nothing in the folder.");

    // The folder as a whole.
    public static readonly FindingRule DuplicateName = Error("duplicate-name", "Two files describe the same thing.");
    public static readonly FindingRule ReferenceUnknown = Error("reference-unknown", "A file refers to something that no file describes.");
    public static readonly FindingRule NameReserved = Error("name-reserved", "An upstream is called gateway, which stands for the gateway's own tools.");
    public static readonly FindingRule UrlNotAllowed = Error("url-not-allowed", "An upstream's URL is not https, or carries what it must not.");
    public static readonly FindingRule CredentialInvalid = Error("credential-invalid", "An upstream's credential names another upstream's secret, a header that frames a request, or a token address that is not https.");
    public static readonly FindingRule InputRootNotObject = Error("input-root-not-object", "The root of an inputSchema does not say type: object.");
    public static readonly FindingRule SchemaRefused = Error("schema-refused", "A tool's schema is over the bounds that keep checking cheap.");
    public static readonly FindingRule HeaderParameterInvalid = Error("header-parameter-invalid", "An x-mcp-header breaks the rules of MCP.");
    public static readonly FindingRule SchemaInvalid = Error("schema-invalid", "A tool's schema is not a valid JSON Schema.");
    public static readonly FindingRule HttpBindingMissing = Error("http-binding-missing", "A tool of a REST upstream does not say how it is called.");
    public static readonly FindingRule HttpBindingUnexpected = Error("http-binding-unexpected", "A tool of an MCP upstream has the member http.");
    public static readonly FindingRule HttpBindingInvalid = Error("http-binding-invalid", "The member http of a contract does not fit its arguments, or reaches what no argument may set.");
    public static readonly FindingRule SunsetWithoutDeprecation = Error("sunset-without-deprecation", "A sunset needs state: deprecated.");
    public static readonly FindingRule DeprecationWithoutSunset = Warning("deprecation-without-sunset", "A deprecated contract has no sunset, so it is served for ever.");
    public static readonly FindingRule SunsetPast = Warning("sunset-past", "A deprecated contract's sunset is past, so it counts as retired.");
    public static readonly FindingRule PromptArgumentTwice = Error("prompt-argument-twice", "A prompt has two arguments of one name.");
    public static readonly FindingRule ResourceUriInvalid = Error("resource-uri-invalid", "A resource's URI, or every URI of a template, would be refused when it is asked for.");
    public static readonly FindingRule UriTemplateInvalid = Error("uri-template-invalid", "A uriTemplate is not a URI template (RFC 6570), or has too many expressions.");
    public static readonly FindingRule ToolNeedsTasks = Warning("tool-needs-tasks", "A tool runs only as a task of MCP 2025-11-25, which is not served, so it is not exposed.");
    public static readonly FindingRule ToolNameCollision = Error("tool-name-collision", "A virtual server would expose two tools under one name.");
    public static readonly FindingRule ToolNameTooLong = Error("tool-name-too-long", "A prefix makes a tool's name longer than 128 characters.");
    public static readonly FindingRule PromptNameCollision = Error("prompt-name-collision", "A virtual server would expose two prompts under one name.");
    public static readonly FindingRule PromptNameTooLong = Error("prompt-name-too-long", "A prefix makes a prompt's name longer than 128 characters.");
    public static readonly FindingRule ResourceUriCollision = Error("resource-uri-collision", "A virtual server would expose one URI of two upstreams; a URI cannot be renamed.");
    public static readonly FindingRule SelectionMatchesNothing = Warning("selection-matches-nothing", "A selection of a virtual server matches no tool, prompt or resource.");
    public static readonly FindingRule ExpiryPast = Error("expiry-past", "A client or grant has expired already.");
    public static readonly FindingRule ExpiryTooFar = Error("expiry-too-far", "A client would be registered, or a grant would last, for more than 365 days.");
    public static readonly FindingRule GrantMatchesNothing = Warning("grant-matches-nothing", "A name, URI or glob of a grant matches nothing of its server.");
    public static readonly FindingRule GrantMatchesEverything = Error("grant-matches-everything", "A grant allows every tool, prompt or resource of its server, also those added later, and does not say why (broadReason).");
    public static readonly FindingRule ConstraintInvalid = Error("constraint-invalid", "A constraint's schema is over the bounds that keep checking cheap, or not a valid JSON Schema.");
    public static readonly FindingRule ConstraintIdle = Warning("constraint-idle", "A constraint names tools that the grant does not.");
    public static readonly FindingRule ContextInvalid = Error("context-invalid", "A network is not in CIDR form, or no system knows a time zone.");
    public static readonly FindingRule RequesterMissing = Error("requester-missing", "A grant allows something of high sensitivity and does not say who asked for it.");
    public static readonly FindingRule ApproverIsRequester = Error("approver-is-requester", "A grant for something of high sensitivity was approved by whoever asked for it.");
    public static readonly FindingRule TenantDiffers = Warning("tenant-differs", "Clients are of several tenants, and a gateway accepts tokens of one.");
    public static readonly FindingRule GrantOutlivesClient = Warning("grant-outlives-client", "A grant ends later than its client.");
    public static readonly FindingRule BudgetInvalid = Error("budget-invalid", "A limit cannot be counted as it is declared.");
    public static readonly FindingRule ReviewPast = Warning("review-past", "The next review of a grant is overdue.");

    // What a model would read.
    public static readonly FindingRule GuardBlocks = Error("definition-suspicious", "A definition has what a guard blocks. Take it out, or accept the finding by its rule and with a reason (accepted).");
    public static readonly FindingRule GuardWarns = Warning("definition-remarkable", "A definition has what a guard warns of.");
    public static readonly FindingRule AcceptanceIdle = Warning("acceptance-idle", "A finding is accepted that is not there.");

    // Against what is published.
    public static readonly FindingRule NotInFolder = Warning("not-in-folder", "Something is published, but no file describes it. It is kept; --prune removes it.");
    public static readonly FindingRule NotOwner = Error("not-owner", "A contract belongs to another team than the one that applies.");
    public static readonly FindingRule StillQuarantined = Warning("still-quarantined", "A contract stays in quarantine because its file does not say state: active.");

    private FindingRule(string id, FindingSeverity severity, string meaning) => (Id, Severity, Meaning) = (id, severity, meaning);

    /// <summary>Stable, in kebab case.</summary>
    public string Id { get; }

    public FindingSeverity Severity { get; }

    public string Meaning { get; }

    public override string ToString() => Id;

    private static FindingRule Error(string id, string meaning) => new(id, FindingSeverity.Error, meaning);

    private static FindingRule Warning(string id, string meaning) => new(id, FindingSeverity.Warning, meaning);
}
