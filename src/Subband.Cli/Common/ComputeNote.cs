using Subband.Torch;

namespace Subband.Cli.Common;

/// <summary>Says on standard error what is to be known about computing on this machine.</summary>
internal static class ComputeNote
{
    /// <summary>Says it, once in a call; every command that computes does so before it begins.</summary>
    /// <param name="run">The call.</param>
    /// <param name="device">Where it computes.</param>
    public static void Tell(Invocation run, Device device)
    {
        if (ComputeChoice.Warning(device) is { } warning)
        {
            run.SayOnce($"note: {warning}");
        }
    }
}
