namespace Subband.Cli.Common;

/// <summary>What the environment says about the terminal.</summary>
internal static class Terminals
{
    /// <summary>Whether a stream that is not redirected leads to a terminal that can move its cursor.</summary>
    public static bool IsTerminal(bool isRedirected) =>
        !isRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>Whether standard output is a terminal that may be written to in colour (see no-color.org).</summary>
    public static bool OutHasColour =>
        IsTerminal(Console.IsOutputRedirected) && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
}
