using McpServerless.Access;

namespace McpServerless.Catalogue.Files;

/// <summary>What a folder of files says: findings, and without errors the state that it asks for.</summary>
public sealed class LoadedCatalogue
{
    internal LoadedCatalogue(IReadOnlyList<CatalogueFinding> findings, CatalogueContent? content) => (Findings, Content) = (findings, content);

    /// <summary>By file and line.</summary>
    public IReadOnlyList<CatalogueFinding> Findings { get; }

    /// <summary>Null when there is an error: then nothing of the folder is applied.</summary>
    public CatalogueContent? Content { get; }
}

/// <summary>The state that a folder asks for, checked as a whole.</summary>
public sealed record CatalogueContent
{
    /// <summary>With number 0: it has none before it is published.</summary>
    public required CatalogueVersion Catalogue { get; init; }

    public required IReadOnlyList<DeclaredClient> Clients { get; init; }

    public required IReadOnlyList<DeclaredGrant> Grants { get; init; }

    /// <summary>Contracts whose file says nothing of their state.</summary>
    public required IReadOnlySet<Contract> WithoutState { get; init; }

    /// <summary>The files that the contracts are described in, by <c>upstream/tool</c>.</summary>
    internal IReadOnlyDictionary<string, CatalogueFile> ToolFiles { get; init; } = new Dictionary<string, CatalogueFile>();

    /// <summary>Where a place of a tool's definition stands, or the nearest one around it; null when no file describes the tool.</summary>
    public (string File, TextPlace Place)? PlaceOf(string subject, string pointer) =>
        ToolFiles.TryGetValue(subject, out var file) ? (file.Path, file.PlaceOf("/definition" + pointer)) : null;
}

/// <summary>A client as its file describes it.</summary>
/// <param name="Client">With the expiry that holds when it is applied now.</param>
/// <param name="ExpiresIn">What the file says instead of a date; null when it says a date.</param>
/// <param name="StateGiven">False when the file leaves the state to what is registered.</param>
public sealed record DeclaredClient(Client Client, TimeSpan? ExpiresIn, bool StateGiven);

/// <summary>A grant as its file describes it.</summary>
/// <param name="Grant">With the expiry that holds when it is applied now.</param>
/// <param name="ExpiresIn">What the file says instead of a date; null when it says a date.</param>
public sealed record DeclaredGrant(Grant Grant, TimeSpan? ExpiresIn);
