using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace SampleLibrary;

/// <summary>A function outside of the app's own assembly.</summary>
public static class LibraryFunctions
{
    /// <summary>The app reads it from here, so that it refers to this assembly at run time.</summary>
    public static string GreetingSetting => "Sample:Greeting";

    [Function("library")]
    public static IActionResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) =>
        new ContentResult { Content = "from a library" };
}
