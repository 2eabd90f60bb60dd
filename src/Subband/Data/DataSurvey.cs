using System.Runtime.ExceptionServices;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Data;

/// <summary>Decodes every image of a source to find out what is in it and what is refused.</summary>
public static class DataSurvey
{
    private const int EndlessSample = 64;
    private const int ProgressStep = 256;

    /// <summary>Examines a source. It takes as long as decoding every image does.</summary>
    /// <param name="source">The images; of a source without end the first 64 are looked at.</param>
    /// <param name="threads">How many threads decode, at least 1.</param>
    /// <param name="progress">Called now and then, from any thread; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="SubbandException">The data could not be reached. An image that cannot be decoded is no error but in
    /// the report.</exception>
    public static DataReport Run(
        IImageSource source, int threads, Action<DataProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Examine(source, threads, "Examining", progress, cancellationToken).Report;

    /// <summary>The report with the size of every image; 0x0 is a refused one.</summary>
    internal static SurveyResult Examine(
        IImageSource source, int threads, string activity, Action<DataProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        int count = checked((int)(source.Count ?? EndlessSample));
        ImageSize[] sizes = new ImageSize[count];
        string[] formats = new string[count];
        long done = 0;
        ForEach(count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, i =>
        {
            try
            {
                Rgb8Image image = source.Read(i);
                formats[i] = source.Format(i);
                sizes[i] = new ImageSize(image.Width, image.Height);
            }
            catch (ImageFileException)
            {
                // The source has noted it among its refused items.
            }

            long soFar = Interlocked.Increment(ref done);
            if (soFar % ProgressStep == 0 || soFar == count)
            {
                progress?.Invoke(new DataProgress(activity, soFar, count, InBytes: false));
            }
        });
        return new SurveyResult(Summarise(source, sizes, formats), sizes);
    }

    /// <summary>A parallel loop whose error is the first body's error itself.</summary>
    internal static void ForEach(int count, ParallelOptions options, Action<int> body)
    {
        try
        {
            _ = Parallel.For(0, count, options, body);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }
    }

    private static DataReport Summarise(IImageSource source, ImageSize[] sizes, string[] formats)
    {
        int[] good = [.. Enumerable.Range(0, sizes.Length).Where(i => sizes[i].Width > 0)];
        ImageSize[] found = [.. good.Select(i => sizes[i])];
        ILookup<int, int> bySplit = good.ToLookup(i => source.Split(i));
        return new DataReport(
            source.Name,
            source.Fingerprint,
            source.Count is null ? null : good.Length,
            good.Length,
            CountClasses(source, good),
            source.LabelsFrom,
            [.. source.Splits.Index().Select(split =>
                new SplitCount(split.Item, bySplit[split.Index].Count(), CountClasses(source, bySplit[split.Index])))],
            good.Count(i => source.Label(i) < 0),
            [.. good.CountBy(i => formats[i]).OrderByDescending(f => f.Value).ThenBy(f => f.Key, StringComparer.Ordinal)
                .Select(f => new NamedCount(f.Key, f.Value))],
            found.Length == 0 ? default : new ImageSize(found.Min(s => s.Width), found.Min(s => s.Height)),
            found.Length == 0 ? default : new ImageSize(found.Max(s => s.Width), found.Max(s => s.Height)),
            [.. found.CountBy(size => size).OrderByDescending(s => s.Value).ThenBy(s => s.Key.Width).ThenBy(s => s.Key.Height)
                .Select(s => new SizeCount(s.Key.Width, s.Key.Height, s.Value))],
            source.Refused);
    }

    private static NamedCount[] CountClasses(IImageSource source, IEnumerable<int> items)
    {
        long[] counts = new long[source.Classes.Count];
        foreach (int label in items.Select(i => source.Label(i)).Where(label => label >= 0))
        {
            counts[label]++;
        }

        return [.. source.Classes.Zip(counts, (name, count) => new NamedCount(name, count))];
    }
}

/// <summary>What <see cref="DataSurvey"/> found.</summary>
/// <param name="Report">The summary.</param>
/// <param name="Sizes">The size of every image; 0x0 for a refused one.</param>
internal sealed record SurveyResult(DataReport Report, ImageSize[] Sizes);
