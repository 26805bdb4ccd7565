namespace Microsoft.Azure.Functions.Worker;

public abstract class InvocationResult : InvocationResult<object>;

public abstract class InvocationResult<T>
{
    /// <summary>What the function returned; a middleware that does not call <c>next</c> sets it instead.</summary>
    public abstract T? Value { get; set; }
}
