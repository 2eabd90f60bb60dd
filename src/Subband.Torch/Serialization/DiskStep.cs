using System.Globalization;

namespace Subband.Torch.Serialization;

/// <summary>
/// Does the steps of one save and turns a failed one into an error for people: which file, which step, why, and how
/// much space is free there.
/// </summary>
internal sealed class DiskStep(string path)
{
    // Raw error numbers of Linux, which .NET passes on in HResult, and their counterparts of Windows.
    private const int DiskFullUnix = 28;
    private const int ReadOnlyUnix = 30;
    private const int QuotaLinux = 122;
    private const int DiskFullWindows = unchecked((int)0x80070070);
    private const int HandleDiskFullWindows = unchecked((int)0x80070027);

    /// <summary>Whether an exception tells of the disk, the folder or its permissions.</summary>
    public static bool IsDiskError(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>Does a step that has a result.</summary>
    /// <param name="step">What the step does, after the words "failed to".</param>
    /// <param name="action">The step.</param>
    public T Do<T>(string step, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (IsDiskError(exception))
        {
            throw Error(step, exception);
        }
    }

    /// <summary>Does a step.</summary>
    public void Do(string step, Action action) =>
        Do(step, () =>
        {
            action();
            return true;
        });

    /// <summary>The error that tells of a failed step.</summary>
    public SubbandException Error(string step, Exception cause) =>
        new($"Cannot write {path}: failed to {step}, because {Reason(cause)}{FreeSpace()}.", cause);

    private static string Reason(Exception cause) => cause switch
    {
        UnauthorizedAccessException => "permission is denied",
        DirectoryNotFoundException => "the folder does not exist",
        PathTooLongException => "the name is too long",
        FileNotFoundException => "that folder takes no files",
        { HResult: DiskFullUnix or DiskFullWindows or HandleDiskFullWindows } => "the disk is full",
        { HResult: ReadOnlyUnix } => "the file system is read-only",
        { HResult: QuotaLinux } => "the disk quota is used up",
        _ => "of this error: " + cause.Message.TrimEnd('.'),
    };

    private string FreeSpace()
    {
        try
        {
            string folder = Path.GetFullPath(path);
            while ((!Directory.Exists(folder) || TemporaryName.Is(folder))
                && Path.GetDirectoryName(folder) is { } above)
            {
                folder = above;
            }

            double megabytes = new DriveInfo(folder).AvailableFreeSpace / 1e6;
            return string.Create(CultureInfo.InvariantCulture, $" ({megabytes:0.0} MB free at {folder})");
        }
        catch (Exception exception) when (IsDiskError(exception) || exception is ArgumentException)
        {
            return " (the free space there is unknown)";
        }
    }
}
