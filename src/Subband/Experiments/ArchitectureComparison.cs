using System.Globalization;
using Subband.Data;
using Subband.Evaluation;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Models;
using Subband.Models.Features;
using Subband.Torch;
using Subband.Training;

namespace Subband.Experiments;

/// <summary>How SWAGAN and StyleGAN2 are compared.</summary>
public sealed record ComparisonOptions
{
    /// <summary>What all experiments can be told.</summary>
    public required ExperimentOptions Common { get; init; }

    /// <summary>The images to train on.</summary>
    public required string Data { get; init; }

    /// <summary>The true images that samples are held against; null for the training images.</summary>
    public string? Truth { get; init; }

    /// <summary>The network of the Fréchet distance, SqueezeNet 1.1.</summary>
    public required string Features { get; init; }

    /// <summary>How many samples each measurement makes.</summary>
    public int Samples { get; init; } = 10_000;
}

/// <summary>A moment of one training.</summary>
/// <param name="Contestant">Whose.</param>
/// <param name="Images">Images shown until then.</param>
/// <param name="Seconds">Seconds of training until then.</param>
/// <param name="Distance">The Fréchet distance of its samples.</param>
public sealed record ComparisonPoint(Contestant Contestant, long Images, double Seconds, double Distance);

/// <summary>What a comparison found.</summary>
/// <param name="Points">The course of both trainings, each in order.</param>
/// <param name="Chosen">
/// Three moments: SWAGAN after the same time as StyleGAN2, SWAGAN after about as many images as StyleGAN2, and StyleGAN2 itself.
/// </param>
/// <param name="Spectrum">The spectra of true images and, in this order, of <paramref name="Chosen"/>.</param>
/// <param name="Protocol">How it was measured, in lines.</param>
public sealed record ComparisonReport(
    IReadOnlyList<ComparisonPoint> Points, IReadOnlyList<ComparisonPoint> Chosen, SpectrumReport Spectrum, IReadOnlyList<string> Protocol)
{
    /// <summary>Seconds of training for a thousand images.</summary>
    /// <param name="contestant">Of which architecture.</param>
    public double SecondsPerKimg(Contestant contestant)
    {
        var last = Points.Last(point => point.Contestant == contestant);
        return last.Seconds / last.Images * 1000;
    }

    /// <summary>The chosen moments, each with what the spectrum calls it and its gap to true images.</summary>
    public IEnumerable<(string Name, ComparisonPoint Point, SpectralGap Gap)> Rows() =>
        Chosen.Zip(Spectrum.Sources.Skip(1), (point, source) => (source.Input.Label, point, source.Gap!.Value));
}

/// <summary>
/// Trains a SWAGAN and a StyleGAN2 of the same width on the same images for the same time, and tells what each makes of the time and of an
/// image.
/// </summary>
/// <remarks>
/// The claims are those of Gal et al. 2021: less time for an image, and high frequencies nearer to those of true images. Both take turns,
/// so that what else the machine does falls on both.
/// </remarks>
public static class ArchitectureComparison
{
    private const int Turns = 6;
    private const int MostPoints = 8; // measured of each training
    private const int SheetColumns = 10;
    private const int SheetRows = 3;

    // Every moment stays, so that equal numbers of images are found.
    private static readonly (string Name, string Value)[] Checkpoints = [("training.keepCheckpoints", "100000"), ("training.checkpointKimg", "10")];

    /// <summary>Trains what is not trained yet, measures and writes the report.</summary>
    /// <param name="options">What, and for how long.</param>
    /// <param name="stop">Stops it; what was trained is kept, and the next call goes on.</param>
    /// <exception cref="UsageException">Options do not fit each other or what lies in the folder.</exception>
    /// <exception cref="SubbandException">A training, a measurement or a file failed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ComparisonReport Run(ComparisonOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Common.Validate();
        var device = ComputeChoice.Device(options.Common.Device);
        using var features = SqueezeNetFeatures.Load(options.Features, device);
        using var truth = ImageSources.Open(options.Truth ?? options.Data, new ImageSourceOptions { DefaultSplit = options.Truth is null ? "train" : "test" });
        Train(options, stop);
        Engine.Threads = ComputeChoice.Threads(options.Common.Threads);
        return MeasureAndWrite(options, features, truth, device, stop);
    }

    private static void Train(ComparisonOptions options, CancellationToken stop)
    {
        for (var turn = 1; turn <= Turns; turn++)
        {
            foreach (var contestant in Contestant.Both)
            {
                var request = contestant.Request(options.Common, options.Data, Path.Combine(options.Common.Out, contestant.Folder));
                TimedTraining.Run(
                    request with { Settings = [.. Checkpoints, .. request.Settings] },
                    options.Common.Seconds * turn / Turns,
                    stepped => options.Common.Tell($"Training {contestant.Name}", stepped),
                    stop);
            }
        }
    }

    private static ComparisonReport MeasureAndWrite(
        ComparisonOptions options, SqueezeNetFeatures features, IImageSource truth, Device device, CancellationToken stop)
    {
        var (swagan, stylegan2) = (Moments(options, Contestant.Both[0]), Moments(options, Contestant.Both[1]));
        var time = Math.Min(swagan[^1].State.Seconds, stylegan2[^1].State.Seconds);
        var rival = stylegan2.MinBy(moment => Math.Abs(moment.State.Seconds - time))!;
        var sameTime = swagan.MinBy(moment => Math.Abs(moment.State.Seconds - time))!;
        var sameImages = swagan.MinBy(moment => Math.Abs(moment.State.Images - rival.State.Images))!;
        Checkpoint[][] measured = [[.. Spread(swagan, sameTime).Append(sameImages).Distinct().OrderBy(moment => moment.State.Images)], Spread(stylegan2, rival)];

        EvaluationOptions evaluation = new() { Samples = options.Samples, Seed = options.Common.Seed, DataThreads = Environment.ProcessorCount, Stop = stop };
        var points = Distances(options, measured, features, truth, device, Telling);
        Checkpoint[] chosen = [sameTime, sameImages, rival];
        string[] labels = ["SWAGAN, same time", "SWAGAN, same images", "StyleGAN2"];
        OpenedModel[] models = [.. chosen.Select(moment => OpenedModel.Open(moment, device))];
        try
        {
            SpectrumInput[] inputs =
            [
                new SpectrumImages("true images", truth),
                .. models.Select((opened, i) => new SpectrumModel(labels[i], chosen[i].Path, opened.Model, opened.Plan)),
            ];
            var spectrum = SpectrumEvaluation.Run(inputs, size: null, whitening: null, count: null, Telling("Spectra"));
            ComparisonReport report = new(
                [.. measured.SelectMany(all => all.Select(moment => points[moment]))],
                [.. chosen.Select(moment => points[moment])],
                spectrum,
                Protocol(options, features, truth, models[0]));
            ComparisonPages.Write(options.Common.Out, report, Samples(options, models[0], models[^1]));
            return report;
        }
        finally
        {
            Array.ForEach(models, opened => opened.Dispose());
        }

        EvaluationOptions Telling(string activity) => evaluation with
        {
            Progress = progress => options.Common.Progress?.Invoke(new ExperimentProgress(activity, progress.Done, progress.Total, "images", "")),
        };
    }

    // The distances of all these moments, those of each architecture one behind the other.
    private static Dictionary<Checkpoint, ComparisonPoint> Distances(
        ComparisonOptions options,
        Checkpoint[][] measured,
        SqueezeNetFeatures features,
        IImageSource truth,
        Device device,
        Func<string, EvaluationOptions> telling)
    {
        MeasuredDistances known = new(Path.Combine(options.Common.Out, "distances.json"));
        Dictionary<Checkpoint, ComparisonPoint> points = [];
        FrechetReference? reference = null;
        try
        {
            foreach (var (i, contestant) in Contestant.Both.Index())
            {
                foreach (var (number, moment) in measured[i].Index())
                {
                    var key = string.Create(
                        CultureInfo.InvariantCulture,
                        $"{contestant.Folder}/{Path.GetFileName(moment.Path)}, step {moment.State.Step}, {options.Samples} samples, seed {options.Common.Seed}, truth {truth.Fingerprint}, {features.Protocol}");
                    var distance = known.Get(key, () =>
                    {
                        using var opened = OpenedModel.Open(moment, device);
                        reference ??= FrechetReference.Of(truth, opened.Plan, features, telling("Features of true images"));
                        return reference.Distance(opened.Model, telling($"Measuring {contestant.Name}, {number + 1} of {measured[i].Length}")).Value;
                    });
                    points[moment] = new ComparisonPoint(contestant, moment.State.Images, moment.State.Seconds, distance);
                }
            }

            return points;
        }
        finally
        {
            reference?.Dispose();
        }
    }

    // All moments of a training that were saved, the earliest first.
    private static Checkpoint[] Moments(ComparisonOptions options, Contestant contestant)
    {
        Checkpoint[] moments = [.. RunFolder.CheckpointsOf(Path.Combine(options.Common.Out, contestant.Folder)).List().Reverse()];
        return moments.Length > 0
            ? moments
            : throw new SubbandException($"The run {Path.Combine(options.Common.Out, contestant.Folder)} has no checkpoint; train for longer.");
    }

    // Some moments up to one, about evenly in time.
    private static Checkpoint[] Spread(Checkpoint[] moments, Checkpoint last) =>
    [
        .. Enumerable.Range(1, MostPoints)
            .Select(part => moments.MinBy(moment => Math.Abs(moment.State.Seconds - (last.State.Seconds * part / MostPoints)))!)
            .Distinct(),
    ];

    private static IReadOnlyList<string> Protocol(ComparisonOptions options, SqueezeNetFeatures features, IImageSource truth, OpenedModel model)
    {
        var config = RunFolder.ReadConfig(Path.Combine(options.Common.Out, Contestant.Both[0].Folder), ModelRegistry.Family);
        return
        [
            $"trained on {config.Data.Source}, {Contestant.Setup(config, options.Common.Size)}",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{options.Samples} samples, seed {options.Common.Seed}, without truncation, against all of {truth.Name} at {model.Plan.Width}x{model.Plan.Height} pixels"),
            $"Fréchet distance: {features.Protocol}; no FID; see docs/frechet-distance.md",
            "gap: mean absolute difference of the radial spectra from half the Nyquist frequency up to it; see docs/spectrum.md",
        ];
    }

    // Of the same random numbers, both after the same time: the rows of SWAGAN, then those of StyleGAN2.
    private static Rgb8Image Samples(ComparisonOptions options, params OpenedModel[] both)
    {
        using var scope = new TensorScope();
        return new LabelledSheet
        {
            Rows = [.. both.SelectMany(opened => TensorImages
                .ToImages(opened.Model.Generate(SheetColumns * SheetRows, options.Common.Seed), PixelRange.Signed).Chunk(SheetColumns))],
            RowTitles = [.. Contestant.Both.SelectMany(contestant => Enumerable.Range(0, SheetRows).Select(row => row == 0 ? contestant.Name : ""))],
        }.Render();
    }
}
