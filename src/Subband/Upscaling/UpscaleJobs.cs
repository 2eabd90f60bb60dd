using Subband.Data;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Upscaling;

/// <summary>Finds the photographs of a batch, and a place for each result.</summary>
public static class UpscaleJobs
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gif", ".bmp"];

    /// <summary>Plans a batch into a folder.</summary>
    /// <param name="inputs">Files, and folders with all that is in them. What an input folder holds of the output folder is left out.</param>
    /// <param name="output">The folder for the results, where the folders within an input folder are kept. It need not exist yet.</param>
    /// <param name="format">What to write; null for what each original is, or PNG for GIF and BMP.</param>
    /// <param name="say">Told what a person should know.</param>
    /// <exception cref="SubbandException">There is no such input, no photograph, or a result would fall on an original or on another result.</exception>
    public static IReadOnlyList<UpscaleJob> IntoFolder(
        IReadOnlyList<string> inputs, string output, PhotographFormat? format, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(say);
        if (File.Exists(output))
        {
            throw new UsageException($"--out {output} is a file; give a folder for the results of several photographs.");
        }

        List<(string Input, string Place)> found = [];
        foreach (string input in inputs)
        {
            if (Directory.Exists(input))
            {
                found.AddRange(InFolder(input, output, say).Select(file => (file, Path.GetRelativePath(input, file))));
            }
            else if (File.Exists(input))
            {
                found.Add((input, Path.GetFileName(input)));
            }
            else
            {
                throw new UsageException($"There is no file or folder {input}.");
            }
        }

        return Check(Name(found, output, format));
    }

    /// <summary>Plans one result with a name of its own.</summary>
    /// <param name="input">The original.</param>
    /// <param name="output">The result, whose extension says what to write.</param>
    /// <exception cref="SubbandException">There is no such input, the name asks for nothing that is written, or is the original's.</exception>
    public static UpscaleJob IntoFile(string input, string output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (!File.Exists(input))
        {
            throw new UsageException($"There is no file or folder {input}.");
        }

        PhotographFormat format = PhotographFormats.OfName(output) ?? throw new UsageException(
            Path.GetExtension(output).Length == 0
                ? $"--out {output} has no extension: end it with {PhotographFormats.Extensions} for a file, or with / for a folder."
                : $"--out {output}: files that end with {Path.GetExtension(output)} are not written; there are {PhotographFormats.Extensions}.");
        return Check([new UpscaleJob(input, output, format)])[0];
    }

    private static IEnumerable<string> InFolder(string folder, string output, Action<string> say)
    {
        string excluded = TruePath.Of(Path.GetFullPath(output));
        if (TruePath.Of(Path.GetFullPath(folder)) == excluded)
        {
            throw new UsageException($"--out {output} is the input folder itself: results would fall on the originals. Give another folder.");
        }

        List<string> files = [];
        HashSet<string> seen = [];
        Stack<string> folders = new([folder]);
        int others = 0;
        while (folders.TryPop(out string? here))
        {
            string place = TruePath.Of(Path.GetFullPath(here));
            if (place == excluded || !seen.Add(place))
            {
                continue;
            }

            try
            {
                foreach (string inner in Directory.GetDirectories(here))
                {
                    folders.Push(inner);
                }

                string[] all = [.. Directory.GetFiles(here).Where(file => !Path.GetFileName(file).StartsWith('.'))];
                string[] pictures = [.. all.Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))];
                others += all.Length - pictures.Length;
                files.AddRange(pictures);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new SubbandException($"The folder {here} cannot be read: {error.Message.TrimEnd('.')}.", error);
            }
        }

        if (files.Count == 0)
        {
            throw new SubbandException(
                $"There is no photograph in {folder}: looked for {string.Join(", ", Extensions)} in it and the folders within"
                + (others > 0 ? $", and found {others} other files." : "."));
        }

        if (others > 0)
        {
            say($"{folder}: {others} {(others == 1 ? "file is" : "files are")} left out, by name no {(others == 1 ? "photograph" : "photographs")}");
        }

        return files.Order(StringComparer.Ordinal);
    }

    private static List<UpscaleJob> Name(List<(string Input, string Place)> found, string output, PhotographFormat? format)
    {
        List<UpscaleJob> jobs = [];
        foreach ((string input, string place) in found)
        {
            PhotographFormat own = format ?? FormatOf(input);
            // a JPEG stays .JPG or .jpeg, if that is what it was
            string extension = PhotographFormats.OfName(place) == own ? Path.GetExtension(place) : PhotographFormats.Extension(own);
            jobs.Add(new UpscaleJob(input, Path.Combine(output, Path.ChangeExtension(place, extension)), own));
        }

        // a.jpg and a.gif may not both become a.png
        HashSet<string> twice = [.. jobs.GroupBy(job => job.Output, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1).Select(group => group.Key)];
        for (int i = 0; i < jobs.Count; i++)
        {
            if (twice.Contains(jobs[i].Output) && PhotographFormats.OfName(found[i].Place) != jobs[i].Format)
            {
                jobs[i] = jobs[i] with { Output = Path.Combine(output, found[i].Place + PhotographFormats.Extension(jobs[i].Format)) };
            }
        }

        return jobs;
    }

    // By its first bytes; a file that is no picture fails later, with its reason.
    private static PhotographFormat FormatOf(string path)
    {
        try
        {
            Span<byte> head = stackalloc byte[64];
            using FileStream file = File.OpenRead(path);
            head = head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
            return ImageFile.DetectFormat(head) is { } format ? PhotographFormats.Of(format) : PhotographFormats.OfName(path) ?? PhotographFormat.Png;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return PhotographFormats.OfName(path) ?? PhotographFormat.Png;
        }
    }

    private static List<UpscaleJob> Check(List<UpscaleJob> jobs)
    {
        Dictionary<string, string> originals = [];
        foreach (UpscaleJob job in jobs)
        {
            originals.TryAdd(TruePath.Of(Path.GetFullPath(job.Input)), job.Input);
        }

        Dictionary<string, string> results = [];
        foreach (UpscaleJob job in jobs)
        {
            string place = TruePath.Of(Path.GetFullPath(job.Output));
            if (originals.TryGetValue(place, out string? original))
            {
                throw new UsageException($"The result of {job.Input} would be written over the original {original}; choose another --out.");
            }

            if (!results.TryAdd(place, job.Input))
            {
                throw new UsageException($"{results[place]} and {job.Input} would both become {job.Output}; give them to two calls, or rename one.");
            }
        }

        return jobs;
    }
}
