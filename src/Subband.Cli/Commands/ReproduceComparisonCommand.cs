using System.CommandLine;
using System.Globalization;
using Subband.Cli.Common;
using Subband.Experiments;
using Subband.Metrics;

namespace Subband.Cli.Commands;

/// <summary>
/// <c>subband reproduce swagan-vs-stylegan2 --data SOURCE --features FILE --out DIR</c>: both of the same width on the same images for the
/// same time.
/// </summary>
internal sealed class ReproduceComparisonCommand : ExperimentVerb
{
    private const int StandardSamples = 10_000;

    private static readonly Option<string> Data = CommonOptions.Data();
    private static readonly Option<string> Validation = CommonOptions.Path(
        "--validation", "The true images that samples are held against (default: those that are trained on)", "SOURCE");

    private static readonly Option<string> Features = CommonOptions.Path(
        "--features", "The network of the Fréchet distance: SqueezeNet 1.1, as .safetensors or PyTorch file", "FILE");

    private static readonly Option<long?> Count = CommonOptions.WholeNumber(
        "--count", $"How many samples each measurement makes (default: {StandardSamples})", 2, 1_000_000);

    public ReproduceComparisonCommand()
        : base(
            "swagan-vs-stylegan2", "SWAGAN and StyleGAN2 of the same width, trained on the same images for the same time", size: 32, minutes: 60,
            Data, Validation, Features, Count)
    {
    }

    /// <inheritdoc/>
    protected override TextTable Conduct(Invocation run, ExperimentOptions common)
    {
        if (!run.IsGiven(Features))
        {
            throw new UsageException(
                "Samples are described by a network: give --features FILE, the weights of a SqueezeNet 1.1, such as torchvision's "
                + "https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth.");
        }

        ComparisonReport report = ArchitectureComparison.Run(
            new ComparisonOptions
            {
                Common = common,
                Data = run.Get(Data),
                Truth = run.IsGiven(Validation) ? run.Get(Validation) : null,
                Features = run.Get(Features),
                Samples = (int)(run.Get(Count) ?? StandardSamples),
            },
            run.Cancellation);
        TextTable table = new(2);
        table.Add("model", "minutes", "kimg", "seconds a kimg", "fd", "gap (dB)", "signed (dB)");
        foreach ((string name, ComparisonPoint point, SpectralGap gap) in report.Rows())
        {
            table.Add(
                name,
                Number(point.Seconds / 60, "0.0"),
                Texts.Kimg(point.Images),
                Number(report.SecondsPerKimg(point.Contestant), "0.0"),
                Number(point.Distance, "0.00"),
                Number(gap.Absolute, "0.00"),
                Number(gap.Signed, "+0.00;-0.00;0.00"));
        }

        return table;
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
