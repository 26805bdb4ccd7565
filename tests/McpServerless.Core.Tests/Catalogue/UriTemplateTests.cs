using FsCheck;
using FsCheck.Fluent;
using McpServerless.Catalogue;

namespace McpServerless.Core.Tests.Catalogue;

/// <summary>Templates and expansions as RFC 6570 pairs them (sections 1.2 and 3.2), and what is no expansion.</summary>
public class UriTemplateTests
{
    [Theory]
    [InlineData("{var}", "value")]
    [InlineData("{hello}", "Hello%20World%21")]
    [InlineData("{half}", "50%25")]
    [InlineData("{x,y}", "1024,768")]
    [InlineData("{x,hello,y}", "1024,Hello%20World%21,768")]
    [InlineData("map?{x,y}", "map?1024,768")]
    [InlineData("{var:3}", "val")]
    [InlineData("{list*}", "red,green,blue")]
    [InlineData("{keys*}", "semi=%3B,dot=.,comma=%2C")]
    [InlineData("O{empty}X", "OxX")]
    [InlineData("{+hello}", "Hello%20World!")]
    [InlineData("{+path}/here", "/foo/bar/here")]
    [InlineData("here?ref={+path}", "here?ref=/foo/bar")]
    [InlineData("up{+path}{var}/here", "up/foo/barvalue/here")]
    [InlineData("{+path:6}/here", "/foo/b/here")]
    [InlineData("{+keys}", "semi,;,dot,.,comma,,")]
    [InlineData("X{#var}", "X#value")]
    [InlineData("X{#hello}", "X#Hello%20World!")]
    [InlineData("X{#undef}", "X")]
    [InlineData("{#path:6}here", "#/foo/bhere")]
    [InlineData("X{.var}", "X.value")]
    [InlineData("X{.x,y}", "X.1024.768")]
    [InlineData("www{.dom*}", "www.example.com")]
    [InlineData("X{.empty_keys}", "X")]
    [InlineData("{/who}", "/fred")]
    [InlineData("{/who,who}", "/fred/fred")]
    [InlineData("{/var,x}/here", "/value/1024/here")]
    [InlineData("{/var:1,var}", "/v/value")]
    [InlineData("{/list*,path:4}", "/red/green/blue/%2Ffoo")]
    [InlineData("{;x,y,empty}", ";x=1024;y=768;empty")]
    [InlineData("{;hello:5}", ";hello=Hello")]
    [InlineData("{;keys*}", ";semi=%3B;dot=.;comma=%2C")]
    [InlineData("{?x,y}", "?x=1024&y=768")]
    [InlineData("{?x,y,undef}", "?x=1024&y=768")]
    [InlineData("/search{?q*}", "/search")]
    [InlineData("?fixed=yes{&x}", "?fixed=yes&x=1024")]
    [InlineData("{&x,y,empty}", "&x=1024&y=768&empty=")]
    [InlineData("demo://resource/dynamic/text/{resourceId}", "demo://resource/dynamic/text/7")]
    [InlineData("demo://a.b+c(d)/{a.b_c}/{%41}", "demo://a.b+c(d)/1/2")]
    public void AnExpansion_HasTheFormOfItsTemplate(string template, string uri) => Assert.True(UriTemplate.Parse(template)!.Matches(uri));

    [Theory]
    [InlineData("demo://text/{id}", "demo://text/")]
    [InlineData("demo://text/{id}", "demo://text/a/b")]
    [InlineData("demo://text/{id}", "demo://text/a?b")]
    [InlineData("demo://text/{id}", "demo://text/a#b")]
    [InlineData("demo://text/{id}", "xdemo://text/a")]
    [InlineData("demo://text/{id}", "DEMO://text/a")]
    [InlineData("demo://text/{id}.json", "demo://text/axjson")]
    [InlineData("demo://text/{id}/data", "demo://text/7/data/more")]
    [InlineData("demo://text{/path*}", "demo://textual")]
    [InlineData("demo://text{?q}", "demo://text&q=1")]
    [InlineData("demo://text{?q}", "demo://text?q=1#fragment")]
    [InlineData("demo://text", "demo://tex")]
    public void AnythingElse_HasNot(string template, string uri) => Assert.False(UriTemplate.Parse(template)!.Matches(uri));

    [Theory]
    [InlineData("{")]
    [InlineData("}")]
    [InlineData("{}")]
    [InlineData("a{b")]
    [InlineData("a}b")]
    [InlineData("{a{b}}")]
    [InlineData("{+}")]
    [InlineData("{a,}")]
    [InlineData("{,a}")]
    [InlineData("{=a}")]
    [InlineData("{!a}")]
    [InlineData("{@a}")]
    [InlineData("{|a}")]
    [InlineData("{,a}{b}")]
    [InlineData("{a b}")]
    [InlineData("{a..b}")]
    [InlineData("{.a.}")]
    [InlineData("{a-b}")]
    [InlineData("{%4}")]
    [InlineData("{ä}")]
    [InlineData("{a:}")]
    [InlineData("{a:0}")]
    [InlineData("{a:10000}")]
    [InlineData("{a:x}")]
    [InlineData("{a:1*}")]
    [InlineData("{a**}")]
    [InlineData("{a\n}")]
    public void WhatIsNoTemplate_IsNotRead(string text) => Assert.Null(UriTemplate.Parse(text));

    [Fact]
    public void Expressions_HaveALimit()
    {
        Assert.NotNull(UriTemplate.Parse(string.Concat(Enumerable.Repeat("{a}", UriTemplate.MaxExpressions))));
        Assert.Null(UriTemplate.Parse(string.Concat(Enumerable.Repeat("{a}", UriTemplate.MaxExpressions + 1))));
    }

    [Fact]
    public void VariablesAndOutline_AreInTheOrderOfTheText()
    {
        var template = UriTemplate.Parse("demo://{b}/{a:3,c*}{?a}")!;

        Assert.Equal(["b", "a", "c", "a"], template.Variables);
        Assert.Equal("demo://x/xx", template.Outline);
    }

    [Fact]
    public void ALiteral_StandsForItselfAlone_WhateverItMeansInAPattern()
    {
        var texts = Gen.Elements(".*+?()[]|^$\\#-ab/:".ToCharArray()).ListOf().Select(c => string.Concat(c)).ToArbitrary();
        Prop.ForAll(texts, texts, (a, b) => UriTemplate.Parse(a)!.Matches(b) == (a == b)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AnySimpleValue_MatchesWithinItsLiterals()
    {
        var values = Gen.Elements("abz019-._~%2F,=;!$&'()*+:@".ToCharArray()).NonEmptyListOf().Select(c => string.Concat(c)).ToArbitrary();
        var template = UriTemplate.Parse("demo://x/{id}/y")!;
        Prop.ForAll(values, value => template.Matches($"demo://x/{value}/y") && !template.Matches($"demo://x/{value}/z")).QuickCheckThrowOnFailure();
    }

    /// <summary>With a backtracking engine this would not end.</summary>
    [Fact]
    public void HostileUris_AreAnsweredAtOnce()
    {
        var template = UriTemplate.Parse("a://" + string.Concat(Enumerable.Repeat("{/p*}", UriTemplate.MaxExpressions)) + "!")!;

        Assert.False(template.Matches("a://" + string.Concat(Enumerable.Repeat("/a", 1000))));
    }
}
