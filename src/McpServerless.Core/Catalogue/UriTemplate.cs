using System.Text;
using System.Text.RegularExpressions;

namespace McpServerless.Catalogue;

/// <summary>Whether a URI can have come from a URI template (RFC 6570), for the templates of MCP resources.</summary>
/// <remarks>
/// Expansion cannot be undone in general, so this asks the weaker question of the URI's form: the literals as they are, and in place of each
/// expression what its operator can produce (section 3.2). A simple expression never reaches over a slash, a question mark or a hash.
/// </remarks>
public sealed class UriTemplate
{
    private readonly Regex _form;

    private UriTemplate(string text, Regex form, IReadOnlyList<string> variables) => (Text, _form, Variables) = (text, form, variables);

    public string Text { get; }

    /// <summary>Names of the variables, in the order in which they stand.</summary>
    public IReadOnlyList<string> Variables { get; }

    /// <summary>Reads a template; null when its braces do not match or an expression is empty or reserved (section 2.2).</summary>
    public static UriTemplate? Parse(string text)
    {
        var form = new StringBuilder(@"\A");
        var variables = new List<string>();
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var open = rest.IndexOfAny('{', '}');
            if (open < 0) open = rest.Length;
            form.Append(Regex.Escape(rest[..open].ToString()));
            rest = rest[open..];
            if (rest.IsEmpty) break;
            var close = rest.IndexOf('}');
            if (rest[0] == '}' || close < 2 || !AddExpression(rest[1..close], form, variables)) return null;
            rest = rest[(close + 1)..];
        }

        // Not backtracking: the URI comes from outside and the time must not depend on its shape.
        return new UriTemplate(text, new Regex(form.Append(@"\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), variables);
    }

    public bool Matches(string uri) => _form.IsMatch(uri);

    private static bool AddExpression(ReadOnlySpan<char> expression, StringBuilder form, List<string> variables)
    {
        var hasOperator = "+#./;?&".Contains(expression[0], StringComparison.Ordinal);
        var names = (hasOperator ? expression[1..] : expression).ToString().Split(',');
        foreach (var name in names)
        {
            var plain = name.EndsWith('*') ? name[..^1] : name.Split(':')[0];
            if (plain.Length == 0 || !plain.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '%')) return false;
            variables.Add(plain);
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
}
