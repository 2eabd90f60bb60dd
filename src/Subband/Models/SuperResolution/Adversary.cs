using Subband.Torch;
using Subband.Torch.Optim;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Models.SuperResolution;

/// <summary>SRGAN's discriminator while it is trained, and what it says of the generator's images.</summary>
/// <remarks>Ledig et al. 2017, section 2.1.1 and equation 6.</remarks>
internal sealed class Adversary : IDisposable
{
    private const double Beta1 = 0.9; // of the paper

    private readonly AdversarySettings _settings;
    private readonly TrainingContext _context;
    private readonly SrganDiscriminator _discriminator;
    private readonly Adam _optimizer;

    /// <summary>Makes an untrained discriminator.</summary>
    /// <param name="settings">Its width and rate.</param>
    /// <param name="side">The side of the images that it judges.</param>
    /// <param name="initial">Where its weights start.</param>
    /// <param name="context">Device and precision.</param>
    public Adversary(AdversarySettings settings, int side, Generator initial, TrainingContext context)
    {
        _settings = settings;
        _context = context;
        _discriminator = context.Place(new SrganDiscriminator(side, settings.Width, settings.Hidden, initial));
        _optimizer = new Adam(_discriminator.NamedParameters(), settings.Rate, Beta1);
    }

    /// <summary>One step of the discriminator.</summary>
    /// <param name="real">Photographs, [N, 3, S, S].</param>
    /// <param name="generated">The generator's images, cut off from what computed them.</param>
    /// <param name="rate">By what its rate is multiplied now: the generator's schedule.</param>
    public (Tensor Loss, Tensor RealAccuracy, Tensor GeneratedAccuracy) Step(Tensor real, Tensor generated, double rate)
    {
        using var scope = new TensorScope();
        var (atReal, atGenerated) = (Judge(real), Judge(generated));
        var loss = AdversarialLoss.Discriminator(AdversarialLossKind.NonSaturating, atReal, atGenerated);
        _optimizer.LearningRate = _settings.Rate * rate;
        _optimizer.Step(Autograd.Grad(loss, _optimizer.Parameters));
        return (
            scope.Keep(loss.Detach()),
            scope.Keep(atReal.Detach().IsGreater(0).To(DType.Float32).Mean()),
            scope.Keep(atGenerated.Detach().IsAtMost(0).To(DType.Float32).Mean()));
    }

    /// <summary>−log D(generated), which the generator makes small.</summary>
    public Tensor GeneratorLoss(Tensor generated) => AdversarialLoss.Generator(AdversarialLossKind.NonSaturating, Judge(generated));

    public IEnumerable<(string Name, Tensor Tensor)> NamedTensors() => _discriminator.NamedTensors();

    public IEnumerable<(string Name, Tensor Tensor)> NamedState() => _optimizer.NamedState();

    /// <summary>Continues from what <see cref="NamedTensors"/> and <see cref="NamedState"/> gave.</summary>
    public void Load(TensorArchive model, TensorArchive optimizer, string prefix)
    {
        _discriminator.CopyFrom(name => model.Find(prefix + name), model.Path);
        _optimizer.Load(name => optimizer.Find(prefix + name), optimizer.Path);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _discriminator.Dispose();
    }

    private Tensor Judge(Tensor images)
    {
        using var scope = new TensorScope();
        using var precision = _context.Autocast();
        return scope.Keep(_discriminator.Forward(images).To(DType.Float32));
    }
}
