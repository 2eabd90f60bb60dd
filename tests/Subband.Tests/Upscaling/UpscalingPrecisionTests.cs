using Subband.Evaluation;
using Subband.Metrics;
using Subband.Models;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Upscaling;

namespace Subband.Tests.Upscaling;

public sealed class UpscalingPrecisionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // What is below 0.01 dB costs next to nothing.
    [Theory]
    [InlineData(0.0099, null, UpscalingPrecision.Bf16, UpscalingPrecision.Bf16)]
    [InlineData(-0.02, 0.01, UpscalingPrecision.Bf16, UpscalingPrecision.Bf16)]
    [InlineData(0.002, 0.0099, UpscalingPrecision.Fast, UpscalingPrecision.Bf16)]
    [InlineData(0.01, 0.002, UpscalingPrecision.Fast, UpscalingPrecision.Fp32)]
    [InlineData(0.01, 0.03, UpscalingPrecision.Fp32, UpscalingPrecision.Fp32)]
    [InlineData(null, null, UpscalingPrecision.Fp32, UpscalingPrecision.Fp32)]
    public void Unasked_a_network_computes_less_exactly_only_where_its_file_says_that_it_costs_next_to_nothing(
        double? bf16, double? fast, UpscalingPrecision whereMultiplied, UpscalingPrecision elsewhere)
    {
        string path = Exported(new PrecisionCosts(bf16, fast));
        UpscalingPrecision expected = Engine.IsBf16Multiplied ? whereMultiplied
            : ComputeChoice.WhyNotBf16(Device.Cpu) is null ? elsewhere
            : UpscalingPrecision.Fp32;
        using UpscalingModel chosen = UpscalingModels.Open(path, () => Device.Cpu);
        Assert.Equal(expected, chosen.Precision);
        foreach (UpscalingPrecision wanted in Enum.GetValues<UpscalingPrecision>())
        {
            using UpscalingModel model = UpscalingModels.Open(path, () => Device.Cpu, wanted);
            Assert.Equal((wanted, wanted.ToString().ToLowerInvariant()), (model.Precision, model.PrecisionName));
        }
    }

    [Fact]
    public void Whoever_asks_for_the_fast_class_is_told_where_it_is_none()
    {
        List<string> said = [];
        using UpscalingModel model = UpscalingModels.Open(Exported(null), () => Device.Cpu, UpscalingPrecision.Fast, say: said.Add);
        Assert.Equal(
            Engine.IsBf16Multiplied ? [] : ["fast is no faster than bf16 on this processor, and computes the same"], said);
    }

    [Fact]
    public void What_was_measured_stands_in_the_file_and_goes_with_it()
    {
        PrecisionCosts costs = new(0.0025, 0.0125);
        using ModelFile model = ModelFile.Open(Exported(costs));
        Assert.Equal(costs, model.Costs);
        ExportedModel exported = ModelExport.Write([model], _folder["second.safetensors"]);
        Assert.Equal((0.0025, 0.0125), (exported.Bf16Cost, exported.FastCost));
        exported = ModelExport.Write([model], _folder["third.safetensors"], costs: new PrecisionCosts(0.5));
        Assert.Equal((0.5, null), (exported.Bf16Cost, exported.FastCost));
    }

    [Fact]
    public void Of_several_networks_the_highest_cost_counts_and_unknown_of_one_is_unknown_of_all() => Assert.Equal(
        new PrecisionCosts(0.3, null),
        PrecisionCosts.Highest([new PrecisionCosts(0.1, 0.2), new PrecisionCosts(0.3, null), new PrecisionCosts(-0.1, 0.1)]));

    [Fact]
    public void The_cost_is_what_evaluations_in_both_precisions_differ_by()
    {
        string set = TestData.Path("sr/Set5");
        _ = Directory.CreateDirectory(_folder["HR"]);
        File.Copy($"{set}/HR/woman.png", _folder["HR/woman.png"]);
        string path = Exported(null);
        using ModelFile file = ModelFile.Open(path);
        PrecisionCosts costs = PrecisionEvaluation.Measure(file, _folder.Path, Device.Cpu, stop: TestContext.Current.CancellationToken);
        using Bf16Products products = Bf16Products.EvenWhereSlower();
        Assert.Equal(Engine.CanMultiplyBf16, costs.Fast is not null);
        foreach ((UpscalingPrecision precision, double? found) in new[] { (UpscalingPrecision.Bf16, costs.Bf16), (UpscalingPrecision.Fast, costs.Fast) })
        {
            if (found is { } cost)
            {
                Assert.NotEqual(0, cost);
                Assert.Equal(PsnrOf(path, UpscalingPrecision.Fp32) - PsnrOf(path, precision), cost, 1e-9);
                Assert.InRange(cost, -0.05, 0.1);
            }
        }

        Assert.NotEqual(costs.Bf16, costs.Fast);
    }

    [Fact]
    public void A_photograph_that_cannot_be_measured_leaves_no_cost()
    {
        _ = Directory.CreateDirectory(_folder["HR"]);
        File.WriteAllText(_folder["HR/broken.png"], "no picture");
        using ModelFile file = ModelFile.Open(Exported(null));
        SubbandException error = Assert.Throws<SubbandException>(
            () => PrecisionEvaluation.Measure(file, _folder.Path, Device.Cpu, stop: TestContext.Current.CancellationToken));
        Assert.StartsWith("The cost of computing less exactly was not measured: broken: ", error.Message, StringComparison.Ordinal);
    }

    private double PsnrOf(string path, UpscalingPrecision precision)
    {
        using UpscalingModel model = UpscalingModels.Open(path, () => Device.Cpu, precision);
        PictureReport report = new UpscaleEvaluation(_folder.Path, 4).Run(
            model, new PictureMeasures(PictureMeasureKinds.Psnr, crop: 4, lpips: null), stop: TestContext.Current.CancellationToken);
        return report.Mean!.PsnrY!.Value;
    }

    // The shipped network without, or with other, costs in its file.
    private string Exported(PrecisionCosts? costs)
    {
        string path = _folder["network.safetensors"];
        using ModelFile shipped = ModelStore.Open("rdn-x4");
        using TensorScope scope = new();
        TensorFile.Save(
            path,
            [.. shipped.Tensors.Names.Select(name => (name, shipped.Tensors[name]))],
            ModelFile.Metadata(shipped.Family.Name, shipped.Preset, shipped.Settings, shipped.Classes, shipped.Counters, costs));
        return path;
    }
}
