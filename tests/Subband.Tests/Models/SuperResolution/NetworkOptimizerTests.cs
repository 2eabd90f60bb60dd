using Subband.Models.SuperResolution;
using Subband.Torch;
using Subband.Torch.Serialization;

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
    public void Biases_move_at_a_rate_of_their_own_but_for_the_last_layers()
    {
        using TensorScope scope = new();
        Dictionary<string, float[]> alike = Moved(Plain);
        Dictionary<string, float[]> apart = Moved(Plain with { BiasFactor = 0.1 });

        Assert.All(new[] { "conv1.weight", "conv2.weight", "conv3.weight", "conv3.bias" }, name => Assert.Equal(alike[name], apart[name]));
        Assert.All(
            new[] { "conv1.bias", "conv2.bias" },
            name => Assert.All(alike[name].Zip(apart[name]), pair => Assert.Equal(0.1 * pair.First, pair.Second, 1e-6)));
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

    [Fact]
    public void Muon_moves_filters_between_features_and_Adam_what_it_is_not_for()
    {
        using TensorScope scope = new();
        Dictionary<string, float[]> muon = Moved(Plain with { Kind = OptimizerKind.Muon });
        Dictionary<string, float[]> adam = Moved(Plain with { Kind = OptimizerKind.Adam });

        foreach (string name in new[] { "conv1.bias", "conv2.bias", "conv3.weight", "conv3.bias" })
        {
            Assert.Equal(adam[name], muon[name]);
        }

        // A matrix [3, 9] or [2, 27] whose singular values are all about 0.5 · 0.2 · √columns.
        foreach ((string name, int rows, int columns) in new[] { ("conv1.weight", 3, 9), ("conv2.weight", 2, 27) })
        {
            double[] singular = Tensor.From(muon[name], rows, columns).To(DType.Float64).SingularValues().ToArray<double>();
            Assert.All(singular, value => Assert.InRange(value / (0.5 * 0.2 * Math.Sqrt(columns)), 0.68, 1.14));
        }
    }

    [Theory]
    [InlineData(OptimizerKind.Adam, 1)]
    [InlineData(OptimizerKind.Muon, 1)]
    [InlineData(OptimizerKind.Muon, 0.5)]
    public void A_saved_state_is_continued_exactly(OptimizerKind kind, double lastLayerFactor)
    {
        using TensorScope scope = new();
        OptimizerSettings settings = Plain with { Kind = kind, Rate = 0.01, Momentum = 0.9, LastLayerFactor = lastLayerFactor };
        using Generator random = new(7);
        using Srcnn network = new(1, [3, 3, 3], [3, 2], random);
        using NetworkOptimizer optimizer = new(settings, network, imagesPerStep: 1);
        Tensor[] images = [.. Enumerable.Range(0, 4).Select(_ => Tensor.Randn([1, 1, 8, 8], random))];
        _ = Step(optimizer, network, images[0]);
        _ = Step(optimizer, network, images[1]);

        using TemporaryFolder folder = new();
        TensorFile.Save(folder["state.safetensors"], optimizer.NamedState().Select(entry => ("o." + entry.Name, entry.Tensor)));
        using Srcnn resumed = new(1, [3, 3, 3], [3, 2], random);
        resumed.CopyFrom(name => network.NamedParameters().First(entry => entry.Name == name).Tensor, "a test");
        using NetworkOptimizer second = new(settings, resumed, imagesPerStep: 1);
        using (TensorArchive state = TensorFile.Load(folder["state.safetensors"]))
        {
            second.Load(state, "o.");
        }

        Assert.All(images[2..], image => Assert.Equal(Step(optimizer, network, image), Step(second, resumed, image)));
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

    private static float[] Step(NetworkOptimizer optimizer, Srcnn network, Tensor image)
    {
        _ = optimizer.Step(network.Forward(image).Square().Mean(), images: 0);
        return [.. network.NamedParameters().SelectMany(entry => entry.Tensor.ToArray<float>())];
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
