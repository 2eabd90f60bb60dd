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

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
