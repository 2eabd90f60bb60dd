using System.Globalization;
using Subband.Data;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Torch;

namespace Subband.Models.SuperResolution;

/// <summary>
/// The photographs on which a network is measured while it is trained, by the protocol of the literature, and of which its
/// sheets are made. Where none are given, sheets show dead leaves and nothing is measured.
/// </summary>
internal sealed class ValidationPhotographs : IDisposable
{
    private const string Leaves = "synthetic:leaves#size=192,seed=1,take=0..4";
    private const int LargestSide = 512; // of what is measured; of larger photographs the middle, so that it stays quick
    private const int SheetSide = 96;
    private const int SheetRows = 4;

    private readonly IImageSource _source;
    private readonly bool _isMeasured;
    private readonly int _count;
    private readonly IReadOnlyList<int> _scales;
    private readonly Degradation _degradation;
    private readonly Lpips? _lpips;

    /// <summary>Opens the photographs, and LPIPS where the settings name its files.</summary>
    /// <exception cref="SubbandException">They cannot be opened.</exception>
    public ValidationPhotographs(SuperResolutionSettings settings, Device device)
    {
        _isMeasured = settings.Validation.Data.Length > 0;
        _source = ImageSources.Open(
            _isMeasured ? settings.Validation.Data : Leaves, new ImageSourceOptions { DefaultSplit = "val" });
        _count = (int)Math.Min(settings.Validation.Count, _source.Count ?? long.MaxValue);
        _scales = [.. settings.Network.Scales.Order()];
        _degradation = settings.Patch.Degradation;
        _lpips = settings.Validation.LpipsWeights.Length > 0
            ? Lpips.Load(settings.Validation.Features, settings.Validation.LpipsWeights, device)
            : null;
    }

    /// <summary>
    /// Peak signal-to-noise ratio and structural similarity on the brightness, and LPIPS where there is one, for each scale; means
    /// over the photographs, by the protocol of <see cref="PictureMeasures"/>.
    /// </summary>
    public IReadOnlyList<(string Name, double Value)> Measure(IUpscaler model) =>
        _isMeasured ? [.. _scales.SelectMany(scale => Measure(model, scale))] : [];

    /// <summary>A piece of each of a few photographs: interpolated, by the network, as it is.</summary>
    public Rgb8Image Sheet(IUpscaler model)
    {
        int scale = _scales[^1];
        using Interpolation bicubic = new(ResamplingKernel.Bicubic);
        return new LabelledSheet
        {
            Rows = [.. Photographs(scale).Take(SheetRows).Select(pair => new[]
            {
                Middle(Enlarge(bicubic, pair.Small, scale), SheetSide, 1),
                Middle(Enlarge(model, pair.Small, scale), SheetSide, 1),
                Middle(pair.Whole, SheetSide, 1),
            })],
            ColumnTitles = ["bicubic", string.Create(CultureInfo.InvariantCulture, $"the network, x{scale}"), "photograph"],
        }.Render();
    }

    public void Dispose()
    {
        _lpips?.Dispose();
        _source.Dispose();
    }

    private IEnumerable<(string Name, double Value)> Measure(IUpscaler model, int scale)
    {
        PictureMeasures measures = new(
            PictureMeasureKinds.Psnr | PictureMeasureKinds.Ssim | (_lpips is null ? 0 : PictureMeasureKinds.Lpips), crop: scale, _lpips);
        PictureFigures[] found = [.. Photographs(scale).Select(pair => measures.Measure(pair.Whole, Enlarge(model, pair.Small, scale)))];
        if (found.Length == 0)
        {
            yield break;
        }

        PictureFigures mean = PictureFigures.Mean(found);
        foreach ((string name, double? figure) in ((string, double?)[])[("psnr", mean.PsnrY), ("ssim", mean.SsimY), ("lpips", mean.Lpips)])
        {
            if (figure is { } value)
            {
                yield return (string.Create(CultureInfo.InvariantCulture, $"x{scale}.{name}"), value);
            }
        }
    }


    // What cannot be decoded is told by the source and left out.
    private IEnumerable<(Rgb8Image Whole, Rgb8Image Small)> Photographs(int scale)
    {
        for (int i = 0; i < _count; i++)
        {
            Rgb8Image photograph;
            try
            {
                photograph = _source.Read(i);
            }
            catch (ImageFileException error) when (error.Reason is not null)
            {
                continue;
            }

            Rgb8Image whole = Middle(photograph, LargestSide, scale);
            yield return (whole, new CoarseImages { Scales = [scale], Degradation = _degradation }.Of(whole)[0].Pixels);
        }
    }

    private static Rgb8Image Enlarge(IUpscaler model, Rgb8Image small, int scale)
    {
        using TensorScope scope = new();
        return TensorImages.ToImages(model.Upscale(TensorImages.ToTensor([small], PixelRange.Unit), scale), PixelRange.Unit)[0];
    }

    // The middle of at most a side; of whole photographs, as the protocol has it, the upper left multiple of the scale.
    private static Rgb8Image Middle(Rgb8Image image, int side, int multiple)
    {
        int width = Math.Min(image.Width, side) / multiple * multiple;
        int height = Math.Min(image.Height, side) / multiple * multiple;
        int x = image.Width <= side ? 0 : (image.Width - width) / 2;
        int y = image.Height <= side ? 0 : (image.Height - height) / 2;
        return image.Cut(new PixelWindow(x, y, width, height));
    }
}
