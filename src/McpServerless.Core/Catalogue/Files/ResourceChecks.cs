namespace McpServerless.Catalogue.Files;

/// <summary>Whether a resource contract can be held: a URI or a template that requests can be decided on, and a consistent life cycle.</summary>
internal static class ResourceChecks
{
    public static void Check(CatalogueFile file, ResourceContract resource, List<CatalogueFinding> findings, DateTimeOffset now)
    {
        if (resource.IsTemplate) CheckTemplate(file, resource.Name, findings);
        else if (!ResourceUri.IsAcceptable(resource.Name)) findings.Add(file.Finding(FindingRule.ResourceUriInvalid, "/definition/uri", NotAcceptable));
        LifecycleChecks.Check(file, resource, findings, now);
    }

    private const string NotAcceptable =
        "is not a URI that could be asked for: it needs a scheme, printable characters, and no segment . or .., also none that is encoded";

    private static void CheckTemplate(CatalogueFile file, string text, List<CatalogueFinding> findings)
    {
        const string Pointer = "/definition/uriTemplate";
        if (UriTemplate.Parse(text) is not { } template)
        {
            findings.Add(file.Finding(FindingRule.UriTemplateInvalid, Pointer, $"is not a URI template (RFC 6570) with at most {UriTemplate.MaxExpressions} expressions"));
        }
        else if (!ResourceUri.IsAcceptable(template.Outline))
        {
            findings.Add(file.Finding(FindingRule.ResourceUriInvalid, Pointer, NotAcceptable));
        }
    }
}
