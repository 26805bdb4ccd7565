using System.Text;
using System.Text.RegularExpressions;

namespace McpServerless.Catalogue;

/// <summary>Whether a URI can have come from a URI template (RFC 6570), for the templates of MCP resources.</summary>
/// <remarks>
/// Expansion cannot be undone in general, so this asks the weaker question of the URI's form: the literals as they are, and in place of each
/// expression what its operator can produce (section 3.2). A simple expression never reaches over a slash, a question mark or a hash, and stands
/// for at least one character: a template of things is not also the list of them.
/// </remarks>
public sealed partial class UriTemplate
{
    /// <summary>The most expressions of one template: a match takes time that grows with them.</summary>
    public const int MaxExpressions = 32;

    private readonly Regex _form;

    private UriTemplate(string text, string outline, Regex form, IReadOnlyList<string> variables) =>
        (Text, Outline, _form, Variables) = (text, outline, form, variables);

    public string Text { get; }

    /// <summary>The template with an <c>x</c> in place of each expression.</summary>
    public string Outline { get; }

    /// <summary>Names of the variables, in the order in which they stand.</summary>
    public IReadOnlyList<string> Variables { get; }

    /// <summary>
    /// Reads a template; null when its braces do not match, an expression is empty, reserved (section 2.2) or has a variable that is none
    /// (sections 2.3 and 2.4), or there are more than <see cref="MaxExpressions"/>.
    /// </summary>
    public static UriTemplate? Parse(string text)
    {
        var form = new StringBuilder(@"\A");
        var outline = new StringBuilder();
        var variables = new List<string>();
        var expressions = 0;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var open = rest.IndexOfAny('{', '}');
            if (open < 0) open = rest.Length;
            form.Append(Regex.Escape(rest[..open].ToString()));
            outline.Append(rest[..open]);
            rest = rest[open..];
            if (rest.IsEmpty) break;
            var close = rest.IndexOf('}');
            if (rest[0] == '}' || close < 2 || ++expressions > MaxExpressions || !AddExpression(rest[1..close], form, variables)) return null;
            outline.Append('x');
            rest = rest[(close + 1)..];
        }

        // Not backtracking: the URI comes from outside and the time must not depend on its shape.
        var regex = new Regex(form.Append(@"\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        return new UriTemplate(text, outline.ToString(), regex, variables);
    }

    public bool Matches(string uri) => _form.IsMatch(uri);

    private static bool AddExpression(ReadOnlySpan<char> expression, StringBuilder form, List<string> variables)
    {
        var hasOperator = "+#./;?&".Contains(expression[0], StringComparison.Ordinal);
        foreach (var text in (hasOperator ? expression[1..] : expression).ToString().Split(','))
        {
            if (Variable().Match(text) is not { Success: true } variable) return false;
            variables.Add(variable.Groups["name"].Value);
        }

        form.Append(hasOperator ? expression[0] switch
        {
            '+' => ".+",
            '#' => "(#.*)?",
            '.' => @"(\.[^/?#]*)*",
            '/' => "(/[^/?#]*)*",
            ';' => "(;[^/?#]*)*",
            '?' => @"(\?[^#]*)?",
            _ => "(&[^#]*)?",
        }
        : "[^/?#]+");
        return true;
    }

    /// <summary>A varspec of RFC 6570, sections 2.3 and 2.4: a name, and the whole of its value, its first characters, or its parts.</summary>
    [GeneratedRegex(@"\A(?<name>([A-Za-z0-9_]|%[0-9A-Fa-f]{2})(\.?([A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*)(\*|:[1-9][0-9]{0,3})?\z")]
    private static partial Regex Variable();
}
