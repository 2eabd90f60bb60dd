using System.Globalization;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Training;

/// <summary>Keeps a second process from training the same run.</summary>
internal sealed class RunLock : IDisposable
{
    /// <summary>The name of the locked file in a run folder. It stays there, empty.</summary>
    public const string FileName = ".lock";

    /// <summary>The name of the file that says who has the lock, or had it last.</summary>
    public const string OwnerName = ".owner";

    private readonly FileStream _file;

    private RunLock(FileStream file) => _file = file;

    /// <summary>Takes the lock of a run folder.</summary>
    /// <exception cref="SubbandException">Another process has it, or the folder cannot be written.</exception>
    public static RunLock Take(string folder)
    {
        DiskStep disk = new(folder);
        FileStream file = disk.Do("create its lock", () => FileLock.TryTake(Path.Combine(folder, FileName)))
            ?? throw new SubbandException(
                $"Another process{Owner(folder)} trains the run {folder}. Wait until it has ended, or stop it: it saves before it ends.");
        try
        {
            string owner = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} on {Environment.MachineName}\n");
            disk.Do("write who has its lock", () => File.WriteAllText(Path.Combine(folder, OwnerName), owner));
            return new RunLock(file);
        }
        catch
        {
            TemporaryName.TryRemove(Path.Combine(folder, OwnerName));
            TemporaryName.TryRemove(file.Name);
            file.Dispose();
            throw;
        }
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose() => _file.Dispose();

    private static string Owner(string folder)
    {
        try
        {
            return $" ({File.ReadAllText(Path.Combine(folder, OwnerName)).Trim()})";
        }
        catch (Exception exception) when (DiskStep.IsDiskError(exception))
        {
            return ""; // It was quicker with its lock than with its name.
        }
    }
}
