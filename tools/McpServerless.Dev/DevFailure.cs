namespace McpServerless.Dev;

/// <summary>Why a chore cannot go on, in words for the person at the keyboard: shown without a stack trace.</summary>
internal sealed class DevFailure(string message) : Exception(message);
