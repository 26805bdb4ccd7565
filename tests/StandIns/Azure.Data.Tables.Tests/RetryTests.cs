using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Azure.Data.Tables.Tests;

public sealed class RetryTests
{
    [Theory]
    [InlineData(503, "ServerBusy")]
    [InlineData(500, "OperationTimedOut")]
    [InlineData(408, "RequestTimeout")]
    [InlineData(429, "TooManyRequests")]
    public async Task A_passing_failure_is_tried_again_with_the_same_body(int status, string code)
    {
        await using var server = await ScriptedServer.StartAsync((context, before) =>
        {
            if (before == 2)
                return NoContentAsync(context);
            if (before == 0 && status == 503)
                context.Response.Headers.RetryAfter = "1";
            return ScriptedServer.ErrorAsync(context, status, code);
        });

        var response = await server.Table(maxRetries: 3).AddEntityAsync(new TableEntity("p", "r") { ["A"] = "b" });

        Assert.Equal(204, response.Status);
        Assert.Equal(3, server.Requests.Count);
        Assert.Single(server.Requests.Select(request => request.Body).Distinct());
        Assert.All(server.Requests, request => Assert.Equal("return-no-content", request.Headers["Prefer"]));
    }

    [Fact]
    public async Task Every_try_is_signed_anew()
    {
        var credential = new TableSharedKeyCredential("account", Convert.ToBase64String("old key"u8));
        await using var server = await ScriptedServer.StartAsync((context, before) =>
        {
            // The key is rotated while the first try is under way.
            credential.SetAccountKey(Convert.ToBase64String("new key"u8));
            return before == 0 ? ScriptedServer.ErrorAsync(context, 503, "ServerBusy") : NoContentAsync(context);
        });

        await new TableClient(server.Endpoint, "things", credential, ScriptedServer.TrustingOptions(maxRetries: 1)).AddEntityAsync(new TableEntity("p", "r"));

        var requests = server.Requests.ToArray();
        Assert.Equal(Signature(requests[0], "old key"u8), requests[0].Headers["Authorization"]);
        Assert.Equal(Signature(requests[1], "new key"u8), requests[1].Headers["Authorization"]);
    }

    [Theory]
    [InlineData(400, "InvalidInput")]
    [InlineData(403, "AuthorizationFailure")]
    [InlineData(404, "TableNotFound")]
    [InlineData(409, "EntityAlreadyExists")]
    [InlineData(412, "UpdateConditionNotSatisfied")]
    public async Task A_refusal_is_not_tried_again(int status, string code)
    {
        await using var server = await ScriptedServer.StartAsync((context, _) => ScriptedServer.ErrorAsync(context, status, code));
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => server.Table(maxRetries: 3).AddEntityAsync(new TableEntity("p", "r")));
        Assert.Equal((status, code), (exception.Status, exception.ErrorCode));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_failure_that_does_not_pass_surfaces_with_its_code()
    {
        await using var server = await ScriptedServer.StartAsync((context, _) => ScriptedServer.ErrorAsync(context, 503, "ServerBusy"));
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => server.Table(maxRetries: 2).GetEntityAsync<TableEntity>("p", "r"));
        Assert.Equal((503, "ServerBusy"), (exception.Status, exception.ErrorCode));
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task An_answer_that_is_lost_surfaces_without_a_status()
    {
        await using var server = await ScriptedServer.StartAsync((context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => server.Table().AddEntityAsync(new TableEntity("p", "r")));
        Assert.Equal(0, exception.Status);
    }

    [Fact]
    public async Task An_add_whose_answer_was_lost_meets_its_own_row_on_the_next_try()
    {
        await using var server = await ScriptedServer.StartAsync((context, before) =>
        {
            if (before > 0)
                return ScriptedServer.ErrorAsync(context, 409, "EntityAlreadyExists");
            context.Abort();
            return Task.CompletedTask;
        });
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => server.Table(maxRetries: 1).AddEntityAsync(new TableEntity("p", "r")));
        Assert.Equal((409, "EntityAlreadyExists"), (exception.Status, exception.ErrorCode));
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_no_answer()
    {
        await using var server = await ScriptedServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("""{"odata.etag":"W/\"1\"","Partit""");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        await Assert.ThrowsAnyAsync<Exception>(() => server.Table().GetEntityAsync<TableEntity>("p", "r"));
    }

    [Fact]
    public async Task A_transaction_whose_answer_cannot_be_read_does_not_count_as_done()
    {
        await using var server = await ScriptedServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 202;
            context.Response.ContentType = "multipart/mixed; boundary=batchresponse_1";
            return context.Response.WriteAsync("--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_1\r\n\r\n");
        });
        await Assert.ThrowsAnyAsync<Exception>(
            () => server.Table().SubmitTransactionAsync([new TableTransactionAction(TableTransactionActionType.Add, new TableEntity("p", "r"))]));
    }

    [Fact]
    public async Task No_answer_within_the_network_timeout_surfaces_as_cancellation()
    {
        await using var server = await ScriptedServer.StartAsync(NeverAsync);
        var options = ScriptedServer.TrustingOptions();
        options.Retry.NetworkTimeout = TimeSpan.FromMilliseconds(200);
        var table = new TableClient(server.Endpoint, "things", new TableSharedKeyCredential("account", "a2V5"), options);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => table.GetEntityAsync<TableEntity>("p", "r"));
    }

    [Fact]
    public async Task A_caller_can_stop_waiting()
    {
        using var stop = new CancellationTokenSource();
        await using var server = await ScriptedServer.StartAsync(async (context, before) =>
        {
            await stop.CancelAsync();
            await NeverAsync(context, before);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => server.Table(maxRetries: 3).GetEntityAsync<TableEntity>("p", "r", cancellationToken: stop.Token));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task An_error_page_that_is_no_OData_surfaces_with_its_status()
    {
        await using var server = await ScriptedServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 403;
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<html>A proxy says no.</html>");
        });
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => server.Table().GetEntityAsync<TableEntity>("p", "r"));
        Assert.Equal((403, null), (exception.Status, exception.ErrorCode));
    }

    private static Task NoContentAsync(HttpContext context)
    {
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private static Task NeverAsync(HttpContext context, int before) =>
        Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

    /// <summary>SharedKeyLite for tables: the date, and the path with the account before it.</summary>
    private static string Signature(SeenRequest request, ReadOnlySpan<byte> key)
    {
        var text = $"{request.Headers["x-ms-date"]}\n/account{request.Target.Split('?')[0]}";
        return $"SharedKeyLite account:{Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)))}";
    }
}
