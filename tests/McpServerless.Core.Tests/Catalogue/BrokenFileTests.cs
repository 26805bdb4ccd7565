using McpServerless.Catalogue.Files;
using McpServerless.Testing;

namespace McpServerless.Core.Tests.Catalogue;

/// <summary>Files that were cut off, doubled or garbled are findings, whatever they have become; nothing else comes out.</summary>
public sealed class BrokenFileTests
{
    private static readonly string[] Fragments = ["\t", "- ", ": ", "{", "}", "[", "]", ", ", "#", "|", ">", "&a ", "*a ", "!!", "!<x> ", "---\n", "...\n", "%YAML 1.1\n", "\"", "'", "? ", "\u0085", "\0", "\\", "<<: ", "\n  ", "é"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AGarbledFile_IsReadOrHasFindings(int seed)
    {
        var random = new Random(seed);
        var sources = Directory.GetFiles(RepositoryRoot.Combine("samples", "catalogue"), "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToList();
        sources.Add(File.ReadAllBytes(RepositoryRoot.Combine("schemas", "grant.schema.json")));
        for (var i = 0; i < 700; i++)
        {
            var bytes = Garble(sources[random.Next(sources.Count)], random);
            foreach (var name in (string[])["a.yaml", "a.json"])
            {
                var findings = new List<CatalogueFinding>();
                var file = CatalogueFolder.Parse(name, bytes, findings);
                Assert.Equal(file is null, findings.Count > 0);
                if (file is not null) CatalogueChecks.Check([file], FileSchemas.Check(file).Count == 0 ? [file] : [], true, findings, FixedTime.June2026.Now);
            }
        }
    }

    private static byte[] Garble(byte[] source, Random random)
    {
        var text = source.ToList();
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(text.Count);
            switch (random.Next(4))
            {
                case 0:
                    text.InsertRange(at, System.Text.Encoding.UTF8.GetBytes(Fragments[random.Next(Fragments.Length)]));
                    break;
                case 1:
                    text.RemoveRange(at, Math.Min(random.Next(1, 20), text.Count - at));
                    break;
                case 2:
                    text.RemoveRange(at, text.Count - at);
                    break;
                default:
                    text[at] = (byte)random.Next(256);
                    break;
            }

            if (text.Count == 0) text.Add((byte)' ');
        }

        return [.. text];
    }
}
