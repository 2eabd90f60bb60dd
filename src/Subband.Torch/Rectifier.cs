namespace Subband.Torch;

/// <summary>What becomes of negative numbers behind a convolution.</summary>
/// <param name="IsRelu">They become 0.</param>
/// <param name="Slopes">Or they are multiplied: by a number, [1], or by one for each channel.</param>
internal readonly record struct Rectifier(bool IsRelu, Tensor? Slopes = null)
{
    /// <summary>Nothing.</summary>
    public static Rectifier None => default;

    /// <summary>0.</summary>
    public static Rectifier Relu => new(IsRelu: true);

    /// <summary>Rectifies an image that nobody else needs as it was.</summary>
    public Tensor Apply(Tensor x) => IsRelu ? Functional.ReluInPlace(x) : Slopes is { } slopes ? Functional.PRelu(x, slopes) : x;
}
