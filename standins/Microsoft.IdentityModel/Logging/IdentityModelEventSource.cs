namespace Microsoft.IdentityModel.Logging;

/// <summary>Switches of the real event source. The stand-in writes no events, and its messages never hold a token.</summary>
public static class IdentityModelEventSource
{
    public static bool ShowPII { get; set; }

    public static bool LogCompleteSecurityArtifact { get; set; }
}
