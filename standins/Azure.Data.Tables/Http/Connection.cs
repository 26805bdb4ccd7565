#nullable enable
using Azure.Core;
using Azure.Core.Pipeline;

namespace Azure.Data.Tables;

/// <summary>One account's endpoint, the pipeline that signs and retries requests to it, and the request headers that all of them share.</summary>
internal sealed class Connection
{
    private const string Json = "application/json;odata=minimalmetadata";

    private readonly HttpPipeline _pipeline;
    private readonly string _root;
    private readonly string _version;

    private Connection(Uri endpoint, string? accountName, HttpPipelinePolicy signing, TableClientOptions? options)
    {
        options ??= new TableClientOptions();
        Endpoint = new UriBuilder(endpoint) { Query = "" }.Uri;
        AccountName = accountName ?? AccountOf(endpoint);
        _root = Endpoint.AbsoluteUri.TrimEnd('/');
        _version = options.VersionString;
        _pipeline = HttpPipelineBuilder.Build(new HttpPipelineOptions(options)
        {
            // Inside the retry policy, so that every try carries a fresh signature or token.
            PerRetryPolicies = { signing },
            RequestFailedDetailsParser = ODataErrorParser.Instance,
        });
    }

    public Uri Endpoint { get; }

    public string AccountName { get; }

    public static Connection With(string connectionString, TableClientOptions? options)
    {
        var parsed = ConnectionString.Parse(connectionString);
        return parsed.Sas is { } sas
            ? new Connection(parsed.Endpoint, null, new SasPolicy(sas), options)
            : With(parsed.Endpoint, parsed.SharedKey!, options); // Parse gives one of the two.
    }

    public static Connection With(Uri endpoint, TableSharedKeyCredential credential, TableClientOptions? options)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(credential);
        return new Connection(endpoint, credential.AccountName, new SharedKeyPolicy(credential), options);
    }

    public static Connection With(Uri endpoint, TokenCredential credential, TableClientOptions? options)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(credential);
        options ??= new TableClientOptions();
        return new Connection(endpoint, null, new BearerTokenAuthenticationPolicy(credential, options.Scope), options);
    }

    /// <exception cref="ArgumentException">The signature would travel over plain HTTP to another machine.</exception>
    public static Connection With(Uri endpoint, AzureSasCredential credential, TableClientOptions? options)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(credential);
        if (endpoint.Scheme != Uri.UriSchemeHttps && !endpoint.IsLoopback)
            throw new ArgumentException("A shared access signature is sent over HTTPS only.", nameof(endpoint));
        return new Connection(endpoint, null, new SasPolicy(credential), options);
    }

    /// <param name="query">Already escaped, with the leading question mark.</param>
    public string Url(string path, string query = Resource.MinimalMetadata) => $"{_root}/{path}{query}";

    /// <param name="alsoFine">A status from 400 up that is an answer here and so is not logged as an error.</param>
    public HttpMessage CreateMessage(RequestMethod method, string url, ushort alsoFine = 0)
    {
        var message = _pipeline.CreateMessage();
        if (alsoFine != 0)
            message.ResponseClassifier = new StatusCodeClassifier([200, 201, 202, 204, alsoFine]);
        var request = message.Request;
        request.Method = method;
        request.Uri.Reset(new Uri(url));
        request.Headers.Add("x-ms-version", _version);
        request.Headers.Add("DataServiceVersion", "3.0");
        request.Headers.Add("Accept", Json);
        return message;
    }

    /// <param name="json">The body.</param>
    public HttpMessage CreateMessage(RequestMethod method, string url, RequestContent json, ushort alsoFine = 0)
    {
        var message = CreateMessage(method, url, alsoFine);
        message.Request.Headers.Add("Content-Type", "application/json");
        message.Request.Content = json;
        return message;
    }

    /// <summary>Sends, and throws unless the answer has one of the expected statuses.</summary>
    public async Task<Response> SendAsync(HttpMessage message, CancellationToken cancellationToken, params int[] expected)
    {
        await _pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        var response = message.Response;
        return Array.IndexOf(expected, response.Status) >= 0
            ? response
            : throw new RequestFailedException(response, null, ODataErrorParser.Instance);
    }

    /// <summary>The first label of the host name; for emulators, which have the account in the path, the first segment.</summary>
    private static string AccountOf(Uri endpoint)
    {
        if (endpoint.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 || endpoint.IsLoopback)
            return endpoint.Segments.Length > 1 ? endpoint.Segments[1].TrimEnd('/') : "";
        return endpoint.Host.Split('.')[0];
    }
}
