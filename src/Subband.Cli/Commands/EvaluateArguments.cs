using System.CommandLine;
using Subband.Cli.Common;
using Subband.Evaluation;

namespace Subband.Cli.Commands;

/// <summary>The argument and the options of <c>subband evaluate</c>, some for models of one kind only.</summary>
internal sealed class EvaluateArguments
{
    public readonly Argument<string> Model = new("MODEL")
    {
        Description = "A shipped model's name, a run, a checkpoint, a .safetensors file; or nearest, bilinear, bicubic, lanczos3",
    };

    public readonly Option<string> Data = new("--data")
    {
        Description = "True images: any source, see 'subband data info'; for a model that enlarges, a folder that holds HR/ and perhaps LRxS/",
        HelpName = "SOURCE",
        Required = true,
    };

    public readonly Option<string> Metrics = new("--metrics")
    {
        Description = $"What to measure: {string.Join(',', GeneratorEvaluation.Names)} (default: both); "
            + $"of a model that enlarges {string.Join(',', PictureMeasureOptions.Names)} (default: psnr,ssim, and lpips if its files are given)",
        HelpName = "NAMES",
    };

    public readonly Option<string> Features = new("--features")
    {
        Description = "fd: the weights of a SqueezeNet 1.1; lpips: of AlexNet, SqueezeNet 1.1 or VGG16; as .safetensors or PyTorch file",
        HelpName = "FILE",
    };

    public readonly Option<long?> Scale = CommonOptions.WholeNumber("--scale", "By how much a model enlarges", 2, 64);
    public readonly Option<bool> SelfEnsemble = new("--self-ensemble")
    {
        Description = "Enlarge each picture in eight positions and take the mean: eight times as long",
    };

    public readonly Option<string> LpipsWeights = PictureMeasureOptions.LpipsWeights();

    public readonly Option<string> Validation = new("--validation")
    {
        Description = "parzen: the images on which the kernels' width is chosen (default: every tenth of --data, then not tested on)",
        HelpName = "SOURCE",
    };

    public readonly Option<long?> MultiScaleImages = CommonOptions.WholeNumber(
        "--multi-scale-images",
        $"parzen: on how many test images the multi-scale figure is told; 0 leaves it out (default: {GeneratorEvaluation.StandardMultiScaleImages})",
        0,
        ParzenEvaluation.MostImages);

    public readonly Option<long?> Count = CommonOptions.WholeNumber(
        "--count", $"How many samples the model makes (default: {GeneratorEvaluation.StandardSamples})", 2, 1_000_000);

    public readonly Option<long?> Seed = CommonOptions.Seed();
    public readonly Option<DeviceChoice> Device = CommonOptions.Device();
    public readonly Option<UpscalingPrecisionChoice> Precision = CommonOptions.UpscalingPrecision();
    public readonly Option<int?> Threads = CommonOptions.Threads();
    public readonly Option<bool> Json = CommonOptions.Json();

    /// <summary>All options, in the order of the help.</summary>
    public Option[] All =>
        [Data, Metrics, Features, LpipsWeights, Scale, SelfEnsemble, Validation, MultiScaleImages, Count, Seed, Device, Precision, Threads, Json];

    /// <summary>Those that only a model reads which makes images from nothing.</summary>
    public Option[] ForGenerators => [Validation, MultiScaleImages, Count, Seed];

    /// <summary>Those that only a model reads which enlarges.</summary>
    public Option[] ForUpscalers => [SelfEnsemble, LpipsWeights, Precision];

    /// <summary>Somebody who gives an option expects it to count.</summary>
    public static void Refuse(Invocation run, Option[] options, string instead)
    {
        foreach (Option option in options)
        {
            if (run.IsGiven(option))
            {
                throw new UsageException($"{option.Name} {instead}");
            }
        }
    }
}
