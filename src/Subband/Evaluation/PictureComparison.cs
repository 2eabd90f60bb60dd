using Subband.Imaging;
using Subband.Metrics;
using Subband.Torch;

namespace Subband.Evaluation;

/// <summary>Two sets of pictures, matched by name.</summary>
/// <param name="Report">The figures of those that stand in both.</param>
/// <param name="OnlyInReference">Names that only the true pictures have.</param>
/// <param name="OnlyInImages">Names that only the others have.</param>
public sealed record PictureComparison(PictureReport Report, IReadOnlyList<string> OnlyInReference, IReadOnlyList<string> OnlyInImages)
{
    private const int NamesShown = 3;

    /// <summary>Whether every picture of both sides was compared.</summary>
    public bool IsComplete => Report.Failures.Count == 0 && OnlyInReference.Count == 0 && OnlyInImages.Count == 0;

    /// <summary>Compares two files, or two folders in which pictures of the same name, but for the extension, belong together.</summary>
    /// <param name="reference">The true picture or pictures.</param>
    /// <param name="images">What is measured.</param>
    /// <param name="measures">The measures.</param>
    /// <param name="progress">Called after each picture; null for nobody.</param>
    /// <param name="stop">Stops it.</param>
    /// <exception cref="SubbandException">A file or folder is missing, one side is a file and the other a folder, or no names match.</exception>
    public static PictureComparison Run(
        string reference, string images, PictureMeasures measures, Action<EvaluationProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(measures);
        if (!Directory.Exists(reference) && !Directory.Exists(images))
        {
            string name = Path.GetFileNameWithoutExtension(images);
            return new PictureComparison(PictureReport.Make([name], _ => Compare(name, reference, images, measures), measures.Protocol, progress, stop), [], []);
        }

        if (!Directory.Exists(reference) || !Directory.Exists(images))
        {
            (string folder, string other) = Directory.Exists(reference) ? (reference, images) : (images, reference);
            throw new SubbandException(File.Exists(other)
                ? $"{folder} is a folder and {other} a file; compare two files, or two folders with pictures of the same names."
                : $"There is no file or folder {other}.");
        }

        SortedDictionary<string, string> truth = PictureFolder.Files(reference);
        SortedDictionary<string, string> made = PictureFolder.Files(images);
        string[] both = [.. truth.Keys.Where(made.ContainsKey)];
        if (both.Length == 0)
        {
            throw new SubbandException(
                $"No picture of {images} has the name of one of {reference}: there are {Shown(made)} and {Shown(truth)}. "
                + "Names have to be the same, but for the extension.");
        }

        return new PictureComparison(
            PictureReport.Make(both, name => Compare(name, truth[name], made[name], measures), measures.Protocol, progress, stop),
            [.. truth.Keys.Where(name => !made.ContainsKey(name))],
            [.. made.Keys.Where(name => !truth.ContainsKey(name))]);
    }

    private static PictureResult Compare(string name, string reference, string image, PictureMeasures measures)
    {
        Rgb8Image truth = ImageFile.ReadRgb8(reference);
        Rgb8Image made = ImageFile.ReadRgb8(image);
        return truth.Width == made.Width && truth.Height == made.Height
            ? new PictureResult(name, made.Width, made.Height, measures.Measure(truth, made))
            : throw new SubbandException(
                $"{image} is {made.Width}x{made.Height}, but {reference} {truth.Width}x{truth.Height}: only pictures of one size can be compared.");
    }

    private static string Shown(SortedDictionary<string, string> files) =>
        string.Join(", ", files.Keys.Take(NamesShown)) + (files.Count > NamesShown ? ", …" : "");
}
