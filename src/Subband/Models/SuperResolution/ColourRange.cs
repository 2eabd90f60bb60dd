using Subband.Torch;

namespace Subband.Models.SuperResolution;

/// <summary>The numbers in which a network sees colours: (x − mean) · range, x in [0,1].</summary>
/// <param name="Mean">What is subtracted of red, green and blue; empty for nothing.</param>
/// <param name="Range">What 1 becomes; 255 for the networks that were trained on bytes.</param>
internal sealed record ColourRange(IReadOnlyList<double> Mean, double Range)
{
    /// <summary>Those of images themselves.</summary>
    public static ColourRange Unit { get; } = new([], 1);

    /// <summary>Whether they are those of images themselves.</summary>
    public bool IsUnit => Mean.Count == 0 && Range == 1;

    /// <summary>From [0,1].</summary>
    public Tensor Enter(Tensor images)
    {
        var centred = Mean.Count == 0 ? images : images - Planes(images);
        return Range == 1 ? centred : centred * Range;
    }

    /// <summary>To [0,1].</summary>
    public Tensor Leave(Tensor images)
    {
        var scaled = Range == 1 ? images : images / Range;
        return Mean.Count == 0 ? scaled : scaled + Planes(scaled);
    }

    private Tensor Planes(Tensor like) =>
        Tensor.From(Mean.Select(mean => (float)mean).ToArray(), 1, Mean.Count, 1, 1).To(like.Device).To(like.DType);
}
