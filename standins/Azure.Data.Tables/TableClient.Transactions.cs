using Azure.Core;

namespace Azure.Data.Tables;

public partial class TableClient
{
    /// <summary>Does all of the actions or none.</summary>
    /// <param name="transactionActions">1 to 100, on distinct rows of one partition, together at most 4 MiB as sent.</param>
    /// <returns>A response for each action, in order; an add's, update's or upsert's has the new ETag.</returns>
    /// <exception cref="TableTransactionFailedException">An action was refused; it says which, and its code says why.</exception>
    /// <exception cref="InvalidOperationException">There are no actions.</exception>
    public virtual async Task<Response<IReadOnlyList<Response>>> SubmitTransactionAsync(
        IEnumerable<TableTransactionAction> transactionActions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transactionActions);
        var actions = transactionActions.ToArray();
        if (actions.Length == 0)
            throw new InvalidOperationException("A transaction needs at least one action.");

        var writer = new ChangeSetWriter(_connection, Name);
        using var message = _connection.CreateMessage(RequestMethod.Post, _connection.Url("$batch", query: ""));
        message.Request.Content = RequestContent.Create(writer.Write(actions));
        message.Request.Headers.Add("Content-Type", writer.ContentType);
        var answer = await _connection.SendAsync(message, cancellationToken, 202).ConfigureAwait(false);

        IReadOnlyList<Response> responses = ChangeSetReader.Read(answer);
        var failed = responses.FirstOrDefault(response => response.Status >= 400);
        return failed is null
            ? Response.FromValue(responses, answer)
            : throw new TableTransactionFailedException(new RequestFailedException(failed, null, ODataErrorParser.Instance));
    }
}
