using System.Text;
using System.Text.Json;
using McpServerless.OpenApi;
using McpServerless.ToolCalls;

namespace McpServerless.Core.Tests.OpenApi;

public sealed class ToolRequestTests
{
    private static readonly Uri Upstream = new("https://api.contoso.example/base/v1");

    /// <summary>The table of OpenAPI 3.1.1, section 4.8.12.3 ("Style Examples"), for color = blue, [blue, black, brown], {R: 100, G: 200, B: 150}.</summary>
    [Theory]
    [InlineData("path", "matrix", false, ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150")]
    [InlineData("path", "matrix", true, ";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150")]
    [InlineData("path", "label", false, ".blue", ".blue,black,brown", ".R,100,G,200,B,150")]
    [InlineData("path", "label", true, ".blue", ".blue.black.brown", ".R=100.G=200.B=150")]
    [InlineData("path", "simple", false, "blue", "blue,black,brown", "R,100,G,200,B,150")]
    [InlineData("path", "simple", true, "blue", "blue,black,brown", "R=100,G=200,B=150")]
    [InlineData("query", "form", false, "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150")]
    [InlineData("query", "form", true, "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150")]
    [InlineData("query", "spaceDelimited", false, "color=blue", "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150")]
    [InlineData("query", "pipeDelimited", false, "color=blue", "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150")]
    [InlineData("query", "deepObject", true, "color=blue", "color[]=blue&color[]=black&color[]=brown", "color[R]=100&color[G]=200&color[B]=150")]
    [InlineData("header", "simple", false, "blue", "blue,black,brown", "R,100,G,200,B,150")]
    [InlineData("header", "simple", true, "blue", "blue,black,brown", "R=100,G=200,B=150")]
    [InlineData("cookie", "form", false, "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150")]
    public void Styles_AreWrittenAsTheSpecificationShowsThem(string place, string style, bool explode, string text, string list, string @object)
    {
        var http = $$"""{"method":"GET","path":"{{(place == "path" ? "/x/{color}" : "/x")}}","parameters":[{"argument":"color","in":"{{place}}","name":"color","style":"{{style}}","explode":{{(explode ? "true" : "false")}}}],"success":["200"]}""";
        Assert.Equal(text, Written("\"blue\""));
        Assert.Equal(list, Written("""["blue","black","brown"]"""));
        Assert.Equal(@object, Written("""{"R":100,"G":200,"B":150}"""));

        string Written(string value)
        {
            using var request = Create(http, $$"""{"color":{{value}}}""");
            return place switch
            {
                "path" => request.RequestUri!.AbsolutePath["/base/v1/x/".Length..],
                "query" => request.RequestUri!.Query[1..],
                _ => Header(request, place == "header" ? "color" : "Cookie"),
            };
        }
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a/../b")]
    [InlineData("..\\b")]
    [InlineData("%2e%2e")]
    [InlineData("%252e%252e%252fadmin")]
    [InlineData("%25252525252e")]
    [InlineData("..;x=1")]
    [InlineData("a\u0000")]
    [InlineData("a\r\nHost: other")]
    public void WhatWouldLeadToAnotherPath_IsRefused(string value)
    {
        const string Http = """{"method":"GET","path":"/x/{id}/y","parameters":[{"argument":"id","in":"path","name":"id"}],"success":["200"]}""";
        Assert.Equal(RefusalCode.ArgumentsInvalid, Refused(Http, $$"""{"id":{{JsonSerializer.Serialize(value)}}}""").Code);
        Assert.Equal(RefusalCode.ArgumentsInvalid, Refused(Http, $$"""{"id":["ok",{{JsonSerializer.Serialize(value)}}]}""").Code);
    }

    [Fact]
    public void ValuesSideBySide_MakeNoSegmentOfDots()
    {
        Assert.Equal(RefusalCode.ArgumentsInvalid, Refused("""{"method":"GET","path":"/x/{a}{b}","parameters":[{"argument":"a","in":"path","name":"a","style":"label"},{"argument":"b","in":"path","name":"b","style":"label"}],"success":["200"]}""", """{"a":{"":null},"b":{"":null}}""").Code);
        Assert.Equal(RefusalCode.ArgumentsInvalid, Refused("""{"method":"GET","path":"/x/.{a}","parameters":[{"argument":"a","in":"path","name":"a"}],"success":["200"]}""", """{"a":";x"}""").Code);
    }

    [Theory]
    [InlineData("//evil.example/x", "%2F%2Fevil.example%2Fx")]
    [InlineData("@evil.example", "%40evil.example")]
    [InlineData("a?b=c#d&e", "a%3Fb%3Dc%23d%26e")]
    [InlineData("{other}", "%7Bother%7D")]
    [InlineData("ü €", "%C3%BC%20%E2%82%AC")]
    [InlineData("...", "...")]
    public void AValueInThePath_StaysOneSegmentOfTheSameHost(string value, string encoded)
    {
        const string Http = """{"method":"GET","path":"/x/{id}/{other}","parameters":[{"argument":"id","in":"path","name":"id"},{"argument":"other","in":"path","name":"other"}],"success":["200"]}""";
        using var request = Create(Http, $$"""{"id":{{JsonSerializer.Serialize(value)}},"other":"o"}""");
        Assert.Equal($"https://api.contoso.example/base/v1/x/{encoded}/o", request.RequestUri!.AbsoluteUri);
        Assert.Equal("api.contoso.example", request.RequestUri.Host);
    }

    [Theory]
    [InlineData("a\r\nAuthorization: Bearer x")]
    [InlineData("a\nb")]
    [InlineData("a\u0000")]
    [InlineData("ü")]
    [InlineData("\u007f")]
    public void WhatAHeaderCannotCarry_IsRefused(string value)
    {
        const string Http = """{"method":"GET","path":"/x","parameters":[{"argument":"h","in":"header","name":"X-H"}],"success":["200"]}""";
        Assert.Equal(RefusalCode.ArgumentsInvalid, Refused(Http, $$"""{"h":{{JsonSerializer.Serialize(value)}}}""").Code);
    }

    [Fact]
    public void AValueInTheQueryOrACookie_SetsNoOther()
    {
        const string Http = """{"method":"GET","path":"/x","parameters":[{"argument":"q","in":"query","name":"q","allowReserved":true},{"argument":"c","in":"cookie","name":"c"}],"success":["200"]}""";
        using var request = Create(Http, """{"q":"a/b?x=1&admin=true#f+%2f;y","c":"v; admin=true\r\nX: y"}""");
        Assert.Equal("?q=a/b?x=1%26admin=true%23f%2B%252f%3By", request.RequestUri!.Query);
        Assert.Equal("c=v%3B%20admin%3Dtrue%0D%0AX%3A%20y", Header(request, "Cookie"));
    }

    [Fact]
    public void AbsentAndNullArguments_AreLeftOut()
    {
        const string Http = """{"method":"GET","path":"/x","parameters":[{"argument":"a","in":"query","name":"a"},{"argument":"b","in":"query","name":"b"},{"argument":"c","in":"query","name":"c"}],"success":["200"]}""";
        using var request = Create(Http, """{"b":null,"c":[]}""");
        Assert.Equal("https://api.contoso.example/base/v1/x", request.RequestUri!.AbsoluteUri);
    }

    [Fact]
    public async Task Bodies_AreWrittenAsTheirMediaTypes()
    {
        Assert.Equal("""{"n":1.50,"t":"ü"}""", await BodyAsync("application/merge-patch+json", "{}", """{"n":1.50,"t":"ü"}"""));
        Assert.Equal("a=1&b=x%20y&b=z&c%5B=%26", await BodyAsync("application/x-www-form-urlencoded", "{}", """{"a":1,"b":["x y","z"],"c[":"&"}"""));
        Assert.Equal("m[k]=v&m[l][]=1&m[l][]=2", await BodyAsync("application/x-www-form-urlencoded", """{"m":{"style":"deepObject","explode":true}}""", """{"m":{"k":"v","l":[1,2]}}"""));
        Assert.Equal("hello", await BodyAsync("text/plain", "{}", "\"hello\""));
    }

    [Fact]
    public async Task MultipartWithoutAPart_HasOnlyItsEnd() => Assert.Equal("--empty-form--\r\n", await BodyAsync("multipart/form-data", "{}", """{"a":null}"""));

    [Fact]
    public async Task Multipart_HasAPartForEachMember_AndFilesFromBase64()
    {
        var text = await BodyAsync("multipart/form-data", """{"file":{"binary":true,"mediaType":"image/png"},"meta":{"mediaType":"application/json"}}""", """{"file":"aGVsbG8=","meta":[1],"tags":["a","b"],"q\"uote":"v"}""");
        Assert.Contains("Content-Disposition: form-data; name=\"file\"; filename=\"file\"", text, StringComparison.Ordinal);
        Assert.Contains("hello", text, StringComparison.Ordinal);
        Assert.Contains("[1]", text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split("name=\"tags\"").Length - 1);
        Assert.Contains("name=\"q%22uote\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("multipart/form-data", """{"file":{"binary":true}}""", """{"file":"not base64!"}""")]
    [InlineData("multipart/form-data", "{}", """{"a\r\nX: y":"v"}""")]
    [InlineData("multipart/form-data", "{}", "[]")]
    [InlineData("application/x-www-form-urlencoded", "{}", "\"a=b\"")]
    public void BodiesThatCannotBeSent_AreRefused(string mediaType, string fields, string body) =>
        Assert.Equal(RefusalCode.ArgumentsInvalid, Refused(BodyBinding(mediaType, fields), $$"""{"body":{{body}}}""").Code);

    [Theory]
    [InlineData("Host")]
    [InlineData("authorization")]
    [InlineData("Transfer-Encoding")]
    [InlineData("CONNECTION")]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("Cookie")]
    [InlineData("Bad Name")]
    [InlineData("Bad\r\nName")]
    public void HeadersThatNoArgumentMaySet_AreNamedByTheChecks(string name)
    {
        var http = JsonDocument.Parse($$"""{"method":"GET","path":"/x","parameters":[{"argument":"h","in":"header","name":{{JsonSerializer.Serialize(name)}}}],"success":["200"]}""").RootElement;
        var problems = HttpBindingChecks.Check(HttpBinding.Read(http), JsonDocument.Parse("""{"type":"object","properties":{"h":{}}}""").RootElement);
        Assert.Equal("/parameters/0/name", Assert.Single(problems).Pointer);
    }

    [Fact]
    public void TheUpstreamsOwnQuery_IsKept()
    {
        var binding = HttpBinding.Read(JsonDocument.Parse("""{"method":"GET","path":"/x","parameters":[{"argument":"a","in":"query","name":"a"}],"success":["200"]}""").RootElement);
        Assert.True(ToolRequest.Create(new Uri("https://api.contoso.example/?api-version=1"), binding, JsonDocument.Parse("""{"a":1}""").RootElement).Succeeded(out var request, out _));
        Assert.Equal("https://api.contoso.example/x?api-version=1&a=1", request.RequestUri!.AbsoluteUri);
    }

    private static string BodyBinding(string mediaType, string fields) =>
        $$"""{"method":"POST","path":"/x","body":{"argument":"body","mediaType":"{{mediaType}}","fields":{{fields}}},"success":["200"]}""";

    private static async Task<string> BodyAsync(string mediaType, string fields, string body)
    {
        using var request = Create(BodyBinding(mediaType, fields), $$"""{"body":{{body}}}""");
        Assert.Equal(mediaType, request.Content!.Headers.GetValues("Content-Type").Single().Split(';')[0]);
        return Encoding.UTF8.GetString(await request.Content.ReadAsByteArrayAsync());
    }

    private static HttpRequestMessage Create(string http, string arguments)
    {
        Assert.True(Run(http, arguments).Succeeded(out var request, out var refusal), refusal?.Detail);
        return request;
    }

    private static Refusal Refused(string http, string arguments)
    {
        Assert.False(Run(http, arguments).Succeeded(out var request, out var refusal), request?.RequestUri?.AbsoluteUri);
        return refusal;
    }

    private static Outcome<HttpRequestMessage> Run(string http, string arguments) =>
        ToolRequest.Create(Upstream, HttpBinding.Read(JsonDocument.Parse(http).RootElement), JsonDocument.Parse(arguments).RootElement);

    private static string Header(HttpRequestMessage request, string name) => request.Headers.NonValidated[name].ToString();
}
