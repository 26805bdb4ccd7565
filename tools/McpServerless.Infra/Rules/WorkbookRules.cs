using System.Text.Json;
using System.Text.RegularExpressions;
using McpServerless.Infra.Queries;

namespace McpServerless.Infra.Rules;

/// <summary>Workbooks that would open with an empty step: parameters, links and references between steps.</summary>
internal static partial class WorkbookRules
{
    private const int Parameters = 9;
    private const int Query = 3;
    private const int Links = 11;
    private const int Text = 1;

    private static readonly string[] LinkTargets = ["Resource", "Url", "parameter", "GenericDetails", "CellDetails"];

    public static IEnumerable<Finding> Check(InfraWorkspace workspace, QuerySet queries)
    {
        var module = workspace.Read("infra/modules/workbooks.bicep");
        List<Finding> findings = [];
        foreach (var file in workspace.FilesBelow("infra/workbooks", "*.json"))
        {
            if (!module.Contains($"../workbooks/{Path.GetFileName(file)}", StringComparison.Ordinal)) findings.Add(new Finding(file, "workbook-unused", "workbooks.bicep does not deploy this workbook."));
            try
            {
                using var book = JsonDocument.Parse(workspace.Read(file));
                new Book(workspace, file, module, queries, findings).Check(book.RootElement);
            }
            catch (JsonException wrong)
            {
                findings.Add(new Finding($"{file}:{wrong.LineNumber + 1}", "workbook-json", wrong.Message));
            }
            catch (Exception wrong) when (wrong is KeyNotFoundException or InvalidOperationException)
            {
                findings.Add(new Finding(file, "workbook-json", $"does not have the form of a workbook: {wrong.Message}"));
            }
        }

        return findings;
    }

    private sealed class Book(InfraWorkspace workspace, string file, string module, QuerySet queries, List<Finding> findings)
    {
        private readonly WorkbookParameters _parameters = new();
        private readonly HashSet<string> _ids = [];
        private readonly HashSet<string> _used = [];
        private readonly string _text = workspace.Read(file);

        public void Check(JsonElement book)
        {
            if (book.GetProperty("version").GetString() != "Notebook/1.0") Wrong("workbook-json", "version must be Notebook/1.0.");
            if (book.GetProperty("fallbackResourceIds") is var fallback && (fallback.GetArrayLength() != 1 || fallback[0].GetString() != "__WORKSPACE__")) Wrong("workbook-resource", "fallbackResourceIds must be __WORKSPACE__.");
            var items = book.GetProperty("items").EnumerateArray().ToArray();
            foreach (var name in items.GroupBy(NameOf).Where(group => group.Count() > 1).Select(group => group.Key)) Wrong("workbook-names", $"two steps are named '{name}'.");
            // Steps may use what a later step declares.
            foreach (var item in items.Where(item => TypeOf(item) == Parameters)) Declare(item);
            foreach (var item in items) CheckItem(item);
            foreach (var name in _parameters.Names.Except(_used)) Wrong("workbook-parameters", $"nothing uses the parameter {name}.");
            if (items.All(item => TypeOf(item) != Links)) Wrong("workbook-links", "there is no link to the other workbooks.");
            foreach (Match placeholder in Placeholder.Matches(_text))
            {
                if (!module.Contains($"'{placeholder.Value}'", StringComparison.Ordinal)) Wrong("workbook-links", $"workbooks.bicep puts nothing in the place of {placeholder.Value}.");
            }
        }

        private void Declare(JsonElement item)
        {
            foreach (var parameter in item.GetProperty("content").GetProperty("parameters").EnumerateArray())
            {
                var name = parameter.GetProperty("name").GetString() ?? "";
                if (!_parameters.Add(name, parameter)) Wrong("workbook-parameters", $"the parameter {name} is declared twice.");
                var id = parameter.GetProperty("id").GetString() ?? "";
                if (!Guid.TryParse(id, out _) || !_ids.Add(id)) Wrong("workbook-ids", $"the id of parameter {name} must be a GUID of its own.");
                if (WorkbookParameters.TypeOf(parameter) is not (1 or 2 or 4)) Wrong("workbook-parameters", $"the parameter {name} has a type that is not known here.");
            }
        }

        private void CheckItem(JsonElement item)
        {
            if (item.TryGetProperty("conditionalVisibility", out var visibility)) Uses(visibility.GetProperty("parameterName").GetString(), NameOf(item));
            var content = item.GetProperty("content");
            switch (TypeOf(item))
            {
                case Parameters:
                    foreach (var parameter in content.GetProperty("parameters").EnumerateArray().Where(parameter => parameter.TryGetProperty("query", out _))) Ask(parameter, NameOf(item), isParameter: true);
                    break;
                case Query: CheckQuery(item, content); break;
                case Links: CheckLinks(content); break;
                case Text: foreach (var name in WorkbookParameters.UsedBy(content.GetProperty("json").GetString() ?? "")) Uses(name, NameOf(item)); break;
                default: Wrong("workbook-json", $"step {NameOf(item)} is of a type that is not known here."); break;
            }
        }

        private void CheckQuery(JsonElement item, JsonElement content)
        {
            var name = NameOf(item);
            if (content.GetProperty("resourceType").GetString() != "microsoft.operationalinsights/workspaces") Wrong("workbook-resource", $"step {name} must read the workspace.");
            Time(content, "timeContextFromParameter", name, isNeeded: true);
            Time(content, "timeBrushParameterName", name, isNeeded: false);
            Ask(content, name, isParameter: false);
        }

        private void Ask(JsonElement content, string step, bool isParameter)
        {
            var text = content.GetProperty("query").GetString() ?? "";
            var needed = new List<string>();
            if (content.TryGetProperty("exportedParameters", out var exported))
            {
                foreach (var export in exported.EnumerateArray())
                {
                    Uses(export.GetProperty("parameterName").GetString(), step);
                    needed.Add(export.GetProperty("fieldName").GetString() ?? "");
                }
            }

            foreach (var name in WorkbookParameters.UsedBy(text)) Uses(name, step);
            if (isParameter) Time(content, "timeContextFromParameter", step, isNeeded: true);
            queries.Add(new Query(file, LineOf(content.GetProperty("query")), _parameters.Fill(text))
            {
                Named = isParameter ? content.GetProperty("name").GetString() : step,
                HasLines = false,
                NeededColumns = needed,
                NeedsTime = content.TryGetProperty("visualization", out var form) && form.GetString() is "timechart" or "barchart",
            });
        }

        private void CheckLinks(JsonElement content)
        {
            foreach (var link in content.GetProperty("links").EnumerateArray())
            {
                var target = link.GetProperty("linkTarget").GetString() ?? "";
                if (!LinkTargets.Contains(target)) Wrong("workbook-links", $"linkTarget {target} is not known here.");
                var value = link.GetProperty("cellValue").GetString() ?? "";
                if (target == "Resource" && !Placeholder.IsMatch(value)) Wrong("workbook-links", $"the link '{link.GetProperty("linkLabel").GetString()}' leads to {value}, which is no workbook of this folder.");
                var key = value.Replace("__WORKBOOK_", "", StringComparison.Ordinal).Trim('_');
                if (target == "Resource" && !workspace.Has($"infra/workbooks/{key.ToLowerInvariant()}.json")) Wrong("workbook-links", $"there is no workbook for {value}.");
            }
        }

        private void Time(JsonElement content, string member, string step, bool isNeeded)
        {
            if (!content.TryGetProperty(member, out var value))
            {
                if (isNeeded) Wrong("workbook-time", $"step {step} has no {member}, and would look at all time.");
                return;
            }

            Uses(value.GetString(), step);
            if (_parameters.Has(value.GetString() ?? "") && !_parameters.IsTime(value.GetString() ?? "")) Wrong("workbook-time", $"step {step}: {value.GetString()} is not a time range.");
        }

        private void Uses(string? name, string step)
        {
            if (name is null || !_parameters.Has(name)) Wrong("workbook-parameters", $"step {step} uses the parameter {name}, which is not declared.");
            else _used.Add(name);
        }

        private int LineOf(JsonElement query)
        {
            var at = _text.IndexOf(query.GetRawText(), StringComparison.Ordinal);
            return at < 0 ? 1 : _text.AsSpan(0, at).Count('\n') + 1;
        }

        private void Wrong(string rule, string message) => findings.Add(new Finding(file, rule, message));

        private static int TypeOf(JsonElement item) => item.GetProperty("type").GetInt32();

        private static string NameOf(JsonElement item) => item.GetProperty("name").GetString() ?? "";
    }

    [GeneratedRegex("__[A-Z_]+?__")]
    private static partial Regex Placeholder { get; }
}
