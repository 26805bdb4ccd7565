namespace McpServerless.Hosting;

/// <summary>Marks a setting that <c>infra/</c> gives, because the deployment alone knows the value. A test holds the two together.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SetByDeploymentAttribute : Attribute;
