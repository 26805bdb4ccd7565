using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace McpServerless.Contracts;

internal abstract partial class Acceptor
{
    private sealed partial class Rules
    {
        /// <summary>Bounds within which a whole number can be compared as a long.</summary>
        private const decimal LargestWhole = 1_000_000_000_000_000_000m;

        private bool _boundsNumbers;
        private bool _wholeBounds;
        private long _lowest = long.MinValue;
        private long _highest = long.MaxValue;

        public decimal? Minimum { get; set; }

        public decimal? Maximum { get; set; }

        public decimal? Above { get; set; }

        public decimal? Below { get; set; }

        public decimal? Divisor { get; set; }

        /// <summary>Most numbers of arguments are short and whole; for those the bounds become whole as well.</summary>
        private void SettleNumber()
        {
            decimal?[] bounds = [Minimum, Maximum, Above, Below];
            _boundsNumbers = Divisor is not null || bounds.Any(b => b is not null);
            _wholeBounds = Divisor is null && bounds.All(b => b is not { } bound || Math.Abs(bound) < LargestWhole);
            if (!_wholeBounds) return;
            if (Minimum is { } minimum) _lowest = (long)decimal.Ceiling(minimum);
            if (Above is { } above) _lowest = Math.Max(_lowest, (long)decimal.Floor(above) + 1);
            if (Maximum is { } maximum) _highest = (long)decimal.Floor(maximum);
            if (Below is { } below) _highest = Math.Min(_highest, (long)decimal.Ceiling(below) - 1);
        }

        private Verdict JudgeNumber(JsonElement value)
        {
            if (!_integersOnly && !_boundsNumbers) return Verdict.Valid;
            var raw = JsonMarshal.GetRawUtf8Value(value);
            var plain = raw.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0;
            if (plain && !_boundsNumbers) return Verdict.Valid;
            if (plain && _wholeBounds && raw.Length <= 18 && Utf8Parser.TryParse(raw, out long whole, out var read) && read == raw.Length)
            {
                return whole >= _lowest && whole <= _highest ? Verdict.Valid : Verdict.Invalid;
            }

            if (!plain && !_integersOnly && _wholeBounds && IsBetweenWholes(raw)) return Verdict.Valid;
            if (!TryExact(value, out var number)) return Verdict.Unknown;
            if (_integersOnly && !plain && !decimal.IsInteger(number)) return Verdict.Invalid;
            if (number < Minimum || number > Maximum || number <= Above || number >= Below) return Verdict.Invalid;
            if (Divisor is not { } divisor) return Verdict.Valid;
            // With an exponent, a library may divide in another way.
            if (raw.IndexOfAny((byte)'e', (byte)'E') >= 0) return Verdict.Unknown;
            return number % divisor == 0 ? Verdict.Valid : Verdict.Unknown;
        }

        /// <summary>Whether the two whole numbers around 12.5 are both within the bounds: then nothing has to be said of the digits behind the point.</summary>
        private bool IsBetweenWholes(ReadOnlySpan<byte> raw)
        {
            var point = raw.IndexOf((byte)'.');
            return point is > 0 and <= 18 && raw[0] != '-' && raw[point..].IndexOfAny((byte)'e', (byte)'E') < 0
                && Utf8Parser.TryParse(raw[..point], out long whole, out var read) && read == point && whole >= _lowest && whole < _highest;
        }
    }
}
