using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Azure.Data.Tables;
using McpServerless.Azure.Storage;
using McpServerless.Catalogue;

namespace McpServerless.Azure.Catalogue;

/// <summary>One catalogue version as the rows of one partition, and back.</summary>
/// <remarks>Besides a row for each object there is one that says how many those are, so that a part is never taken for the whole.</remarks>
internal static class VersionRows
{
    private const string Head = "version";
    private const string UpstreamKind = "upstream";
    private const string ToolKind = "tool";
    private const string PromptKind = "prompt";
    private const string ResourceKind = "resource";
    private const string ServerKind = "server";

    /// <exception cref="ArgumentException">Two objects have one name, or one is longer than a row can be: nothing may be written then.</exception>
    public static List<TableEntity> Write(CatalogueVersion content, string partition)
    {
        var rows = new List<TableEntity>(content.Upstreams.Count + content.Tools.Count + content.Prompts.Count + content.Resources.Count + content.Servers.Count + 1);
        foreach (var upstream in content.Upstreams)
        {
            Add(rows, partition, TableKey.Of(UpstreamKind, upstream.Name), UpstreamRow.From(upstream), CatalogueJson.Rows.UpstreamRow);
        }

        foreach (var tool in content.Tools)
        {
            Add(rows, partition, TableKey.Of(ToolKind, tool.Upstream, tool.Name), ContractRow.From(tool), CatalogueJson.Rows.ContractRow);
        }

        foreach (var prompt in content.Prompts)
        {
            Add(rows, partition, TableKey.Of(PromptKind, prompt.Upstream, Digest(prompt.Name)), ContractRow.From(prompt), CatalogueJson.Rows.ContractRow);
        }

        foreach (var resource in content.Resources)
        {
            Add(rows, partition, TableKey.Of(ResourceKind, resource.Upstream, Digest(resource.Name)), ContractRow.From(resource), CatalogueJson.Rows.ContractRow);
        }

        foreach (var server in content.Servers)
        {
            Add(rows, partition, TableKey.Of(ServerKind, server.Name), ServerRow.From(server), CatalogueJson.Rows.ServerRow);
        }

        if (rows.CountBy(r => r.RowKey, StringComparer.Ordinal).FirstOrDefault(k => k.Value > 1) is { Key: { } twice })
        {
            throw new ArgumentException($"The catalogue has '{twice}' twice.", nameof(content));
        }

        var head = new TableEntity(partition, Head) { ["Rows"] = rows.Count };
        if (content.AcceptedBreaking is { } reason) head["AcceptedBreaking"] = reason;
        rows.Add(head);
        return rows;
    }

    public static CatalogueVersion Read(IReadOnlyList<Row> rows, long number, Func<string, StoreUnavailableException> incomplete)
    {
        var upstreams = new SortedList<int, Upstream>();
        var tools = new SortedList<int, ToolContract>();
        var prompts = new SortedList<int, PromptContract>();
        var resources = new SortedList<int, ResourceContract>();
        var servers = new SortedList<int, VirtualServer>();
        int? expected = null;
        string? accepted = null;
        foreach (var row in rows)
        {
            switch (row.RowKeyParts())
            {
                case [Head]:
                    expected = row.Int32("Rows");
                    accepted = row.OptionalText("AcceptedBreaking");
                    break;
                case [UpstreamKind, _]:
                    Add(upstreams, row, Parse(row, CatalogueJson.Rows.UpstreamRow).ToUpstream());
                    break;
                case [ToolKind, _, _]:
                    Add(tools, row, Parse(row, CatalogueJson.Rows.ContractRow).ToTool());
                    break;
                case [PromptKind, _, _]:
                    Add(prompts, row, Parse(row, CatalogueJson.Rows.ContractRow).ToPrompt());
                    break;
                case [ResourceKind, _, _]:
                    Add(resources, row, Parse(row, CatalogueJson.Rows.ContractRow).ToResource());
                    break;
                case [ServerKind, _]:
                    Add(servers, row, Parse(row, CatalogueJson.Rows.ServerRow).ToServer());
                    break;
                default:
                    throw row.Unreadable("it is of no known kind");
            }
        }

        return expected == rows.Count - 1
            ? new CatalogueVersion
            {
                Number = number,
                Upstreams = [.. upstreams.Values],
                Tools = [.. tools.Values],
                Prompts = [.. prompts.Values],
                Resources = [.. resources.Values],
                Servers = [.. servers.Values],
                AcceptedBreaking = accepted,
            }
            : throw incomplete($"it has {rows.Count} rows, where there should be {(expected is { } count ? count + 1 : "a row that counts them")}");
    }

    /// <summary>A key holds 512 characters ("Understanding the Table service data model"); URIs, and escaped names, may be longer.</summary>
    private static string Digest(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    private static void Add<T>(List<TableEntity> rows, string partition, string key, T value, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.Serialize(value, type);
        if (json.Length > ChunkedText.MaxLength)
        {
            throw new ArgumentException($"'{key}' takes {json.Length} characters as JSON; a row holds at most {ChunkedText.MaxLength}.", nameof(value));
        }

        // Rows come back in the order of their keys; this keeps the order that they were given in.
        var row = new TableEntity(partition, key) { ["Order"] = rows.Count };
        ChunkedText.Write(row, json);
        rows.Add(row);
    }

    private static void Add<T>(SortedList<int, T> list, Row row, T value)
    {
        if (!list.TryAdd(row.Int32("Order"), value)) throw row.Unreadable("another row has its place");
    }

    private static T Parse<T>(Row row, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(ChunkedText.Read(row), type) ?? throw row.Unreadable("its JSON is null");
        }
        catch (JsonException e)
        {
            throw row.Unreadable("its JSON is not that of its kind", e);
        }
    }
}
