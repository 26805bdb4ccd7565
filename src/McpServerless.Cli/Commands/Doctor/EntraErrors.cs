namespace McpServerless.Cli.Commands.Doctor;

/// <summary>Errors of Entra that people meet with this gateway, and what to do (docs/entra.md).</summary>
internal static class EntraErrors
{
    private static readonly (string Code, string Meaning, string ToDo)[] Known =
    [
        ("AADSTS9010010", "the resource that was asked for is no identifier URI of the gateway's application", "set MCP_PUBLIC_BASE_URL to a domain that is verified in the tenant and MCP_PUBLIC_SERVERS, and azd provision; or let applications ask for api://CLIENT_ID/.default"),
        ("AADSTS901002", "the parameter resource is not taken together with scopes", "leave resource out, or update the client"),
        ("AADSTS500011", "the tenant has no such resource", "is --audience the client id of the gateway's application, and the sign-in to its tenant?"),
        ("AADSTS501051", "the application has no assignment to the gateway's application", "give it an app role of the gateway (docs/entra.md)"),
        ("AADSTS50105", "you have no assignment to the gateway's application", "give the user or a group of theirs an app role: Enterprise applications, the gateway, Users and groups"),
        ("AADSTS65001", "nobody consented that this client asks for the scope", "an administrator consents, or the client is authorised beforehand; the Azure CLI is for Governance.Manage"),
        ("AADSTS70011", "the scope is wrong", "ask for api://CLIENT_ID/.default"),
        ("AADSTS700016", "the tenant has no such application", "is the sign-in to the gateway's tenant?"),
        ("AADSTS7000215", "the client secret is wrong", "take its value and not its id, and look whether it has expired"),
        ("AADSTS700082", "the sign-in is too old", "sign in again: az login or azd auth login"),
        ("AADSTS50076", "the tenant asks for multi-factor authentication", "sign in again: az login --scope api://CLIENT_ID/.default"),
        ("AADSTS50079", "the tenant asks for multi-factor authentication", "register a method, and sign in again"),
        ("AADSTS53003", "Conditional Access does not let this sign-in through", "ask who looks after Conditional Access in the tenant"),
    ];

    /// <summary>What a message of Entra means; null where it has no code that is known here.</summary>
    public static (string Meaning, string ToDo)? Explain(string message)
    {
        foreach (var (code, meaning, toDo) in Known)
        {
            if (Mentions(message, code)) return ($"{code}: {meaning}", toDo);
        }

        return null;
    }

    /// <summary>AADSTS50105 is not AADSTS501051.</summary>
    private static bool Mentions(string message, string code)
    {
        for (var at = message.IndexOf(code, StringComparison.Ordinal); at >= 0; at = message.IndexOf(code, at + 1, StringComparison.Ordinal))
        {
            if (at + code.Length == message.Length || !char.IsAsciiDigit(message[at + code.Length])) return true;
        }

        return false;
    }
}
