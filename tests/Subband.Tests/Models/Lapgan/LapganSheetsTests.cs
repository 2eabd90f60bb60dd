using Subband.Imaging;
using Subband.Models.Lapgan;
using Subband.Torch;

namespace Subband.Tests.Models.Lapgan;

public sealed class LapganSheetsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_chain_shows_every_step_from_the_coarsest_image_to_the_finest()
    {
        using var scope = new TensorScope();
        using var model = Model("lapgan-cifar10", "pyramid.sizes=32,16,8");
        LabelledSheet sheet = LapganSheets.Chain(model, 4, seed: 2);
        Assert.Equal(7, sheet.ColumnTitles.Count);
        Assert.Equal("I₂\n8x8", sheet.ColumnTitles[0]);
        Assert.Equal("l₁\n16x16", sheet.ColumnTitles[1]);
        Assert.StartsWith("h₁\n", sheet.ColumnTitles[2], StringComparison.Ordinal);
        Assert.Equal("I₀\n32x32", sheet.ColumnTitles[6]);
        Assert.Equal(["leaf", "stone", "sky", "leaf"], sheet.RowTitles);
        Assert.Equal([8, 16, 16, 16, 32, 32, 32], sheet.Rows[0].Select(picture => picture!.Width));

        var finest = TensorImages.ToImages(model.Generate(4, 2), PixelRange.Signed);
        Assert.Equal(finest[3].Pixels, sheet.Rows[3][6]!.Pixels);
    }

    [Fact]
    public void Redraws_keep_the_coarse_image_and_differ_from_each_other()
    {
        using var scope = new TensorScope();
        using var model = Model("lapgan-cifar10", "pyramid.sizes=32,16,8");
        LabelledSheet sheet = LapganSheets.Redraws(model, level: 0, count: 2, redraws: 3, seed: 2);
        Assert.Equal(["kept: I₁\n16x16", "1", "2", "3"], sheet.ColumnTitles);
        var kept = TensorImages.ToImages(model.Sample(2, 2).Images[1], PixelRange.Signed);
        Assert.Equal(kept[1].Pixels, sheet.Rows[1][0]!.Pixels);
        Assert.NotEqual(sheet.Rows[0][1]!.Pixels, sheet.Rows[0][2]!.Pixels);
        Assert.Throws<UsageException>(() => LapganSheets.Redraws(model, level: 2, count: 2, redraws: 3, seed: 2));
    }

    [Fact]
    public void An_interpolation_has_a_row_for_each_coarse_image_and_a_column_for_each_step()
    {
        using var scope = new TensorScope();
        using var model = Model("lapgan-cifar10-paper", "pyramid.sizes=16,8");
        LabelledSheet sheet = LapganSheets.Interpolation(model, count: 2, steps: 5, seed: 2);
        Assert.Equal(["kept: I₁\n8x8", "0", "0.25", "0.5", "0.75", "1"], sheet.ColumnTitles);
        Assert.Empty(sheet.RowTitles);
        var ends = TensorImages.ToImages(model.Generate(2, 2), PixelRange.Signed);
        Assert.Equal(ends[1].Pixels, sheet.Rows[1][1]!.Pixels);
    }

    [Fact]
    public void A_model_of_one_level_has_no_chain()
    {
        using var model = Model("gan-cifar10-paper", "pyramid.sizes=8");
        Assert.Contains("in one step", Assert.Throws<UsageException>(() => LapganSheets.Chain(model, 2, 1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.04, 20)]
    [InlineData(0.3, 3)]
    [InlineData(0.7, 1)]
    [InlineData(5, 1)]
    public void Contrast_brings_nearly_all_of_a_band_between_black_and_white(double size, double contrast)
    {
        using var scope = new TensorScope();
        var band = Tensor.Full([2, 3, 16, 16], -size);
        band.Narrow(3, 0, 1).Narrow(2, 0, 1).FillInPlace(100); // outliers
        Assert.Equal(contrast, LapganSheets.Contrast(band));
    }

    public void Dispose() => _folder.Dispose();

    private LapganModel Model(string preset, string changes) =>
        LapganModel.Load(TinyLapgan.Write(_folder["model.safetensors"], preset, changes));
}
