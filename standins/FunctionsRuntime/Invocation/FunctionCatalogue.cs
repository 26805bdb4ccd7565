using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace FunctionsRuntime.Invocation;

/// <summary>The app's functions: those of its own assembly and of the assemblies it references.</summary>
internal sealed class FunctionCatalogue
{
    private const BindingFlags AnyMethod =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[] Libraries = ["System", "Microsoft", "netstandard", "mscorlib", "Azure", "OpenTelemetry", "Newtonsoft"];

    private FunctionCatalogue(IReadOnlyList<Function> functions) => Functions = functions;

    public IReadOnlyList<Function> Functions { get; }

    /// <exception cref="InvalidOperationException">Two functions share a name (analyzer AZFW0017), or one cannot run; the text names it.</exception>
    public static FunctionCatalogue Of(IEnumerable<Type> types)
    {
        var functions = types
            .SelectMany(t => t.GetMethods(AnyMethod))
            .Where(m => m.GetCustomAttribute<FunctionAttribute>() is not null)
            .Select(Function.Of)
            .ToList();
        var shared = functions.GroupBy(f => f.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1);
        return shared is null
            ? new FunctionCatalogue(functions)
            : throw new InvalidOperationException(
                $"The function name '{shared.Key}' is used by {string.Join(" and ", shared.Select(f => f.Definition.EntryPoint))}; "
                + "names are unique within an app.");
    }

    /// <summary>The types of the app and of every assembly below it that uses the worker.</summary>
    public static IEnumerable<Type> TypesOf(Assembly app)
    {
        var worker = typeof(FunctionAttribute).Assembly.GetName().Name;
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var open = new Queue<Assembly>([app]);
        while (open.TryDequeue(out var assembly))
        {
            var references = assembly.GetReferencedAssemblies();
            if (references.Any(r => r.Name == worker))
                foreach (var type in assembly.GetTypes()) yield return type;

            // Loading the framework to look into it would cost most of the start.
            foreach (var reference in references.Where(r => r.Name is { } name && name != worker && !IsLibrary(name) && seen.Add(name)))
                if (TryLoad(reference) is { } referenced) open.Enqueue(referenced);
        }
    }

    private static bool IsLibrary(string name) =>
        Array.Exists(Libraries, l => name.Equals(l, StringComparison.Ordinal) || name.StartsWith(l + ".", StringComparison.Ordinal));

    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (FileNotFoundException)
        {
            return null; // A reference that only the build needed has no functions to run.
        }
    }
}
