using System.Runtime.InteropServices;

namespace Subband.Torch.Native;

/// <summary>Keeps the threads that libtorch computes with from burning a core while they wait for each other.</summary>
/// <remarks>
/// GNU's OpenMP lets a waiting thread spin 300,000 turns, some milliseconds, as long as there are no more threads than
/// cores. The threads that decode images, collect garbage or belong to other programs then wait for a core that does
/// nothing.
/// </remarks>
internal static partial class SpinningThreads
{
    private const string Turns = "GOMP_SPINCOUNT";
    private const string TurnsBeforeSleep = "4000"; // with fewer, threads sleep between two layers; with more, files are encoded later

    /// <summary>Sets it for this process, unless the user has; it has to come before libtorch is loaded.</summary>
    public static void Limit()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
        {
            // .NET's own variables never reach the C library. A failure leaves the system's habit, which is only slower.
            _ = SetVariable(Turns, TurnsBeforeSleep, overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
