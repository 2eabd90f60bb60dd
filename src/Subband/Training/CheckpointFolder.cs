using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Training;

/// <summary>The checkpoints of a run. A folder in it has its name only once it is complete on the disk.</summary>
/// <param name="path">The folder <c>checkpoints</c> of a run.</param>
public sealed class CheckpointFolder(string path)
{
    /// <summary>The name of this folder in the run's.</summary>
    internal const string Name = "checkpoints";

    /// <summary>The folder's path.</summary>
    public string Path { get; } = path;

    /// <summary>Every checkpoint whose state can be read, the newest first. Their tensors are not checked.</summary>
    public IReadOnlyList<Checkpoint> List() =>
        [.. Read().Where(entry => entry.Checkpoint is not null).Select(entry => entry.Checkpoint!)];

    /// <summary>The newest checkpoint, every byte of it checked; null when there is none.</summary>
    /// <exception cref="SubbandException">
    /// A checkpoint is damaged that is the newest or may be it. The message names it, the one before it, and what to do: an
    /// older state is never taken unasked.
    /// </exception>
    public Checkpoint? Newest()
    {
        List<(string Folder, Checkpoint? Checkpoint, SubbandException? Error)> all = Read();
        if (all.Count == 0)
        {
            return null;
        }

        // What cannot be read has no known place in the order and stands first.
        (string folder, Checkpoint? newest, SubbandException? error) = all[0];
        try
        {
            newest?.Verify();
        }
        catch (SubbandException damage)
        {
            error = damage;
        }

        if (error is not null && !Directory.Exists(folder))
        {
            // A process that trains the run has just made room for a newer one.
            return Newest();
        }

        return error is null ? newest : throw new SubbandException($"{error.Message} {WayOut(folder, all)}", error);
    }

    /// <summary>Saves a checkpoint. Those before it stay until it is complete, and after.</summary>
    /// <param name="kimgName">The name it should have; where that is taken, the step is added to it.</param>
    /// <param name="state">The state beside the tensors.</param>
    /// <param name="model">The weights.</param>
    /// <param name="metadata">What the weights' file says of itself.</param>
    /// <param name="optimizer">The state of the optimisers.</param>
    /// <exception cref="SubbandException">It cannot be written; nothing of it is left.</exception>
    internal Checkpoint Save(
        string kimgName,
        TrainingState state,
        IEnumerable<(string Name, Tensor Tensor)> model,
        IReadOnlyDictionary<string, string> metadata,
        IEnumerable<(string Name, Tensor Tensor)> optimizer)
    {
        string target = System.IO.Path.Combine(Path, kimgName);
        if (System.IO.Path.Exists(target))
        {
            target = $"{target}-{state.Step}";
        }

        AtomicFolder.Write(target, folder => Checkpoint.Fill(folder, state, model, metadata, optimizer));
        return Checkpoint.Open(target);
    }

    /// <summary>Removes the oldest checkpoints, whole or not at all.</summary>
    /// <param name="keep">How many of the newest stay; at least 1.</param>
    /// <exception cref="SubbandException">One cannot be removed.</exception>
    internal void Prune(int keep)
    {
        foreach (Checkpoint checkpoint in List().Skip(Math.Max(1, keep)))
        {
            // A name stands for a whole checkpoint to the end: what is deleted piece by piece has a temporary one.
            string temporary = TemporaryName.In(Path);
            new DiskStep(checkpoint.Path).Do("remove it, to make room for newer checkpoints", () =>
            {
                FaultPoint.Reach("checkpoint.prune");
                Directory.Move(checkpoint.Path, temporary);
                FaultPoint.Reach("checkpoint.delete");
                Directory.Delete(temporary, recursive: true);
            });
        }
    }

    private List<(string Folder, Checkpoint? Checkpoint, SubbandException? Error)> Read()
    {
        List<(string Folder, Checkpoint? Checkpoint, SubbandException? Error)> all = [];
        if (!Directory.Exists(Path))
        {
            return all;
        }

        foreach (string folder in Directory.EnumerateDirectories(Path).Where(folder => KimgName.Is(System.IO.Path.GetFileName(folder))))
        {
            try
            {
                all.Add((folder, Checkpoint.Open(folder), null));
            }
            catch (SubbandException error) when (Directory.Exists(folder))
            {
                all.Add((folder, null, error));
            }
            catch (SubbandException)
            {
                // It was whole, and a process that trains the run has removed it since.
            }
        }

        return [.. all
            .OrderByDescending(entry => entry.Checkpoint?.State.Step ?? long.MaxValue)
            .ThenByDescending(entry => entry.Folder, StringComparer.Ordinal)];
    }

    private static string WayOut(
        string folder, List<(string Folder, Checkpoint? Checkpoint, SubbandException? Error)> all)
    {
        string? before = all.Where(entry => entry.Folder != folder && entry.Checkpoint is not null).Select(entry => entry.Folder).FirstOrDefault();
        return before is null
            ? $"There is no other checkpoint; move {folder} away to begin the run anew."
            : $"To continue from {before} instead, move {folder} away.";
    }
}
