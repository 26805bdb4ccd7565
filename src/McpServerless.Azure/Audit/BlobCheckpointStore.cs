using System.Globalization;
using System.Text;
using Azure;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using McpServerless.Audit.Checkpoints;

namespace McpServerless.Azure.Audit;

/// <summary>Checkpoints as blobs of a container. With a locked time-based retention policy nobody can change or delete them, the owner of the account included.</summary>
/// <remarks>A blob is only ever made, with <c>If-None-Match: *</c>; that is what such a policy allows.</remarks>
internal sealed class BlobCheckpointStore(BlobContainerClient container) : ICheckpointStore
{
    private long _last;

    /// <summary>Numbers have no gap, so the last one is found by asking for some of them instead of listing all.</summary>
    public async ValueTask<long> FindLastAsync(CancellationToken ct)
    {
        var known = Volatile.Read(ref _last);
        var step = 1L;
        while (await ExistsAsync(known + step, ct))
        {
            known += step;
            step *= 2;
        }

        for (step /= 2; step > 0; step /= 2)
        {
            if (await ExistsAsync(known + step, ct)) known += step;
        }

        Volatile.Write(ref _last, known);
        return known;
    }

    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(long number, CancellationToken ct) => GuardedAsync<ReadOnlyMemory<byte>?>(
        "read",
        async () =>
        {
            try
            {
                return (await container.GetBlobClient(NameOf(number)).DownloadContentAsync(ct)).Value.Content.ToMemory();
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                return null;
            }
        },
        ct);

    public ValueTask<IReadOnlyList<string>> ReadKeysAsync(CancellationToken ct) => GuardedAsync<IReadOnlyList<string>>(
        "read",
        async () =>
        {
            var keys = new List<string>();
            try
            {
                await foreach (var blob in container.GetBlobsAsync(new GetBlobsOptions { Prefix = "keys/" }, ct))
                {
                    keys.Add((await container.GetBlobClient(blob.Name).DownloadContentAsync(ct)).Value.Content.ToString());
                }
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
            {
                // Nothing was signed yet.
            }

            return keys;
        },
        ct);

    public async ValueTask<bool> AddAsync(long number, ReadOnlyMemory<byte> file, CancellationToken ct)
    {
        if (await AddBlobAsync(NameOf(number), file, ct)) return true;
        // The answer to a first try may have been lost.
        return await ReadAsync(number, ct) is { } standing && standing.Span.SequenceEqual(file.Span);
    }

    public async ValueTask AddKeyAsync(string keyId, string pem, CancellationToken ct) => await AddBlobAsync($"keys/{keyId}.pem", Encoding.ASCII.GetBytes(pem), ct);

    private static string NameOf(long number) => $"checkpoints/{number.ToString("D12", CultureInfo.InvariantCulture)}.json";

    private ValueTask<bool> ExistsAsync(long number, CancellationToken ct) =>
        GuardedAsync("read", async () => (await container.GetBlobClient(NameOf(number)).ExistsAsync(ct)).Value, ct);

    private ValueTask<bool> AddBlobAsync(string name, ReadOnlyMemory<byte> content, CancellationToken ct) => GuardedAsync(
        "written",
        async () =>
        {
            var options = new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } };
            try
            {
                await container.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(content), options, ct);
                return true;
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobAlreadyExists || e.Status == 412)
            {
                return false;
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobImmutableDueToPolicy)
            {
                // The policy is asked before the condition is.
                return false;
            }
        },
        ct);

    private async ValueTask<T> GuardedAsync<T>(string what, Func<Task<T>> work, CancellationToken ct)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException or AuthenticationFailedException or OperationCanceledException or IOException or HttpRequestException)
        {
            ct.ThrowIfCancellationRequested();
            var reason = e is RequestFailedException { Status: > 0 } refused ? $"{refused.Status} {refused.ErrorCode}" : e.GetType().Name;
            throw new StoreUnavailableException($"Checkpoints in {container.Name} could not be {what}: {reason}.", e);
        }
    }
}
