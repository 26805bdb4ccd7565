using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.DependencyInjection;

namespace FunctionsRuntime.Invocation;

/// <summary>Reads a <c>[FromBody]</c> argument with MVC's input formatters, as the real worker does.</summary>
internal sealed class RequestBody
{
    public static T? Argument<T>(InvocationContext context) => context.Body is T body ? body : default;

    /// <exception cref="InvalidOperationException">The body is not a value of the type; the client sees a 500, as on the real worker.</exception>
    public static async Task<object?> ReadAsync(InvocationContext context, Type type)
    {
        // Only functions with an HTTP trigger have a body; others are refused at the start.
        var request = context.Request!;
        var metadata = request.RequestServices.GetRequiredService<IModelMetadataProvider>().GetMetadataForType(type);
        var binder = request.RequestServices.GetRequiredService<IModelBinderFactory>().CreateBinder(new ModelBinderFactoryContext
        {
            Metadata = metadata,
            BindingInfo = new BindingInfo { BindingSource = BindingSource.Body },
        });
        var binding = new DefaultModelBindingContext
        {
            ActionContext = new ActionContext { HttpContext = request },
            BindingSource = BindingSource.Body,
            ModelMetadata = metadata,
            ModelName = "",
            ModelState = new ModelStateDictionary(),
        };
        await binder.BindModelAsync(binding);
        if (binding.Result.IsModelSet) return binding.Result.Model;
        if (binding.ModelState.IsValid) return null;
        var errors = binding.ModelState.Values
            .SelectMany(v => v.Errors)
            .Select(e => e.ErrorMessage is { Length: > 0 } text ? text : e.Exception?.Message);
        throw new InvalidOperationException($"Function '{context.Function.Name}': the body is not a {type}. {string.Join(' ', errors)}");
    }
}
