using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace McpServerless.Infra.Tests.Settings;

/// <summary>What the source says of a member, as Markdown on one line.</summary>
internal static partial class XmlDocumentation
{
    private static readonly Dictionary<string, XElement> Members = [];

    public static string? Of(Type type, string part) => Find(type.Assembly, $"T:{type.FullName}", part);

    public static string? Of(PropertyInfo property, string part) => Find(property.Module.Assembly, $"P:{property.DeclaringType?.FullName}.{property.Name}", part);

    private static string? Find(Assembly assembly, string member, string part)
    {
        lock (Members)
        {
            if (!Members.ContainsKey(assembly.Location))
            {
                var file = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"));
                Members[assembly.Location] = file.Root ?? new XElement("none");
                foreach (var element in file.Descendants("member")) Members[element.Attribute("name")?.Value ?? ""] = element;
            }

            return Members.TryGetValue(member, out var found) && found.Element(part) is { } text ? Markdown(text) : null;
        }
    }

    private static string Markdown(XElement element) => Spaces.Replace(string.Concat(element.Nodes().Select(Markdown)), " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);

    private static string Markdown(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" or "code" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see => $"`{(see.Attribute("cref")?.Value.Split('.')[^1] ?? see.Attribute("langword")?.Value ?? see.Attribute("href")?.Value)}`",
        XElement other => Markdown(other),
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces { get; }
}
