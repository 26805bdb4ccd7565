using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.OpenApi.Import;
using McpServerless.Testing;

namespace McpServerless.Core.Tests.OpenApi;

/// <summary>Documents that nobody here wrote, from npm packages of the lock file.</summary>
internal static class RealDocuments
{
    /// <summary>Path below <c>node_modules</c>, operations, and how many of them become tools.</summary>
    public static TheoryData<string, int, int> All => new()
    {
        { "@readme/oas-examples/3.0/json/petstore.json", 20, 20 },
        { "@readme/oas-examples/3.1/json/petstore.json", 20, 20 },
        { "@readme/oas-examples/3.0/yaml/star-trek.yaml", 120, 120 },
        { "@readme/oas-examples/3.1/json/readme.json", 54, 54 },
        { "@readme/oas-examples/3.1/json/train-travel.json", 7, 7 },
        { "@readme/oas-examples/3.0/json/parameters-style.json", 25, 23 },
        { "@figma/rest-api-spec/openapi/openapi.yaml", 54, 54 },
        { "@blockfrost/openapi/openapi.yaml", 129, 123 },
        { "@scalar/galaxy/dist/3.1.yaml", 10, 10 },
    };

    public static byte[] Read(string path) => File.ReadAllBytes(RepositoryRoot.Combine(["node_modules", .. path.Split('/')]));

    /// <summary>The document as JSON without what it asks callers to prove themselves with, which a mock would ask for too.</summary>
    public static string WithoutSecurity(string path, string folder)
    {
        var root = (JsonObject)OpenApiSource.Read(Read(path), [])!.Root.DeepClone();
        root.Remove("security");
        (root["components"] as JsonObject)?.Remove("securitySchemes");
        foreach (var (_, item) in (JsonObject)root["paths"]!)
        {
            foreach (var (_, operation) in (JsonObject)item!) (operation as JsonObject)?.Remove("security");
        }

        var target = Path.Combine(folder, "document.json");
        File.WriteAllText(target, root.ToJsonString(new JsonSerializerOptions { MaxDepth = 256 }));
        return target;
    }
}
