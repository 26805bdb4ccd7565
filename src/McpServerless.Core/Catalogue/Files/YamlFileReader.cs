using System.Buffers;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace McpServerless.Catalogue.Files;

/// <summary>Reads a YAML 1.2 file as the JSON that it stands for, and notes where each part stands.</summary>
/// <remarks>
/// Plain scalars are resolved by the core schema (YAML 1.2.2, section 10.3.2): <c>yes</c> is a text, <c>0o14</c> a number. No anchors or
/// aliases, whose expansion has no bound, no tags beyond the core schema's, one document.
/// </remarks>
internal static class YamlFileReader
{
    public static CatalogueFile? Read(string path, string text, List<CatalogueFinding> findings)
    {
        var walk = new Walk(path, text, findings);
        try
        {
            return walk.Run();
        }
        catch (YamlException e)
        {
            findings.Add(new CatalogueFinding(FindingRule.Syntax, path, Place(e.Start), "", $"is not YAML: {e.Message.TrimEnd('.')}"));
            return null;
        }
    }

    private static TextPlace Place(Mark mark) => new((int)mark.Line, (int)mark.Column);

    private sealed class Walk(string path, string text, List<CatalogueFinding> findings)
    {
        private readonly Parser _parser = new(new StringReader(text));
        private readonly ArrayBufferWriter<byte> _json = new();
        private readonly Dictionary<string, TextPlace> _places = new(StringComparer.Ordinal);
        private TextPlace _lastKey;
        private bool _good = true;

        public CatalogueFile? Run()
        {
            Expect<StreamStart>();
            if (_parser.Current is StreamEnd)
            {
                Report(FindingRule.Syntax, new TextPlace(1, 1), "", "holds no document");
                return null;
            }

            Expect<DocumentStart>();
            using (var writer = new Utf8JsonWriter(_json, new JsonWriterOptions { MaxDepth = JsonFileReader.MaxDepth + 2 }))
            {
                Node(writer, "", Place(_parser.Current!.Start), 0);
            }

            Expect<DocumentEnd>();
            if (_parser.Current is DocumentStart second)
            {
                Report(FindingRule.YamlMultipleDocuments, Place(second.Start), "", "begins a second document; put it into a file of its own");
            }

            if (!_good) return null;
            using var document = JsonDocument.Parse(_json.WrittenMemory);
            return new CatalogueFile(path, document.RootElement.Clone(), _places);
        }

        private void Expect<T>()
            where T : ParsingEvent
        {
            // The first call finds no current event yet.
            if (_parser.Current is null) Move();
            if (_parser.Current is not T found) throw new YamlException(_parser.Current!.Start, _parser.Current.End, "unexpected content");
            _ = found;
            Move();
        }

        /// <summary>Writes the node at which the parser stands, and moves behind it.</summary>
        private void Node(Utf8JsonWriter writer, string pointer, TextPlace place, int depth)
        {
            _places[pointer] = place;
            if (_parser.Current is NodeEvent { Anchor.IsEmpty: false } anchored)
            {
                Report(FindingRule.YamlAlias, Place(anchored.Start), pointer, $"has the anchor '{anchored.Anchor.Value}'; write the value where it is needed");
            }

            switch (_parser.Current)
            {
                case AnchorAlias alias:
                    Report(FindingRule.YamlAlias, Place(alias.Start), pointer, $"is the alias '{alias.Value}'; write the value itself");
                    writer.WriteNullValue();
                    Move();
                    break;
                case Scalar scalar:
                    Value(writer, scalar, pointer);
                    Move();
                    break;
                case NodeEvent start when depth >= JsonFileReader.MaxDepth:
                    Report(FindingRule.NestedTooDeep, Place(start.Start), pointer, $"is nested more than {JsonFileReader.MaxDepth} levels deep");
                    writer.WriteNullValue();
                    Skip();
                    break;
                case MappingStart mapping:
                    CheckTag(mapping, YamlScalars.MapTag, pointer);
                    Mapping(writer, pointer, depth);
                    break;
                case SequenceStart sequence:
                    CheckTag(sequence, YamlScalars.SequenceTag, pointer);
                    Sequence(writer, pointer, depth);
                    break;
                default:
                    throw new YamlException(_parser.Current!.Start, _parser.Current.End, "unexpected content");
            }
        }

        private void Sequence(Utf8JsonWriter writer, string pointer, int depth)
        {
            writer.WriteStartArray();
            Move();
            for (var index = 0; _parser.Current is not SequenceEnd; index++) Node(writer, $"{pointer}/{index}", Place(_parser.Current!.Start), depth + 1);
            Move();
            writer.WriteEndArray();
        }

        private void Mapping(Utf8JsonWriter writer, string pointer, int depth)
        {
            writer.WriteStartObject();
            Move();
            var names = new HashSet<string>(StringComparer.Ordinal);
            while (_parser.Current is not MappingEnd)
            {
                var name = Key(pointer);
                var place = _lastKey;
                var member = $"{pointer}/{JsonPointers.Escape(name)}";
                if (!names.Add(name)) Report(FindingRule.DuplicateKey, place, member, "stands here a second time");
                writer.WritePropertyName(name);
                Node(writer, member, place, depth + 1);
            }

            Move();
            writer.WriteEndObject();
        }

        private string Key(string pointer)
        {
            _lastKey = Place(_parser.Current!.Start);
            if (_parser.Current is Scalar key)
            {
                if (!key.Anchor.IsEmpty) Report(FindingRule.YamlAlias, _lastKey, pointer, $"has a key with the anchor '{key.Anchor.Value}'");
                if (!key.Tag.IsEmpty && !key.Tag.IsNonSpecific && key.Tag.Value != YamlScalars.StringTag) Report(FindingRule.YamlKey, _lastKey, pointer, "has a key that is not a text");
                Move();
                return key.Value;
            }

            Report(FindingRule.YamlKey, _lastKey, pointer, "has a key that is not a text");
            Skip();
            return $"?{_lastKey.Line}:{_lastKey.Column}";
        }

        private void Value(Utf8JsonWriter writer, Scalar scalar, string pointer)
        {
            if (!scalar.Tag.IsEmpty && !scalar.Tag.IsNonSpecific && !YamlScalars.IsCoreTag(scalar.Tag.Value))
            {
                Report(FindingRule.YamlTag, Place(scalar.Start), pointer, $"has the tag '{scalar.Tag.Value}', which is not of YAML's core schema");
                writer.WriteNullValue();
                return;
            }

            var tag = scalar.Tag.IsEmpty ? null : scalar.Tag.IsNonSpecific ? YamlScalars.StringTag : scalar.Tag.Value;
            switch (YamlScalars.Resolve(scalar.Value, tag, plain: scalar.Style == ScalarStyle.Plain))
            {
                case { Kind: JsonValueKind.String } resolved:
                    writer.WriteStringValue(resolved.Text);
                    break;
                case { Kind: JsonValueKind.Undefined } resolved:
                    Report(FindingRule.YamlNumber, Place(scalar.Start), pointer, resolved.Text);
                    writer.WriteNullValue();
                    break;
                case var resolved:
                    writer.WriteRawValue(resolved.Text);
                    break;
            }
        }

        private void CheckTag(NodeEvent node, string core, string pointer)
        {
            if (node.Tag.IsEmpty || node.Tag.IsNonSpecific || node.Tag.Value == core) return;
            Report(FindingRule.YamlTag, Place(node.Start), pointer, $"has the tag '{node.Tag.Value}', which is not of YAML's core schema");
        }

        private void Skip()
        {
            var depth = 0;
            do
            {
                depth += _parser.Current!.NestingIncrease;
                Move();
            }
            while (depth > 0);
        }

        /// <summary>The scanner meets some faults, such as a comma that nothing closes, with exceptions of other kinds.</summary>
        private void Move()
        {
            var before = _parser.Current?.End ?? Mark.Empty;
            try
            {
                _parser.MoveNext();
            }
            catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException)
            {
                throw new YamlException(before, before, "something that was begun here is not complete", e);
            }
        }

        private void Report(FindingRule rule, TextPlace place, string pointer, string message)
        {
            _good = false;
            findings.Add(new CatalogueFinding(rule, path, place, pointer, message));
        }
    }
}
