using Azure.Identity;
using Azure.Storage.Blobs;
using McpServerless.Audit.Checkpoints;

namespace McpServerless.Azure.Audit;

/// <summary>Where checkpoints are read by whoever verifies them.</summary>
public static class CheckpointPlace
{
    /// <param name="place">The https address of a container, read with the Azure sign-in of the surroundings; or a folder.</param>
    public static ICheckpointReader Open(string place) =>
        Uri.TryCreate(place, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
            ? new BlobCheckpointStore(new BlobContainerClient(uri, new DefaultAzureCredential()))
            : new CheckpointFolder(place);
}
