using System.Net;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.Core.Tests.Catalogue;

namespace McpServerless.Core.Tests.Access;

/// <summary>Each thing that a grant can ask for: when it holds, when it does not, and when it cannot be told.</summary>
public class GrantRuleTests
{
    private static readonly DateTimeOffset Now = FixedTime.June2026.Now;

    private static readonly Caller Application = new() { TenantId = "t", ClientId = "c", ObjectId = "o", Kind = CallerKind.Application, ExpiresAt = DateTimeOffset.MaxValue };

    private static readonly Caller User = Application with { Kind = CallerKind.Delegated };

    [Theory]
    [InlineData("10.1.2.3", ConditionVerdict.Met)]
    [InlineData("::ffff:10.1.2.3", ConditionVerdict.Met)]
    [InlineData("2001:db8:1::7", ConditionVerdict.Met)]
    [InlineData("11.1.2.3", ConditionVerdict.Unmet)]
    [InlineData("2001:db9::7", ConditionVerdict.Unmet)]
    [InlineData(null, ConditionVerdict.Unknown)]
    public void Networks_HoldTheAddressThatIsKnown(string? address, ConditionVerdict expected) =>
        Assert.Equal(expected, Judge(GrantCondition.Network, new GrantContext { Networks = ["10.0.0.0/8", "2001:db8::/32"] }, Application, address is null ? null : IPAddress.Parse(address)));

    [Fact]
    public void ANetworkThatCannotBeRead_AllowsNothing_AndLetsADenialStand()
    {
        var context = new GrantContext { Networks = ["not a network"] };
        Assert.Equal(ConditionVerdict.Unknown, Judge(GrantCondition.Network, context, Application, IPAddress.Loopback));
        Assert.Equal(GrantCondition.Network, new GrantRule(Grant with { Context = context }).FirstObstacle(Facts(Application, IPAddress.Loopback)));
        Assert.Null(new GrantRule(Grant with { Context = context, Effect = GrantEffect.Deny }).FirstObstacle(Facts(Application, IPAddress.Loopback)));
    }

    [Theory]
    [InlineData("2026-06-01T05:59:59Z", false)]
    [InlineData("2026-06-01T06:00:00Z", true)]
    [InlineData("2026-06-01T15:59:59Z", true)]
    [InlineData("2026-06-01T16:00:00Z", false)]
    [InlineData("2026-06-06T10:00:00Z", false)]
    [InlineData("2026-01-05T06:30:00Z", false)]
    [InlineData("2026-01-05T07:00:00Z", true)]
    public void Hours_AreThoseOfTheZone_AlsoInWinter(string moment, bool expected) => Assert.Equal(
        expected,
        new GrantHours([DayOfWeek.Monday], new TimeOnly(8, 0), new TimeOnly(18, 0), "Europe/Berlin") is var hours && hours.Contains(DateTimeOffset.Parse(moment, null), hours.FindZone()!));

    [Theory]
    [InlineData("2026-06-01T21:59:00Z", false)]
    [InlineData("2026-06-01T22:00:00Z", true)]
    [InlineData("2026-06-02T05:59:00Z", true)]
    [InlineData("2026-06-02T06:00:00Z", false)]
    [InlineData("2026-06-02T23:00:00Z", false)]
    [InlineData("2026-06-01T03:00:00Z", false)]
    public void HoursOverMidnight_BelongToTheDayOnWhichTheyBegin(string moment, bool expected) => Assert.Equal(
        expected,
        new GrantHours([DayOfWeek.Monday], new TimeOnly(22, 0), new TimeOnly(6, 0), "UTC").Contains(DateTimeOffset.Parse(moment, null), TimeZoneInfo.Utc));

    [Fact]
    public void TheSameMinuteTwice_IsTheWholeDay()
    {
        var hours = new GrantHours([], new TimeOnly(8, 0), new TimeOnly(8, 0), "UTC");
        for (var hour = 0; hour < 48; hour++) Assert.True(hours.Contains(Now.AddHours(hour), TimeZoneInfo.Utc));
    }

    [Fact]
    public void AZoneThatNobodyKnows_IsUnknown() =>
        Assert.Equal(ConditionVerdict.Unknown, Judge(GrantCondition.Hours, new GrantContext { Hours = [new GrantHours([], default, default, "Europe/Atlantis")] }, Application));

    [Theory]
    [InlineData(-10, ConditionVerdict.Met)]
    [InlineData(-11, ConditionVerdict.Unmet)]
    [InlineData(null, ConditionVerdict.Unknown)]
    public void ATokensAge_CountsFromItsIssue(int? issuedMinutes, ConditionVerdict expected) => Assert.Equal(
        expected,
        Judge(GrantCondition.TokenAge, new GrantContext { MaxTokenAgeMinutes = 10 }, Application with { IssuedAt = issuedMinutes is { } m ? Now.AddMinutes(m) : null }));

    [Fact]
    public void AuthenticationStrength_IsOneContext_AndAllMethods()
    {
        var context = new GrantContext { AuthContexts = ["c1", "c2"], AuthMethods = ["mfa", "pwd"] };
        Assert.Equal(ConditionVerdict.Unmet, Judge(GrantCondition.AuthContext, context, User));
        Assert.Equal(ConditionVerdict.Met, Judge(GrantCondition.AuthContext, context, User with { AuthContexts = ["c9", "c2"] }));
        Assert.Equal(ConditionVerdict.Unmet, Judge(GrantCondition.AuthMethods, context, User with { AuthMethods = ["mfa"] }));
        Assert.Equal(ConditionVerdict.Met, Judge(GrantCondition.AuthMethods, context, User with { AuthMethods = ["pwd", "mfa", "x"] }));
    }

    [Theory]
    [InlineData(GrantCaller.Application, CallerKind.Application, AgentActor.None, true)]
    [InlineData(GrantCaller.Application, CallerKind.Application, AgentActor.Identity, true)]
    [InlineData(GrantCaller.Application, CallerKind.Delegated, AgentActor.None, false)]
    [InlineData(GrantCaller.Delegated, CallerKind.Delegated, AgentActor.ForUser, true)]
    [InlineData(GrantCaller.Delegated, CallerKind.Application, AgentActor.None, false)]
    [InlineData(GrantCaller.AgentIdentity, CallerKind.Application, AgentActor.Identity, true)]
    [InlineData(GrantCaller.AgentIdentity, CallerKind.Application, AgentActor.None, false)]
    [InlineData(GrantCaller.AgentForUser, CallerKind.Delegated, AgentActor.ForUser, true)]
    [InlineData(GrantCaller.AgentForUser, CallerKind.Delegated, AgentActor.OwnUser, false)]
    [InlineData(GrantCaller.AgentUser, CallerKind.Delegated, AgentActor.OwnUser, true)]
    [InlineData(GrantCaller.AgentUser, CallerKind.Delegated, AgentActor.None, false)]
    public void KindsOfCallers_AreToldApart(GrantCaller wanted, CallerKind kind, AgentActor agent, bool expected) => Assert.Equal(
        expected ? ConditionVerdict.Met : ConditionVerdict.Unmet,
        Judge(GrantCondition.Caller, new GrantContext { Callers = [wanted] }, Application with { Kind = kind, Agent = agent }));

    [Theory]
    [InlineData("gpt-*", "gpt-7", ConditionVerdict.Met)]
    [InlineData("gpt-*", "other", ConditionVerdict.Unmet)]
    [InlineData("gpt-*", null, ConditionVerdict.Unknown)]
    public void Models_AreTheClientsRegisteredOne(string pattern, string? model, ConditionVerdict expected) => Assert.Equal(
        expected,
        new GrantRule(Grant with { ModelIds = [pattern] }).Judge(GrantCondition.Model, Facts(Application) with { Client = Client with { ModelId = model } }));

    [Theory]
    [InlineData("production", ConditionVerdict.Met)]
    [InlineData("test", ConditionVerdict.Unmet)]
    [InlineData(null, ConditionVerdict.Unknown)]
    public void Environments_AreTheDeploymentsOwn(string? own, ConditionVerdict expected) => Assert.Equal(
        expected,
        new GrantRule(Grant with { Context = new GrantContext { Environments = ["production"] } }).Judge(GrantCondition.Environment, Facts(Application) with { Environment = own }));

    [Fact]
    public void RolesAndScopes_AreAskedOfThoseWhoHaveThem()
    {
        var rule = new GrantRule(Grant with { RequiredRole = "R", RequiredScope = "S", RequiredUserRole = "U" });
        Assert.Equal(GrantCondition.Role, rule.FirstObstacle(Facts(Application)));
        Assert.Null(rule.FirstObstacle(Facts(Application with { Roles = ["R"] })));
        Assert.Equal(GrantCondition.Scope, rule.FirstObstacle(Facts(User with { Roles = ["R", "U"] })));
        Assert.Equal(GrantCondition.UserRole, rule.FirstObstacle(Facts(User with { Roles = ["R"], Scopes = ["S"] })));
        Assert.Null(rule.FirstObstacle(Facts(User with { Roles = ["U"], Scopes = ["S"] })));
    }

    [Fact]
    public void AConstraint_IsForTheToolsThatItNames_AndIsEvaluatedLikeAContract()
    {
        var rule = new GrantRule(Grant with { Tools = ["pay-*", "read"], Constraints = [Constraint("pay-*", """{"required":["amount"],"properties":{"amount":{"maximum":100}}}""")] });
        Assert.False(rule.IsConstrained(SubjectKind.Tool, "read"));
        Assert.True(rule.IsConstrained(SubjectKind.Tool, "pay-out"));
        Assert.False(rule.IsConstrained(SubjectKind.Prompt, "pay-out"));
        Assert.Empty(rule.CheckArguments("pay-out", Json("""{"amount":100}""")));
        Assert.Equal(["/amount: maximum 100"], rule.CheckArguments("pay-out", Json("""{"amount":100.5}""")));
        Assert.Equal([": required: amount missing"], rule.CheckArguments("pay-out", Json("{}")));
        Assert.Empty(rule.CheckArguments("read", Json("{}")));
    }

    [Theory]
    [InlineData("""{"type":"no-type"}""")]
    [InlineData("""{"$ref":"https://elsewhere.example/schema"}""")]
    [InlineData("""{"properties":{"a":{"pattern":"(a)\\1"}}}""")]
    public void AConstraintThatNoApplyWouldLetIn_KeepsNothing(string schema)
    {
        var rule = new GrantRule(Grant with { Constraints = [Constraint("*", schema)] });
        Assert.True(rule.IsBroken("x"));
        Assert.NotEmpty(rule.CheckArguments("x", Json("{}")));
    }

    private static ConditionVerdict Judge(GrantCondition condition, GrantContext context, Caller caller, IPAddress? address = null) =>
        new GrantRule(Grant with { Context = context }).Judge(condition, Facts(caller, address));

    private static CallFacts Facts(Caller caller, IPAddress? address = null) => new(caller, Client, address, Now, null);

    private static ArgumentConstraint Constraint(string tools, string schema) => new([tools], Json(schema));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static readonly Client Client = new() { TenantId = "t", ClientId = "c", DisplayName = "d", Owner = "o", Purpose = "p", State = ClientState.Active, ExpiresAt = DateTimeOffset.MaxValue };

    private static readonly Grant Grant = new() { GrantId = "g", ClientId = "c", Server = "s", Tools = ["*"], ExpiresAt = DateTimeOffset.MaxValue, Justification = "j", Approver = "a" };
}
