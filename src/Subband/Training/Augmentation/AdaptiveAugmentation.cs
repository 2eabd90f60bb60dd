using Subband.Torch;

namespace Subband.Training.Augmentation;

/// <summary>
/// Random changes under which a discriminator sees real and generated images, each with a probability that is adapted during
/// training, see <see cref="AugmentationController"/>. As long as that is not near 1, what the changes do to the images does not
/// show in what the generator learns.
/// </summary>
/// <remarks>
/// <para>Karras et al., "Training Generative Adversarial Networks with Limited Data" (2020), section 2.2 and appendix B.</para>
/// <para>Gradients of any order flow through. Everything is computed in single precision under autocast too, and in double
/// precision for images of it.</para>
/// <para>It deviates from NVlabs/stylegan2-ada-pytorch in two points. Where pixels are only moved they are copied, not
/// resampled, but for quarter turns of images that are not square. And the mirrored surroundings of an image, beyond which zeros
/// are seen, end sharply, where the reference's filter blurs their end.</para>
/// </remarks>
/// <param name="groups">Which changes may come about.</param>
public sealed class AdaptiveAugmentation(AugmentationGroups groups)
{
    /// <summary>Which changes may come about.</summary>
    public AugmentationGroups Groups { get; } = groups;

    /// <summary>Changes each image by its own random numbers.</summary>
    /// <param name="images">
    /// [N, C, H, W] in about [-1, 1], at least 2x2; C is 1 for grey, 3 for red, green and blue, 4 for these and opacity, whose
    /// values are moved with the image, filtered, made noisy and cut out, but not changed as colours are.
    /// </param>
    /// <param name="strength">How likely each change is for each image, from 0 to 1; the paper's p.</param>
    /// <param name="random">
    /// Where the random numbers come from, on the images' device. As many are drawn whatever the strength and whatever comes about.
    /// </param>
    /// <returns>[N, C, H, W]. Images for which no change has come about are the same, bit by bit.</returns>
    /// <exception cref="ArgumentException">Images or strength are not as described, or the generator is on another device.</exception>
    public Tensor Apply(Tensor images, double strength, Generator random)
    {
        Require(images, strength, random);
        if (Groups == AugmentationGroups.None)
        {
            return images;
        }

        using var scope = new TensorScope();
        using var fullPrecision = new Autocast(images.Device.Type, enabled: false);
        var (n, h, w) = ((int)images.Size(0), (int)images.Size(2), (int)images.Size(3));
        var changes = Array.ConvertAll(
            ChangeDraw.ForBatch(n, Groups, strength, random), draw => ImageChange.Of(draw, h, w));
        var x = images.To(images.DType == DType.Float64 ? DType.Float64 : DType.Float32);
        x = GeometricChange.Apply(x, Array.ConvertAll(changes, change => change.Map));
        x = ColourChange.Apply(x, Array.ConvertAll(changes, change => change.Colour));
        x = OctaveFilter.Apply(x, Array.ConvertAll(changes, change => change.BandGains));
        if (Groups.HasFlag(AugmentationGroups.Noise))
        {
            var noise = Tensor.Randn([.. images.Shape], random, x.DType);
            x = Corruption.AddNoise(x, noise, Array.ConvertAll(changes, change => change.Noise));
        }

        x = Corruption.CutOut(x, Array.ConvertAll(changes, change => change.Hole));
        return scope.Keep(x.To(images.DType));
    }

    private static void Require(Tensor images, double strength, Generator random)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(random);
        if (images.Dimensions != 4 || !images.DType.IsFloatingPoint() || images.Size(1) is not (1 or 3 or 4)
            || images.Size(2) < 2 || images.Size(3) < 2)
        {
            throw new ArgumentException(
                $"Images [N, C, H, W] with 1, 3 or 4 channels and of at least 2x2 are expected, this is {images}.", nameof(images));
        }

        if (strength is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(strength), strength, "The strength must be from 0 to 1.");
        }

        if (images.Device != random.Device)
        {
            throw new ArgumentException(
                $"The images are on {images.Device}, the generator is on {random.Device}: both must be on the same.", nameof(random));
        }
    }
}
