using McpServerless.Infra.Bicep;

namespace McpServerless.Infra.Rules;

/// <summary>What is reached from where. A deployment with a private network has nothing but the app's own address in public.</summary>
internal static class NetworkRules
{
    private static readonly string[] Guarded = ["Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults"];

    private static readonly string[] Endpoints = ["host-blob", "host-queue", "host-table", "governance-blob", "governance-table", "vault"];

    public static IEnumerable<Finding> Check(Deployment deployment)
    {
        if (!deployment.IsPrivate)
        {
            foreach (var endpoint in deployment.OfType("Microsoft.Network/privateEndpoints"))
                yield return deployment.Finding(endpoint, "network-unasked", "costs money although no private network was asked for.");
            yield break;
        }

        foreach (var resource in Guarded.SelectMany(deployment.OfType))
        {
            if (resource.At("properties/publicNetworkAccess") != "Disabled")
                yield return deployment.Finding(resource, "public-access", "publicNetworkAccess must be Disabled where a private network was asked for.");
            if (resource.At("properties/networkAcls/defaultAction") != "Deny")
                yield return deployment.Finding(resource, "public-access", "networkAcls/defaultAction must be Deny where a private network was asked for.");
        }

        foreach (var name in Endpoints)
        {
            if (!deployment.OfType("Microsoft.Network/privateEndpoints").Any(endpoint => endpoint.Name.EndsWith(name, StringComparison.Ordinal)))
                yield return new Finding(deployment.Name, "private-endpoint", $"there is no private endpoint {name}, and no other way to reach it.");
        }

        var groups = deployment.OfType("Microsoft.Network/privateEndpoints/privateDnsZoneGroups").Count();
        if (groups != Endpoints.Length) yield return new Finding(deployment.Name, "private-names", $"{groups} zone groups for {Endpoints.Length} endpoints: names would lead to the public address.");
        var zones = deployment.OfType("Microsoft.Network/privateDnsZones").Select(zone => zone.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var zone in (string[])["privatelink.blob.", "privatelink.queue.", "privatelink.table.", "privatelink.vaultcore."])
        {
            // The end of the name depends on the cloud.
            if (!zones.Any(name => name.Contains(zone, StringComparison.Ordinal))) yield return new Finding(deployment.Name, "private-names", $"the zone {zone}… is missing.");
        }

        if (deployment.OfType("Microsoft.Network/privateDnsZones/virtualNetworkLinks").Count() != zones.Count)
            yield return new Finding(deployment.Name, "private-names", "every zone must be linked to the network.");
        foreach (var finding in deployment.OfType("Microsoft.Network/virtualNetworks").SelectMany(network => Subnet(deployment, network))) yield return finding;
        foreach (var app in deployment.OfType("Microsoft.Web/sites"))
        {
            if (app.At("properties/virtualNetworkSubnetId") is null) yield return deployment.Finding(app, "app-network", "the app is not in the network, and reaches neither storage nor vault.");
        }
    }

    private static IEnumerable<Finding> Subnet(Deployment deployment, AzureResource network)
    {
        var delegated = network.Elements("properties/subnets").Any(subnet => subnet.GetRawText().Contains("Microsoft.App/environments", StringComparison.Ordinal));
        if (!delegated) yield return deployment.Finding(network, "app-subnet", "Flex Consumption wants a subnet that is delegated to Microsoft.App/environments.");
        foreach (var name in network.Elements("properties/subnets").Select(subnet => subnet.GetProperty("name").GetString() ?? ""))
        {
            if (name.Contains('_', StringComparison.Ordinal)) yield return deployment.Finding(network, "app-subnet", $"subnet {name}: Flex Consumption takes no underscore in a name.");
        }
    }
}
