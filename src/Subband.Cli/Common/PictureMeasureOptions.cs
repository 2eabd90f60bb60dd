using System.CommandLine;
using Subband.Metrics;
using Subband.Torch;

namespace Subband.Cli.Common;

/// <summary>The measures of a picture beside the true one, and the files that LPIPS needs.</summary>
internal static class PictureMeasureOptions
{
    private const string Psnr = "psnr";
    private const string Ssim = "ssim";
    private const string LpipsName = "lpips";

    /// <summary>The names of the measures.</summary>
    public static readonly string[] Names = [Psnr, Ssim, LpipsName];

    /// <summary><c>--lpips-weights FILE</c>.</summary>
    public static Option<string> LpipsWeights() => CommonOptions.Path(
        "--lpips-weights", "lpips: its linear weights, lpips_alex.pth, lpips_squeeze.pth or lpips_vgg.pth of LPIPS 0.1", "FILE");

    /// <summary>Reads which measures are wanted, and checks that LPIPS has its files, and they LPIPS.</summary>
    /// <param name="run">The call.</param>
    /// <param name="metrics"><c>--metrics NAMES</c>; by default all that there is enough for.</param>
    /// <param name="features"><c>--features FILE</c>.</param>
    /// <param name="lpipsWeights"><c>--lpips-weights FILE</c>.</param>
    /// <param name="elsewhere">Names that other measures have, with the reason why they are not here.</param>
    public static PictureMeasureKinds Kinds(
        Invocation run, Option<string> metrics, Option<string> features, Option<string> lpipsWeights, Func<string, string?>? elsewhere = null)
    {
        bool files = run.IsGiven(features) || run.IsGiven(lpipsWeights);
        string[] names = run.IsGiven(metrics) ? MetricNames.Parse(run.Get(metrics), Names, elsewhere) : files ? Names : [Psnr, Ssim];
        if (!names.Contains(LpipsName) && files)
        {
            string option = (run.IsGiven(features) ? features : (Option)lpipsWeights).Name;
            throw new UsageException($"{option} is for the metric {LpipsName}, which --metrics does not name; leave out the one or add the other.");
        }

        if (names.Contains(LpipsName) && !(run.IsGiven(features) && run.IsGiven(lpipsWeights)))
        {
            throw new UsageException(
                $"The metric {LpipsName} needs a network and its linear weights: give --features FILE, torchvision's AlexNet, SqueezeNet 1.1 or VGG16, such as "
                + "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth, and --lpips-weights FILE, the weights for the same network from "
                + "https://github.com/richzhang/PerceptualSimilarity, lpips/weights/v0.1. To do without, use --metrics psnr,ssim.");
        }

        return names.Aggregate(PictureMeasureKinds.None, (kinds, name) => kinds | name switch
        {
            Psnr => PictureMeasureKinds.Psnr,
            Ssim => PictureMeasureKinds.Ssim,
            _ => PictureMeasureKinds.Lpips,
        });
    }

    /// <summary>Loads LPIPS where it is asked for; else null, and nothing asks for the engine, which the other measures do without.</summary>
    public static Lpips? LoadLpips(
        Invocation run,
        PictureMeasureKinds kinds,
        Option<string> features,
        Option<string> lpipsWeights,
        Option<DeviceChoice> device,
        Option<int?> threads)
    {
        if (!kinds.HasFlag(PictureMeasureKinds.Lpips))
        {
            return null;
        }

        RequireFiles(run, features, lpipsWeights);
        return Lpips.Load(run.Get(features), run.Get(lpipsWeights), ModelArguments.Place(run, run.Get(device), run.Get(threads)));
    }

    /// <summary>Refuses files that are not there.</summary>
    /// <exception cref="SubbandException">One is missing; the message names its option.</exception>
    public static void RequireFiles(Invocation run, params IEnumerable<Option<string>> options)
    {
        foreach (Option<string> option in options)
        {
            if (!File.Exists(run.Get(option)))
            {
                throw new SubbandException($"{option.Name} {run.Get(option)} does not exist.");
            }
        }
    }
}
