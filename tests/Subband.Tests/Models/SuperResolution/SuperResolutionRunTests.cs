using Subband.Imaging;
using Subband.Models;
using Subband.Models.SuperResolution;
using Subband.Tests.Training;
using Subband.Torch;
using Subband.Training;

namespace Subband.Tests.Models.SuperResolution;

/// <summary>Every kind of network for super-resolution, made small, in runs.</summary>
public sealed class SuperResolutionRunTests : IDisposable
{
    private static readonly string[] Short =
    [
        "training.batchSize=4", "training.kimg=0.016", "training.checkpointKimg=1", "training.reportKimg=0.008", "training.sampleKimg=1", "patch.size=8",
    ];

    private readonly TemporaryFolder _folder = new(inMemory: true);
    private readonly SuperResolutionFamily _family = new();

    public static TheoryData<string> Presets => [.. new SuperResolutionFamily().Presets.Select(preset => preset.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_stopped_run_ends_with_the_bytes_of_one_that_was_not(string preset)
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        ModelSettings settings = Smaller(preset);
        Train(_folder["whole"], preset, settings, stopAfter: int.MaxValue);
        for (int step = 1; step < 4; step++)
        {
            Train(_folder["stopped"], preset, settings, stopAfter: 1);
        }

        Train(_folder["stopped"], preset, settings, stopAfter: int.MaxValue);
        TinyRun.AssertSameEnd(_folder["whole"], _folder["stopped"]);

        using IUpscaler model = Newest(_folder["stopped"]);
        using TensorScope scope = new();
        Assert.Equal([1, 3, 12 * model.Scales[^1], 9 * model.Scales[^1]], model.Upscale(Tensor.Full([1, 3, 12, 9], 0.5), model.Scales[^1]).Shape.ToArray());
    }

    [Fact]
    public void A_network_learns_more_than_interpolation_knows_and_says_so_while_it_is_trained()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        string data = "synthetic:leaves#size=48,seed=3,take=0..24";
        using TrainingJob job = TrainingJob.Prepare(new TrainingRequest
        {
            Preset = "vdsr",
            Data = data,
            Out = _folder["run"],
            Scale = 2,
            Validation = "synthetic:leaves#size=48,seed=4,take=0..4",
            Kimg = 0.8,
            Precision = Precision.Fp32,
            Settings =
            [
                ("network.layers", "4"), ("network.width", "16"), ("patch.size", "24"), ("patch.sizes", "1"), ("training.batchSize", "8"), ("optimizer.rate", "0.002"),
                ("optimizer.decayKimg", "0.8"), ("optimizer.warmUpKimg", "0.08"), ("optimizer.averageKimg", "0.05"), ("training.sampleKimg", "0.4"),
            ],
        });
        List<ModelValidated> found = [];

        job.Run(
            what =>
            {
                if (what is ModelValidated validated)
                {
                    found.Add(validated);
                }
            },
            TestContext.Current.CancellationToken);

        double bicubic = Bicubic("synthetic:leaves#size=48,seed=4,take=0..4");
        Assert.Equal([0.4, 0.8], found.Select(validated => validated.Kimg));
        Assert.Equal(["x2.psnr", "x2.ssim"], found[^1].Measures.Select(measure => measure.Name));
        Assert.True(found[^1].Measures[0].Value > bicubic + 0.05, $"{found[^1].Measures[0].Value} dB, interpolation has {bicubic}");
        Assert.Contains("\"validation\":{\"x2.psnr\":", File.ReadAllText(Path.Combine(_folder["run"], "metrics.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void Lpips_is_measured_where_its_files_are_given()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        using ValidationPhotographs photographs = new(
            new SuperResolutionSettings
            {
                Network = new NetworkSettings { Scales = [2] },
                Validation = new ValidationSettings
                {
                    Data = "synthetic:leaves#size=64,seed=4,take=0..2",
                    Features = TestData.Path("weights/squeezenet1_1_lpips_features.safetensors"),
                    LpipsWeights = TestData.Path("weights/lpips_squeeze.pth"),
                },
            },
            Device.Cpu);
        using Interpolation nearest = new(ResamplingKernel.Nearest);
        using Interpolation bicubic = new(ResamplingKernel.Bicubic);

        IReadOnlyList<(string Name, double Value)> coarse = photographs.Measure(nearest);
        IReadOnlyList<(string Name, double Value)> smooth = photographs.Measure(bicubic);

        Assert.Equal(["x2.psnr", "x2.ssim", "x2.lpips"], coarse.Select(measure => measure.Name));
        Assert.All(coarse.Concat(smooth).Where(measure => measure.Name == "x2.lpips"), measure => Assert.InRange(measure.Value, 0.001, 1));
        Assert.NotEqual(coarse[2].Value, smooth[2].Value);
    }

    [Fact]
    public void A_network_with_a_teacher_learns_what_that_makes_and_goes_on_bit_by_bit()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        ModelSettings settings = new[] { "loss.teacher=nearest", "optimizer.rate=0.01" }.Aggregate(Smaller("vdsr"), SettingsTree.Apply);
        Train(_folder["whole"], "vdsr", settings, stopAfter: int.MaxValue);
        Train(_folder["stopped"], "vdsr", settings, stopAfter: 2);
        Train(_folder["stopped"], "vdsr", settings, stopAfter: int.MaxValue);
        Train(_folder["untaught"], "vdsr", SettingsTree.Apply(settings, "loss.teacher", ""), stopAfter: int.MaxValue);

        TinyRun.AssertSameEnd(_folder["whole"], _folder["stopped"]);
        using ModelFile taught = ModelFile.Open(Path.Combine(TinyRun.Newest(_folder["whole"]), "model.safetensors"));
        using ModelFile untaught = ModelFile.Open(Path.Combine(TinyRun.Newest(_folder["untaught"]), "model.safetensors"));
        string name = taught.Tensors.Names.First(name => name.StartsWith("generator.", StringComparison.Ordinal));
        Assert.NotEqual(untaught.Tensors[name].ToArray<float>(), taught.Tensors[name].ToArray<float>());
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("1", false)]
    public void A_teacher_whose_answers_cannot_be_kept_is_told_of(string cacheMib, bool isTold)
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        using TrainingJob job = TrainingJob.Prepare(new TrainingRequest
        {
            Preset = "vdsr",
            Data = "synthetic:leaves#size=48,seed=3,take=0..4",
            Out = _folder["run"],
            Kimg = 0.032,
            Settings = [("network.layers", "2"), ("network.width", "4"), ("patch.size", "24"), ("loss.teacher", "nearest"), ("training.cacheMib", cacheMib)],
        });
        List<string> warnings = [];

        job.Run(
            what =>
            {
                if (what is TrainingWarning warning)
                {
                    warnings.Add(warning.Message);
                }
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(isTold ? 1 : 0, warnings.Count(warning => warning.StartsWith("training.cacheMib=0 is too little", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_generator_starts_from_the_network_that_it_is_given()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        Train(_folder["first"], "srresnet", Smaller("srresnet"), int.MaxValue);
        ModelSettings second = SettingsTree.Apply(
            SettingsTree.Apply(Smaller("srresnet"), "optimizer.startFrom", _folder["first"]), "optimizer.rate", "0");
        Train(_folder["second"], "srresnet", second, int.MaxValue);

        using ModelFile begun = ModelFile.Open(Path.Combine(TinyRun.Newest(_folder["first"]), "model.safetensors"));
        using ModelFile ended = ModelFile.Open(Path.Combine(TinyRun.Newest(_folder["second"]), "model.safetensors"));
        Assert.Equal(
            begun.Tensors["average.conv1.0.weight"].ToArray<float>(), ended.Tensors["generator.conv1.0.weight"].ToArray<float>());
    }

    [Fact]
    public void A_start_that_has_nothing_in_common_is_refused()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        Train(_folder["first"], "srresnet", Smaller("srresnet"), int.MaxValue);
        ModelSettings other = SettingsTree.Apply(Smaller("rcan"), "optimizer.startFrom", _folder["first"]);

        UsageException error = Assert.Throws<UsageException>(() => Train(_folder["second"], "rcan", other, int.MaxValue));

        Assert.Contains("fit the network that is to be trained", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_preset_is_valid_once_the_file_that_it_asks_for_is_named(string name)
    {
        Preset preset = _family.Presets.Single(found => found.Name == name);
        bool asks = ((SuperResolutionSettings)preset.Settings).Loss.ContentWeight > 0;
        Assert.Equal(name.StartsWith("srgan", StringComparison.Ordinal), asks);

        _family.Validate(asks ? SettingsTree.Apply(preset.Settings, "loss.features", "vgg19.pth") : preset.Settings, []);

        Assert.EndsWith(".", preset.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vdsr", "loss.border=4", "leaves nothing of patches of 8 pixels")]
    [InlineData("vdsr", "loss.pixelWeight=0", "nothing would tell the network")]
    [InlineData("srresnet", "loss.contentWeight=1", "give --set loss.features=FILE")]
    [InlineData("vdsr", "loss.teacherShare=0.5", "is read only where there is a teacher")]
    [InlineData("srgan", "loss.teacher=rdn", "would take the teacher's pictures for photographs")]
    [InlineData("srresnet", "loss.features=vgg.pth", "is read only where loss.contentWeight")]
    [InlineData("vdsr", "loss.adversarialWeight=1", "Choose network.colour=rgb")]
    [InlineData("rcan", "network.scales=2,3", "enlarges by one factor only")]
    [InlineData("rdn", "optimizer.reviveKimg=1", "is for the plain rows of layers of srcnn and vdsr; rdn has paths around its filters")]
    [InlineData("rcan", "validation.features=alexnet.pth", "give --set validation.features=FILE and --set validation.lpipsWeights=FILE, or neither")]
    public void Settings_that_do_not_fit_are_refused(string preset, string change, string message)
    {
        ModelSettings settings = SettingsTree.Apply(Smaller(preset), change);

        UsageException error = Assert.Throws<UsageException>(() => _family.Validate(settings, []));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private ModelSettings Smaller(string preset)
    {
        ModelSettings settings = _family.Presets.Single(found => found.Name == preset).Settings;
        NetworkSettings network = ((SuperResolutionSettings)settings).Network;
        string[] changes = network.Kind switch
        {
            NetworkKind.Srcnn => ["network.widths=6,4"],
            NetworkKind.Vdsr => ["network.layers=3", "network.width=4"],
            NetworkKind.Rdn => ["network.blocks=2", "network.layers=2", "network.growth=4", "network.width=4", "network.scales=2"],
            NetworkKind.Rcan => ["network.groups=1", "network.blocks=2", "network.width=4", "network.reduction=2", "network.scales=3"],
            _ => ["network.blocks=1", "network.width=4", "network.scales=2"],
        };
        string[] without = preset.StartsWith("srgan", StringComparison.Ordinal)
            ? ["loss.contentWeight=0", "loss.pixelWeight=1", "adversary.width=2", "adversary.hidden=4"]
            : preset is "srcnn" or "srcnn-paper" ? ["loss.border=2"]
            : [];
        string[] revived = ((SuperResolutionSettings)settings).Optimizer.ReviveKimg > 0 ? ["optimizer.reviveKimg=0.008"] : []; // within these few steps
        return Short.Concat(changes).Concat(without).Concat(revived).Aggregate(settings, SettingsTree.Apply);
    }

    private static double Bicubic(string data)
    {
        SuperResolutionSettings settings = new()
        {
            Network = new NetworkSettings { Scales = [2] },
            Validation = new ValidationSettings { Data = data },
        };
        using ValidationPhotographs photographs = new(settings, Device.Cpu);
        using Interpolation bicubic = new(ResamplingKernel.Bicubic);
        return photographs.Measure(bicubic)[0].Value;
    }

    private static IUpscaler Newest(string run)
    {
        using ModelFile file = ModelFile.Open(Path.Combine(TinyRun.Newest(run), "model.safetensors"));
        return file.Family.LoadUpscaler(file, Device.Cpu);
    }

    private void Train(string path, string preset, ModelSettings settings, int stopAfter) =>
        TinyRun.TrainPreset(path, _family, preset, settings, stopAfter);
}
