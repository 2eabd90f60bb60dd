using Subband.Torch;

namespace Subband.Training.Augmentation;

/// <summary>The random numbers of one image, handed out one after the other, and the chances of its changes.</summary>
internal sealed class ChangeDraw
{
    private readonly float[] _uniform;
    private readonly float[] _normal;
    private readonly AugmentationGroups _groups;
    private int _uniforms;
    private int _normals;

    /// <summary>Begins with the first numbers.</summary>
    /// <param name="uniform">Numbers in [0, 1).</param>
    /// <param name="normal">Numbers of mean 0 and deviation 1.</param>
    /// <param name="groups">Which changes may come about.</param>
    /// <param name="strength">How likely each of them is.</param>
    public ChangeDraw(float[] uniform, float[] normal, AugmentationGroups groups, double strength)
    {
        _uniform = uniform;
        _normal = normal;
        _groups = groups;
        Strength = strength;
    }

    /// <summary>How likely a change is.</summary>
    public double Strength { get; }

    /// <summary>How many numbers are left.</summary>
    public int Left => _uniform.Length - _uniforms + _normal.Length - _normals;

    /// <summary>Draws the numbers of a batch: first all uniform ones, image by image, then all normal ones.</summary>
    /// <param name="images">How many images there are.</param>
    /// <param name="groups">Which changes may come about.</param>
    /// <param name="strength">How likely each of them is.</param>
    /// <param name="random">Where the numbers come from.</param>
    public static ChangeDraw[] ForBatch(int images, AugmentationGroups groups, double strength, Generator random)
    {
        using var scope = new TensorScope();
        var uniform = Tensor.Rand([images, ImageChange.Uniforms], random).ToArray<float>().Chunk(ImageChange.Uniforms);
        var normal = Tensor.Randn([images, ImageChange.Normals], random).ToArray<float>().Chunk(ImageChange.Normals);
        return [.. uniform.Zip(normal, (u, n) => new ChangeDraw(u, n, groups, strength))];
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double Uniform() => _uniform[_uniforms++];

    /// <summary>Uniform in [−1, 1).</summary>
    public double Signed() => (2 * Uniform()) - 1;

    /// <summary>Normal of mean 0.</summary>
    public double Normal(double deviation) => deviation * _normal[_normals++];

    /// <summary>A power of two whose exponent is normal of mean 0.</summary>
    public double Factor(double deviation) => double.Exp2(Normal(deviation));

    /// <summary>A change, or none. Both are given ready, so that as many numbers are taken either way.</summary>
    /// <param name="group">The group to which the change belongs.</param>
    /// <param name="change">The change.</param>
    /// <param name="none">What stands for no change.</param>
    /// <param name="chance">How likely the change is; the strength unless given.</param>
    public T Maybe<T>(AugmentationGroups group, T change, T none, double? chance = null)
    {
        var isDrawn = Uniform() < (chance ?? Strength);
        return isDrawn && _groups.HasFlag(group) ? change : none;
    }
}
