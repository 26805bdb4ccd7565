using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using McpServerless.Authentication;
using McpServerless.Management;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace McpServerless.Http.Manage;

/// <summary>The OpenAPI 3.1 document of the management API, made from the table that routes it.</summary>
internal sealed class OpenApiDescription(ManageTable table, IOptions<GatewayOptions> gateway, IOptions<AuthenticationOptions> authentication, IOptions<ManagementOptions> management)
{
    private const string Bearer = "entra";
    private const string ProblemName = "Problem";

    private Task<string>? _text;

    /// <summary>The document, as anybody may read it: it tells nothing of this deployment but its address.</summary>
    public async Task<ManageAnswer> AnswerAsync(CancellationToken ct) => new() { Body = Encoding.UTF8.GetBytes(await (_text ??= TextAsync(ct)).WaitAsync(ct)) };

    public Task<string> TextAsync(CancellationToken ct) => Create().SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, ct);

    private OpenApiDocument Create()
    {
        var document = new OpenApiDocument
        {
            Info = new OpenApiInfo
            {
                Title = "McpServerless management API",
                Version = "1",
                Description = "Clients, grants, requests, kill switches, catalogue, contracts, budgets, teams and the audit ledger of a gateway. See docs/management-api.md.",
            },
            Servers = [new OpenApiServer { Url = gateway.Value.Base }],
            Paths = [],
            Components = new OpenApiComponents { Schemas = new Dictionary<string, IOpenApiSchema>(), SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>() },
        };
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = $"An Entra v2.0 access token for the gateway's application with an app role; a user's token also with the scope {authentication.Value.QualifiedScope(management.Value.RequiredScope)}.",
        };
        Add(document, ProblemName, ManageSchemas.Of(ManageJson.Default.ProblemBody));
        foreach (var path in table.Operations.GroupBy(o => o.Path))
        {
            var item = new OpenApiPathItem { Operations = [] };
            foreach (var operation in path) item.Operations[HttpMethod.Parse(operation.Method)] = Describe(document, operation);
            document.Paths[$"/manage/{path.Key}"] = item;
        }

        return document;
    }

    private static OpenApiOperation Describe(OpenApiDocument document, ManageOperation operation)
    {
        var who = $"Roles: {string.Join(", ", GovernanceRoleNames.NamesOf(operation.Roles))}.{(operation.Remark is { } remark ? $" {char.ToUpperInvariant(remark[0])}{remark[1..]}." : "")}";
        var described = new OpenApiOperation
        {
            OperationId = operation.Id,
            Summary = operation.Summary,
            Description = who,
            Parameters = [.. operation.PathParameters.Select(Parameters.OfPath).Select(p => Describe(p, ParameterLocation.Path)), .. operation.Query.Select(p => Describe(p, ParameterLocation.Query)), .. Headers(operation)],
            Responses = [],
        };
        if (operation.Roles != GovernanceRoles.None) described.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
        if (operation.Body is { } body)
        {
            var name = char.ToUpperInvariant(operation.Id[0]) + operation.Id[1..] + "Body";
            Add(document, name, body);
            described.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, IOpenApiMediaType> { [ManageAnswer.Json] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(name, document), Example = operation.Example?.DeepClone() } },
            };
        }

        foreach (var status in operation.Result.Statuses) described.Responses[Text(status)] = Success(document, operation, status);
        foreach (var problems in operation.Problems().GroupBy(p => p.Status).OrderBy(g => g.Key)) described.Responses[Text(problems.Key)] = Problem(document, [.. problems]);
        return described;
    }

    private static OpenApiResponse Success(OpenApiDocument document, ManageOperation operation, int status)
    {
        var result = operation.Result;
        Add(document, result.Name, result.Schema);
        IOpenApiSchema schema = new OpenApiSchemaReference(result.Name, document);
        if (result.IsPage)
        {
            var name = result.Name + "Page";
            Add(document, name, ManageSchemas.PageOf(new JsonObject { ["$ref"] = $"#/components/schemas/{result.Name}" }));
            schema = new OpenApiSchemaReference(name, document);
        }

        var response = new OpenApiResponse
        {
            Description = ReasonPhrases.GetReasonPhrase(status),
            Headers = new Dictionary<string, IOpenApiHeader>(),
            Content = new Dictionary<string, IOpenApiMediaType> { [ManageAnswer.Json] = new OpenApiMediaType { Schema = schema } },
        };
        if (result.IsTagged) response.Headers["ETag"] = Header("What If-Match names.");
        if (result.IsPage) response.Headers["Link"] = Header("rel=\"next\" where there is another page (RFC 8288).");
        if (status == 201 && operation.Method == "POST") response.Headers["Location"] = Header("Where it is.");
        if (operation.IsRepeatable) response.Headers[RepeatedRequests.ReplayedHeader] = Header("true for an answer that was given before.");
        return response;
    }

    private static OpenApiResponse Problem(OpenApiDocument document, IReadOnlyList<ManageProblemCode> codes)
    {
        var response = new OpenApiResponse
        {
            Description = string.Join(" ", codes.Select(c => $"{c.Name}: {c.Meaning}")),
            Headers = new Dictionary<string, IOpenApiHeader>(),
            Content = new Dictionary<string, IOpenApiMediaType> { [ManageAnswer.ProblemJson] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(ProblemName, document) } },
        };
        if (codes[0].Status == 401) response.Headers["WWW-Authenticate"] = Header("Where to get a token (RFC 9728, section 5.1).");
        if (codes[0].Status is 409 or 429 or 503) response.Headers["Retry-After"] = Header("Seconds.");
        return response;
    }

    private static OpenApiHeader Header(string description) => new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    private static OpenApiParameter Describe(ManageParameter parameter, ParameterLocation place) => new()
    {
        Name = parameter.Name,
        In = place,
        Required = place == ParameterLocation.Path,
        Description = parameter.Description,
        Schema = SchemaOf(parameter.Schema, null),
        Example = parameter.Example.DeepClone(),
    };

    private static IEnumerable<IOpenApiParameter> Headers(ManageOperation operation)
    {
        if (operation.Precondition != Precondition.None)
        {
            yield return new OpenApiParameter
            {
                Name = "If-Match",
                In = ParameterLocation.Header,
                Required = operation.Precondition == Precondition.Required,
                Description = operation.Precondition == Precondition.RequiredIfExists ? "The ETag of what is changed; left out for what is new. * stands for whatever it is now." : "The ETag of what is changed; * stands for whatever it is now.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = "*",
            };
        }

        if (operation.IsRepeatable)
        {
            yield return new OpenApiParameter
            {
                Name = RepeatedRequests.Header,
                In = ParameterLocation.Header,
                Description = "The same key for the same request is answered as before.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 128, Pattern = "^[!-~]{1,128}$" },
                Example = "0199d0c2-0000-7000-8000-000000000003",
            };
        }
    }

    private static void Add(OpenApiDocument document, string name, JsonObject schema) => document.Components!.Schemas!.TryAdd(name, SchemaOf(schema, document)); // both are made with the document

    private static OpenApiSchema SchemaOf(JsonObject schema, OpenApiDocument? document) =>
        OpenApiModelFactory.Parse<OpenApiSchema>(schema.ToJsonString(), OpenApiSpecVersion.OpenApi3_1, document ?? new OpenApiDocument(), out _, OpenApiConstants.Json)
        ?? throw new InvalidOperationException("A schema of the management API cannot be read.");

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}
