using FsCheck;
using FsCheck.Fluent;
using McpServerless.Catalogue;

namespace McpServerless.Core.Tests.Catalogue;

public class ResourceUriTests
{
    [Theory]
    [InlineData("demo://resource/dynamic/text/1")]
    [InlineData("file:///data/a.b/c..d/...")]
    [InlineData("https://host:8443/a%20b?q=1&r=..x#f")]
    [InlineData("urn:isbn:0451450523")]
    [InlineData("a+b-c.1:x")]
    [InlineData("demo://%C3%BC/100%25")]
    [InlineData("demo://ü/店")]
    [InlineData("demo://a/%zz")]
    [InlineData("demo://a/%FF%C0%AE")]
    public void OrdinaryUris_MayBeAskedFor(string uri) => Assert.True(ResourceUri.IsAcceptable(uri));

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("relative")]
    [InlineData(":x")]
    [InlineData("1a:x")]
    [InlineData("a_b:x")]
    [InlineData("-a:x")]
    [InlineData("ä:x")]
    public void WithoutAScheme_ThereIsNoUri(string uri) => Assert.False(ResourceUri.IsAcceptable(uri));

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("%2e%2e")]
    [InlineData("%2E%2E")]
    [InlineData(".%2e")]
    [InlineData("%2e")]
    [InlineData("%252e%252e")]
    [InlineData("%252E.")]
    [InlineData("%25252e%25252e")]
    [InlineData("%2525252525252e")]
    [InlineData("..;a=b")]
    [InlineData("..%3Ba")]
    [InlineData("..%00")]
    [InlineData("..%2500")]
    public void DotSegments_AreRefused_HoweverTheyAreWritten(string segment)
    {
        foreach (var slash in (string[])["/", "\\", "%2f", "%2F", "%5c", "%252F", "%255C"])
        {
            Assert.False(ResourceUri.IsAcceptable($"file:///public{slash}{segment}{slash}secret"), slash);
            Assert.False(ResourceUri.IsAcceptable($"file:///public{slash}{segment}"), slash);
            Assert.False(ResourceUri.IsAcceptable($"file:{segment}{slash}secret"), slash);
            Assert.False(ResourceUri.IsAcceptable($"file:///public{slash}{segment}?q"), slash);
            Assert.False(ResourceUri.IsAcceptable($"file:///public{slash}{segment}#f"), slash);
        }
    }

    [Theory]
    [InlineData("demo://a b")]
    [InlineData("demo://a\tb")]
    [InlineData("demo://a\r\nb")]
    [InlineData("demo://a\0b")]
    [InlineData("demo://a\u007fb")]
    [InlineData("demo://a\u0085b")]
    [InlineData("demo://a%00b")]
    [InlineData("demo://a%0d%0ab")]
    [InlineData("demo://a%250ab")]
    public void ControlCharactersAndSpaces_AreRefused(string uri) => Assert.False(ResourceUri.IsAcceptable(uri));

    [Fact]
    public void TheLongestUri_IsTheLimit()
    {
        Assert.True(ResourceUri.IsAcceptable("demo://" + new string('x', ResourceUri.MaxLength - 7)));
        Assert.False(ResourceUri.IsAcceptable("demo://" + new string('x', ResourceUri.MaxLength - 6)));
    }

    /// <summary>What is let through stays below the folder that a pattern named, also for readers that decode it once more and resolve it.</summary>
    [Fact]
    public void WhatIsLetThrough_NeverLeavesItsFolder()
    {
        var pieces = Gen.Elements("a", ".", "..", "/", "\\", "%2e", "%2f", "%5c", "%252e", "%25", ";", "%00", "?", "#", "b.c").ListOf().Select(p => string.Concat(p));
        Prop.ForAll(pieces.ToArbitrary(), rest =>
        {
            var uri = "file:///public/" + rest;
            return !ResourceUri.IsAcceptable(uri) || Readings(uri).All(path => path.StartsWith("/public/", StringComparison.Ordinal));
        }).QuickCheckThrowOnFailure();

        static IEnumerable<string> Readings(string uri)
        {
            for (var i = 0; i < 4; i++, uri = Uri.UnescapeDataString(uri))
            {
                yield return Path.GetFullPath(uri["file://".Length..].Replace('\\', '/').Replace("\0", "", StringComparison.Ordinal).Split('?', '#')[0] + "/");
            }
        }
    }
}
