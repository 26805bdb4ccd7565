using System.Runtime.CompilerServices;
using System.Text.Json;
using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.ToolCalls;

namespace McpServerless.Access.Explaining;

/// <summary>Answers whether a client could use something, by the same code that decides calls.</summary>
public sealed class AccessQuestions(Authorizer authorizer, GovernanceState state, IClientDirectory clients)
{
    /// <summary>What a call would get. Budgets, contracts of arguments and upstreams are not asked.</summary>
    /// <param name="caller">Who would call, as its token would say.</param>
    /// <param name="context">On which server, from where.</param>
    /// <param name="arguments">Null when they are not known.</param>
    public async ValueTask<AccessAnswer> CanAsync(Caller caller, RequestContext context, SubjectKind kind, string name, JsonElement? arguments, CancellationToken ct)
    {
        var answer = new AccessAnswer { ClientId = caller.ClientId, Server = context.Server, Name = name };
        if (!(await authorizer.AdmitAsync(caller, context, ct)).Succeeded(out var admission, out var refusal)) return Refused(answer, refusal);
        answer = answer with { Rules = Judge(admission, kind, name, arguments) };
        if (!authorizer.Authorize(admission, kind, name).Succeeded(out var grant, out refusal)) return Refused(answer, refusal);
        if (!authorizer.Confirm(grant).Succeeded(out grant, out refusal)) return Refused(answer, refusal);
        if (grant.Arguments is not { } rules) return answer with { GrantId = grant.Grant.GrantId };
        if (arguments is not { } known) return answer with { GrantId = grant.Grant.GrantId, DependsOnArguments = true };
        return rules.Choose(grant, known).Succeeded(out var chosen, out refusal) ? answer with { GrantId = chosen.Grant.GrantId } : Refused(answer, refusal);
    }

    /// <summary>Every client that a rule lets use something, on every server that exposes it, and what a call of it would get now.</summary>
    /// <param name="callerOf">What a client's token would say.</param>
    /// <exception cref="StoreUnavailableException">The state could not be read.</exception>
    public async IAsyncEnumerable<AccessAnswer> WhoCanAsync(SubjectKind kind, string name, Func<Client, Caller> callerOf, RequestContext context, [EnumeratorCancellation] CancellationToken ct)
    {
        if (!(await state.CurrentAsync(ct)).Succeeded(out var snapshot, out var refusal)) throw new StoreUnavailableException(refusal.OperatorNote ?? refusal.Detail);
        var servers = snapshot.Catalogue.Servers.Where(s => s.Find(kind, name) is not null).OrderBy(s => s.Name, StringComparer.Ordinal).ToList();
        if (servers.Count == 0) yield break;
        await foreach (var client in clients.ReadClientsAsync(ct))
        {
            if (!(await state.FindClientAsync(snapshot, client.TenantId, client.ClientId, ct)).Succeeded(out var access, out refusal))
            {
                if (refusal.Code == RefusalCode.ClientUnknown) continue;
                throw new StoreUnavailableException(refusal.OperatorNote ?? refusal.Detail);
            }

            foreach (var server in servers)
            {
                if (access.RulesFor(server.Name, kind, name).Allowing.Length == 0) continue;
                yield return await CanAsync(callerOf(client), context with { Server = server.Name }, kind, name, null, ct);
            }
        }
    }

    private List<JudgedRule> Judge(Admission admission, SubjectKind kind, string name, JsonElement? arguments)
    {
        var facts = authorizer.FactsOf(admission);
        var rules = admission.Access.RulesFor(admission.Server.Name, kind, name);
        return
        [
            .. rules.Denying.Concat(rules.Allowing).Select(rule => new JudgedRule(
                rule.Grant,
                rule.FirstObstacle(facts) is null,
                [.. GrantRule.Conditions.Select(c => new JudgedCondition(c, rule.Judge(c, facts))).Where(c => c.Verdict != ConditionVerdict.NotAsked)],
                arguments is { } known && rule.IsConstrained(kind, name) ? rule.CheckArguments(name, known) : null)),
        ];
    }

    private static AccessAnswer Refused(AccessAnswer answer, Refusal refusal) => answer with { Refusal = refusal.Code, Note = refusal.OperatorNote ?? refusal.Detail };
}
