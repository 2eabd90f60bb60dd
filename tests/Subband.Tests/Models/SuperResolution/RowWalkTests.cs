using Subband.Models;
using Subband.Models.SuperResolution;
using Subband.Torch;

namespace Subband.Tests.Models.SuperResolution;

/// <summary>A picture that goes through a network by its rows is the picture that went through as a whole.</summary>
public sealed class RowWalkTests
{
    [Theory]
    [InlineData("srcnn", 3)]
    [InlineData("srcnn-notes-corrected", 2)]
    [InlineData("vdsr", 2)]
    [InlineData("rdn", 4)]
    [InlineData("rdn", 3)]
    [InlineData("edsr", 2)]
    [InlineData("srresnet", 4)]
    public void Rows_that_go_through_one_after_the_other_are_those_of_the_whole(string preset, int scale)
    {
        using SuperResolutionModel model = Model(preset, scale);
        using Generator random = new(3);
        SeededRandom dice = new(4);
        foreach ((int height, int width) in ((int, int)[])[(1, 13), (2, 13), (9, 13), (58, 13), (21, 1)])
        {
            using TensorScope scope = new();
            Tensor picture = Tensor.Empty([1, 3, height, width]).UniformInPlace(0, 1, random);

            Tensor walked = Walk(model, scale, picture, () => 1 + dice.Next(11));

            Tensor whole = model.Upscale(picture, scale);
            Assert.Equal(whole.Shape, walked.Shape);
            Assert.InRange((walked - whole).Abs().Max().Item(), 0, 2e-5);
        }
    }

    [Fact]
    public void In_bf16_too_as_far_as_its_own_noise()
    {
        using SuperResolutionModel model = Model("rdn", 2);
        using Generator random = new(3);
        using TensorScope scope = new();
        using Autocast cast = new(DeviceType.Cpu, DType.BFloat16);
        Tensor picture = Tensor.Empty([1, 3, 70, 40]).UniformInPlace(0, 1, random);

        Tensor walked = Walk(model, 2, picture, () => 8);

        Assert.InRange((walked - model.Upscale(picture, 2)).Abs().Max().Item(), 0, 1.0 / 255);
    }

    [Fact]
    public void Pictures_of_a_batch_do_not_know_of_each_other()
    {
        using SuperResolutionModel model = Model("rdn", 2);
        using Generator random = new(3);
        using TensorScope scope = new();
        Tensor pictures = Tensor.Empty([3, 3, 21, 17]).UniformInPlace(0, 1, random);

        Tensor together = model.Upscale(pictures, 2);

        for (int i = 0; i < 3; i++)
        {
            Assert.InRange((together.Narrow(0, i, 1) - model.Upscale(pictures.Narrow(0, i, 1), 2)).Abs().Max().Item(), 0, 2e-5);
        }
    }

    [Fact]
    public void After_the_last_rows_there_are_no_more()
    {
        using SuperResolutionModel model = Model("srcnn", 2);
        using TensorScope scope = new();
        using RowWalk walk = new();
        using (walk.Enter(isLast: true))
        {
            _ = model.Upscale(Tensor.Zeros([1, 3, 4, 4]), 2);
        }

        Assert.Throws<InvalidOperationException>(() => walk.Enter(isLast: true).Dispose());
    }

    private static SuperResolutionModel Model(string preset, int scale)
    {
        var settings = (SuperResolutionSettings)ModelRegistry.Preset(preset).Preset.Settings;
        return SuperResolutionModel.Untrained(
            settings with
            {
                Network = settings.Network with { Scales = [scale] },
                Loss = settings.Loss with { Border = 0 }, // else the whole goes on beyond its edge, which whoever gives rows has to do
            },
            Device.Cpu);
    }

    private static Tensor Walk(SuperResolutionModel model, int scale, Tensor picture, Func<int> rowsAtOnce)
    {
        using RowWalk walk = new();
        List<Tensor> parts = [];
        for (long from = 0; from < picture.Size(2);)
        {
            long rows = Math.Min(rowsAtOnce(), picture.Size(2) - from);
            using RowWalk.Step step = walk.Enter(isLast: from + rows == picture.Size(2));
            parts.Add(model.Upscale(picture.Narrow(2, from, rows), scale));
            from += rows;
        }

        return Tensor.Cat([.. parts], 2);
    }
}
