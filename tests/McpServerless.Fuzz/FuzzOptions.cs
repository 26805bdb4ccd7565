using System.Globalization;

namespace McpServerless.Fuzz;

internal sealed record FuzzOptions
{
    public int Seconds { get; private init; } = 60;

    /// <summary>Every exchange follows from this and its number.</summary>
    public int Seed { get; private init; } = Random.Shared.Next(1, 1_000_000);

    public int Connections { get; private init; } = 8;

    /// <summary>Sends this one exchange and nothing else; null for all.</summary>
    public int? Only { get; private init; }

    /// <summary>Null when the arguments cannot be understood.</summary>
    public static FuzzOptions? Parse(string[] args)
    {
        var options = new FuzzOptions();
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            if (!int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return null;
            switch (args[i])
            {
                case "--seconds" when value > 0: options = options with { Seconds = value }; break;
                case "--seed": options = options with { Seed = value }; break;
                case "--connections" when value is > 0 and <= 64: options = options with { Connections = value }; break;
                case "--only": options = options with { Only = value }; break;
                default: return null;
            }
        }

        return args.Length % 2 == 0 ? options : null;
    }
}
