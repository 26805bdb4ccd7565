using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpServerless.OpenApi;

/// <summary>What no schema can say of a binding: that its parts fit together, and that no argument reaches what is not its own.</summary>
public static partial class HttpBindingChecks
{
    /// <summary>What is wrong, each with its JSON pointer within the member <c>http</c>; empty when the binding can be used.</summary>
    public static IReadOnlyList<(string Pointer, string Message)> Check(HttpBinding binding, JsonElement inputSchema)
    {
        var problems = new List<(string, string)>();
        CheckPath(binding, problems);
        var arguments = inputSchema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
            ? properties.EnumerateObject().Select(p => p.Name).ToHashSet(StringComparer.Ordinal)
            : [];
        var used = new HashSet<string>(StringComparer.Ordinal);
        var targets = new HashSet<(ArgumentPlace, string)>();
        for (var i = 0; i < binding.Parameters.Count; i++)
        {
            var parameter = binding.Parameters[i];
            var at = $"/parameters/{i}";
            if (!arguments.Contains(parameter.Argument)) problems.Add(($"{at}/argument", $"names '{parameter.Argument}', which inputSchema does not have"));
            if (!used.Add(parameter.Argument)) problems.Add(($"{at}/argument", $"sends '{parameter.Argument}' a second time"));
            if (!targets.Add((parameter.Place, parameter.Place == ArgumentPlace.Header ? parameter.Name.ToUpperInvariant() : parameter.Name)))
                problems.Add(($"{at}/name", $"sets '{parameter.Name}' a second time"));
            if (NameProblem(parameter) is { } name) problems.Add(($"{at}/name", name));
            if (!Fits(parameter.Place, parameter.Style)) problems.Add(($"{at}/style", $"is not a style for the {parameter.Place.ToString().ToLowerInvariant()}"));
        }

        if (binding.Body is { } body)
        {
            if (!arguments.Contains(body.Argument)) problems.Add(("/body/argument", $"names '{body.Argument}', which inputSchema does not have"));
            if (!used.Add(body.Argument)) problems.Add(("/body/argument", $"sends '{body.Argument}' a second time"));
        }

        // An argument that goes nowhere would be promised and lost.
        foreach (var lost in arguments.Except(used).Order(StringComparer.Ordinal)) problems.Add(("", $"sends the argument '{lost}' nowhere"));
        return problems;
    }

    internal static bool Fits(ArgumentPlace place, ArgumentStyle style) => place switch
    {
        ArgumentPlace.Path => style is ArgumentStyle.Simple or ArgumentStyle.Label or ArgumentStyle.Matrix,
        ArgumentPlace.Header => style is ArgumentStyle.Simple,
        ArgumentPlace.Cookie => style is ArgumentStyle.Form,
        _ => style is ArgumentStyle.Form or ArgumentStyle.SpaceDelimited or ArgumentStyle.PipeDelimited or ArgumentStyle.DeepObject,
    };

    internal static string? NameProblem(ParameterBinding parameter) => parameter.Place switch
    {
        ArgumentPlace.Header when !ReservedHeaders.IsToken(parameter.Name) => "is not a header's name",
        ArgumentPlace.Header when ReservedHeaders.Contains(parameter.Name) => "is a header that no argument may set",
        ArgumentPlace.Cookie when !ReservedHeaders.IsToken(parameter.Name) => "is not a cookie's name",
        _ => null,
    };

    /// <summary>The names of a template's parameters, in their order.</summary>
    internal static IEnumerable<string> TemplateNames(string path) => Template().Matches(path).Select(m => m.Groups[1].Value);

    private static void CheckPath(HttpBinding binding, List<(string, string)> problems)
    {
        if (PathProblem(binding.Path) is { } problem) problems.Add(("/path", problem));
        var bound = binding.Parameters.Where(p => p.Place == ArgumentPlace.Path).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var names = TemplateNames(binding.Path).ToList();
        foreach (var name in names.Where(n => !bound.Contains(n)).Distinct(StringComparer.Ordinal)) problems.Add(("/path", $"has {{{name}}}, which no parameter fills"));
        foreach (var name in bound.Where(n => !names.Contains(n)).Order(StringComparer.Ordinal)) problems.Add(("/parameters", $"fill {{{name}}}, which the path does not have"));
    }

    /// <summary>What keeps a template from being one path below the upstream's URL.</summary>
    internal static string? PathProblem(string path)
    {
        if (!path.StartsWith('/')) return "does not begin with a slash";
        var fixedText = Template().Replace(path, "x");
        if (fixedText.AsSpan().IndexOfAny("?#\\{}") >= 0) return "has a character that is no part of a path: ? # \\ { }";
        if (fixedText.Any(c => c <= ' ' || c >= '\u007f')) return "has a blank, a control character or one beyond ASCII";
        if (fixedText.StartsWith("//", StringComparison.Ordinal)) return "begins with two slashes, which would name another host";
        return fixedText.Split('/').Any(PathSegments.IsDots) ? "has a segment of dots, which leads out of the upstream's URL" : null;
    }

    [GeneratedRegex(@"\{([^{}/]+)\}")]
    private static partial Regex Template();
}
