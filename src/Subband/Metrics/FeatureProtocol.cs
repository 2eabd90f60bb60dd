namespace Subband.Metrics;

/// <summary>
/// How features were got from images. A distance between features means nothing without it, so it is printed along
/// with every number, and statistics of different protocols are not compared.
/// </summary>
/// <param name="Network">Network and place in it: <c>SqueezeNet 1.1, features.12, mean over positions</c>.</param>
/// <param name="Dimensions">The length of a feature vector.</param>
/// <param name="Input">What is done to an image before the network: quantisation, resizing, range.</param>
/// <param name="Weights">The SHA-256 of the weights file, or another name that no other weights have.</param>
public sealed record FeatureProtocol(string Network, int Dimensions, string Input, string Weights)
{
    /// <summary>The protocol in one line.</summary>
    public override string ToString() => $"{Network} ({Dimensions}-d); input {Input}; weights {Weights}";
}
