using System.Net;
using McpServerless.Http.Mcp;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Http.Tests.Mcp;

/// <summary>Grants that name networks are decided on an address that no caller can choose.</summary>
public class CallerAddressTests
{
    [Theory]
    [InlineData(0, "10.0.0.1", "192.0.2.7")]
    [InlineData(0, null, "192.0.2.7")]
    [InlineData(1, null, null)]
    [InlineData(1, "", null)]
    [InlineData(1, "10.0.0.1", "10.0.0.1")]
    [InlineData(1, "10.0.0.1, 198.51.100.4:4711", "198.51.100.4")]
    [InlineData(1, "10.0.0.1,[2001:db8::7]:4711", "2001:db8::7")]
    [InlineData(1, "2001:db8::7", "2001:db8::7")]
    [InlineData(1, "10.0.0.1, ::ffff:198.51.100.4", "198.51.100.4")]
    [InlineData(1, "10.0.0.1, somewhere", null)]
    [InlineData(2, "10.9.9.9, 10.0.0.1, 198.51.100.4", "10.0.0.1")]
    [InlineData(2, "198.51.100.4", null)]
    public void WhatOurOwnFrontEndsAdded_Counts(int trusted, string? header, string? expected)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("::ffff:192.0.2.7");
        if (header is not null) context.Request.Headers["X-Forwarded-For"] = header;
        Assert.Equal(expected is null ? null : IPAddress.Parse(expected), CallerAddress.Of(context.Request, trusted));
    }

    [Fact]
    public void SeveralLinesOfTheHeader_AreOneList()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Append("X-Forwarded-For", "10.0.0.1");
        context.Request.Headers.Append("X-Forwarded-For", "198.51.100.4");
        Assert.Equal(IPAddress.Parse("198.51.100.4"), CallerAddress.Of(context.Request, 1));
    }
}
