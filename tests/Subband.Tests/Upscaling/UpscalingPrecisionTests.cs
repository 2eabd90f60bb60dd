using Subband.Evaluation;
using Subband.Metrics;
using Subband.Models;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;
using Subband.Upscaling;

namespace Subband.Tests.Upscaling;

public sealed class UpscalingPrecisionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0.0099, true)]
    [InlineData(-0.02, true)]
    [InlineData(0.01, false)]
    [InlineData(null, false)]
    public void Unasked_a_network_computes_in_bf16_only_where_its_file_says_that_it_costs_next_to_nothing(double? cost, bool isBf16)
    {
        bool hardware = ComputeChoice.Precision(Device.Cpu) == Precision.Bf16;
        string path = Exported(cost);
        using UpscalingModel chosen = UpscalingModels.Open(path, () => Device.Cpu);
        Assert.Equal((isBf16 && hardware, isBf16 && hardware ? "bf16" : "fp32"), (chosen.IsBf16, chosen.PrecisionName));
        using UpscalingModel single = UpscalingModels.Open(path, () => Device.Cpu, Precision.Fp32);
        Assert.False(single.IsBf16);
        using UpscalingModel half = UpscalingModels.Open(path, () => Device.Cpu, Precision.Bf16);
        Assert.True(half.IsBf16);
    }

    [Fact]
    public void What_was_measured_stands_in_the_file_and_goes_with_it()
    {
        string first = Exported(0.0025);
        using ModelFile model = ModelFile.Open(first);
        Assert.Equal(0.0025, model.Bf16Cost);
        Assert.Equal(0.0025, ModelExport.Write([model], _folder["second.safetensors"]).Bf16Cost);
        Assert.Equal(0.5, ModelExport.Write([model], _folder["third.safetensors"], bf16Cost: 0.5).Bf16Cost);
    }

    [Fact]
    public void The_cost_is_what_evaluations_in_both_precisions_differ_by()
    {
        string set = TestData.Path("sr/Set5");
        _ = Directory.CreateDirectory(_folder["HR"]);
        File.Copy($"{set}/HR/woman.png", _folder["HR/woman.png"]);
        string path = Exported(null);
        using ModelFile file = ModelFile.Open(path);
        double cost = Bf16Cost.Measure(file, _folder.Path, Device.Cpu, stop: TestContext.Current.CancellationToken);
        Assert.NotEqual(0, cost);
        Assert.Equal(PsnrOf(path, Precision.Fp32) - PsnrOf(path, Precision.Bf16), cost, 1e-9);
        Assert.InRange(cost, -0.05, 0.05);
    }

    [Fact]
    public void A_photograph_that_cannot_be_measured_leaves_no_cost()
    {
        _ = Directory.CreateDirectory(_folder["HR"]);
        File.WriteAllText(_folder["HR/broken.png"], "no picture");
        using ModelFile file = ModelFile.Open(Exported(null));
        SubbandException error = Assert.Throws<SubbandException>(
            () => Bf16Cost.Measure(file, _folder.Path, Device.Cpu, stop: TestContext.Current.CancellationToken));
        Assert.StartsWith("The cost of bf16 was not measured: broken: ", error.Message, StringComparison.Ordinal);
    }

    private double PsnrOf(string path, Precision precision)
    {
        using UpscalingModel model = UpscalingModels.Open(path, () => Device.Cpu, precision);
        PictureReport report = new UpscaleEvaluation(_folder.Path, 4).Run(
            model, new PictureMeasures(PictureMeasureKinds.Psnr, crop: 4, lpips: null), stop: TestContext.Current.CancellationToken);
        return report.Mean!.PsnrY!.Value;
    }

    // The shipped network without, or with another, cost in its file.
    private string Exported(double? cost)
    {
        string path = _folder["network.safetensors"];
        using ModelFile shipped = ModelStore.Open("rdn-x4");
        using TensorScope scope = new();
        TensorFile.Save(
            path,
            [.. shipped.Tensors.Names.Select(name => (name, shipped.Tensors[name]))],
            ModelFile.Metadata(shipped.Family.Name, shipped.Preset, shipped.Settings, shipped.Classes, shipped.Counters, cost));
        return path;
    }
}
