using Subband.Imaging;
using Subband.Torch;
using Subband.Upscaling;

namespace Subband.Models.SuperResolution;

/// <summary>A trained network whose pictures another one learns to make, in the place of photographs.</summary>
/// <remarks>
/// After Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015). A photograph has detail of which nothing is
/// left in the small image; to a network that has little time to learn it is noise, and most of what its loss is made of. A larger network's picture
/// is what can be told from the small image, as far as that network knows.
/// </remarks>
internal sealed class Teacher : IDisposable
{
    // Of a photograph of this many pixels, small, a wide network's layers still fit into a gigabyte; larger ones are taught strip by strip.
    private const int StripPixels = 1 << 16;

    private readonly IUpscaler _model;
    private readonly double _share;
    private readonly Lock _oneAtATime = new();

    private Teacher(IUpscaler model, double share)
    {
        _model = model;
        _share = share;
    }

    /// <summary>Opens the teacher.</summary>
    /// <param name="settings">Who it is, and the scales that it has to know.</param>
    /// <param name="device">Where it computes.</param>
    /// <exception cref="SubbandException">There is no such model, or it does not enlarge by one of the scales.</exception>
    public static Teacher Load(SuperResolutionSettings settings, Device device)
    {
        IUpscaler model = UpscalingModels.Open(settings.Loss.Teacher, () => device, UpscalingPrecision.Fp32);
        try
        {
            foreach (var scale in settings.Network.Scales)
            {
                model.RequireScale(scale, $"loss.teacher={settings.Loss.Teacher}");
            }
        }
        catch
        {
            model.Dispose();
            throw;
        }

        return new Teacher(model, settings.Loss.TeacherShare);
    }

    /// <summary>What to learn from: the teacher's picture, or a mixture of it and the photograph; rounded to bytes.</summary>
    /// <param name="photograph">The photograph.</param>
    /// <param name="small">It, smaller by the scale.</param>
    /// <param name="scale">By how much the teacher enlarges.</param>
    /// <remarks>Threads that ask at the same time wait for each other: the teacher uses as many as the training by itself.</remarks>
    public Rgb8Image Picture(Rgb8Image photograph, Rgb8Image small, int scale)
    {
        Rgb8Image taught;
        lock (_oneAtATime)
        {
            taught = Enlarge(small, scale);
        }

        return _share == 1 ? taught : Mix(photograph, taught);
    }

    public void Dispose() => _model.Dispose();

    private Rgb8Image Enlarge(Rgb8Image small, int scale)
    {
        var rows = Math.Max(1, StripPixels / small.Width);
        if (rows >= small.Height || _model.Reach(scale) is not { } reach)
        {
            return _model.Upscale(small, scale);
        }

        var width = scale * small.Width;
        var pixels = new byte[3 * width * scale * small.Height];
        for (var top = 0; top < small.Height; top += rows)
        {
            // A strip, with as many rows around it as its pixels depend on.
            var (first, bottom) = (Math.Max(0, top - reach), Math.Min(small.Height, top + rows));
            var seen = small.Cut(new PixelWindow(0, first, small.Width, Math.Min(small.Height, bottom + reach) - first));
            var strip = _model.Upscale(seen, scale).Cut(new PixelWindow(0, scale * (top - first), width, scale * (bottom - top)));
            strip.Pixels.CopyTo(pixels, 3 * width * scale * top);
        }

        return new Rgb8Image(width, scale * small.Height, pixels);
    }

    private Rgb8Image Mix(Rgb8Image photograph, Rgb8Image taught) => new(
        taught.Width,
        taught.Height,
        [.. taught.Pixels.Zip(photograph.Pixels, (t, p) => (byte)Math.Round((_share * t) + ((1 - _share) * p)))]);
}
