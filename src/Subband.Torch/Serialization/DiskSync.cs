using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Subband.Torch.Serialization;

/// <summary>What .NET has no call for: synchronising folders, and exchanging two of them in one step.</summary>
internal static partial class DiskSync
{
    private const int OpenReadOnly = 0;
    private const int CurrentFolder = -100;
    private const uint RenameExchange = 2;
    private const int InvalidArgument = 22;

    /// <summary>Waits until a file's bytes are on the disk.</summary>
    public static void File(string path)
    {
        // Windows flushes only through a handle that may write.
        FileAccess access = OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read;
        using FileStream file = new(path, FileMode.Open, access, FileShare.ReadWrite, bufferSize: 0);
        RandomAccess.FlushToDisk(file.SafeFileHandle);
    }

    /// <summary>
    /// Waits until a folder's entries, renamed ones among them, are on the disk; nothing to do on Windows.
    /// </summary>
    public static void Folder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(path, OpenReadOnly);
        if (descriptor < 0)
        {
            throw LastError(path);
        }

        try
        {
            // Some network file systems know no synchronisation of folders and say so with this number.
            if (Fsync(descriptor) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
            {
                throw LastError(path);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Exchanges two existing folders in one step, so that neither name is ever without one.</summary>
    public static void Exchange(string first, string second)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new IOException("a folder of that name exists, and this system cannot replace it in one step");
        }

        if (RenameAt2(CurrentFolder, first, CurrentFolder, second, RenameExchange) == 0)
        {
            return;
        }

        throw Marshal.GetLastPInvokeError() == InvalidArgument
            ? new IOException("a folder of that name exists, and this file system cannot replace it in one step")
            : LastError(second);
    }

    private static IOException LastError(string path)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{new Win32Exception(error).Message} : '{path}'", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int oldFolder, string oldPath, int newFolder, string newPath, uint flags);
}
