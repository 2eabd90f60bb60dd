using Subband.Imaging;
using Subband.Torch;

namespace Subband.Models.SuperResolution;

/// <summary>Enlarging without a network: what every network has to beat.</summary>
public sealed class Interpolation : IUpscaler
{
    private const int ReachOfAny = 4; // Lanczos3 takes from three pixels a side

    private static readonly (string Name, ResamplingKernel Kernel)[] All =
    [
        ("nearest", ResamplingKernel.Nearest),
        ("bilinear", ResamplingKernel.Bilinear),
        ("bicubic", ResamplingKernel.Bicubic),
        ("lanczos3", ResamplingKernel.Lanczos3),
    ];

    private readonly Resampling _how;

    /// <summary>Makes one.</summary>
    /// <param name="kernel">The curve.</param>
    public Interpolation(ResamplingKernel kernel) => _how = new Resampling(kernel);

    /// <summary>The names under which they stand where a model is asked for.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(entry => entry.Name)];

    /// <summary>Curve, smoothing and border, for whoever resizes by other than whole factors.</summary>
    public Resampling How => _how;

    /// <inheritdoc/>
    public IReadOnlyList<int> Scales => [];

    /// <summary>The interpolation of a name, or null.</summary>
    public static Interpolation? Named(string name) =>
        Array.Find(All, entry => entry.Name == name) is { Name: not null } found ? new Interpolation(found.Kernel) : null;

    /// <inheritdoc/>
    public int? Reach(int scale) => ReachOfAny;

    /// <inheritdoc/>
    public Tensor Upscale(Tensor images, int scale)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Resampler.Resize(images, checked((int)images.Size(2) * scale), checked((int)images.Size(3) * scale), _how);
    }

    /// <summary>
    /// Enlarges a picture. <see cref="ResamplingKernel.Bicubic"/> is MATLAB's <c>imresize</c>, which rounds after each of its
    /// two passes: the "Bicubic" row of the literature.
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="scale">Any factor.</param>
    public Rgb8Image Upscale(Rgb8Image image, int scale)
    {
        ArgumentNullException.ThrowIfNull(image);
        return _how.Kernel == ResamplingKernel.Bicubic
            ? MatlabResize.Resize(image, scale)
            : Resampler.Resize(image, checked(image.Width * scale), checked(image.Height * scale), _how);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
