using System.Globalization;

namespace Azure.Data.Tables;

/// <summary>The service refused one action of a transaction, and so all of them.</summary>
public class TableTransactionFailedException : RequestFailedException
{
    /// <summary>The key in <see cref="Exception.Data"/> under which the error parser leaves the index.</summary>
    internal const string IndexKey = "FailedEntity";

    public TableTransactionFailedException(RequestFailedException requestFailedException)
        : base(
            requestFailedException?.Status ?? throw new ArgumentNullException(nameof(requestFailedException)),
            requestFailedException.Message,
            requestFailedException.ErrorCode,
            requestFailedException.InnerException)
    {
        foreach (var key in requestFailedException.Data.Keys)
            Data[key] = requestFailedException.Data[key];
        if (Data[IndexKey] is string text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            FailedTransactionActionIndex = index;
    }

    /// <summary>Which of the submitted actions failed, counted from 0; null if the service did not say.</summary>
    public int? FailedTransactionActionIndex { get; }
}
