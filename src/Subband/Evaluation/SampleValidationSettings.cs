using Subband.Training;

namespace Subband.Evaluation;

/// <summary>How a model that makes images from nothing is measured while it is trained: <c>validation.*</c>.</summary>
public sealed record SampleValidationSettings
{
    /// <summary>The true images; empty for none.</summary>
    [Setting("true images, best those not trained on, that samples are held against meanwhile, a SOURCE; nothing is measured when empty", ChangeableOnResume = true, IsPlace = true)]
    public string Data { get; init; } = "";

    /// <summary>The network of the Fréchet distance.</summary>
    [Setting("the network of the Fréchet distance: SqueezeNet 1.1, such as squeezenet1_1-b8a52dc0.pth", ChangeableOnResume = true, IsPlace = true)]
    public string Features { get; init; } = "";

    /// <summary>How many samples are made each time.</summary>
    [Setting("how many samples are made for it; figures of equal numbers only compare", Minimum = 2, ChangeableOnResume = true)]
    public int Samples { get; init; } = 5_000;

    /// <summary>Refuses settings of which one needs the other.</summary>
    /// <exception cref="UsageException">One is given without the other.</exception>
    public void Validate()
    {
        if (Data.Length > 0 && Features.Length == 0)
        {
            throw new UsageException(
                "To be held against true images meanwhile, samples need the network that describes images: give --set validation.features=FILE, the weights of a "
                + "SqueezeNet 1.1, such as torchvision's squeezenet1_1-b8a52dc0.pth, or leave out --validation.");
        }

        if (Data.Length == 0 && this != new SampleValidationSettings())
        {
            throw new UsageException(
                "validation.features and validation.samples are read only where there are true images to hold samples against: give --validation SOURCE too.");
        }
    }
}
