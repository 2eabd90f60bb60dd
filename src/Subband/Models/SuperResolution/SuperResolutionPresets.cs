using Subband.Imaging;

namespace Subband.Models.SuperResolution;

/// <summary>The named configurations: one for each network of the papers and the course notes.</summary>
internal static class SuperResolutionPresets
{
    /// <summary>The mean colour of DIV2K's training photographs, as RCAN and EDSR subtract it.</summary>
    public static readonly double[] Div2kMean = [0.4488, 0.4371, 0.4040];

    /// <summary>The number that stands for white in the networks that were trained on bytes.</summary>
    public const double Bytes = 255;

    public static IReadOnlyList<Preset> All { get; } =
    [
        Of(
            "srcnn",
            "Three convolutions (9-5-5, 64-32) on the brightness of a bicubically enlarged image: the paper's best.",
            new NetworkSettings { Kind = NetworkKind.Srcnn, Colour = ImageColour.Y, Initial = InitialWeights.Gaussian }),
        Of(
            "srcnn-notes",
            "The course notes' SRCNN: 9-5-5 with 128-64 filters on RGB.",
            new NetworkSettings
            {
                Kind = NetworkKind.Srcnn,
                Widths = [128, 64],
                Enlargement = ResamplingKernel.SharpBicubic, // cv2.INTER_CUBIC
                Initial = InitialWeights.Glorot,
            }),
        Of(
            "vdsr",
            "Twenty convolutions that compute what the brightness of an enlarged image lacks; one network for x2, x3 and x4.",
            new NetworkSettings { Kind = NetworkKind.Vdsr, Scales = [2, 3, 4], Colour = ImageColour.Y, Initial = InitialWeights.He }),
        Of(
            "rdn",
            "Sixteen residual dense blocks of eight convolutions (D16 C8 G64): the paper's large network.",
            new NetworkSettings { Kind = NetworkKind.Rdn, Blocks = 16, Layers = 8, Growth = 64, Mean = Div2kMean, Range = Bytes }),
        Of(
            "rdn-a",
            "Twenty residual dense blocks of six narrow convolutions (D20 C6 G32): the paper's smaller network.",
            new NetworkSettings { Kind = NetworkKind.Rdn, Blocks = 20, Layers = 6, Growth = 32, Mean = Div2kMean, Range = Bytes }),
        Of(
            "rcan",
            "Ten groups of twenty residual blocks with channel attention.",
            new NetworkSettings { Kind = NetworkKind.Rcan, Groups = 10, Blocks = 20, Mean = Div2kMean, Range = Bytes }),
        Of(
            "srresnet",
            "Sixteen residual blocks with batch norm, for the least squared error.",
            new NetworkSettings { Kind = NetworkKind.SrResNet }),
        Of(
            "srgan",
            "SRResNet trained against a discriminator, for images that look sharp.",
            new NetworkSettings { Kind = NetworkKind.SrResNet }),
    ];

    private static Preset Of(string name, string summary, NetworkSettings network) =>
        new(name, summary, new SuperResolutionSettings { Network = network });
}
