using McpServerless.Cli;
using McpServerless.Cli.Stores;

return await new Mcpgov(TableStores.Open, TimeProvider.System, Console.Out, Console.Error, Environment.GetEnvironmentVariable).RunAsync(args);
