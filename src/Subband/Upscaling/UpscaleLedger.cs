using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Subband.Torch;

namespace Subband.Upscaling;

/// <summary>
/// Remembers in the folder of a batch which results are finished: of which original, by which model and settings, with which
/// bytes. A line is added after each, and synchronised, so that a killed batch goes on where it was.
/// </summary>
/// <remarks>
/// A result counts as finished only if original, model and settings have the fingerprints of its line, and it still has the bytes
/// that were written. A kill between a result and its line costs that result being made again; half a line at the end is ignored.
/// </remarks>
internal sealed class UpscaleLedger
{
    /// <summary>The file's name.</summary>
    public const string FileName = ".subband-upscale.jsonl";

    private readonly string _folder;
    private readonly string _path;
    private readonly Dictionary<string, Entry> _entries = [];
    private bool _endsWithinLine;

    private UpscaleLedger(string folder) => (_folder, _path) = (folder, Path.Combine(folder, FileName));

    /// <summary>Opens the ledger of a folder, which may have none yet.</summary>
    public static UpscaleLedger Open(string folder)
    {
        UpscaleLedger ledger = new(folder);
        if (File.Exists(ledger._path))
        {
            string text = File.ReadAllText(ledger._path);
            ledger._endsWithinLine = text.Length > 0 && text[^1] != '\n';
            foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                ledger.Read(line);
            }
        }

        return ledger;
    }

    /// <summary>The fingerprint of a result before it is made.</summary>
    public static string Key(string original, UpscalingModel model, UpscaleSettings settings, PhotographFormat format) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{original}|{model.Name}|{model.Fingerprint}|{model.Device.Type}|{model.PrecisionName}|{settings.Key}|{format}")));

    /// <summary>Whether a result is finished and untouched.</summary>
    public bool IsFinished(string output, string key) =>
        _entries.TryGetValue(Name(output), out Entry? entry) && entry.Key == key && File.Exists(output) && entry.Result == HashOf(output);

    /// <summary>Remembers a result that was written.</summary>
    /// <exception cref="SubbandException">It cannot be written down.</exception>
    public void Add(string output, string key)
    {
        Entry entry = new(Name(output), key, HashOf(output));
        _entries[entry.Output] = entry;
        try
        {
            using FileStream file = new(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
            string line = JsonSerializer.Serialize(entry) + "\n";
            file.Write(Encoding.UTF8.GetBytes(_endsWithinLine ? "\n" + line : line));
            file.Flush(flushToDisk: true);
            _endsWithinLine = false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SubbandException($"{_path}, which remembers finished results, cannot be written: {error.Message.TrimEnd('.')}.", error);
        }
    }

    private string Name(string output) => Path.GetRelativePath(_folder, output).Replace('\\', '/');

    private void Read(string line)
    {
        try
        {
            if (JsonSerializer.Deserialize<Entry>(line) is { Output: not null } entry)
            {
                _entries[entry.Output] = entry;
            }
        }
        catch (JsonException)
        {
            // cut off by a kill; its result is made again
        }
    }

    private static string HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private sealed record Entry(string Output, string Key, string Result);
}
