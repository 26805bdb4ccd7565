using McpServerless.Catalogue;
using ModelContextProtocol.Protocol;

namespace McpServerless.ToolCalls;

/// <summary>The lists of MCP that the catalogue answers.</summary>
public enum FeatureList
{
    Tools,
    Prompts,
    Resources,
    ResourceTemplates,
}

/// <summary>What each list holds.</summary>
public static class FeatureLists
{
    /// <summary>The list that a method asks for; null for a method that asks for none.</summary>
    public static FeatureList? AskedBy(string? method) => method switch
    {
        RequestMethods.ToolsList => FeatureList.Tools,
        RequestMethods.PromptsList => FeatureList.Prompts,
        RequestMethods.ResourcesList => FeatureList.Resources,
        RequestMethods.ResourcesTemplatesList => FeatureList.ResourceTemplates,
        _ => null,
    };

    public static SubjectKind Kind(this FeatureList list) => list switch
    {
        FeatureList.Tools => SubjectKind.Tool,
        FeatureList.Prompts => SubjectKind.Prompt,
        _ => SubjectKind.Resource,
    };

    public static bool Holds(this FeatureList list, ExposedFeature feature) =>
        feature is not ExposedResource resource || (resource.Template is not null) == (list == FeatureList.ResourceTemplates);
}
