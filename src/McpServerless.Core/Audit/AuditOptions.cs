using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace McpServerless.Audit;

/// <summary>How records reach the ledger.</summary>
public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>How long a request waits for its record to be durable, in milliseconds.</summary>
    /// <value>100 to 60,000; default 5,000. Past it the answer is withheld with <c>audit_unavailable</c>; the record is still sent until it is durable.</value>
    [Range(100, 60000)]
    public int WaitMilliseconds { get; set; } = 5000;

    /// <summary>The most records that may wait to be written.</summary>
    /// <value>100 to 1,000,000; default 20,000. Past it every call waits for room, and is refused with <c>audit_unavailable</c> when there is none in time.</value>
    [Range(100, 1_000_000)]
    public int MaxPending { get; set; } = 20_000;

    /// <summary>How long a record that nobody waits for may be held back so that others share its write, in milliseconds.</summary>
    /// <value>0 to 100; default 10. With 0 nothing is held back. A full segment, a record that a request waits for and the host's stop end it early.</value>
    [Range(0, 100)]
    public int HoldMilliseconds { get; set; } = 10;

    /// <summary>How many segments are written at once.</summary>
    /// <value>1 to 64; default 8. Segments of one client and day are always written one after another.</value>
    [Range(1, 64)]
    public int ParallelWrites { get; set; } = 8;

    /// <summary>Time for one write, in milliseconds.</summary>
    /// <value>100 to 60,000; default 3,000. A write past it is sent again.</value>
    [Range(100, 60000)]
    public int WriteTimeoutMilliseconds { get; set; } = 3000;

    /// <summary>How often an instance states in the ledger how far its chains have come, in seconds.</summary>
    /// <value>1 to 3,600; default 60. What was stated cannot be taken off a chain's end unnoticed.</value>
    [Range(1, 3600)]
    public int HeadsSeconds { get; set; } = 60;

    /// <summary>How long an instance may be silent before it counts as lost, in seconds.</summary>
    /// <value>10 to 86,400; default 300. Should be several times <see cref="HeadsSeconds"/>.</value>
    [Range(10, 86400)]
    public int LostAfterSeconds { get; set; } = 300;

    /// <summary>How often an instance writes what its records are about into the index, in seconds.</summary>
    /// <value>1 to 600; default 10. Until then they are found by reading the end of the ledger.</value>
    [Range(1, 600)]
    public int IndexSeconds { get; set; } = 10;

    /// <summary>Key for the field rule <c>hash</c>, base64.</summary>
    /// <value>At least 32 bytes. Without a key <c>hash</c> masks, and where something is withheld there is no digest of the arguments.</value>
    /// <remarks>One half of the key; the other is made for each period (<see cref="HashKeyMonths"/>) and can be destroyed. Each hash names its key.</remarks>
    public string? HashKey { get; set; }

    /// <summary>For how many months values are hashed with one key.</summary>
    /// <value>1, 2, 3, 4, 6 or 12; default 3. Equal values have equal hashes within such a period, and its key can be destroyed for itself.</value>
    [AllowedValues(1, 2, 3, 4, 6, 12)]
    public int HashKeyMonths { get; set; } = 3;
}

[OptionsValidator]
internal sealed partial class AuditOptionsValidator : IValidateOptions<AuditOptions>;

/// <summary>What the annotations cannot say.</summary>
internal sealed class HashKeyValidator : IValidateOptions<AuditOptions>
{
    public ValidateOptionsResult Validate(string? name, AuditOptions options)
    {
        if (options.HashKey is null) return ValidateOptionsResult.Success;
        Span<byte> key = stackalloc byte[Math.Max(64, options.HashKey.Length)];
        return Convert.TryFromBase64String(options.HashKey, key, out var length) && length >= 32
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("Audit:HashKey must be base64 of at least 32 bytes.");
    }
}
