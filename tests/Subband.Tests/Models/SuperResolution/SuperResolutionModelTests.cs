using Subband.Models;
using Subband.Models.Import;
using Subband.Models.SuperResolution;
using Subband.Torch;
using Subband.Training;

namespace Subband.Tests.Models.SuperResolution;

public class SuperResolutionModelTests
{
    [Theory]
    [InlineData("srcnn", "", 57_281)]
    [InlineData("srcnn", "network.kernels=9,1,5", 8_129)]
    [InlineData("srcnn", "network.colour=rgb", 69_251)]
    [InlineData("srcnn-notes", "", 240_899)]
    [InlineData("vdsr", "", 665_921)]
    [InlineData("vdsr", "network.bias=false", 664_704)]
    [InlineData("vdsr", "network.colour=rgb", 668_227)]
    [InlineData("rdn-paper", "network.scales=2", 22_123_395)]
    [InlineData("rdn-paper", "network.scales=3", 22_308_035)]
    [InlineData("rdn-paper", "", 22_271_107)]
    [InlineData("rdn-a-paper", "network.scales=2", 5_616_515)]
    [InlineData("rdn-a-paper", "network.scales=3", 5_801_155)]
    [InlineData("rdn-a-paper", "", 5_764_227)]
    [InlineData("rcan-paper", "network.scales=2", 15_444_643)]
    [InlineData("rcan-paper", "network.scales=3", 15_629_283)]
    [InlineData("rcan-paper", "", 15_592_355)]
    [InlineData("rcan-paper", "network.scales=8", 15_740_067)]
    [InlineData("srresnet-paper", "network.scales=2", 1_399_637)]
    [InlineData("srresnet-paper", "", 1_547_350)]
    [InlineData("srresnet-paper", "network.scales=8", 1_695_063)]
    [InlineData("srgan-paper", "loss.features=vgg19.pth", 1_547_350)]
    [InlineData("srresnet-paper", "network.batchNorm=false", 1_547_350 - (33 * 64))] // a bias instead of weight and bias
    [InlineData("srresnet-paper", "network.tailWidth=16", 1_286_470)]
    [InlineData("rcan-paper", "network.tailWidth=16", 15_341_843)]
    [InlineData("rdn", "", 704_755)] // of the small ones, as docs/super-resolution says
    [InlineData("rcan", "", 750_512)]
    [InlineData("edsr", "", 738_486)]
    public void A_preset_has_as_many_parameters_as_its_paper(string preset, string change, long parameters)
    {
        var (family, found) = ModelRegistry.Preset(preset);
        var settings = (SuperResolutionSettings)(change.Length == 0 ? found.Settings : SettingsTree.Apply(found.Settings, change));
        family.Validate(settings, []);
        using var random = new Generator(1);
        using var network = SuperResolutionNetworks.Make(settings, random);
        Assert.Equal(parameters, network.ParameterCount());
    }

    [Fact]
    public void The_discriminator_has_as_many_parameters_as_the_papers()
    {
        using var random = new Generator(1);
        using var network = new SrganDiscriminator(96, 64, 1024, random);
        Assert.Equal(23_563_649, network.ParameterCount());
        Assert.Equal("size", Assert.Throws<ArgumentOutOfRangeException>(() => new SrganDiscriminator(100, 64, 1024, random)).ParamName);
    }

    [Theory]
    [InlineData("srcnn", 4, 4)] // 8 pixels of the large image and 2 of the curve
    [InlineData("vdsr", 2, 12)]
    [InlineData("vdsr", 3, 8)]
    [InlineData("vdsr", 4, 7)]
    public void Reach_is_what_the_reference_says_of_the_large_image_and_the_curve(string preset, int scale, int reach)
    {
        using var model = Untrained(preset, $"network.scales={scale}");
        Assert.Equal(reach, model.Reach(scale));
    }

    [Theory]
    [InlineData("srcnn", "network.scales=2;network.kernels=9,1,5", 2)]
    [InlineData("srcnn", "network.scales=3;network.kernels=3,3,5;network.enlargement=lanczos3", 3)]
    [InlineData("vdsr", "network.scales=4;network.layers=5;network.width=6", 4)]
    [InlineData("rdn", "network.scales=3;network.blocks=1;network.layers=2;network.growth=4;network.width=4", 3)]
    [InlineData("rdn", "network.scales=4;network.blocks=1;network.layers=2;network.growth=4;network.width=4", 4)]
    [InlineData("srresnet", "network.scales=4;network.blocks=1;network.width=4", 4)]
    [InlineData("srresnet", "network.scales=2;network.blocks=1;network.width=4", 2)]
    [InlineData("edsr", "network.scales=3;network.blocks=1;network.width=4;network.tailWidth=6", 3)]
    public void A_pixel_depends_on_what_lies_within_reach_and_on_nothing_beyond(string preset, string changes, int scale)
    {
        using var scope = new TensorScope();
        using var model = Untrained(preset, changes);
        var reach = model.Reach(scale)!.Value;
        const int Side = 40;
        const float Rounding = 1e-6f; // Winograd's sums, of which the pixels of a tile have several in common
        var row = Tensor.Full([1, 3, 1, Side], 0.5);
        int[] found = [0, 0];
        for (var pixel = 12; pixel < 20; pixel++)
        {
            // One column is changed; the small pixels whose new ones change tell how far it was seen.
            var image = row.Expand(1, 3, Side, Side).Clone();
            var before = model.Upscale(image, scale);
            image.Narrow(3, pixel, 1).FillInPlace(0.9);
            var changed = (model.Upscale(image, scale) - before).Abs().Max([0, 1, 2]).ToArray<float>();
            var first = Array.FindIndex(changed, value => value > Rounding) / scale;
            var last = Array.FindLastIndex(changed, value => value > Rounding) / scale;
            found = [Math.Max(found[0], pixel - first), Math.Max(found[1], last - pixel)];
        }

        Assert.Equal(reach, Math.Max(found[0], found[1]));
    }

    [Fact]
    public void With_channel_attention_a_pixel_depends_on_the_whole_image()
    {
        using var model = Untrained("rcan", "network.groups=1;network.blocks=1;network.width=8;network.reduction=4");
        Assert.Null(model.Reach(4));
    }

    [Fact]
    public void A_scale_that_a_model_was_not_made_for_is_refused()
    {
        using var scope = new TensorScope();
        using var model = Untrained("vdsr", "network.layers=3;network.width=4");
        Assert.Equal([2, 3, 4], model.Scales);
        var error = Assert.Throws<UsageException>(() => model.Upscale(Tensor.Zeros([1, 3, 4, 4]), 5));
        Assert.Equal("This model enlarges by 2 or 3 or 4, not by 5.", error.Message);
        Assert.Throws<TensorShapeException>(() => model.Upscale(Tensor.Zeros([1, 1, 4, 4]), 2));
    }

    [Theory]
    [InlineData("rdn", "network.scales=3;network.blocks=1;network.layers=2;network.growth=4;network.width=4")]
    [InlineData("rcan", "network.scales=2;network.groups=1;network.blocks=1;network.width=8;network.reduction=4")]
    [InlineData("edsr", "network.scales=4;network.blocks=1;network.width=4")]
    public void A_network_that_computes_a_band_adds_it_to_the_enlarged_image(string preset, string changes)
    {
        using var scope = new TensorScope();
        using var band = Untrained(preset, changes);
        using var whole = Untrained(preset, changes + ";network.band=false");
        using var bicubic = Interpolation.Named("bicubic")!;
        var scale = band.Scales[0];
        var images = GoldenOutputs.Images(3, 6, 5);

        var expected = whole.Upscale(images, scale) + bicubic.Upscale(images, scale);

        Assert.True((band.Upscale(images, scale) - expected).Abs().Max().Item() < 1e-6);
    }

    [Theory]
    [InlineData("srcnn", "loss.border=8;network.scales=3", true)]
    [InlineData("srcnn", "loss.border=0;network.scales=3", false)]
    [InlineData("edsr", "loss.border=44;network.scales=4;network.blocks=1;network.width=4", true)] // eleven small pixels
    [InlineData("edsr", "loss.border=0;network.scales=4;network.blocks=1;network.width=4", false)]
    public void A_network_that_was_trained_without_a_border_sees_the_outermost_pixels_beyond_the_edge(string preset, string changes, bool isFlat)
    {
        using var scope = new TensorScope();
        using var model = Untrained(preset, changes);
        var scale = model.Scales[0];
        var flat = model.Upscale(Tensor.Full([1, 3, 24, 16], 0.25), scale);
        Assert.Equal([1, 3, 24 * scale, 16 * scale], flat.Shape.ToArray());
        var corner = flat.Narrow(2, 0, scale).Narrow(3, 0, scale); // the pixels made of one
        var middle = flat.Narrow(2, 12 * scale, scale).Narrow(3, 8 * scale, scale);
        var single = model.Upscale(Tensor.Full([1, 3, 1, 1], 0.25), scale);

        // zeros beyond the edge would show
        Assert.Equal(isFlat, (corner - middle).Abs().Max().Item() < 1e-5);
        Assert.Equal(isFlat, (single - middle).Abs().Max().Item() < 1e-5);
    }

    [Fact]
    public void A_network_of_the_brightness_leaves_colours_as_interpolation_makes_them()
    {
        using var scope = new TensorScope();
        using var model = Untrained("vdsr", "network.layers=3;network.width=4");
        using var bicubic = Interpolation.Named("bicubic")!;
        var images = GoldenOutputs.Images(3, 6, 5);
        var change = model.Upscale(images, 3) - bicubic.Upscale(images, 3);
        // Cb and Cr are differences of colours: what is added to all three alike changes neither.
        Assert.True(change.Abs().Max().Item() > 0.01);
        Assert.True((change - change.Mean([1], keep: true)).Abs().Max().Item() < 1e-6);
    }

    [Theory]
    [InlineData("srcnn", "network.kernels=9,5", "network.kernels has 2 numbers; SRCNN needs three.")]
    [InlineData("srcnn", "network.kernels=9,4,5", "network.kernels must be odd")]
    [InlineData("srcnn", "network.widths=64", "network.widths has 1 numbers")]
    [InlineData("srcnn", "network.scales=", "network.scales is ''; it needs at least one factor")]
    [InlineData("srcnn", "network.blocks=3", "srcnn does not read network.blocks=3. Choose one that does, or leave the defaults: --set network.blocks=16.")]
    [InlineData("vdsr", "network.layers=1", "network.layers is 1; VDSR needs at least 2.")]
    [InlineData("vdsr", "network.scales=2,2", "and none twice")]
    [InlineData("rcan", "network.scales=2,3", "network.scales is 2,3; rcan enlarges by one factor only.")]
    [InlineData("rcan", "network.scales=5", "rcan enlarges by 2, 3, 4, 8 or 16.")]
    [InlineData("srresnet", "network.scales=6", "srResNet enlarges by 2, 3, 4, 8 or 16.")]
    [InlineData("vdsr", "network.batchNorm=false", "vdsr does not read network.batchNorm=false")]
    [InlineData("rcan-paper", "network.reduction=65", "network.reduction is 65; it can be at most network.width, which is 64.")]
    [InlineData("rcan", "network.mean=0.5", "network.mean has 1 numbers; it needs three, or none.")]
    [InlineData("rdn", "network.colour=y", "does not read network.colour=y")]
    [InlineData("rdn", "network.mean=0.4,0.4,0.4", "leave network.mean empty where network.band is true")]
    public void Settings_that_do_not_fit_each_other_are_refused_by_name(string preset, string change, string said)
    {
        var (family, found) = ModelRegistry.Preset(preset);
        var error = Assert.Throws<UsageException>(() => family.Validate(SettingsTree.Apply(found.Settings, change), []));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_kind_of_model_says_what_it_is_for_when_asked_for_the_other()
    {
        using var lapgan = ModelStore.Open("lapgan-cifar10");
        var enlarge = Assert.Throws<SubbandException>(() => lapgan.Family.LoadUpscaler(lapgan, Device.Cpu));
        Assert.Contains("makes images from nothing and enlarges no photographs; use 'subband sample'.", enlarge.Message, StringComparison.Ordinal);

        using var folder = new TemporaryFolder(inMemory: true);
        CheckpointImport.Write(GoldenOutputs.Checkpoint("vdsr"), folder["vdsr.safetensors"]);
        using var vdsr = ModelFile.Open(folder["vdsr.safetensors"]);
        var make = Assert.Throws<SubbandException>(() => vdsr.Family.LoadGenerator(vdsr, Device.Cpu));
        Assert.Contains("is vdsr, which enlarges photographs and makes none from nothing; use 'subband upscale'.", make.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exported_model_enlarges_as_before()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder(inMemory: true);
        CheckpointImport.Write(GoldenOutputs.Checkpoint("srresnet_x4"), folder["a.safetensors"]);
        using (var file = ModelFile.Open(folder["a.safetensors"]))
        {
            ModelExport.Write([file], folder["b.safetensors"]);
            Assert.Throws<UsageException>(() => ModelExport.Write([file, file], folder["c.safetensors"]));
        }

        var images = GoldenOutputs.Images(3, 9, 7);
        using var before = SuperResolutionModel.Load(folder["a.safetensors"]);
        using var after = SuperResolutionModel.Load(folder["b.safetensors"]);
        Assert.Equal(before.Upscale(images, 4).ToArray<float>(), after.Upscale(images, 4).ToArray<float>());
    }

    [Theory]
    [InlineData("srcnn-paper", "conv1.weight", 0.001)]                       // N(0, 0.001)
    [InlineData("vdsr", "residual_layer.3.conv.weight", 0.05893)]      // √(2 / (9 · 64))
    [InlineData("srcnn-notes", "conv2.weight", 0.02041)]               // √(2 / (25 · (128 + 64)))
    public void Weights_start_as_in_the_papers(string preset, string name, double deviation)
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var network = SuperResolutionNetworks.Make((SuperResolutionSettings)ModelRegistry.Preset(preset).Preset.Settings, random);
        var tensors = network.NamedParameters().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        using var noGrad = Autograd.NoGrad();
        var values = tensors[name].ToArray<float>();
        Assert.Equal(deviation, Math.Sqrt(values.Average(value => (double)value * value)), deviation * 0.05);
        Assert.All(tensors.Where(entry => entry.Key.EndsWith(".bias", StringComparison.Ordinal)), entry => Assert.Equal(0, entry.Value.Abs().Max().Item()));
    }

    [Theory]
    [InlineData("srresnet", "network.blocks=1;network.width=8")]
    [InlineData("edsr", "network.scales=3;network.blocks=1;network.width=8;network.tailWidth=4")]
    [InlineData("rdn", "network.blocks=1;network.layers=2;network.growth=8;network.width=8")]
    [InlineData("rcan", "network.groups=1;network.blocks=1;network.width=8;network.reduction=4")]
    [InlineData("vdsr", "network.layers=3;network.width=8;network.scales=2")]
    public void Every_weight_gets_a_gradient_in_single_precision_and_under_bfloat16_autocast(string preset, string changes)
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var network = SuperResolutionNetworks.Make(Settings(preset, changes), random);
        var image = GoldenOutputs.Images(network.Channels, 8, 8);
        foreach (var half in (bool[])[false, true])
        {
            using Autocast autocast = new(DeviceType.Cpu, DType.BFloat16, half);
            var pixels = network.Forward(image);
            Assert.Equal(DType.Float32, pixels.DType); // bf16 knows fewer numbers below 1 than a byte
            var gradients = Autograd.Grad(pixels.Square().Mean(), network.Parameters());
            Assert.All(gradients, gradient => Assert.True(gradient.Abs().Max().Item() > 0));
        }
    }

    private static SuperResolutionSettings Settings(string preset, string changes) => (SuperResolutionSettings)changes
        .Split(';', StringSplitOptions.RemoveEmptyEntries)
        .Aggregate(ModelRegistry.Preset(preset).Preset.Settings, SettingsTree.Apply);

    private static SuperResolutionModel Untrained(string preset, string changes)
    {
        var settings = Settings(preset, changes);
        ModelRegistry.Family("super-resolution").Validate(settings, []);
        using var random = new Generator(1);
        var network = SuperResolutionNetworks.Make(settings with { Network = settings.Network with { Initial = InitialWeights.Layers } }, random);
        network.Evaluate();
        return new SuperResolutionModel(settings, network, Device.Cpu, owned: true);
    }
}
