using System.Text.Json;
using Subband.Models;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Training;

/// <summary>
/// The folder of one training, held by this process until disposed: configuration, logs, sample sheets and checkpoints. The
/// process's working folder is never changed; all paths are absolute.
/// </summary>
public sealed class RunFolder : IDisposable
{
    private const string ConfigName = "config.json";

    private readonly RunLock _lock;

    private RunFolder(string path, RunConfig config, RunLock held, bool isNew)
    {
        (Path, Config, _lock, IsNew) = (path, config, held, isNew);
        Checkpoints = CheckpointsOf(path);
    }

    /// <summary>The folder's absolute path.</summary>
    public string Path { get; }

    /// <summary>The configuration, as <c>config.json</c> holds it.</summary>
    public RunConfig Config { get; private set; }

    /// <summary>Whether the run was begun here, and not opened to go on.</summary>
    internal bool IsNew { get; }

    /// <summary>The saved states: <c>checkpoints/</c>.</summary>
    public CheckpointFolder Checkpoints { get; }

    /// <summary>One JSON object a report.</summary>
    public string MetricsPath => System.IO.Path.Combine(Path, "metrics.jsonl");

    /// <summary>Sample sheets, named by kimg.</summary>
    public string SamplesPath => SamplesIn(Path);

    /// <summary>Whether a folder holds a run.</summary>
    public static bool IsRun(string path) => File.Exists(ConfigIn(path));

    /// <summary>The checkpoints of a run, to be read also while a process trains it.</summary>
    /// <param name="path">The folder of a run.</param>
    public static CheckpointFolder CheckpointsOf(string path) => new(System.IO.Path.Combine(Full(path), CheckpointFolder.Name));

    /// <summary>Looks whether a run can begin in a folder, and writes nothing.</summary>
    /// <param name="path">A folder that does not exist or is empty.</param>
    /// <param name="preset">The preset of the run, for messages.</param>
    /// <returns>The folder's absolute path.</returns>
    /// <exception cref="UsageException">The folder holds a run or something else.</exception>
    /// <exception cref="SubbandException">It cannot be made or written to.</exception>
    public static string RequireNew(string path, string preset)
    {
        string folder = Full(path);
        RequireEmpty(folder, preset);
        FolderAccess.RequireWritable(folder, "create the folder of the run");
        return folder;
    }

    /// <summary>Looks whether a folder holds a run to go on with, and writes nothing.</summary>
    /// <param name="path">The folder of a run.</param>
    /// <returns>The folder's absolute path.</returns>
    /// <exception cref="UsageException">There is no run.</exception>
    public static string RequireRun(string path)
    {
        string folder = Full(path);
        return IsRun(folder)
            ? folder
            : throw new UsageException(Directory.Exists(folder)
                ? $"{folder} holds no run to continue: there is no {ConfigName} in it."
                : $"There is no run {folder} to continue; leave out --resume to begin one.");
    }

    /// <summary>Begins a run: makes the folder where there is none, and writes <c>config.json</c>.</summary>
    /// <param name="path">A folder that does not exist or is empty.</param>
    /// <param name="config">All of the run's configuration.</param>
    /// <exception cref="UsageException">The folder holds a run or something else.</exception>
    /// <exception cref="SubbandException">It cannot be written, or another process is at it; nothing is left behind.</exception>
    public static RunFolder Create(string path, RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        string folder = RequireNew(path, config.Preset);
        bool isNew = !Directory.Exists(folder);
        string[] made = [folder, .. MissingAbove(folder)];
        DiskStep disk = new(folder);
        RunLock? held = null;
        try
        {
            disk.Do("create the folder of the run", () => Directory.CreateDirectory(folder));
            held = RunLock.Take(folder);

            // Another process may have been quicker than the first look.
            RequireEmpty(folder, config.Preset);
            _ = AtomicFile.CleanUp(folder);
            MakeInner(folder, disk);
            AtomicFile.WriteAllText(ConfigIn(folder), config.ToJson());
            disk.Do("synchronise the folder around it", () => Array.ForEach(made, SyncAround));
            return new RunFolder(folder, config, held, isNew: true);
        }
        catch
        {
            if (isNew && !IsRun(folder))
            {
                Remove(folder, held is not null);
            }

            held?.Dispose();
            throw;
        }
    }

    /// <summary>Continues with a run, and removes what a killed process left of unfinished saves.</summary>
    /// <param name="path">The folder of a run.</param>
    /// <param name="family">Finds a model family by its name.</param>
    /// <exception cref="UsageException">There is no run.</exception>
    /// <exception cref="SubbandException">Its configuration is damaged, or another process trains it.</exception>
    public static RunFolder Open(string path, Func<string, IModelFamily> family)
    {
        string folder = RequireRun(path);
        RunLock held = RunLock.Take(folder);
        try
        {
            RunConfig config = ReadConfig(folder, family);
            MakeInner(folder, new DiskStep(folder));
            RunFolder run = new(folder, config, held, isNew: false);
            _ = AtomicFile.CleanUp(folder);
            _ = AtomicFile.CleanUp(run.SamplesPath);
            _ = AtomicFile.CleanUp(run.Checkpoints.Path);
            return run;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Reads a run's configuration, also while a process trains it.</summary>
    /// <param name="path">The folder of a run.</param>
    /// <param name="family">Finds a model family by its name.</param>
    /// <exception cref="SubbandException">There is none, or it is damaged.</exception>
    public static RunConfig ReadConfig(string path, Func<string, IModelFamily> family)
    {
        string file = ConfigIn(Full(path));
        return RunConfig.FromJson(TextFile.Read(file), family, file);
    }

    /// <summary>Replaces the configuration, when a run goes on with changed settings.</summary>
    /// <exception cref="SubbandException">It cannot be written; the former one stands.</exception>
    public void Update(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.ToJson() != Config.ToJson())
        {
            AtomicFile.WriteAllText(ConfigIn(Path), config.ToJson());
        }

        Config = config;
    }

    /// <summary>Lets other processes have the run.</summary>
    public void Dispose() => _lock.Dispose();

    private static string Full(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
    }

    private static string ConfigIn(string folder) => System.IO.Path.Combine(folder, ConfigName);

    private static string SamplesIn(string folder) => System.IO.Path.Combine(folder, "samples");

    private static void MakeInner(string folder, DiskStep disk) => disk.Do("create the folders in it", () =>
    {
        _ = Directory.CreateDirectory(SamplesIn(folder));
        _ = Directory.CreateDirectory(System.IO.Path.Combine(folder, CheckpointFolder.Name));
    });

    private static IEnumerable<string> MissingAbove(string folder)
    {
        for (string? above = System.IO.Path.GetDirectoryName(folder); !Directory.Exists(above); above = System.IO.Path.GetDirectoryName(above))
        {
            yield return above!;
        }
    }

    private static void SyncAround(string folder)
    {
        FaultPoint.Reach("run.syncFolder");
        DiskSync.Folder(System.IO.Path.GetDirectoryName(folder)!);
    }

    // Only while the lock is held is everything in a folder that we made ours.
    private static void Remove(string folder, bool isLocked)
    {
        if (isLocked)
        {
            TemporaryName.TryRemove(folder);
        }
        else if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }

    private static void RequireEmpty(string folder, string preset)
    {
        if (File.Exists(folder))
        {
            throw new UsageException($"{folder} is a file; --out takes a folder for the run.");
        }

        if (IsRun(folder))
        {
            string found = PresetIn(folder);
            throw new UsageException(found == preset
                ? $"{folder} holds a run of {found} already. Add --resume to continue it, or choose another folder for --out."
                : $"{folder} holds a run of {found}, not of {preset}. Choose another folder for --out.");
        }

        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).FirstOrDefault(IsForeign) is { } foreign)
        {
            throw new UsageException(
                $"{folder} holds {System.IO.Path.GetFileName(foreign)} and is no run. Choose an empty or new folder for --out.");
        }
    }

    // What a beginning that was killed may have left is ours.
    private static bool IsForeign(string entry)
    {
        string name = System.IO.Path.GetFileName(entry);
        bool isOurs = name is RunLock.FileName or RunLock.OwnerName
            || TemporaryName.Is(entry)
            || ((name is "samples" or CheckpointFolder.Name) && Directory.Exists(entry) && !Directory.EnumerateFileSystemEntries(entry).Any());
        return !isOurs;
    }

    private static string PresetIn(string folder)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(ConfigIn(folder)));
            return document.RootElement.Text("preset");
        }
        catch (Exception exception) when (exception is JsonException or FormatException || DiskStep.IsDiskError(exception))
        {
            return $"an unknown preset (its {ConfigName} cannot be read)";
        }
    }
}
