using System.CommandLine;
using System.Globalization;
using Subband.Cli.Common;
using Subband.Experiments;
using Subband.Torch;

namespace Subband.Cli.Commands;

/// <summary><c>subband reproduce swagan-figure1 --out DIR</c>: SWAGAN and StyleGAN2 each overfit single images.</summary>
internal sealed class ReproduceSingleImagesCommand : ExperimentVerb
{
    private static readonly Option<string> Photograph = CommonOptions.Path(
        "--photograph", "The picture beside the three patterns, cut to a square from the middle (default: drawn leaves)", "FILE");

    public ReproduceSingleImagesCommand()
        : base("swagan-figure1", "SWAGAN and StyleGAN2 overfit single images of fine patterns (figure 1 of the SWAGAN paper)", size: 64, minutes: 10, Photograph)
    {
    }

    /// <inheritdoc/>
    protected override TextTable Conduct(Invocation run, ExperimentOptions common)
    {
        string? photograph = run.IsGiven(Photograph) ? run.Get(Photograph) : null;
        if (photograph is not null && !File.Exists(photograph))
        {
            throw new SubbandException($"{Photograph.Name} {photograph} does not exist.");
        }

        SingleImageReport report = SingleImageExperiment.Run(common, photograph, run.Cancellation);
        TextTable table = new(2);
        table.Add("image", "model", "kimg", "PSNR (dB)", "LL", "LH", "HL", "HH");
        foreach (SingleImageResult result in report.Results)
        {
            table.Add([result.Picture, result.Contestant.Name, Texts.Kimg(result.Images), Number(result.Psnr), .. result.Bands.Select(Number)]);
        }

        return table;
    }

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
