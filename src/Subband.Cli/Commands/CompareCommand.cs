using System.CommandLine;
using Subband.Cli.Common;
using Subband.Evaluation;
using Subband.Metrics;

namespace Subband.Cli.Commands;

/// <summary>
/// <c>subband compare REFERENCE IMAGES</c>: how near pictures come to the true ones, whoever made them, by the protocol of the
/// super-resolution literature.
/// </summary>
internal sealed class CompareCommand : Verb
{
    private const int MostCrop = 10_000;
    private const int NamesShown = 10;

    private readonly Argument<string> _reference = new("REFERENCE") { Description = "The true picture, or a folder of them" };
    private readonly Argument<string> _images = new("IMAGES") { Description = "The picture to measure, or a folder with pictures of the same names" };
    private readonly Option<string> _metrics = new("--metrics")
    {
        Description = $"What to measure: {string.Join(',', PictureMeasureOptions.Names)} (default: psnr,ssim, and lpips if its files are given)",
        HelpName = "NAMES",
    };

    private readonly Option<long?> _crop = CommonOptions.WholeNumber(
        "--crop", "Pixels at each side that do not count; the literature takes the scale (default: 0)", 0, MostCrop);

    private readonly Option<string> _features = CommonOptions.Path(
        "--features", "lpips: the weights of torchvision's AlexNet, SqueezeNet 1.1 or VGG16, as .safetensors or PyTorch file", "FILE");

    private readonly Option<string> _lpipsWeights = PictureMeasureOptions.LpipsWeights();
    private readonly Option<DeviceChoice> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _json = CommonOptions.Json();

    public CompareCommand()
        : base("compare", "Measure how near pictures come to the true ones: PSNR, SSIM, LPIPS")
    {
        Add(_reference);
        Add(_images);
        foreach (Option option in (Option[])[_metrics, _crop, _features, _lpipsWeights, _device, _threads, _json])
        {
            Add(option);
        }
    }

    protected override int Run(Invocation run)
    {
        PictureMeasureKinds kinds = PictureMeasureOptions.Kinds(run, _metrics, _features, _lpipsWeights);
        using Lpips? lpips = PictureMeasureOptions.LoadLpips(run, kinds, _features, _lpipsWeights, _device, _threads);
        PictureMeasures measures = new(kinds, (int)(run.Get(_crop) ?? 0), lpips);
        (string reference, string images) = (run.Get(_reference), run.Get(_images));
        PictureComparison comparison = ProgressDisplay.Run(run, show => PictureComparison.Run(
            reference, images, measures, progress => show(WorkDone.Of(progress, "pictures")), run.Cancellation));
        SayMissing(run, comparison.OnlyInReference, reference, images);
        SayMissing(run, comparison.OnlyInImages, images, reference);
        PicturePage.SayFailures(run, comparison.Report);
        if (run.Get(_json))
        {
            PictureSetResult result = PictureSetResult.Of(comparison.Report, reference, measures.Crop) with
            {
                Compared = images,
                OnlyInReference = comparison.OnlyInReference,
                OnlyInImages = comparison.OnlyInImages,
            };
            run.WriteJson(result, PictureJson.Default.PictureSetResult);
        }
        else
        {
            PicturePage.Write(comparison.Report, run.Out);
        }

        return comparison.IsComplete ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void SayMissing(Invocation run, IReadOnlyList<string> names, string where, string missing)
    {
        if (names.Count > 0)
        {
            run.Say($"subband: {Texts.Count(names.Count, "picture")} of {where} not found in {missing}: "
                + string.Join(", ", names.Take(NamesShown)) + (names.Count > NamesShown ? ", …" : ""));
        }
    }
}
