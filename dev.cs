#!/usr/bin/env dotnet
#:property PublishAot=false
#:project tools/McpServerless.Dev/McpServerless.Dev.csproj

return await McpServerless.Dev.DevCommand.RunAsync(args);
