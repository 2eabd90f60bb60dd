using Subband.Imaging;
using Subband.Metrics;
using Subband.Models.StyleGan2;
using Subband.Models.StyleGan2.Editing;
using Subband.Torch;

namespace Subband.Tests.Models.StyleGan2.Editing;

public sealed class StyleProjectorTests
{
    [Fact]
    public void Rate_and_noise_follow_the_published_schedule()
    {
        ProjectionOptions options = new();
        Assert.Equal([0, 0.05, 0.1, 0.1, 0.05], new[] { 0, 25, 50, 750, 875 }.Select(options.RateAt), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal([0.05, 0.0125, 0, 0], new[] { 0, 375, 750, 999 }.Select(options.StyleNoiseAt), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Noise_in_which_neighbours_are_alike_costs_and_noise_does_not()
    {
        using var scope = new TensorScope();
        Assert.Equal(2, StyleProjector.Regularity([Tensor.Full([1, 1, 8, 8], 1)]).Item(), 1e-6);
        Assert.Equal(2 * 2, StyleProjector.Regularity([Tensor.Full([1, 1, 16, 16], 1)]).Item(), 1e-6); // two scales
        Assert.Equal(3 * 2, StyleProjector.Regularity([Tensor.Full([3, 1, 8, 8], 1)]).Item(), 1e-6);   // three images
        using var random = new Generator(1);
        Assert.InRange(StyleProjector.Regularity([Tensor.Randn([1, 1, 8, 8], random)]).Item(), 0, 0.2);
    }

    [Fact]
    public void Pictures_are_covered_and_cut_in_the_middle()
    {
        Rgb8Image wide = new(6, 2, [.. Enumerable.Range(0, 12).SelectMany(i => Enumerable.Repeat((byte)(i % 6), 3))]);
        Assert.Equal([2, 2, 2, 3, 3, 3, 2, 2, 2, 3, 3, 3], ProjectionTarget.Of(wide, 2, 2).Pixels.Select(value => (int)value));
        Assert.Equal((8, 8), ProjectionTarget.Of(wide, 8, 8) is var large ? (large.Width, large.Height) : (0, 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_picture_of_the_model_itself_is_found_again(bool eachLayer)
    {
        using TemporaryFolder folder = new();
        using var scope = new TensorScope();
        using var model = StyleGan2Model.Load(TinyStyleGan2.Write(folder["model.safetensors"], "swagan-32", "network.doublings=3"));
        using var lpips = Lpips.Load(
            TestData.Path("weights/squeezenet1_1_lpips_features.safetensors"), TestData.Path("weights/lpips_squeeze.pth"));
        StyleProjector projector = new(model, lpips, new ProjectionOptions { Steps = 60, StyleForEachLayer = eachLayer });
        var images = model.Generate(2, seed: 5);
        var steps = 0;

        var found = projector.Project(images, tell: step => steps = step.Step, stop: TestContext.Current.CancellationToken);

        Assert.Equal((60, 60), (steps, found.Curve.Count));
        Assert.All(found.Distances.Index(), entry => Assert.True(
            entry.Item < 0.5 * found.Curve[0][entry.Index], $"from {found.Curve[0][entry.Index]} to {entry.Item} only"));
        // the steps are of what the network makes, the picture is that cut to black and white
        var unit = (model.Synthesise(found.Styles, found.Noises) + 1) * 0.5;
        var distances = lpips.Distance((images + 1) * 0.5, unit).ToArray<float>();
        var ofPictures = lpips.Distance((images + 1) * 0.5, unit.Clamp(0, 1)).ToArray<float>();
        Assert.All(distances.Index(), entry => Assert.Equal(found.Curve[^1][entry.Index], entry.Item, 5e-2 * entry.Item));
        Assert.Equal(found.Distances, ofPictures.Select(one => (double)one), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal([2, model.Shape.Styles, model.Shape.StyleWidth], found.Styles.Shape.ToArray());
        var spread = (found.Styles.Select(1, 0) - found.Styles.Select(1, 1)).Abs().Sum().Item();
        Assert.Equal(eachLayer, spread > 0);
        Assert.All(found.Noises, noise => Assert.Equal(1, noise.Select(0, 0).Square().Mean().Item(), 1e-4));

        LatentFile.Save(folder["styles.safetensors"], found.Styles.Select(0, 1), found.Noises.Select(noise => noise.Narrow(0, 1, 1)), "swagan-32", "b.png");
        using var read = LatentFile.Load(folder["styles.safetensors"], model.Shape);
        Assert.Equal("b.png", read.Source);
        var again = model.Synthesise(read.Styles, read.Noises).Clamp(-1, 1);
        Assert.True((again - found.Images.Narrow(0, 1, 1)).Abs().Max().Item() < 1e-4);
        var other = Assert.Throws<SubbandException>(() => LatentFile.Load(folder["styles.safetensors"], model.Shape with { Doublings = 4 }));
        Assert.Contains("they are of another model", other.Message, StringComparison.Ordinal);
        Assert.Throws<SubbandException>(() => LatentFile.Load(folder["model.safetensors"], model.Shape));
    }

    // The first step's rate is 0, so that after it the styles are still those that were begun with.
    [Fact]
    public void The_search_begins_at_the_mean_style_of_the_class_or_of_all_classes()
    {
        using TemporaryFolder folder = new();
        using var scope = new TensorScope();
        using var model = StyleGan2Model.Load(
            TinyStyleGan2.Write(folder["model.safetensors"], "swagan-32", "network.doublings=3", "conditional=true", "optimizer.generatorRate=0.1"));
        using var lpips = Lpips.Load(
            TestData.Path("weights/squeezenet1_1_lpips_features.safetensors"), TestData.Path("weights/lpips_squeeze.pth"));
        StyleProjector projector = new(model, lpips, new ProjectionOptions { Steps = 1 });
        var images = model.Generate(2, seed: 5);
        var stop = TestContext.Current.CancellationToken;
        AssertBegan(projector.Project(images, [2, 1], stop: stop), model.MeanStyles.IndexSelect(0, Tensor.From([2L, 1L], 2)));
        AssertBegan(projector.Project(images, stop: stop), model.MeanStyles.Mean([0], keep: true).Expand(2, -1));
        Assert.True((model.MeanStyles.Select(0, 1) - model.MeanStyles.Select(0, 2)).Norm().Item() > 1e-3);
        Assert.Throws<ArgumentException>(() => projector.Project(images, [0], stop: stop));

        static void AssertBegan(StyleProjection found, Tensor at) => Assert.True((found.Styles.Select(1, 0) - at).Abs().Max().Item() < 1e-5);
    }

    [Fact]
    public void Images_of_another_size_and_a_stop_are_heeded()
    {
        using TemporaryFolder folder = new();
        using var scope = new TensorScope();
        using var model = StyleGan2Model.Load(TinyStyleGan2.Write(folder["model.safetensors"], "stylegan2-32", "network.doublings=3"));
        using var lpips = Lpips.Load(
            TestData.Path("weights/squeezenet1_1_lpips_features.safetensors"), TestData.Path("weights/lpips_squeeze.pth"));
        StyleProjector projector = new(model, lpips, new ProjectionOptions());
        Assert.Throws<TensorShapeException>(() => projector.Project(Tensor.Zeros([1, 3, 16, 32]), stop: TestContext.Current.CancellationToken));
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => projector.Project(model.Generate(1, 1), tell: _ => stop.Cancel(), stop: stop.Token));
    }
}
