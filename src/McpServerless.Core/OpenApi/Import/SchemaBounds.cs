using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using McpServerless.Contracts;

namespace McpServerless.OpenApi.Import;

/// <summary>How a schema was brought within the bounds of contracts.</summary>
internal enum SchemaFit
{
    /// <summary>As it was, or without texts that only explain.</summary>
    Whole,

    /// <summary>Deep parts let everything pass.</summary>
    Widened,
}

/// <summary>Brings a converted schema within <see cref="SchemaAdmission"/>: first without its explanations, then without its depths.</summary>
internal static class SchemaBounds
{
    /// <summary>Steps into the value that are kept, tried one after the other.</summary>
    private static readonly int[] Depths = [6, 5, 4, 3, 2, 1];

    /// <summary>Bytes, well below the bound on a schema, so that a contract's file keeps below its own.</summary>
    private const int MaxBytes = SchemaAdmission.MaxBytes - 1024;

    /// <summary>The schema that is held, or null with what the validator says of it.</summary>
    public static (JsonObject? Schema, SchemaFit Fit, string? Problem) Fit(JsonObject schema)
    {
        if (Problem(schema) is not { } problem) return (schema, SchemaFit.Whole, null);
        var plain = (JsonObject)Widening.WithoutTexts(schema, isRoot: true);
        if (Problem(plain) is null) return (plain, SchemaFit.Whole, null);
        foreach (var depth in Depths)
        {
            if (new Widening(plain, MaxBytes).ToDepth(depth) is { } widened && Problem(widened) is null) return (widened, SchemaFit.Widened, problem);
        }

        return (null, SchemaFit.Widened, problem);
    }

    private static string? Problem(JsonObject schema)
    {
        using var document = JsonDocument.Parse(schema.ToJsonString());
        if (SchemaAdmission.Check(document.RootElement) is [var first, ..]) return first.ToString();
        try
        {
            // A value has to be checked before every fault of a schema shows.
            _ = ValueSchema.Build(document.RootElement).Check(document.RootElement);
            return null;
        }
        catch (Exception e) when (e is JsonSchemaException or RefResolutionException or JsonException or ArgumentException)
        {
            return e.Message;
        }
    }
}
