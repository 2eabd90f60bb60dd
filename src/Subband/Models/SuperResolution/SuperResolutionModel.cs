using Subband.Imaging;
using Subband.Torch;

namespace Subband.Models.SuperResolution;

/// <summary>A trained network that enlarges photographs.</summary>
/// <remarks>
/// A network that only sharpens (SRCNN, VDSR) is given what interpolation makes of the image. One that sees the brightness alone
/// changes that, while colours stay as interpolated.
/// </remarks>
public sealed class SuperResolutionModel : IUpscaler
{
    private readonly SuperResolutionNetwork _network;
    private readonly Device _device;
    private readonly bool _owned;

    /// <summary>Wraps a network.</summary>
    /// <param name="settings">What the network was made of.</param>
    /// <param name="network">The network, on the device; a network that is being trained is borrowed.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="owned">Whether the network is disposed with this.</param>
    internal SuperResolutionModel(SuperResolutionSettings settings, SuperResolutionNetwork network, Device device, bool owned)
    {
        Settings = settings;
        _network = network;
        _device = device;
        _owned = owned;
    }

    /// <summary>The settings it was trained with.</summary>
    public SuperResolutionSettings Settings { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> Scales => [.. Settings.Network.Scales.Order()];

    /// <summary>Loads a trained network, its running average where the file has one.</summary>
    /// <param name="path">A <c>.safetensors</c> file, such as a checkpoint's <c>model.safetensors</c>.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="SubbandException">It is no such model, or damaged.</exception>
    public static SuperResolutionModel Load(string path, Device device = default)
    {
        using var file = ModelFile.Open(path);
        return Load(file, device);
    }

    /// <inheritdoc/>
    public int? Reach(int scale)
    {
        RequireScale(scale);
        return _network.Sources(default) is null
            ? null
            : PixelSpan.Reach(scale, pixels => _network.Factor == 1
                ? _network.Sources(pixels)!.Value.Enlarged(scale, Enlargement.Support(Settings.Network.Enlargement))
                : _network.Sources(pixels)!.Value);
    }

    /// <inheritdoc/>
    bool IUpscaler.TakesRows(int scale) => Reach(scale) is not null;

    /// <inheritdoc/>
    /// <exception cref="UsageException">It was not made for this scale.</exception>
    public Tensor Upscale(Tensor images, int scale)
    {
        ArgumentNullException.ThrowIfNull(images);
        RequireScale(scale);
        RequireImages(images);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var small = images.To(_device).To(DType.Float32);                    // [N, 3, H, W]
        return scope.Keep(_network.Factor == 1 ? Sharpen(Enlargement.Of(small, scale, Settings.Network.Enlargement)) : Compute(small));
    }

    /// <summary>Frees the network, if it is this model's own.</summary>
    public void Dispose()
    {
        if (_owned)
        {
            _network.Dispose();
        }
    }

    internal static SuperResolutionModel Load(ModelFile file, Device device)
    {
        var settings = file.Settings as SuperResolutionSettings
            ?? throw new SubbandException($"{file.Tensors.Path} is a model of family '{file.Family.Name}', not one of super-resolution.");
        SuperResolutionFamily.RequireUsable(settings); // the file may be made by hand, and its numbers with it
        SuperResolutionNetworks.RequireNoLargerThan(settings.Network, file.Tensors.Path);
        var used = AveragedTensors.Used(file.Tensors);
        return Make(settings, device, network => network.CopyFrom(name => file.Tensors.Find(used + name), file.Tensors.Path));
    }

    /// <summary>A network with the random weights of its layers, which is as fast as a trained one.</summary>
    internal static SuperResolutionModel Untrained(SuperResolutionSettings settings, Device device) => Make(settings, device, _ => { });

    private static SuperResolutionModel Make(SuperResolutionSettings settings, Device device, Action<SuperResolutionNetwork> fill)
    {
        using var random = new Generator(0);
        using var scope = new TensorScope();
        var network = SuperResolutionNetworks.Make(settings with { Network = settings.Network with { Initial = InitialWeights.Layers } }, random);
        try
        {
            fill(network);
        }
        catch
        {
            network.Dispose();
            throw;
        }

        network.Freeze(device);
        return new SuperResolutionModel(settings, network, device, owned: true);
    }

    private Tensor Sharpen(Tensor large)
    {
        if (_network.Channels == 3)
        {
            return Compute(large);
        }

        var y = Ycbcr.Luma(large);                                     // [N, 1, sH, sW]
        var aligned = RowWalk.Aligned(large, y, Compute(y));
        return Ycbcr.WithLuma(aligned[0], aligned[1], aligned[2]);
    }

    // What the loss left out at the border of patches the network has never learned to make: it sees the outermost pixels again beyond
    // the edge, as in the program of SRCNN's authors, and what it makes there is cut off. Whoever gives it rows does so himself.
    private Tensor Compute(Tensor image)
    {
        var factor = _network.Factor;
        var margin = RowWalk.Current is null ? (Settings.Loss.Border + factor - 1) / factor : 0;
        using var scope = new TensorScope();
        if (margin == 0)
        {
            return scope.Keep(_network.Forward(image).To(DType.Float32));
        }

        var made = _network.Forward(image.PadReplicating(margin, margin, margin, margin)).To(DType.Float32);
        return scope.Keep(made
            .Narrow(2, margin * factor, image.Size(2) * factor)
            .Narrow(3, margin * factor, image.Size(3) * factor));
    }

    private void RequireScale(int scale) => ((IUpscaler)this).RequireScale(scale, "This model");

    private static void RequireImages(Tensor images)
    {
        if (images.Dimensions != 4 || images.Size(1) != 3 || images.Count == 0)
        {
            throw new TensorShapeException(
                $"Images [N, 3, H, W] of at least one pixel were expected, the tensor is {images}.", nameof(SuperResolutionModel));
        }
    }
}
