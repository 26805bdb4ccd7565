namespace Microsoft.IdentityModel.Protocols;

public interface IDocumentRetriever
{
    Task<string> GetDocumentAsync(string address, CancellationToken cancel);
}

public interface IConfigurationRetriever<T>
{
    Task<T> GetConfigurationAsync(string address, IDocumentRetriever retriever, CancellationToken cancel);
}

public interface IConfigurationManager<T> where T : class
{
    Task<T> GetConfigurationAsync(CancellationToken cancel);

    void RequestRefresh();
}

/// <summary>Decides whether a configuration that was fetched may take the place of the current one.</summary>
public interface IConfigurationValidator<T>
{
    ConfigurationValidationResult Validate(T configuration);
}

public class ConfigurationValidationResult
{
    public string ErrorMessage { get; set; }

    public bool Succeeded { get; set; }
}
