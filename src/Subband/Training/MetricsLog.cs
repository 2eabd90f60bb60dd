using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Training;

/// <summary>
/// <c>metrics.jsonl</c>: one JSON object a line, each given to the operating system as a whole as soon as it is known, so
/// that a killed process loses none.
/// </summary>
internal sealed class MetricsLog : IDisposable
{
    private readonly FileStream _file;
    private readonly DiskStep _disk;

    private MetricsLog(FileStream file, DiskStep disk) => (_file, _disk) = (file, disk);

    /// <summary>How many lines were dropped on opening.</summary>
    public int Dropped { get; private init; }

    /// <summary>Where the former file is now, whole; null where it was not put aside.</summary>
    public string? Aside { get; private init; }

    /// <summary>
    /// Opens the log of a run that goes on from a step: lines of later steps, and half a line at the end, go. Where they go
    /// because the run begins anew, the former file is put aside first.
    /// </summary>
    /// <param name="path">The file; made where there is none.</param>
    /// <param name="step">The last step whose line stays.</param>
    /// <exception cref="SubbandException">It cannot be read or written.</exception>
    public static MetricsLog Open(string path, long step)
    {
        int dropped = 0;
        string? aside = null;
        if (File.Exists(path))
        {
            string text = TextFile.Read(path);
            string[] lines = [.. WholeLines(text)];
            string[] kept = [.. lines.Where(line => IsKept(line, step))];
            dropped = lines.Length - kept.Length;
            if (step == 0 && dropped > 0)
            {
                aside = FreeName(path);
                AtomicFile.WriteAllText(aside, text);
            }

            if (string.Concat(kept) is var rest && rest != text)
            {
                AtomicFile.WriteAllText(path, rest);
            }
        }

        DiskStep disk = new(path);
        FileStream file = disk.Do(
            "open it", () => new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0));
        return new MetricsLog(file, disk) { Dropped = dropped, Aside = aside };
    }

    /// <summary>Adds a line.</summary>
    /// <exception cref="SubbandException">It cannot be written.</exception>
    public void Append(JsonObject line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line.ToJsonString() + "\n");
        _disk.Do("add a line", () =>
        {
            FaultPoint.Reach("metrics.append");
            _file.Write(bytes);
        });
    }

    /// <summary>Waits until all lines are on the disk.</summary>
    /// <exception cref="SubbandException">They cannot be written.</exception>
    public void Synchronise() => _disk.Do("flush it to the disk", () =>
    {
        FaultPoint.Reach("metrics.flush");
        _file.Flush(flushToDisk: true);
    });

    public void Dispose() => _file.Dispose();

    private static string FreeName(string path) => Enumerable.Range(1, int.MaxValue)
        .Select(i => FormattableString.Invariant($"{path}.before-{i}"))
        .First(name => !File.Exists(name));

    private static IEnumerable<string> WholeLines(string text)
    {
        for (int begin = 0, end; (end = text.IndexOf('\n', begin)) >= 0; begin = end + 1)
        {
            yield return text[begin..(end + 1)];
        }
    }

    // A line without a step, which others may have added, stays.
    private static bool IsKept(string line, long step)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            return json.RootElement.WholeNumber("step") <= step;
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            return exception is FormatException;
        }
    }
}
