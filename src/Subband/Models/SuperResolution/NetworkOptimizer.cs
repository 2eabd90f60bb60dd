using Subband.Torch;
using Subband.Torch.Modules;
using Subband.Torch.Optim;
using Subband.Torch.Serialization;

namespace Subband.Models.SuperResolution;

/// <summary>
/// Moves a network along its gradients by the rule, schedule and bounds of <see cref="OptimizerSettings"/>. Its last convolution,
/// and its biases, may have a rate of their own or a rule of their own, and so an optimizer of their own.
/// </summary>
internal sealed class NetworkOptimizer : IDisposable
{
    private const string Body = "body";
    private const string Last = "last";
    private const string Rest = "rest";

    private readonly OptimizerSettings _settings;
    private readonly LearningRateSchedule _schedule;
    private readonly double _imagesPerStep;
    private readonly (string Name, Optimizer Optimizer, double Factor)[] _parts;

    /// <summary>Makes the optimizers.</summary>
    /// <param name="settings">How.</param>
    /// <param name="network">What is trained.</param>
    /// <param name="imagesPerStep">Images in a step; the schedule counts images.</param>
    public NetworkOptimizer(OptimizerSettings settings, Module network, int imagesPerStep)
    {
        _settings = settings;
        _imagesPerStep = imagesPerStep;
        _schedule = Schedule(settings);
        (string Name, Tensor Tensor)[] all = [.. network.NamedParameters()];
        string last = all[^1].Name[..(all[^1].Name.LastIndexOf('.') + 1)];
        _parts =
        [
            .. all.GroupBy(entry => PartOf(entry.Tensor, isLast: entry.Name.StartsWith(last, StringComparison.Ordinal)))
                .Select(part => (part.Key, Make(part.Key, [.. part]), Factor(part.Key))),
        ];
    }

    /// <summary>What the schedule has made of the rate, as a share of that at the start.</summary>
    /// <param name="images">Images shown so far.</param>
    public double Share(long images) => _settings.Rate > 0 ? Rate(images) / _settings.Rate : 0;

    /// <summary>One step down a loss.</summary>
    /// <param name="loss">A scalar.</param>
    /// <param name="images">Images shown so far.</param>
    /// <returns>The length of all gradients before they were clipped by it; null where that is not asked for.</returns>
    public double? Step(Tensor loss, long images)
    {
        double rate = Rate(images);
        Tensor[] gradients = Autograd.Grad(loss, [.. _parts.SelectMany(part => part.Optimizer.Parameters)]);
        double? length = Clip(gradients, rate);
        int begin = 0;
        foreach ((string _, Optimizer optimizer, double factor) in _parts)
        {
            optimizer.LearningRate = rate * factor;
            optimizer.Step(gradients[begin..(begin + optimizer.Parameters.Length)]);
            begin += optimizer.Parameters.Length;
        }

        return length;
    }

    /// <summary>The state, by name.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> NamedState() =>
        _parts.SelectMany(part => part.Optimizer.NamedState().Select(entry => ($"{part.Name}.{entry.Name}", entry.Tensor)));

    /// <summary>Continues from what <see cref="NamedState"/> gave.</summary>
    /// <param name="state">The file.</param>
    /// <param name="prefix">What stands before the names there.</param>
    public void Load(TensorArchive state, string prefix)
    {
        foreach ((string name, Optimizer optimizer, double _) in _parts)
        {
            optimizer.Load(entry => state.Find($"{prefix}{name}.{entry}"), state.Path);
        }
    }

    public void Dispose()
    {
        foreach ((string _, Optimizer optimizer, double _) in _parts)
        {
            optimizer.Dispose();
        }
    }

    private double Rate(long images) => _schedule.At((long)(images / _imagesPerStep));

    private double? Clip(Tensor[] gradients, double rate)
    {
        switch (_settings.ClipKind)
        {
            case ClipKind.Norm:
                return GradientClipping.ByNorm(gradients, _settings.Clip);
            case ClipKind.Value when rate > 0:
                GradientClipping.ByValue(gradients, _settings.Clip / rate);
                return null;
            default:
                return null;
        }
    }

    /// <summary>
    /// Which part a parameter belongs to. Muon is for what maps features to features: the last convolution, whose outputs are
    /// the image's own values, and all that is no matrix stay Adam's, as its authors advise.
    /// </summary>
    private string PartOf(Tensor parameter, bool isLast)
    {
        bool isMuon = _settings.Kind == OptimizerKind.Muon;
        return isLast ? isMuon || _settings.LastLayerFactor != 1 ? Last : Body
            : !Muon.Takes(parameter) && (isMuon || _settings.BiasFactor != 1) ? Rest
            : Body;
    }

    private double Factor(string part) => part switch
    {
        Last => _settings.LastLayerFactor,
        Rest => _settings.BiasFactor,
        _ => 1,
    };

    private Optimizer Make(string part, (string Name, Tensor Tensor)[] parameters) => _settings.Kind switch
    {
        OptimizerKind.Muon when part == Body => new Muon(parameters, _settings.Rate, _settings.Momentum, _settings.WeightDecay),
        OptimizerKind.Sgd => new Sgd(parameters, _settings.Rate, _settings.Momentum, weightDecay: _settings.WeightDecay),
        _ => new Adam(parameters, _settings.Rate, _settings.Beta1, _settings.Beta2, weightDecay: _settings.WeightDecay),
    };

    private LearningRateSchedule Schedule(OptimizerSettings settings)
    {
        long decay = Steps(settings.DecayKimg);
        LearningRateSchedule schedule = settings.Schedule switch
        {
            RateSchedule.Stepped => LearningRateSchedule.Stepped(settings.Rate, decay, settings.DecayFactor),
            RateSchedule.Cosine => LearningRateSchedule.Cosine(settings.Rate, decay),
            _ => LearningRateSchedule.Constant(settings.Rate),
        };
        return settings.WarmUpKimg > 0 ? schedule.WarmedUp(Steps(settings.WarmUpKimg)) : schedule;
    }

    private long Steps(double kimg) => Math.Max(1, (long)Math.Round(kimg * 1000 / _imagesPerStep));
}
