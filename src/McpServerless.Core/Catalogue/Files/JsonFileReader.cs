using System.Text;
using System.Text.Json;

namespace McpServerless.Catalogue.Files;

/// <summary>Reads a JSON file (RFC 8259) and notes where each part stands.</summary>
internal static class JsonFileReader
{
    public const int MaxDepth = 64;

    public static CatalogueFile? Read(string path, ReadOnlyMemory<byte> utf8, List<CatalogueFinding> findings)
    {
        var walk = new Walk(path, utf8, findings);
        try
        {
            if (!walk.Run()) return null;
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return new CatalogueFile(path, document.RootElement.Clone(), walk.Places);
        }
        catch (JsonException e)
        {
            var at = new TextPlace((int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1);
            findings.Add(new CatalogueFinding(FindingRule.Syntax, path, at, "", $"is not JSON: {Reason(e)}"));
            return null;
        }
    }

    private static string Reason(JsonException e)
    {
        // The reader's own text repeats the place at its end.
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? e.Message : e.Message[..end]).TrimEnd('.', ' ');
    }

    private sealed class Walk(string path, ReadOnlyMemory<byte> utf8, List<CatalogueFinding> findings)
    {
        private readonly List<int> _lines = LineStarts(utf8.Span);
        private bool _good = true;

        public Dictionary<string, TextPlace> Places { get; } = new(StringComparer.Ordinal);

        public bool Run()
        {
            // Deeper than allowed, so that the place of the first value too deep can be named; the reader does not recurse.
            var reader = new Utf8JsonReader(utf8.Span, new JsonReaderOptions { MaxDepth = 16 * MaxDepth });
            reader.Read();
            Value(ref reader, "", PlaceOf(reader.TokenStartIndex));
            while (reader.Read()) { }
            return _good;
        }

        private void Value(ref Utf8JsonReader reader, string pointer, TextPlace place)
        {
            Places[pointer] = place;
            if (reader.CurrentDepth >= MaxDepth && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                Report(FindingRule.NestedTooDeep, place, pointer, $"is nested more than {MaxDepth} levels deep");
                reader.Skip();
                return;
            }

            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    Members(ref reader, pointer);
                    break;
                case JsonTokenType.StartArray:
                    for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
                    {
                        Value(ref reader, $"{pointer}/{index}", PlaceOf(reader.TokenStartIndex));
                    }

                    break;
            }
        }

        private void Members(ref Utf8JsonReader reader, string pointer)
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var name = reader.GetString() ?? "";
                var place = PlaceOf(reader.TokenStartIndex);
                var member = $"{pointer}/{JsonPointers.Escape(name)}";
                if (!names.Add(name)) Report(FindingRule.DuplicateKey, place, member, "stands here a second time");
                reader.Read();
                Value(ref reader, member, place);
            }
        }

        private void Report(FindingRule rule, TextPlace place, string pointer, string message)
        {
            _good = false;
            findings.Add(new CatalogueFinding(rule, path, place, pointer, message));
        }

        private TextPlace PlaceOf(long offset)
        {
            var line = _lines.BinarySearch((int)offset);
            if (line < 0) line = ~line - 1;
            return new TextPlace(line + 1, Encoding.UTF8.GetCharCount(utf8.Span[_lines[line]..(int)offset]) + 1);
        }

        private static List<int> LineStarts(ReadOnlySpan<byte> text)
        {
            var starts = new List<int> { 0 };
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] == '\n') starts.Add(i + 1);
            }

            return starts;
        }
    }
}
