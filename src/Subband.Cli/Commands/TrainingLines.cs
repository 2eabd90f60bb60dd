using System.Globalization;
using Subband.Cli.Common;
using Subband.Training;

namespace Subband.Cli.Commands;

/// <summary>A training as plain lines, one for each report, sheet and checkpoint.</summary>
internal sealed class TrainingLines(TextWriter output)
{
    private string _target = "";

    /// <summary>Writes what happened, if it is worth a line.</summary>
    public void Show(TrainingEvent what)
    {
        switch (what)
        {
            case TrainingStarted started:
                _target = Texts.Kimg(started.TargetImages);
                if (started.Images >= started.TargetImages)
                {
                    output.WriteLine(
                        $"nothing is left to do: {Texts.Kimg(started.Images)} of {_target} kimg are done; a larger --kimg goes on from there");
                }
                else if (started.Checkpoint is not null)
                {
                    output.WriteLine($"going on from {started.Checkpoint}, {Texts.Kimg(started.Images)} of {_target} kimg");
                }

                break;
            case ImagesMeasured { Images: 0 } measured:
                output.WriteLine($"measuring mean and deviation of {Texts.Count(measured.Total, "image")}");
                break;
            case TrainingReport report:
                output.WriteLine(
                    $"{Texts.Kimg(report.Kimg * 1000)} of {_target} kimg, {Rate(report.ImagesPerSecond)} images/s, "
                    + $"{Texts.Duration(report.SecondsPerKimg)} a kimg, {Texts.Bytes(report.ProcessBytes)}, "
                    + $"{Texts.Duration(report.RemainingSeconds)} left; {Measures(report)}");
                break;
            case ModelValidated validated:
                output.WriteLine($"validation at {Texts.Kimg(validated.Kimg * 1000)} kimg: {Validation(validated)}");
                break;
            case SampleWritten sample:
                output.WriteLine($"samples in {sample.Path}");
                break;
            case CheckpointSaved saved:
                output.WriteLine($"saved {saved.Path} in {Texts.Duration(saved.Seconds)}");
                break;
            case TrainingWarning warning:
                output.WriteLine($"note: {warning.Message}");
                break;
        }
    }

    /// <summary>A rate, with no more digits than it is worth.</summary>
    internal static string Rate(double imagesPerSecond) =>
        imagesPerSecond.ToString(imagesPerSecond < 10 ? "0.0" : "0", CultureInfo.InvariantCulture);

    /// <summary>A measure, with no more digits than it is worth.</summary>
    internal static string Value(double value) => value.ToString(Math.Abs(value) < 1000 ? "0.000" : "0.0", CultureInfo.InvariantCulture);

    /// <summary>What a validation found, on one line.</summary>
    internal static string Validation(ModelValidated validated) =>
        string.Join(", ", validated.Measures.Select(measure => $"{measure.Name} {Value(measure.Value)}"));

    /// <summary>Measures by what stands before the last dot of their names: a model's part, or nothing.</summary>
    internal static IEnumerable<IGrouping<string, (string Name, double Value)>> Parts(TrainingReport report) => report.Measures
        .Select(measure => (Dot: measure.Name.LastIndexOf('.'), measure.Name, measure.Value))
        .GroupBy(measure => measure.Name[..Math.Max(0, measure.Dot)], measure => (measure.Name[(measure.Dot + 1)..], measure.Value));

    private static string Measures(TrainingReport report) => string.Join(
        "; ",
        Parts(report).Select(part => (part.Key.Length > 0 ? part.Key + ": " : "")
            + string.Join(", ", part.Select(measure => $"{measure.Name} {Value(measure.Value)}"))));
}
