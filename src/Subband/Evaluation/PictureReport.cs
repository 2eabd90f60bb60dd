using Subband.Metrics;

namespace Subband.Evaluation;

/// <summary>The figures of one picture.</summary>
/// <param name="Name">Its name, without the extension.</param>
/// <param name="Width">Its width in pixels.</param>
/// <param name="Height">Its height in pixels.</param>
/// <param name="Figures">What was measured.</param>
public sealed record PictureResult(string Name, int Width, int Height, PictureFigures Figures);

/// <summary>A picture that could not be measured.</summary>
/// <param name="Name">Its name, without the extension.</param>
/// <param name="Reason">Why, in a plain sentence.</param>
public sealed record PictureFailure(string Name, string Reason);

/// <summary>What was measured of a set of pictures.</summary>
/// <param name="Pictures">Each picture that could be measured, in the order of the names.</param>
/// <param name="Failures">Those that could not.</param>
/// <param name="Protocol">How, in lines.</param>
public sealed record PictureReport(IReadOnlyList<PictureResult> Pictures, IReadOnlyList<PictureFailure> Failures, IReadOnlyList<string> Protocol)
{
    /// <summary>The mean of each figure over the pictures; null where there is none.</summary>
    public PictureFigures? Mean => Pictures.Count == 0 ? null : PictureFigures.Mean([.. Pictures.Select(picture => picture.Figures)]);

    /// <summary>Measures one picture after the other; one that cannot be measured never stops the rest.</summary>
    /// <param name="names">The pictures' names.</param>
    /// <param name="measure">Measures one.</param>
    /// <param name="protocol">How, in lines.</param>
    /// <param name="progress">Called after each on this thread with how many are done; null for nobody.</param>
    /// <param name="stop">Stops it.</param>
    internal static PictureReport Make(
        IReadOnlyCollection<string> names,
        Func<string, PictureResult> measure,
        IReadOnlyList<string> protocol,
        Action<EvaluationProgress>? progress,
        CancellationToken stop)
    {
        List<PictureResult> pictures = [];
        List<PictureFailure> failures = [];
        foreach (string name in names)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                pictures.Add(measure(name));
            }
            catch (Torch.SubbandException e) when (e is not UsageException)
            {
                failures.Add(new PictureFailure(name, e.Message));
            }

            progress?.Invoke(new EvaluationProgress("Comparing pictures", pictures.Count + failures.Count, names.Count));
        }

        return new PictureReport(pictures, failures, protocol);
    }
}
