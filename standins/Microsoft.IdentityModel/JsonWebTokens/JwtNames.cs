namespace Microsoft.IdentityModel.JsonWebTokens;

public static class JwtConstants
{
    public const string HeaderType = "JWT";
    public const string TokenType = "JWT";
    public const string TokenTypeAlt = "urn:ietf:params:oauth:token-type:jwt";
    public const int JwsSegmentCount = 3;
    public const int JweSegmentCount = 5;
    public const int MaxJwtSegmentCount = 5;
    public const string JsonCompactSerializationRegex = @"^[A-Za-z0-9-_]+\.[A-Za-z0-9-_]+\.[A-Za-z0-9-_]*$";
    public const string JweCompactSerializationRegex = @"^[A-Za-z0-9-_]+\.[A-Za-z0-9-_]*\.[A-Za-z0-9-_]+\.[A-Za-z0-9-_]+\.[A-Za-z0-9-_]+$";
}

public struct JwtHeaderParameterNames
{
    public const string Alg = "alg";
    public const string Cty = "cty";
    public const string Enc = "enc";
    public const string Jku = "jku";
    public const string Jwk = "jwk";
    public const string Kid = "kid";
    public const string Typ = "typ";
    public const string X5c = "x5c";
    public const string X5t = "x5t";
    public const string X5u = "x5u";
    public const string Zip = "zip";
}

public struct JwtRegisteredClaimNames
{
    public const string Acr = "acr";
    public const string Aud = "aud";
    public const string Azp = "azp";
    public const string Email = "email";
    public const string Exp = "exp";
    public const string Iat = "iat";
    public const string Iss = "iss";
    public const string Jti = "jti";
    public const string Name = "name";
    public const string Nbf = "nbf";
    public const string Nonce = "nonce";
    public const string PreferredUsername = "preferred_username";
    public const string Sid = "sid";
    public const string Sub = "sub";
    public const string Typ = "typ";
}

/// <summary>Value types of claims whose JSON is no plain string, number or boolean.</summary>
public static class JsonClaimValueTypes
{
    public const string Json = "JSON";
    public const string JsonArray = "JSON_ARRAY";
    public const string JsonNull = "JSON_NULL";
}
