using Subband.Imaging;
using Subband.Models;
using Subband.Models.Lapgan;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Tests.Models.Lapgan;

/// <summary>Sampling: the chain adds up, seeds repeat, coarse images stay where they should.</summary>
public sealed class LapganModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("lapgan-cifar10")]
    [InlineData("lapgan-cifar10-paper")]
    public void The_chain_is_low_pass_plus_band_at_every_level(string preset)
    {
        using var scope = new TensorScope();
        using var model = LapganModel.Load(Write(preset));
        var chain = model.Sample(5, seed: 1);
        Assert.Equal([5, 3, 16, 16], chain.Images[0].Shape.ToArray());
        Assert.Equal([5, 3, 8, 8], chain.Images[^1].Shape.ToArray());
        Assert.True(((chain.LowPass[0] + chain.Bands[0]) - chain.Images[0]).Abs().Max().Item() < 1e-5);
        Assert.True(chain.Bands[0].Abs().Max().Item() > 0);
        if (preset == "lapgan-cifar10")
        {
            using var pyramid = new LaplacianPyramid(PyramidFilter.Area);
            Assert.True((pyramid.Up(chain.Images[1], 16, 16) - chain.LowPass[0]).Abs().Max().Item() < 1e-5);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        using var scope = new TensorScope();
        using var model = LapganModel.Load(Write("lapgan-cifar10"));
        var first = model.Generate(130, 3).ToArray<float>();
        Assert.Equal(first, model.Generate(130, 3).ToArray<float>());
        Assert.NotEqual(first, model.Generate(130, 4).ToArray<float>());
        Assert.All(first, value => Assert.InRange(value, -1, 1));
    }

    [Theory]
    [InlineData("lapgan-cifar10")]
    [InlineData("lapgan-cifar10-paper")]
    [InlineData("lapgan-cifar10-paper-cc")]
    public void Images_made_part_by_part_are_those_made_at_once(string preset)
    {
        using var scope = new TensorScope();
        using var model = LapganModel.Load(Write(preset));
        var whole = model.Generate(130, 3);
        float[] At(int first, int count) => whole.Narrow(0, first, count).ToArray<float>();
        float[] Part(int first, int count) => model.Generate(count, 3, first: first).ToArray<float>();
        Assert.Equal(At(0, model.PartSize), Part(0, model.PartSize));
        Assert.Equal(At(model.PartSize, 30), Part(model.PartSize, 30));
        Assert.All(new[] { (0, 1), (7, 33), (99, 2), (129, 1) }, part =>
            Assert.All(At(part.Item1, part.Item2).Zip(Part(part.Item1, part.Item2)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Part(-1, 1));
    }

    [Fact]
    public void Redrawing_a_level_keeps_everything_coarser()
    {
        using var scope = new TensorScope();
        using var model = LapganModel.Load(Write("lapgan-cifar10", "pyramid.sizes=32,16,8"));
        var first = model.Sample(4, 3);
        var again = model.Redraw(4, 3, level: 0, newSeed: 9);
        Assert.Equal(first.Images[2].ToArray<float>(), again.Images[2].ToArray<float>());
        Assert.Equal(first.Images[1].ToArray<float>(), again.Images[1].ToArray<float>());
        Assert.NotEqual(first.Images[0].ToArray<float>(), again.Images[0].ToArray<float>());

        var both = model.Redraw(4, 3, level: 1, newSeed: 9);
        Assert.Equal(first.Images[2].ToArray<float>(), both.Images[2].ToArray<float>());
        Assert.NotEqual(first.Images[1].ToArray<float>(), both.Images[1].ToArray<float>());
        Assert.Throws<UsageException>(() => model.Redraw(4, 3, level: 2, newSeed: 9));
    }

    [Fact]
    public void A_line_begins_at_the_first_drawing_and_ends_at_the_second()
    {
        using var scope = new TensorScope();
        using var model = LapganModel.Load(Write("lapgan-cifar10"));
        var line = model.Interpolate(2, steps: 5, seed: 3); // [2 · 5, 3, 16, 16]
        Assert.Equal([10, 3, 16, 16], line.Shape.ToArray());
        float[] At(long image) => line.Select(0, image).ToArray<float>();
        Assert.Equal(model.Generate(2, 3).Select(0, 1).ToArray<float>(), At(5));
        Assert.Equal(model.Redraw(2, 3, 0, 4).Images[0].Clamp(-1, 1).Select(0, 1).ToArray<float>(), At(9));
        Assert.NotEqual(At(5), At(7));
    }

    [Fact]
    public void Labels_choose_the_class_and_wrong_ones_are_refused()
    {
        using var scope = new TensorScope();
        using var model = LapganModel.Load(Write("lapgan-cifar10"));
        Assert.Equal(TinyLapgan.Classes, model.Classes);
        Assert.Equal(model.Generate(3, 1).ToArray<float>(), model.Generate(3, 1, [0, 1, 2]).ToArray<float>());
        Assert.NotEqual(model.Generate(3, 1).ToArray<float>(), model.Generate(3, 1, [2, 1, 0]).ToArray<float>());
        Assert.Equal(model.Generate(3, 1, first: 4).ToArray<float>(), model.Generate(3, 1, [1, 2, 0], first: 4).ToArray<float>());

        using var plain = LapganModel.Load(Write("lapgan-cifar10-paper"));
        Assert.Empty(plain.Classes);
        Assert.Throws<UsageException>(() => plain.Generate(3, 1, [0, 1, 2]));
    }

    [Fact]
    public void An_exported_model_draws_what_the_checkpoint_draws()
    {
        using var scope = new TensorScope();
        var checkpoint = Write("lapgan-cifar10");
        var exported = Path.Combine(_folder.Path, "exported.safetensors");
        using (var file = ModelFile.Open(checkpoint))
        {
            ModelExport.Write([file], exported);
        }

        using var before = LapganModel.Load(checkpoint);
        using var after = LapganModel.Load(exported);
        Assert.Equal(before.Generate(3, 1).ToArray<float>(), after.Generate(3, 1).ToArray<float>());
        Assert.True(new FileInfo(exported).Length < new FileInfo(checkpoint).Length / 2);
    }

    [Fact]
    public void A_file_of_other_tensors_is_no_model()
    {
        using var scope = new TensorScope();
        var path = Path.Combine(_folder.Path, "other.safetensors");
        TensorFile.Save(path, [("a", Tensor.Zeros([2]))], new Dictionary<string, string>());
        var error = Assert.Throws<SubbandException>(() => LapganModel.Load(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("not written by Subband", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string preset, string changes = "pyramid.sizes=16,8") =>
        TinyLapgan.Write(_folder[$"{preset}-{changes}.safetensors"], preset, changes);
}
