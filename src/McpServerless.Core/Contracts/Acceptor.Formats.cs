using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace McpServerless.Contracts;

internal abstract partial class Acceptor
{
    /// <summary>Formats in their plain forms, on printable ASCII. Everything unusual is left to the library.</summary>
    private static class Formats
    {
        private static readonly SearchValues<char> HostCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
        private static readonly SearchValues<char> LocalCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-");
        private static readonly SearchValues<char> PathCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/=&");
        private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("0123456789abcdefABCDEF:");
        private static readonly SearchValues<char> PointerCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./");

        /// <summary>True when the text certainly has the format.</summary>
        public static bool Keeps(string format, ReadOnlySpan<char> text) => format switch
        {
            "date" => IsDate(text),
            "date-time" => IsMoment(text),
            "time" => text.Length == 9 && text[8] == 'Z' && IsTime(text[..8]),
            "uuid" => text.Length == 36 && Guid.TryParseExact(text, "D", out _),
            "email" => IsEmail(text),
            "hostname" => IsHost(text),
            "ipv4" => IsIpv4(text),
            "ipv6" => text.IndexOfAnyExcept(AddressCharacters) < 0 && text.Contains(':') && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6,
            "uri" => IsUri(text),
            "json-pointer" => text.Length == 0 || (text[0] == '/' && text.IndexOfAnyExcept(PointerCharacters) < 0),
            "duration" => IsDuration(text),
            _ => false,
        };

        private static bool IsDate(ReadOnlySpan<char> text) => text.Length == 10 && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

        private static bool IsTime(ReadOnlySpan<char> text) => text.Length == 8 && TimeOnly.TryParseExact(text, "HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

        private static bool IsMoment(ReadOnlySpan<char> text)
        {
            if (text.Length < 20 || text[10] != 'T' || text[^1] != 'Z' || !IsDate(text[..10]) || !IsTime(text[11..19])) return false;
            var fraction = text[19..^1];
            return fraction.Length == 0 || (fraction[0] == '.' && fraction.Length is > 1 and <= 7 && fraction[1..].IndexOfAnyExceptInRange('0', '9') < 0);
        }

        private static bool IsEmail(ReadOnlySpan<char> text)
        {
            var at = text.IndexOf('@');
            if (at is < 1 or > 64) return false;
            foreach (var part in text[..at].Split('.'))
            {
                var word = text[..at][part];
                if (word.Length == 0 || word.IndexOfAnyExcept(LocalCharacters) >= 0) return false;
            }

            return text[at..].Contains('.') && IsHost(text[(at + 1)..]);
        }

        private static bool IsHost(ReadOnlySpan<char> text)
        {
            if (text.Length is 0 or > 253 || text.Contains("--", StringComparison.Ordinal)) return false;
            var last = false;
            foreach (var part in text.Split('.'))
            {
                var label = text[part];
                if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-' || label.IndexOfAnyExcept(HostCharacters) >= 0) return false;
                last = char.IsAsciiLetter(label[0]);
            }

            return last;
        }

        private static bool IsIpv4(ReadOnlySpan<char> text)
        {
            var parts = 0;
            foreach (var part in text.Split('.'))
            {
                var number = text[part];
                if (++parts > 4 || number.Length is 0 or > 3 || number.IndexOfAnyExceptInRange('0', '9') >= 0 || (number.Length > 1 && number[0] == '0') || int.Parse(number, CultureInfo.InvariantCulture) > 255) return false;
            }

            return parts == 4;
        }

        private static bool IsUri(ReadOnlySpan<char> text)
        {
            var rest = text.StartsWith("https://", StringComparison.Ordinal) ? text[8..] : text.StartsWith("http://", StringComparison.Ordinal) ? text[7..] : default;
            var end = rest.IndexOf('/');
            if (!IsHost(end < 0 ? rest : rest[..end])) return false;
            var tail = end < 0 ? default : rest[end..];
            var query = tail.IndexOf('?');
            return (query < 0 ? tail : tail[..query]).IndexOfAnyExcept(PathCharacters) < 0 && (query < 0 || tail[(query + 1)..].IndexOfAnyExcept(PathCharacters) < 0);
        }

        /// <summary>Days, hours, minutes and seconds in their order (RFC 3339, appendix A).</summary>
        private static bool IsDuration(ReadOnlySpan<char> text)
        {
            if (text.Length < 3 || text[0] != 'P') return false;
            var units = "DTHMS";
            var (next, digits, any) = (0, 0, false);
            foreach (var c in text[1..])
            {
                if (char.IsAsciiDigit(c))
                {
                    digits++;
                    continue;
                }

                var unit = units.IndexOf(c, next);
                if (unit < 0 || digits > 9 || (c == 'T') != (digits == 0)) return false;
                if (c is 'H' or 'M' or 'S' && !text.Contains('T')) return false;
                (next, digits, any) = (unit + 1, 0, c != 'T');
            }

            // Nothing between hours and seconds may be missing.
            var time = text.IndexOf('T');
            return any && digits == 0 && (time < 0 || !(text[time..].Contains('H') && text[time..].Contains('S') && !text[time..].Contains('M')));
        }
    }
}
