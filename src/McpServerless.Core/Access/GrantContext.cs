namespace McpServerless.Access;

/// <summary>Who stands behind a token, for a grant that is only for some.</summary>
public enum GrantCaller
{
    /// <summary>Any application's own token.</summary>
    Application,

    /// <summary>Any token that a user stands behind.</summary>
    Delegated,

    /// <summary>An agent identity of Entra Agent ID that acts for itself.</summary>
    AgentIdentity,

    /// <summary>An agent identity that acts for a signed-in user.</summary>
    AgentForUser,

    /// <summary>An agent's own user account.</summary>
    AgentUser,
}

/// <summary>Circumstances of a call. What is left out does not matter; all that is said has to hold.</summary>
public sealed record GrantContext
{
    /// <summary>Networks (CIDR), of which the caller's address has to be in one.</summary>
    /// <remarks>The address is the connection's, or the one that the platform's front end saw (<c>Gateway:TrustedProxies</c>).</remarks>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>Times of the week, of which one has to be now.</summary>
    public IReadOnlyList<GrantHours> Hours { get; init; } = [];

    /// <summary>The most minutes since the token was issued (claim <c>iat</c>); null for no matter.</summary>
    public int? MaxTokenAgeMinutes { get; init; }

    /// <summary>Authentication contexts of Conditional Access (claim <c>acrs</c>), of which the token has to have one.</summary>
    public IReadOnlyList<string> AuthContexts { get; init; } = [];

    /// <summary>Authentication methods (claim <c>amr</c>, RFC 8176), all of which the token has to have.</summary>
    public IReadOnlyList<string> AuthMethods { get; init; } = [];

    /// <summary>Who may stand behind the token.</summary>
    public IReadOnlyList<GrantCaller> Callers { get; init; } = [];

    /// <summary>Names of environments (<c>Access:Environment</c>), of which this deployment has to be one.</summary>
    public IReadOnlyList<string> Environments { get; init; } = [];
}

/// <summary>A part of the week.</summary>
/// <param name="Days">The days on which it begins; all where there is none.</param>
/// <param name="From">Its first minute.</param>
/// <param name="To">The minute after its last; before <paramref name="From"/> when it ends on the day after, the same for the whole day.</param>
/// <param name="TimeZone">An IANA name, such as <c>Europe/Berlin</c>.</param>
public sealed record GrantHours(IReadOnlyList<DayOfWeek> Days, TimeOnly From, TimeOnly To, string TimeZone)
{
    /// <summary>Null when the system knows no such time zone.</summary>
    public TimeZoneInfo? FindZone() => TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) ? zone : null;

    public bool Contains(DateTimeOffset moment, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(moment, zone);
        var clock = TimeOnly.FromTimeSpan(local.TimeOfDay);
        if (From < To) return Begins(local.DayOfWeek) && clock >= From && clock < To;
        if (clock >= From) return Begins(local.DayOfWeek);
        return clock < To && Begins((DayOfWeek)(((int)local.DayOfWeek + 6) % 7));
    }

    private bool Begins(DayOfWeek day)
    {
        if (Days.Count == 0) return true;
        foreach (var named in Days)
        {
            if (named == day) return true;
        }

        return false;
    }
}
