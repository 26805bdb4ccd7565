using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using McpServerless.Hosting;

namespace McpServerless.Infra.Tests.Settings;

/// <summary>One setting of the app, as its options class has it.</summary>
/// <param name="Section">Where it stands in the configuration.</param>
/// <param name="Path">Its name below the section, with colons.</param>
/// <param name="Property">Where it is declared.</param>
/// <param name="Default">As the configuration writes it; null when there is none.</param>
public sealed record Setting(string Section, string Path, PropertyInfo Property, string? Default)
{
    private static readonly Assembly[] Assemblies = [typeof(GovernanceServices).Assembly, typeof(Http.GatewayOptions).Assembly, typeof(Azure.Storage.StorageOptions).Assembly];

    public string Name => $"{Section}:{Path}";

    /// <summary>As an app setting or an environment variable.</summary>
    public string Variable => Name.Replace(":", "__", StringComparison.Ordinal);

    public bool IsList => Property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(Property.PropertyType);

    /// <summary>What stands behind the name of one of several values.</summary>
    public string Member => !IsList ? "" : typeof(IDictionary).IsAssignableFrom(Property.PropertyType) ? "__NAME" : "__0";

    public bool IsRequired => Property.IsDefined(typeof(RequiredAttribute)) && string.IsNullOrEmpty(Default);

    public bool IsSetByDeployment => Property.IsDefined(typeof(SetByDeploymentAttribute));

    public RangeAttribute? Range => Property.GetCustomAttribute<RangeAttribute>();

    /// <summary>Every options class: what has a constant that names its section.</summary>
    public static IReadOnlyList<Type> OptionsClasses { get; } =
    [
        .. from assembly in Assemblies
           from type in assembly.GetTypes()
           where type.Name.EndsWith("Options", StringComparison.Ordinal) && SectionOf(type) is not null
           orderby SectionOf(type)
           select type,
    ];

    public static IReadOnlyList<Setting> All { get; } = [.. OptionsClasses.SelectMany(type => Of(type, SectionOf(type) ?? "", ""))];

    public static string? SectionOf(Type type) => type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string;

    private static IEnumerable<Setting> Of(Type type, string section, string prefix)
    {
        var instance = Activator.CreateInstance(type);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(property => property.MetadataToken))
        {
            var isCollection = property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(property.PropertyType);
            // A property that is worked out from others is none.
            if (!isCollection && property.SetMethod is not { IsPublic: true }) continue;
            var value = property.GetValue(instance);
            if (!isCollection && IsGroup(property.PropertyType))
            {
                foreach (var inner in Of(property.PropertyType, section, $"{prefix}{property.Name}:")) yield return inner;
                continue;
            }

            yield return new Setting(section, prefix + property.Name, property, isCollection ? null : Text(value));
        }
    }

    private static bool IsGroup(Type type) => type.IsClass && type.Assembly.GetName().Name?.StartsWith("McpServerless", StringComparison.Ordinal) == true;

    private static string? Text(object? value) => value switch
    {
        null => null,
        bool yes => yes ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
