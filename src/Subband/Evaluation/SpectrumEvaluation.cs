using Subband.Data;
using Subband.Metrics;
using Subband.Torch;

namespace Subband.Evaluation;

/// <summary>
/// Takes the mean power spectra of images and of what models make, and holds each against the first; see <c>docs/spectrum.md</c>.
/// </summary>
public static class SpectrumEvaluation
{
    /// <summary>Takes the spectra.</summary>
    /// <param name="inputs">At least one; the first is what the others are held against.</param>
    /// <param name="size">
    /// Width and height that images are brought to: shrunk or enlarged, with their proportions, until they just cover it, and cut from the
    /// middle. Null takes the size of the models, and without any the images as they are, which then have to be of one size.
    /// </param>
    /// <param name="whitening">What images are whitened with; null takes the mean and the deviation of the first input's.</param>
    /// <param name="count">How many images of each source, evenly spread over it; null takes all, or <see cref="EvaluationOptions.Samples"/> of one without end.</param>
    /// <param name="options">How many images each model makes, and from which random numbers.</param>
    /// <exception cref="UsageException">Sizes differ, or spectra are not taken of this size.</exception>
    /// <exception cref="SubbandException">Images cannot be read, or are of several sizes, or all of the first are flat and equal.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static SpectrumReport Run(
        IReadOnlyList<SpectrumInput> inputs, (int Width, int Height)? size, Whitening? whitening, long? count, EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfZero(inputs.Count);
        SpectrumSize common = SpectrumSize.Of(inputs, size);
        List<(SpectrumStatistics Statistics, long Resized)> gathered = [];
        try
        {
            foreach (SpectrumInput input in inputs)
            {
                SpectrumStatistics statistics = new(common.Plan.Height, common.Plan.Width);
                gathered.Add((statistics, 0));
                gathered[^1] = (statistics, Gather(input, common, count, statistics, options));
            }

            Whitening used = whitening ?? gathered[0].Statistics.Whitening;
            PowerSpectrum[] spectra = [.. gathered.Select(one => one.Statistics.Spectrum(used))];
            return new SpectrumReport(
                common.Plan.Width,
                common.Plan.Height,
                used,
                whitening is null ? inputs[0].Label : null,
                [.. inputs.Select((input, i) => new SourceSpectrum(
                    input, spectra[i], gathered[i].Resized, i == 0 ? null : SpectralGap.Between(spectra[0], spectra[i])))]);
        }
        finally
        {
            gathered.ForEach(one => one.Statistics.Dispose());
        }
    }

    // The number of images that were resized.
    private static long Gather(
        SpectrumInput input, SpectrumSize size, long? count, SpectrumStatistics statistics, EvaluationOptions options)
    {
        if (input is SpectrumModel { Model: var model })
        {
            EvaluationOptions told = options with
            {
                Progress = progress => options.Tell($"Samples of {input.Label}", progress.Done, progress.Total),
            };
            GeneratedImages.ForEachPart(model, told, statistics.Add);
            return 0;
        }

        SizedSource source = new(((SpectrumImages)input).Source, size);
        long? most = count ?? (source.Count is null ? options.Samples : null);
        long total = ImagePass.Length(source, most);
        foreach (ImageBytes images in ImagePass.Over(source, size.Plan, most, options.DataThreads, options.Stop))
        {
            using TensorScope scope = new();
            statistics.Add(Tensor.From(images.Pixels, images.Items.Count, 3, images.Height, images.Width));
            options.Tell($"Images of {input.Label}", statistics.Images, total);
        }

        return source.Others;
    }
}
