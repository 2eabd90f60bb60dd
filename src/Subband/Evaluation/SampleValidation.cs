using Subband.Data;
using Subband.Models;
using Subband.Models.Features;
using Subband.Torch;

namespace Subband.Evaluation;

/// <summary>The Fréchet distance of a model while it is trained; the true images are looked at once, before the first measurement.</summary>
public sealed class SampleValidation : IDisposable
{
    private const string Name = "fd";

    private readonly EvaluationOptions _options;
    private readonly BatchPlan _plan;
    private readonly IImageSource _images;
    private readonly SqueezeNetFeatures _features;
    private FrechetReference? _reference;

    private SampleValidation(SampleValidationSettings settings, BatchPlan plan, Device device)
    {
        _options = new EvaluationOptions { Samples = settings.Samples };
        _plan = plan;
        _images = ImageSources.Open(settings.Data, new ImageSourceOptions { DefaultSplit = "test" });
        try
        {
            _features = SqueezeNetFeatures.Load(settings.Features, device);
        }
        catch
        {
            _images.Dispose();
            throw;
        }
    }

    /// <summary>Opens images and network.</summary>
    /// <param name="settings">Which; empty ones give no validation.</param>
    /// <param name="plan">How true images are brought to the size of the model.</param>
    /// <param name="device">Where the network computes.</param>
    /// <returns>Null where nothing is to be measured.</returns>
    /// <exception cref="SubbandException">One of them cannot be opened.</exception>
    public static SampleValidation? Open(SampleValidationSettings settings, BatchPlan plan, Device device)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return settings.Data.Length == 0 ? null : new SampleValidation(settings, plan, device);
    }

    /// <summary>The distance of samples that are always made of the same random numbers.</summary>
    /// <param name="model">The model as it is now.</param>
    public IReadOnlyList<(string Name, double Value)> Measure(IImageGenerator model)
    {
        _reference ??= FrechetReference.Of(_images, _plan, _features, _options);
        return [(Name, _reference.Distance(model, _options).Value)];
    }

    /// <summary>Closes images and network.</summary>
    public void Dispose()
    {
        _reference?.Dispose();
        _features.Dispose();
        _images.Dispose();
    }
}
