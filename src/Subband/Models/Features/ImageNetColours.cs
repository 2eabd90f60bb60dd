using Subband.Torch;

namespace Subband.Models.Features;

/// <summary>The colours of ImageNet's photographs, by which torchvision's networks standardise what they are given.</summary>
internal static class ImageNetColours
{
    private static readonly float[] Mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];

    /// <summary>Subtracts the mean and divides by the deviation of red, green and blue.</summary>
    /// <param name="images">[N, 3, H, W], RGB in [0,1].</param>
    public static Tensor Standardise(Tensor images)
    {
        using TensorScope scope = new();
        return scope.Keep((images - Colours(Mean, images.Device)) / Colours(Deviation, images.Device));
    }

    private static Tensor Colours(float[] values, Device device) => Tensor.From(values, 1, 3, 1, 1).To(device);
}
