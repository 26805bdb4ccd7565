using Microsoft.PowerShell;

return ConsoleShell.Start(bannerText: "", helpText: "", args);
