using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.Tests;

/// <summary>Texts that are no token, or a token in another spelling. The signature covers the spelling of header and payload, not its own.</summary>
public sealed class TokenTextTests
{
    private static readonly JsonWebTokenHandler s_handler = new();

    [Theory]
    [InlineData("abc", "IDX14100")]
    [InlineData("abc.", "IDX14100")]
    [InlineData("abc.def", "IDX14120")]
    [InlineData("a.b.c.d", "IDX14121")]
    [InlineData("a.b.c.", "IDX14121")]
    [InlineData("a.b.c.d.", "IDX14310")]
    [InlineData("a.b.c.d.e.f", "IDX14122")]
    public async Task WrongNumberOfSegments_IsRefusedAsMalformed(string text, string code)
    {
        var exception = await Check.RefusesAsync<SecurityTokenMalformedException>(code, text);

        // Not a SecurityTokenException: whoever catches that one only lets these through to the caller.
        Assert.IsAssignableFrom<ArgumentException>(exception);
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".e30.")]
    [InlineData(".e30.AAAA")]
    [InlineData("!!!!.e30.AAAA")]
    [InlineData("a.e30.AAAA")]
    public async Task UnreadableHeader_IsRefused(string text) => await Check.RefusesAsync<ArgumentException>("IDX14102", text);

    [Fact]
    public async Task EmptyPayload_IsReadAsNoClaims()
    {
        var token = Jws.SignSegments(Jws.Segment(Jws.Rs256Header), "", Jws.Rs256(TestKeys.Rsa));

        await Check.RefusesAsync<SecurityTokenNoExpirationException>("IDX10225", token);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"exp\":")]
    [InlineData("not json")]
    public async Task UnreadablePayload_IsRefused(string payload) => await Check.RefusesAsync<ArgumentException>("IDX14101", Jws.Rs256(payload: payload));

    [Fact]
    public async Task EncryptedToken_IsRefused()
    {
        var header = Jws.Segment("""{"alg":"dir","enc":"A256GCM"}""");

        await Check.RefusesAsync<SecurityTokenDecryptionFailedException>("IDX10609", $"{header}.AAAA.AAAA.AAAA.AAAA");
        await Check.RefusesAsync<SecurityTokenException>("IDX10612", $"{Jws.Segment("""{"alg":"dir"}""")}.AAAA.AAAA.AAAA.AAAA");
    }

    [Fact]
    public async Task NothingAtAll_IsRefusedWithoutThrowing()
    {
        Assert.IsType<ArgumentNullException>((await s_handler.ValidateTokenAsync("", Check.Parameters())).Exception);
        Assert.IsType<ArgumentNullException>((await s_handler.ValidateTokenAsync((string)null!, Check.Parameters())).Exception);
        Assert.IsType<ArgumentNullException>((await s_handler.ValidateTokenAsync(Jws.Rs256(), null!)).Exception);
    }

    [Fact]
    public async Task TokenOfTwentyKilobytes_IsAccepted()
    {
        var token = Jws.Rs256(payload: Jws.Payload($$""","filler":"{{new string('x', 20_000)}}" """));

        Assert.True(token.Length > 20_000);
        await Check.AcceptsAsync(token);
    }

    [Fact]
    public async Task TokenOverTheLimit_IsRefusedUnread()
    {
        var token = Jws.Rs256(payload: Jws.Payload($$""","filler":"{{new string('x', 200_000)}}" """));
        var strict = new JsonWebTokenHandler { MaximumTokenSizeInBytes = 4096 };

        Assert.Equal(250 * 1024, s_handler.MaximumTokenSizeInBytes);
        await Check.RefusesAsync<ArgumentException>("IDX10209", token);
        Assert.StartsWith("IDX10209", (await strict.ValidateTokenAsync(token, Check.Parameters())).Exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => strict.ReadJsonWebToken(token));
        Assert.False(strict.CanReadToken(token));
    }

    [Fact]
    public async Task BitsBehindTheLastByteOfTheSignature_AreRefused()
    {
        // 256 bytes leave four spare bits in the last of 342 characters.
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var token = Jws.Rs256();
        for (var spare = 1; spare < 16; spare++)
        {
            var other = token[..^1] + alphabet[alphabet.IndexOf(token[^1], StringComparison.Ordinal) | spare];
            await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", other);
        }
    }

    [Fact]
    public async Task PaddingBehindTheSignature_IsIgnored() => await Check.AcceptsAsync(Jws.Rs256() + "==");

    [Theory]
    [InlineData("=")]
    [InlineData("===")]
    [InlineData("A")]
    [InlineData("AA")]
    [InlineData(" ")]
    [InlineData("\n")]
    public async Task OtherTextBehindTheSignature_IsRefused(string more) =>
        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", Jws.Rs256() + more);

    [Fact]
    public async Task StandardAlphabetInTheSignature_IsRefused()
    {
        // A signature without either of the two characters is spelt the same in both alphabets.
        var token = Enumerable.Range(0, 1000).Select(n => Jws.Rs256(payload: Jws.Payload($",\"n\":{n}"))).First(text => text[text.LastIndexOf('.')..].Contains('_'));
        var dot = token.LastIndexOf('.');

        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", token[..dot] + token[dot..].Replace('-', '+').Replace('_', '/'));
    }

    [Theory]
    [InlineData("""{"alg":"RS256","kid":"rsa"}  """, "=", true)]
    [InlineData("""{"alg":"RS256","kid":"rsa" }""", "==", true)]
    [InlineData("""{"alg":"RS256","kid":"rsa" }""", "=", false)]
    [InlineData("""{"alg":"RS256","kid":"rsa"}""", "=", false)]
    [InlineData("""{"alg":"RS256","kid":"rsa"}""", "\n", false)]
    [InlineData("""{"alg":"RS256","kid":"rsa"}""", " \t\r\n", true)]
    [InlineData("""{"alg":"RS256","kid":"rsa"}""", "    ", true)]
    public async Task PaddingAndWhiteSpaceThatAnIssuerSigned_IsAcceptedWhereTheLengthAllows(string header, string more, bool accepted)
    {
        var token = Jws.SignSegments(Jws.Segment(header) + more, Jws.Segment(Jws.Payload()), Jws.Rs256(TestKeys.Rsa));

        if (accepted) await Check.AcceptsAsync(token);
        else await Check.RefusesAsync<ArgumentException>("IDX14102", token);
    }

    [Fact]
    public async Task BitsBehindTheLastByteOfTheHeader_AreRefusedEvenWhereTheIssuerSignedThem()
    {
        var header = Jws.Segment("""{"alg":"RS256","kid":"rsa" }""");
        var token = Jws.SignSegments(header[..^1] + (char)(header[^1] + 1), Jws.Segment(Jws.Payload()), Jws.Rs256(TestKeys.Rsa));

        Assert.Equal('Q', header[^1]);
        await Check.RefusesAsync<ArgumentException>("IDX14102", token);
    }

    [Fact]
    public async Task PaddingThatTheIssuerDidNotSign_IsRefused()
    {
        var parts = Jws.Rs256("""{"alg":"RS256","kid":"rsa" }""").Split('.');

        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", $"{parts[0]}==.{parts[1]}.{parts[2]}");
    }

    [Fact]
    public async Task BytesBehindTheJsonObject_AreIgnored()
    {
        await Check.AcceptsAsync(Jws.Rs256(Jws.Rs256Header + "garbage"));
        await Check.AcceptsAsync(Jws.Rs256(payload: Jws.Payload() + """{"roles":["admin"]}"""));
    }

    [Fact]
    public void CanReadToken_IsStricterThanReading()
    {
        Assert.True(s_handler.CanReadToken(Jws.Rs256()));
        Assert.False(s_handler.CanReadToken(Jws.Rs256() + "="));
        Assert.False(s_handler.CanReadToken("a.b"));
        Assert.False(s_handler.CanReadToken("a.b.c.d.e.f"));
        Assert.False(s_handler.CanReadToken(""));
        Assert.Equal("rsa", s_handler.ReadJsonWebToken(Jws.Rs256() + "=").Kid);
    }

    [Fact]
    public void Base64Url_ReadsBothAlphabetsAndPadding()
    {
        Assert.Equal("-_8", Base64UrlEncoder.Encode(new byte[] { 0xfb, 0xff }));
        foreach (var spelling in new[] { "-_8", "-_8=", " -_8=\n\t ", "+/8=" }) Assert.Equal(new byte[] { 0xfb, 0xff }, Base64UrlEncoder.DecodeBytes(spelling));
        foreach (var wrong in new[] { "A", "AAAAA", "AA!A", "====", "-_9", "+_8=", "+/8" }) Assert.Throws<FormatException>(() => Base64UrlEncoder.DecodeBytes(wrong));
        Assert.Equal("häuser", Base64UrlEncoder.Decode(Base64UrlEncoder.Encode("häuser")));
    }
}
