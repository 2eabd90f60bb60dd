using Subband.Models.SuperResolution;
using Subband.Torch;

namespace Subband.Tests.Models.SuperResolution;

public sealed class NetworkOptimizerTests
{
    private static readonly OptimizerSettings Plain = new() { Kind = OptimizerKind.Sgd, Rate = 0.5, Momentum = 0 };

    [Fact]
    public void The_last_convolution_moves_at_a_rate_of_its_own()
    {
        using TensorScope scope = new();
        Dictionary<string, float[]> alike = Moved(Plain);
        Dictionary<string, float[]> apart = Moved(Plain with { LastLayerFactor = 0.1 });

        Assert.Equal(alike["conv1.weight"], apart["conv1.weight"]);
        Assert.Equal(alike["conv2.bias"], apart["conv2.bias"]);
        Assert.All(alike["conv3.weight"].Zip(apart["conv3.weight"]), pair => Assert.Equal(0.1 * pair.First, pair.Second, 1e-6));
        Assert.All(alike["conv3.bias"].Zip(apart["conv3.bias"]), pair => Assert.Equal(0.1 * pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void Adjustable_clipping_lets_no_weight_move_further_than_the_bound_at_any_rate()
    {
        using TensorScope scope = new();
        foreach (double rate in new[] { 0.01, 1, 100 })
        {
            double furthest = Moved(Plain with { Rate = rate, ClipKind = ClipKind.Value, Clip = 1e-4 }, scale: 1e3).Values
                .SelectMany(values => values).Max(Math.Abs);

            Assert.Equal(1e-4, furthest, 1e-6);
        }
    }

    [Fact]
    public void A_bound_on_the_length_of_all_gradients_holds_and_the_length_is_told()
    {
        using TensorScope scope = new();
        Dictionary<string, float[]> moved = Moved(Plain with { ClipKind = ClipKind.Norm, Clip = 0.01 }, scale: 1e3);

        double length = Math.Sqrt(moved.Values.SelectMany(values => values).Sum(value => (double)value * value));
        Assert.Equal(0.5 * 0.01, length, 1e-6);
    }

    [Theory]
    [InlineData(RateSchedule.Constant, 1, 1, 1)]
    [InlineData(RateSchedule.Stepped, 1, 0.5, 0.25)]
    [InlineData(RateSchedule.Cosine, 0.5, 0, 0)]
    public void The_rate_falls_by_images_shown(RateSchedule schedule, double half, double whole, double twice)
    {
        using TensorScope scope = new();
        using Generator random = new(1);
        using Srcnn network = new(1, [3, 3, 3], [2, 2], random);
        using NetworkOptimizer optimizer = new(Plain with { Schedule = schedule, DecayKimg = 1 }, network, imagesPerStep: 10);

        Assert.Equal([1, half, whole, twice], new long[] { 0, 500, 1000, 2000 }.Select(optimizer.Share).Select(share => Math.Round(share, 9)));
    }

    // By how much each parameter of the same little network moves in one step.
    private static Dictionary<string, float[]> Moved(OptimizerSettings settings, double scale = 1)
    {
        using Generator random = new(7);
        using Srcnn network = new(1, [3, 3, 3], [3, 2], random);
        Dictionary<string, float[]> before = network.NamedParameters().ToDictionary(entry => entry.Name, entry => entry.Tensor.ToArray<float>());
        using NetworkOptimizer optimizer = new(settings, network, imagesPerStep: 1);
        Tensor image = Tensor.Randn([1, 1, 8, 8], random);
        _ = optimizer.Step(network.Forward(image).Square().Mean() * scale, images: 0);
        return network.NamedParameters().ToDictionary(
            entry => entry.Name, entry => entry.Tensor.ToArray<float>().Zip(before[entry.Name], (now, then) => now - then).ToArray());
    }
}
