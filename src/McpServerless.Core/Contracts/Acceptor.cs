using System.Text;
using System.Text.Json;

namespace McpServerless.Contracts;

/// <summary>Says of most values, quickly, that they are valid. What it does not say that of is the library's to decide and to explain.</summary>
/// <remarks>
/// Compiled once for each contract version. Inside it also knows "certainly invalid", because <c>oneOf</c>, <c>not</c> and <c>if</c> need it. A keyword that
/// asserts something and is not understood makes its subschema one of which nothing is known, so the acceptor can be incomplete but not
/// unsound. Tests hold it to that against JsonSchema.Net, and JSON Schema's own suite runs through the pair of them.
/// </remarks>
internal abstract partial class Acceptor
{
    internal enum Verdict
    {
        Unknown,
        Valid,
        Invalid,
    }

    /// <summary>True when the value is certainly valid; false means "do not know".</summary>
    public bool Accepts(JsonElement value) => Judge(value) == Verdict.Valid;

    /// <summary>What is certain of the value.</summary>
    internal abstract Verdict Judge(JsonElement value);

    /// <summary>Whether the schema certainly looks at a property, so that <c>unevaluatedProperties</c> leaves it alone.</summary>
    internal virtual bool Evaluates(JsonElement value, JsonProperty member) => false;

    /// <summary>Whether the schema certainly looks at an item, so that <c>unevaluatedItems</c> leaves it alone.</summary>
    internal virtual bool Evaluates(JsonElement value, int index) => false;

    /// <summary>An acceptor for a whole schema.</summary>
    public static Acceptor Compile(JsonElement schema) => Compile(schema, schema);

    /// <summary>An acceptor for a part of a schema, whose references are those of the whole.</summary>
    public static Acceptor Compile(JsonElement part, JsonElement whole) => new Compilation(whole).Of(part, isRoot: true);

    private sealed class Constant(Verdict verdict) : Acceptor
    {
        public static readonly Constant Everything = new(Verdict.Valid);
        public static readonly Constant Nothing = new(Verdict.Invalid);
        public static readonly Constant NotUnderstood = new(Verdict.Unknown);

        internal override Verdict Judge(JsonElement value) => verdict;
    }

    /// <summary>Stands for a reference while what it refers to is being compiled; recursion ends with the value.</summary>
    private sealed class Reference : Acceptor
    {
        public Acceptor Target { get; set; } = Constant.NotUnderstood;

        internal override Verdict Judge(JsonElement value) => Target.Judge(value);

        internal override bool Evaluates(JsonElement value, JsonProperty member) => Target.Evaluates(value, member);

        internal override bool Evaluates(JsonElement value, int index) => Target.Evaluates(value, index);
    }

    /// <param name="RequiredBit">Zero when the property may be left out.</param>
    private sealed record Property(byte[] Name, Acceptor Value, ulong RequiredBit = 0);

    /// <summary>Whether a decimal holds the number exactly: it is read from up to 28 digits, and a longer text would be rounded.</summary>
    private static bool TryExact(JsonElement number, out decimal exact)
    {
        exact = 0;
        return System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(number).Length <= 28 && number.TryGetDecimal(out exact);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
