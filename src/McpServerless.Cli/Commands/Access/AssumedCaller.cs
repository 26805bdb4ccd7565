using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using McpServerless.Access;
using McpServerless.Access.Explaining;
using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Stores;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Cli.Commands.Access;

/// <summary>The token that a question supposes, and where the call would come from.</summary>
internal sealed class AssumedCaller
{
    private static readonly AuthenticationOptions Defaults = new();

    private readonly Option<bool> _delegated = new("--delegated") { Description = "Supposes a signed-in user behind the token; an application's own token by default." };
    private readonly Option<string[]> _roles = new("--role") { Description = "An app role of the token, beside the gateway's own; may be repeated.", DefaultValueFactory = _ => [] };
    private readonly Option<string[]> _scopes = new("--scope") { Description = "A scope of a delegated token, beside the gateway's own; may be repeated.", DefaultValueFactory = _ => [] };
    private readonly Option<string[]> _authContexts = new("--auth-context") { Description = "An authentication context of the token (acrs); may be repeated.", DefaultValueFactory = _ => [] };
    private readonly Option<string[]> _authMethods = new("--auth-method") { Description = "How the user signed in (amr); may be repeated.", DefaultValueFactory = _ => [] };
    private readonly Option<string?> _address = new("--address") { Description = "The address from which it calls; not known by default." };
    private readonly Option<int> _tokenAge = new("--token-age") { Description = "Minutes since the token was issued.", DefaultValueFactory = _ => 0 };
    private readonly Option<string?> _environment = new("--environment") { Description = "What the deployment is (Access:Environment)." };

    private IEnumerable<Option> All => [_delegated, _roles, _scopes, _authContexts, _authMethods, _address, _tokenAge, _environment];

    public void AddTo(Command command)
    {
        foreach (var option in All) command.Add(option);
    }

    /// <summary>The same suppositions for a question to the gateway, which knows itself what its deployment is.</summary>
    /// <exception cref="UsageException">The environment of a deployment is supposed.</exception>
    public void AddTo(GatewayCall call, ParseResult result)
    {
        if (result.GetResult(_environment) is not null) throw new UsageException("--environment is for questions at the storage account: a gateway knows what its deployment is");
        var body = call.Body!.AsObject(); // a question has a body
        body["delegated"] = result.GetValue(_delegated);
        foreach (var (name, option) in (ReadOnlySpan<(string, Option<string[]>)>)[("roles", _roles), ("scopes", _scopes), ("authContexts", _authContexts), ("authMethods", _authMethods)]) body[name] = new JsonArray([.. (result.GetValue(option) ?? []).Select(v => JsonValue.Create(v))]);
        if (result.GetValue(_address) is { } address) body["address"] = address;
        body["tokenAgeMinutes"] = result.GetValue(_tokenAge);
    }

    /// <exception cref="UsageException">Something is supposed.</exception>
    public void RefuseOptions(ParseResult result)
    {
        if (All.FirstOrDefault(o => result.GetResult(o) is { Implicit: false }) is { } given) throw new UsageException($"{given.Name} is for questions at the storage account: a gateway answers who-can for each client's own token");
    }

    public Caller Of(ParseResult result, Client client, TimeProvider time)
    {
        var delegated = result.GetValue(_delegated);
        return new Caller
        {
            TenantId = client.TenantId,
            ClientId = client.ClientId,
            ObjectId = "supposed",
            Kind = delegated ? CallerKind.Delegated : CallerKind.Application,
            Roles = [Defaults.RequiredRole, .. result.GetValue(_roles) ?? []],
            Scopes = delegated ? [Defaults.RequiredScope, .. result.GetValue(_scopes) ?? []] : [],
            AuthContexts = result.GetValue(_authContexts) ?? [],
            AuthMethods = result.GetValue(_authMethods) ?? [],
            IssuedAt = time.GetUtcNow().AddMinutes(-result.GetValue(_tokenAge)),
            ExpiresAt = time.GetUtcNow().AddHours(1),
        };
    }

    /// <exception cref="UsageException">The address is none.</exception>
    public RequestContext ContextOf(ParseResult result, string server, TimeProvider time) => new()
    {
        RequestId = Guid.CreateVersion7(time.GetUtcNow()),
        Server = server,
        Token = null,
        StartedAt = time.GetTimestamp(),
        Address = result.GetValue(_address) is not { } text ? null : IPAddress.TryParse(text, out var address) ? address : throw new UsageException("--address is no IP address"),
    };

    /// <summary>The gateway's own decision, on the state as it is now.</summary>
    public AccessQuestions Questions(ParseResult result, GovernanceStores stores, TimeProvider time)
    {
        var options = Options.Create(new AccessOptions { Environment = result.GetValue(_environment), ReadTimeoutMilliseconds = 30000, MaxStalenessSeconds = 60 });
        var state = new GovernanceState(stores.Access, stores.Catalogues, options, time, NullLogger<GovernanceState>.Instance);
        return new AccessQuestions(new Authorizer(state, Options.Create(Defaults), options, time), state, stores.Clients);
    }

    public static Option<SubjectKind> Kind() => new("--kind") { Description = "What is asked for.", DefaultValueFactory = _ => SubjectKind.Tool };
}
