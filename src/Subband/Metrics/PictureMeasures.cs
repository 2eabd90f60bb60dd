using System.Globalization;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Metrics;

/// <summary>What is measured of a picture beside the true one.</summary>
[Flags]
public enum PictureMeasureKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The signal-to-noise ratio, on brightness and on RGB.</summary>
    Psnr = 1,

    /// <summary>Structural similarity, on brightness and on RGB.</summary>
    Ssim = 2,

    /// <summary>The perceptual distance, for which there has to be an <see cref="Metrics.Lpips"/>.</summary>
    Lpips = 4,
}

/// <summary>The figures of a picture beside the true one; null for what was not measured.</summary>
/// <param name="PsnrY">Decibels on the brightness; infinite for equal pictures.</param>
/// <param name="PsnrRgb">Decibels on RGB; infinite for equal pictures.</param>
/// <param name="SsimY">Similarity of the brightness.</param>
/// <param name="SsimRgb">The mean of the similarities of red, green and blue.</param>
/// <param name="Lpips">The perceptual distance.</param>
public sealed record PictureFigures(double? PsnrY, double? PsnrRgb, double? SsimY, double? SsimRgb, double? Lpips)
{
    /// <summary>The mean of each figure over some pictures, by custom the figure of the set.</summary>
    /// <param name="all">At least one, of the same measures.</param>
    public static PictureFigures Mean(IReadOnlyCollection<PictureFigures> all) => new(
        all.Average(one => one.PsnrY), all.Average(one => one.PsnrRgb), all.Average(one => one.SsimY), all.Average(one => one.SsimRgb), all.Average(one => one.Lpips));
}

/// <summary>Measures pictures beside the true ones, by the protocol of the super-resolution literature.</summary>
/// <param name="kinds">What to measure.</param>
/// <param name="crop">How many pixels at each side do not count; the scale, by custom.</param>
/// <param name="lpips">What measures the perceptual distance, where it is asked for; it is not disposed of.</param>
public sealed class PictureMeasures(PictureMeasureKinds kinds, int crop, Lpips? lpips)
{
    /// <summary>What is measured.</summary>
    public PictureMeasureKinds Kinds { get; } = kinds;

    /// <summary>How many pixels at each side do not count.</summary>
    public int Crop { get; } = crop;

    /// <summary>How it is measured, a line for each measure: without it the figures mean nothing.</summary>
    public IReadOnlyList<string> Protocol
    {
        get
        {
            string border = Crop == 0 ? "no border left out" : string.Create(CultureInfo.InvariantCulture, $"{Crop} pixels left out at each side");
            List<string> lines = [$"8-bit RGB; {border}; the mean of a set is that of its pictures' figures"];
            if (Kinds.HasFlag(PictureMeasureKinds.Psnr))
            {
                lines.Add("PSNR in dB, peak 255; y: BT.601 studio, not rounded; rgb: all three channels");
            }

            if (Kinds.HasFlag(PictureMeasureKinds.Ssim))
            {
                lines.Add("SSIM with an 11x11 Gaussian window, σ 1.5, K1 0.01, K2 0.03, inner windows only; y as above; rgb: mean of the channels");
            }

            if (Kinds.HasFlag(PictureMeasureKinds.Lpips))
            {
                lines.Add(lpips!.Protocol);
            }

            return lines;
        }
    }

    /// <summary>Measures a picture.</summary>
    /// <param name="reference">The true one.</param>
    /// <param name="image">The picture, of the same size.</param>
    /// <exception cref="SubbandException">The sizes differ, or too little is left without the border.</exception>
    public PictureFigures Measure(Rgb8Image reference, Rgb8Image image)
    {
        MeasuredPlanes.Require(reference, image, Crop);
        bool psnr = Kinds.HasFlag(PictureMeasureKinds.Psnr);
        bool ssim = Kinds.HasFlag(PictureMeasureKinds.Ssim);
        return new PictureFigures(
            psnr ? Psnr.OfLuma(reference, image, Crop) : null,
            psnr ? Psnr.OfRgb(reference, image, Crop) : null,
            ssim ? Ssim.OfLuma(reference, image, Crop) : null,
            ssim ? Ssim.OfRgb(reference, image, Crop) : null,
            Kinds.HasFlag(PictureMeasureKinds.Lpips) ? lpips!.Distance(Cropped(reference), Cropped(image)) : null);
    }

    private Rgb8Image Cropped(Rgb8Image image) => Crop == 0
        ? image
        : image.Cut(new PixelWindow(Crop, Crop, image.Width - (2 * Crop), image.Height - (2 * Crop)));
}
