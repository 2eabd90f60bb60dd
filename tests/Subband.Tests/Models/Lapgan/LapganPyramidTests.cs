using Subband.Imaging;
using Subband.Models.Lapgan;
using Subband.Torch;

namespace Subband.Tests.Models.Lapgan;

/// <summary>The levels of a LAPGAN one by one, as multi-scale measures ask for them.</summary>
public sealed class LapganPyramidTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Codes_of_a_standardising_model_are_scaled_by_what_its_log_scale_says()
    {
        using var scope = new TensorScope();
        using var model = LapganModel.Load(TinyLapgan.Write(_folder["m.safetensors"], "lapgan-cifar10-paper", "pyramid.sizes=16,8"));
        using var random = new Generator(3);
        var images = (Tensor.Rand([2, 3, 16, 16], random) * 2) - 1;
        // The tiny model was told mean 0.1 and deviation 0.5 of every value.
        Assert.True((model.Encode(images) - ((images - 0.1) / 0.5)).Abs().Max().Item() < 1e-5);
        Assert.Equal(3 * 16 * 16 * Math.Log(0.5), model.LogScale, 1e-3);
        Assert.Equal([16, 8], model.Sides);
    }

    [Fact]
    public void Codes_of_other_models_are_the_images()
    {
        using var scope = new TensorScope();
        using var model = LapganModel.Load(TinyLapgan.Write(_folder["m.safetensors"], "lapgan-cifar10", "pyramid.sizes=16,8"));
        var images = Tensor.Full([1, 3, 16, 16], 0.25);
        Assert.Equal(images.ToArray<float>(), model.Encode(images).ToArray<float>());
        Assert.Equal(0, model.LogScale);
    }

    [Theory]
    [InlineData("lapgan-cifar10")]
    [InlineData("lapgan-cifar10-paper")]
    public void A_finer_image_is_the_enlarged_coarser_one_and_a_band_of_fresh_noise(string preset)
    {
        using var scope = new TensorScope();
        using var model = LapganModel.Load(TinyLapgan.Write(_folder["m.safetensors"], preset, "pyramid.sizes=16,8"));
        using var random = new Generator(5);
        var coarser = model.DrawCoarsest(1, random); // [1, 3, 8, 8]
        var finer = model.DrawFiner(0, coarser, 3, random);
        Assert.Equal([3, 3, 16, 16], finer.Shape.ToArray());
        Assert.True((finer.Select(0, 0) - finer.Select(0, 1)).Abs().Max().Item() > 0);
        if (model.Classes.Count == 0)
        {
            using var pyramid = new LaplacianPyramid(PyramidFilter.Area);
            var lowPass = pyramid.Up(coarser, 16, 16).Expand(3, -1, -1, -1);
            using var again = new Generator(5);
            model.DrawCoarsest(1, again);
            Assert.True((finer - lowPass - model.DrawBand(0, lowPass, again)).Abs().Max().Item() < 1e-6);
        }
    }

    [Fact]
    public void Coarsest_images_come_in_the_number_that_was_asked_for_and_repeat_with_the_seed()
    {
        using var scope = new TensorScope();
        using var model = LapganModel.Load(TinyLapgan.Write(_folder["m.safetensors"], "lapgan-cifar10", "pyramid.sizes=16,8"));
        using var random = new Generator(5);
        using var again = new Generator(5);
        var first = model.DrawCoarsest(230, random);
        Assert.Equal([230, 3, 8, 8], first.Shape.ToArray());
        Assert.Equal(first.ToArray<float>(), model.DrawCoarsest(230, again).ToArray<float>());
        Assert.Throws<UsageException>(() => model.DrawFiner(1, first.Narrow(0, 0, 1), 2, random));
    }

    public void Dispose() => _folder.Dispose();
}
