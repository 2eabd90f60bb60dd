namespace Subband.Cli.Common;

/// <summary>How a call ended, as the shell sees it.</summary>
internal static class ExitCodes
{
    /// <summary>All that was asked for is done.</summary>
    public const int Done = 0;

    /// <summary>It could not be done; the reason stands on standard error.</summary>
    public const int Failed = 1;

    /// <summary>A wrong option, name or value: nothing was begun.</summary>
    public const int Usage = 2;

    /// <summary>Ended by Ctrl-C (SIGINT).</summary>
    public const int Interrupted = 130;

    /// <summary>Ended by SIGTERM.</summary>
    public const int Terminated = 143;
}
