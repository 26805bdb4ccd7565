using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpServerless.Contracts;

internal abstract partial class Acceptor
{
    /// <summary>Texts up to this length are matched without a copy on the heap.</summary>
    private const int MaxOnStack = 512;

    private sealed partial class Rules
    {
        public int MinLength { get; set; }

        public int MaxLength { get; set; } = int.MaxValue;

        public Regex? Pattern { get; set; }

        public string? Format { get; set; }

        /// <summary>Lengths count characters, not code units (JSON Schema Validation 2020-12, section 6.3).</summary>
        private Verdict JudgeText(JsonElement value)
        {
            if (MinLength == 0 && MaxLength == int.MaxValue && Pattern is null && Format is null) return Verdict.Valid;
            var raw = JsonMarshal.GetRawUtf8Value(value)[1..^1];
            if (raw.Contains((byte)'\\')) raw = Utf8(value.GetString()!);
            var length = Ascii.IsValid(raw) ? raw.Length : Characters(raw);
            if (length < MinLength || length > MaxLength) return Verdict.Invalid;
            var verdict = Verdict.Valid;
            if (Pattern is not null && Weaken(ref verdict, Matches(Pattern, raw))) return Verdict.Invalid;
            if (Format is not null && !HasFormat(Format, raw)) verdict = Verdict.Unknown;
            return verdict;
        }

        private static int Characters(ReadOnlySpan<byte> raw)
        {
            var length = 0;
            foreach (var b in raw)
            {
                if ((b & 0xC0) != 0x80) length++;
            }

            return length;
        }

        private static bool HasFormat(string format, ReadOnlySpan<byte> raw)
        {
            if (raw.Length > MaxOnStack) return false;
            Span<char> text = stackalloc char[MaxOnStack];
            return TryPlain(raw, text) && Formats.Keeps(format, text[..raw.Length]);
        }
    }

    /// <summary>On printable ASCII, all flavours of regular expressions that are admitted agree; on other texts the library's own counts.</summary>
    private static Verdict Matches(Regex pattern, ReadOnlySpan<byte> raw)
    {
        if (raw.Length > MaxOnStack) return Verdict.Unknown;
        Span<char> text = stackalloc char[MaxOnStack];
        if (!TryPlain(raw, text)) return Verdict.Unknown;
        return pattern.IsMatch(text[..raw.Length]) ? Verdict.Valid : Verdict.Invalid;
    }

    private static bool TryPlain(ReadOnlySpan<byte> raw, Span<char> text)
    {
        if (raw.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E) >= 0) return false;
        Encoding.ASCII.GetChars(raw, text);
        return true;
    }
}
