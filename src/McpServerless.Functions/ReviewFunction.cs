using McpServerless.Access.Reviewing;
using Microsoft.Azure.Functions.Worker;

namespace McpServerless.Functions;

/// <summary>Opens reviews, reminds and takes away what nobody answered for. A day's work is done once; hourly, so that a run that was cut off is gone on with the same day.</summary>
public sealed class ReviewFunction(ReviewCampaigns campaigns)
{
    [Function("runReviews")]
    public Task RunAsync([TimerTrigger("0 5 * * * *")] TimerInfo timer, CancellationToken cancellationToken) => campaigns.RunAsync(cancellationToken);
}
