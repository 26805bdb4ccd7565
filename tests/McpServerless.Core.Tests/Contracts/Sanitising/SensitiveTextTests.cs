using McpServerless.Contracts.Sanitising;

namespace McpServerless.Core.Tests.Contracts.Sanitising;

public class SensitiveTextTests
{
    /// <remarks>The numbers are those that issuers publish for tests and examples.</remarks>
    [Theory]
    [InlineData("4111111111111111")]
    [InlineData("4111-1111-1111-1111")]
    [InlineData("5555555555554444")]
    [InlineData("2223003122003222")]
    [InlineData("378282246310005")]
    [InlineData("6011111111111117")]
    [InlineData("3530111333300000")]
    [InlineData("30569309025904")]
    [InlineData("GB29 NWBK 6016 1331 9268 19")]
    [InlineData("CH9300762011623852957")]
    [InlineData("756.9217.0769.85")]
    [InlineData("2 55 08 14 168 025 38")]
    [InlineData("12345678Z")]
    [InlineData("X1234567L")]
    [InlineData("811228-9874")]
    [InlineData("078-05-1120")]
    [InlineData("QQ123456C", false)]
    [InlineData("AB 12 34 56 C")]
    [InlineData("RSSMRA85T10A562S")]
    [InlineData("sk-abcdefghijklmnopqrstuv")]
    [InlineData("key AKIAABCDEFGHIJKLMNOP leaked")]
    [InlineData("Bearer abcdefghijklmnopqrstuvwx")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0x.c2ln")]
    public void CredentialsAndNumbersWithARightCheckDigit_AreMasked(string text, bool found = true) =>
        Assert.Equal(found ? FieldRule.Mask : null, SensitiveText.Inspect(text)?.Rule);

    [Theory]
    [InlineData("jane.doe+x@mail.example.co.uk")]
    [InlineData("+41446681800")]
    [InlineData("+49 (0)30 1234567")]
    [InlineData("(212) 555-0187")]
    public void AddressesAndPhones_AreHashed(string text) => Assert.Equal(FieldRule.Hash, SensitiveText.Inspect(text)?.Rule);

    [Theory]
    [InlineData("4111111111111112")]
    [InlineData("1700000000000")]
    [InlineData("9999999999999995")]
    [InlineData("GB29 NWBK 6016 1331 9268 18")]
    [InlineData("756.9217.0769.84")]
    [InlineData("12345678A")]
    [InlineData("811228-9875")]
    [InlineData("666-12-3456")]
    [InlineData("2026-11-26T20:15:00Z")]
    [InlineData("0199aaaa-0000-7000-8000-000000000001")]
    [InlineData("order 10000000 of 20000000")]
    [InlineData("@handle and a@b")]
    [InlineData("https://example.com/items/123456789012")]
    [InlineData("")]
    public void OtherTexts_AreLeftAlone(string text) => Assert.Null(SensitiveText.Inspect(text));

    [Theory]
    [InlineData("card 4111 1111 1111 1111 please", "card [card] please")]
    [InlineData("from jane@example.com to joe@example.org", "from [e-mail] to [e-mail]")]
    [InlineData("ssn 078-05-1120, not 000-05-1120", "ssn [national number], not 000-05-1120")]
    public void InsideOfATextPlacesAreConcealed(string text, string expected)
    {
        var found = SensitiveText.Inspect(text);
        Assert.Equal((null, expected), found!.Value);
    }

    [Theory]
    [InlineData("password", FieldRule.Mask)]
    [InlineData("X-Api-Key", FieldRule.Mask)]
    [InlineData("creditCard", FieldRule.Mask)]
    [InlineData("national_id", FieldRule.Mask)]
    [InlineData("customer_email", FieldRule.Hash)]
    [InlineData("Phone", FieldRule.Hash)]
    [InlineData("span", null)]
    [InlineData("hotel", null)]
    [InlineData("title", null)]
    [InlineData("", null)]
    public void Names_TellWhatTheyHold(string name, object? expected) => Assert.Equal((FieldRule?)expected, SensitiveNames.RuleOf(name));
}
