using System.Runtime.InteropServices;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Training;

/// <summary>Asks whether a folder can be written, without writing, so that nobody waits hours to learn that it cannot.</summary>
public static partial class FolderAccess
{
    private const int Write = 2;
    private const int Denied = 13;

    /// <summary>Asks of a folder or, where it does not exist, of the nearest above it that does.</summary>
    /// <param name="folder">An absolute path.</param>
    /// <param name="step">What is going to be done, after the words "failed to".</param>
    /// <exception cref="SubbandException">The system would refuse it now.</exception>
    public static void RequireWritable(string folder, string step)
    {
        string existing = folder;
        while (!Path.Exists(existing) && Path.GetDirectoryName(existing) is { } above)
        {
            existing = above;
        }

        if (File.Exists(existing))
        {
            throw new UsageException($"{folder} cannot be made, because {existing} is a file.");
        }

        // Elsewhere the first write tells.
        if (OperatingSystem.IsLinux() && Access(existing, Write) != 0)
        {
            int code = Marshal.GetLastPInvokeError();
            string reason = Marshal.GetPInvokeErrorMessage(code);
            throw new DiskStep(folder).Error(step, code == Denied ? new UnauthorizedAccessException(reason) : new IOException(reason, code));
        }
    }

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Access(string path, int mode);
}
