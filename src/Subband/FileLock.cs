namespace Subband;

/// <summary>
/// Locks that keep other processes away. The operating system holds a lock and takes it back when the process ends, however
/// it ends: a kill leaves the file, but no lock.
/// </summary>
internal static class FileLock
{
    // What the system answers where another process has the lock: EWOULDBLOCK of Linux and of BSD, ERROR_SHARING_VIOLATION.
    private static readonly int[] TakenCodes = [11, 35, unchecked((int)0x80070020)];

    /// <summary>Takes the lock of a file, which is made where it is missing and stays, empty, when the lock is given back.</summary>
    /// <param name="path">A file that serves as lock only: whoever locks a file keeps others from reading it.</param>
    /// <returns>The lock, given back when it is disposed; null where another has it.</returns>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be made.</exception>
    public static FileStream? TryTake(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException exception) when (TakenCodes.Contains(exception.HResult))
        {
            return null;
        }
    }
}
