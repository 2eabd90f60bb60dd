using System.Globalization;
using Subband.Imaging;
using Subband.Models;
using Subband.Models.StyleGan2.Editing;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Experiments;

/// <summary>How near an architecture came to one image.</summary>
/// <param name="Picture">What the image is called.</param>
/// <param name="Contestant">The architecture.</param>
/// <param name="Images">Images shown in training.</param>
/// <param name="Seconds">Seconds of training.</param>
/// <param name="Psnr">Mean peak signal-to-noise ratio of its samples to the image, in dB.</param>
/// <param name="Bands">
/// The root of the mean squared error in LL, LH, HL and HH of the orthonormal Haar wavelet, in 8-bit grey levels: a quarter of the sum of the
/// squares is the squared error of the pixels.
/// </param>
public sealed record SingleImageResult(
    string Picture, Contestant Contestant, long Images, double Seconds, double Psnr, IReadOnlyList<double> Bands);

/// <summary>What the experiment found.</summary>
/// <param name="Results">Picture by picture, each for both architectures.</param>
/// <param name="Energies">By the name of the picture: the deviation in LL, and the root mean square in the other bands, of the picture itself.</param>
/// <param name="Protocol">How it was measured, in lines.</param>
public sealed record SingleImageReport(
    IReadOnlyList<SingleImageResult> Results, IReadOnlyDictionary<string, IReadOnlyList<double>> Energies, IReadOnlyList<string> Protocol);

/// <summary>
/// Trains SWAGAN and StyleGAN2 for the same time on data sets of a single image each: a checkerboard, a grid of lines, a zone plate and a
/// photograph. Each is to learn to make nothing but this image.
/// </summary>
/// <remarks>Gal et al. 2021, figure 1: there each training took a day, StyleGAN2 failed on the three patterns, and SWAGAN did not.</remarks>
public static class SingleImageExperiment
{
    private const int Samples = 16;

    // A mirrored pattern is another image; small steps, since all images of a step are the same.
    private static readonly (string Name, string Value)[] OneImage =
        [("training.flip", "false"), ("training.batchSize", "8"), ("training.keepCheckpoints", "2"), ("training.sampleKimg", "50")];

    /// <summary>Trains what is not trained yet, measures and writes the report.</summary>
    /// <param name="options">How large, and for how long.</param>
    /// <param name="photograph">The photograph, a file, cut to a square from the middle; null for drawn leaves.</param>
    /// <param name="stop">Stops it; what was trained is kept, and the next call goes on.</param>
    /// <exception cref="UsageException">Options do not fit each other or what lies in the folder.</exception>
    /// <exception cref="SubbandException">A training or a file failed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static SingleImageReport Run(ExperimentOptions options, string? photograph, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var device = ComputeChoice.Device(options.Device);
        var pictures = Pictures(options, photograph);
        foreach (var (name, picture) in pictures)
        {
            // Each is a data set of its own: a folder with one file.
            string folder = Path.GetDirectoryName(ImagePath(options, name))!;
            new DiskStep(folder).Do("make it", () => Directory.CreateDirectory(folder));
            ImageFile.WritePng(ImagePath(options, name), picture);
            foreach (var contestant in Contestant.Both)
            {
                var request = contestant.Request(options, folder, RunPath(options, name, contestant));
                TimedTraining.Run(
                    request with { Settings = [.. OneImage, .. request.Settings] },
                    options.Seconds,
                    stepped => options.Tell($"{name}: training {contestant.Name}", stepped),
                    stop);
            }
        }

        Engine.Threads = ComputeChoice.Threads(options.Threads);
        List<SingleImageResult> results = [];
        List<IReadOnlyList<Rgb8Image?>> rows = [];
        foreach (var (name, picture) in pictures)
        {
            rows.Add([picture, .. Contestant.Both.Select(contestant => Measure(options, name, picture, contestant, device, results))]);
        }

        SingleImageReport report = new(
            results,
            pictures.ToDictionary(entry => entry.Name, entry => Energies(entry.Picture)),
            Protocol(options, pictures[0].Name));
        SingleImagePages.Write(options, report, rows);
        return report;
    }

    /// <summary>The root mean squares of bands, in 8-bit grey levels.</summary>
    /// <param name="images">[N, C, H, W] in 8-bit grey levels.</param>
    /// <returns>Of LL, LH, HL and HH.</returns>
    internal static IReadOnlyList<double> BandMagnitudes(Tensor images)
    {
        using var scope = new TensorScope();
        var bands = HaarWavelet.Analyse(images);
        return [.. bands.Split(bands.Size(1) / 4, 1).Select(band => Math.Sqrt(band.Square().Mean().Item()))];
    }

    private static (string Name, Rgb8Image Picture)[] Pictures(ExperimentOptions options, string? photograph) =>
    [
        ("checkerboard", TestPattern.Checkerboard(options.Size)),
        ("lines", TestPattern.LineGrid(options.Size)),
        ("zone-plate", TestPattern.ZonePlate(options.Size)),
        ("photograph", photograph is { } file
            ? ProjectionTarget.Of(ImageFile.ReadRgb8(file), options.Size, options.Size).ToRgb()
            : new DeadLeaves(options.Size, options.Size, options.Seed).Render(0)),
    ];

    private static string ImagePath(ExperimentOptions options, string name) => Path.Combine(options.Out, name, "image", name + ".png");

    private static string RunPath(ExperimentOptions options, string name, Contestant contestant) => Path.Combine(options.Out, name, contestant.Folder);

    // The deviation of what is smooth, and all of what is not.
    private static IReadOnlyList<double> Energies(Rgb8Image picture)
    {
        using var scope = new TensorScope();
        var pixels = Levels(picture);
        return BandMagnitudes(pixels - pixels.Mean([2, 3], keep: true));
    }

    // [1, 3, H, W] in 8-bit grey levels
    private static Tensor Levels(Rgb8Image picture) => TensorImages.ToTensor([picture], PixelRange.Unit) * 255;

    // Measures samples, and gives the first of them.
    private static Rgb8Image Measure(
        ExperimentOptions options, string name, Rgb8Image picture, Contestant contestant, Device device, List<SingleImageResult> results)
    {
        using var scope = new TensorScope();
        var newest = RunFolder.CheckpointsOf(RunPath(options, name, contestant)).Newest()
            ?? throw new SubbandException($"The run {RunPath(options, name, contestant)} has no checkpoint; train for longer.");
        using var opened = OpenedModel.Open(newest, device);
        var samples = (opened.Model.Generate(Samples, options.Seed).Clamp(-1, 1) + 1) * 127.5;
        var errors = samples - Levels(picture); // [N, 3, H, W]
        var psnr = errors.Square().Mean([1, 2, 3]).ToArray<float>().Average(mse => 10 * Math.Log10(255 * 255 / Math.Max(mse, 1e-9)));
        results.Add(new SingleImageResult(name, contestant, newest.State.Images, newest.State.Seconds, psnr, BandMagnitudes(errors)));
        return TensorImages.ToImages(samples.Narrow(0, 0, 1) / 255, PixelRange.Unit)[0];
    }

    private static IReadOnlyList<string> Protocol(ExperimentOptions options, string first)
    {
        var config = RunFolder.ReadConfig(RunPath(options, first, Contestant.Both[0]), ModelRegistry.Family);
        return
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"each training: one image of {options.Size}x{options.Size} pixels, {options.Seconds / 60:0.#} minutes, batches of {config.Settings.Training.BatchSize}, {Contestant.Setup(config, options.Size)}"),
            string.Create(CultureInfo.InvariantCulture, $"{Samples} samples of the averaged generator, seed {options.Seed}, without truncation"),
            "bands: root mean squared error in the orthonormal Haar wavelet, in 8-bit grey levels",
        ];
    }
}
