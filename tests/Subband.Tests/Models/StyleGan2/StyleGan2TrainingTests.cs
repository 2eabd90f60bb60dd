using Subband.Data;
using Subband.Evaluation;
using Subband.Models;
using Subband.Models.Features;
using Subband.Models.StyleGan2;
using Subband.Torch;
using Subband.Training;

namespace Subband.Tests.Models.StyleGan2;

/// <summary>A StyleGAN2 or SWAGAN while it is trained.</summary>
public sealed class StyleGan2TrainingTests
{
    [Fact]
    public void Every_preset_is_valid_and_of_the_size_in_its_name()
    {
        IModelFamily family = ModelRegistry.Family("stylegan2");
        Assert.All(family.Presets, preset =>
        {
            family.Validate(preset.Settings, ["one", "two"]);
            var size = preset.Name == "swagan-cifar10" ? 32 : int.Parse(preset.Name.Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal((size, size), (family.Plan(preset.Settings, 1).Height, family.Plan(preset.Settings, 1).Width));
            Assert.EndsWith(".", preset.Summary, StringComparison.Ordinal);
        });
        Assert.Equal(19, family.Presets.Count);
    }

    [Theory]
    [InlineData("swagan-32", "network.bandReader=2", "network.bandReader is 2")]
    [InlineData("stylegan2-32", "network.bandReader=1", "network.bandReader is read only")]
    [InlineData("stylegan2-32", "network.profile=paper", "network.profile is of wavelets")]
    [InlineData("stylegan2-32", "network.enlargement=learned", "network.enlargement is read only")]
    [InlineData("stylegan2-32", "network.reduction=learned", "network.reduction is read only")]
    [InlineData("swagan-32", "network.reduction=learned;network.bandReader=1", "bands are read by filters of 3")]
    [InlineData("swagan-32", "network.profile=paper;network.baseHeight=5", "must be divisible by 2")]
    [InlineData("swagan-32", "network.reduction=learned;network.baseWidth=3", "must be divisible by 2")]
    [InlineData("swagan-32", "network.profile=paper;network.reduction=learned;network.baseHeight=6", "ends at 1/4 of them")]
    [InlineData("swagan-32", "training.batchSize=6", "training.batchSize is 6; the discriminator compares images in groups of 4")]
    [InlineData("swagan-32", "optimizer.partSize=6", "optimizer.partSize is 6")]
    [InlineData("swagan-32", "optimizer.partSize=12", "it must be a multiple of optimizer.partSize, which is 12")]
    [InlineData("swagan-32", "conditional=true", "the data has no classes")]
    [InlineData("swagan-32", "augmentation.kimg=100", "augmentation.* is read only where augmentation.groups names changes")]
    [InlineData("swagan-32", "augmentation.groups=all;augmentation.strength=0.5;augmentation.target=0", "are of a strength that adapts")]
    [InlineData("swagan-32", "validation.data=synthetic:leaves", "give --set validation.features=FILE")]
    [InlineData("swagan-32", "validation.samples=10", "give --validation SOURCE too")]
    public void Settings_that_do_not_fit_each_other_are_refused_by_name(string name, string changes, string named)
    {
        var (family, preset) = ModelRegistry.Preset(name);
        var settings = changes.Split(';').Aggregate(preset.Settings, SettingsTree.Apply);
        var error = Assert.Throws<UsageException>(() => family.Validate(settings, []));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("swagan-32")]
    [InlineData("stylegan2-32", "conditional=true")]
    [InlineData("swagan-32", "augmentation.groups=blitGeometryColour", "augmentation.kimg=0.02", "augmentation.interval=2", "augmentation.target=-0.9")]
    [InlineData("swagan-32", "network.profile=paper", "network.enlargement=learned", "network.reduction=learned", "optimizer.averageRamp=0.05")]
    public void A_restored_training_goes_on_bit_by_bit(string preset, params string[] changes)
    {
        using TemporaryFolder folder = new();
        using TinyStyleGan2 through = new(preset, changes);
        through.Steps(6);
        using TinyStyleGan2 before = new(preset, changes);
        before.Steps(3);
        using TinyStyleGan2 after = new(preset, changes);
        after.ContinueFrom(before, folder.Path);
        after.Steps(3, first: 3);
        Assert.Equal(24, after.Trainee.Images);
        AssertSame(through.Values(), after.Values());
    }

    [Fact]
    public void Its_samples_are_held_against_true_images_without_a_change_of_the_training()
    {
        string[] validation =
        [
            "validation.data=synthetic:leaves#size=16,take=0..20", $"validation.features={TestData.Path("weights/squeezenet1_1.safetensors")}",
            "validation.samples=12",
        ];
        using TinyStyleGan2 measured = new("swagan-32", validation);
        using TinyStyleGan2 other = new("swagan-32");
        measured.Steps(1);
        other.Steps(1);
        var (name, first) = Assert.Single(measured.Trainee.Validate());
        Assert.Equal("fd", name);
        Assert.Equal(first, Assert.Single(measured.Trainee.Validate()).Value);
        Assert.Empty(other.Trainee.Validate());
        measured.Steps(1, first: 1);
        other.Steps(1, first: 1);
        AssertSame(other.Values(), measured.Values());

        // An exported model does not tell what lies where on the machine that made it.
        using TemporaryFolder folder = new();
        using var file = ModelFile.Open(measured.Save(Path.Combine(folder.Path, "model.safetensors")));
        ModelExport.Write([file], Path.Combine(folder.Path, "exported.safetensors"), DType.Float32);
        using var exported = ModelFile.Open(Path.Combine(folder.Path, "exported.safetensors"));
        Assert.Equal(new SampleValidationSettings { Samples = 12 }, ((StyleGan2Settings)exported.Settings).Validation);

        // What 'subband evaluate' finds of the model that was saved.
        using var scope = new TensorScope();
        using var model = file.Family.LoadGenerator(file, Device.Cpu);
        using var features = SqueezeNetFeatures.Load(TestData.Path("weights/squeezenet1_1.safetensors"));
        using var leaves = ImageSources.Open("synthetic:leaves#size=16,take=0..20");
        EvaluationOptions options = new() { Samples = 12 };
        using var reference = FrechetReference.Of(leaves, file.Family.Plan(file.Settings, 1), features, options);
        Assert.Equal(reference.Distance(model, options).Value, Assert.Single(measured.Trainee.Validate()).Value, 1e-9);
    }

    [Fact]
    public void Penalties_are_taken_at_their_intervals_only()
    {
        using TinyStyleGan2 tiny = new("swagan-32", "loss.r1Interval=3", "loss.pathLengthInterval=2");
        string[][] seen = [.. Enumerable.Range(0, 4).Select(step => tiny.Steps(1, step).Keys.ToArray())];
        Assert.Equal([true, false, false, true], seen.Select(names => names.Contains("r1")));
        Assert.Equal([true, false, true, false], seen.Select(names => names.Contains("pathLength")));
    }

    [Fact]
    public void The_strength_of_the_augmentation_moves_and_is_told()
    {
        using TinyStyleGan2 tiny = new(
            "swagan-32",
            "augmentation.groups=blitGeometryColour",
            "augmentation.kimg=0.02", // a step of four images moves it by a fifth
            "augmentation.interval=1",
            "augmentation.target=-0.9",
            "optimizer.discriminatorRate=0.02");
        double[] strengths = [.. Enumerable.Range(0, 20).Select(step => tiny.Steps(1, step)["augmentation"])];
        Assert.Equal(0, strengths[0]);
        Assert.Contains(strengths, strength => Math.Abs(strength - 0.2) < 1e-6);
        Assert.All(strengths.Zip(strengths.Skip(1)), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 0.2 + 1e-6));
        using TinyStyleGan2 still = new("swagan-32", "augmentation.groups=all", "augmentation.strength=0.5");
        Assert.Equal(0.5, still.Steps(3)["augmentation"]);
        using TinyStyleGan2 none = new("swagan-32");
        Assert.DoesNotContain("augmentation", none.Steps(1).Keys);
    }

    [Fact]
    public void Penalties_of_no_weight_are_not_taken()
    {
        using TinyStyleGan2 tiny = new("swagan-32", "loss.r1=0", "loss.pathLength=0");
        Assert.Equal(["discriminator", "realScore", "generatedScore", "generator"], tiny.Steps(1).Keys);
    }

    [Fact]
    public void The_mean_path_length_follows_by_a_hundredth_from_zero()
    {
        using TinyStyleGan2 tiny = new("swagan-32");
        var length = tiny.Steps(1)["pathLength"];
        var mean = tiny.Trainee.OptimizerTensors().Single(entry => entry.Name == "pathLengthMean").Tensor.Item();
        Assert.Equal(length / 100, mean, 1e-6 * length);
    }

    [Fact]
    public void A_step_in_parts_is_one_step()
    {
        using TinyStyleGan2 tiny = new("swagan-32", "training.batchSize=8", "optimizer.partSize=4");
        tiny.Steps(2);
        Assert.Equal(16, tiny.Trainee.Images);
        Assert.Equal(2 + 1, tiny.Trainee.OptimizerTensors().Single(entry => entry.Name == "discriminator.step").Tensor.Item()); // one for R1
        ImagePart[] parts = [.. ImagePart.Split(10, 4)];
        Assert.Equal([(0L, 4L), (4, 4), (8, 2)], parts.Select(part => (part.Start, part.Size)));
        Assert.Equal(1, parts.Sum(part => part.Share), 1e-12);
    }

    // With a share of the past of 0, what Adam remembers is the last gradient: that of the penalty. Twins do not differ, as one image does not.
    [Theory]
    [InlineData("swagan-32")]
    [InlineData("stylegan2-32")]
    public void Gradients_of_parts_add_up_to_those_of_the_whole(string preset)
    {
        string[] same = ["training.batchSize=2", "loss.pathLength=0", "optimizer.discriminatorRate=0"];
        using TinyStyleGan2 whole = new(preset, same);
        using TinyStyleGan2 parts = new(preset, [.. same, "optimizer.partSize=1"]);
        var (expected, found) = (OnTwins(whole), OnTwins(parts));
        Assert.NotEmpty(expected);
        foreach (var (name, values) in expected)
        {
            var largest = values.Max(Math.Abs);
            Assert.All(values.Zip(found[name]), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * largest));
        }

        static Dictionary<string, float[]> OnTwins(TinyStyleGan2 tiny)
        {
            using var scope = new TensorScope();
            using var data = new Generator(7);
            var image = (Tensor.Rand([1, 3, 16, 16], data) * 2) - 1;
            tiny.Trainee.Step(new TrainingBatch(image.Repeat(2, 1, 1, 1), null));
            return tiny.Values().Where(entry => entry.Key.StartsWith("optimizer.discriminator.", StringComparison.Ordinal)
                && entry.Key.EndsWith(".exp_avg", StringComparison.Ordinal)).ToDictionary();
        }
    }

    [Fact]
    public void The_average_is_where_its_half_life_leaves_it()
    {
        using TinyStyleGan2 tiny = new("swagan-32", "optimizer.averageKimg=0.004"); // a step of four images halves the difference
        var before = tiny.Values();
        tiny.Steps(1);
        var after = tiny.Values();
        const string weight = "convs.1.conv.weight";
        foreach (var ((old, now), average) in before["generator." + weight].Zip(after["generator." + weight]).Zip(after["average." + weight]))
        {
            Assert.Equal((old + now) / 2, average, 1e-6);
        }
    }

    [Fact]
    public void The_automatic_weight_of_the_penalty_is_by_pixels_and_images()
    {
        using TinyStyleGan2 automatic = new("swagan-32", "loss.r1Rule=automatic", "loss.r1=77");
        using TinyStyleGan2 given = new("swagan-32", "loss.r1Rule=given", $"loss.r1={0.0002 * 16 * 16 / 4}");
        Assert.Equal(given.Steps(1)["r1"], automatic.Steps(1)["r1"]);
    }

    private static void AssertSame(Dictionary<string, float[]> expected, Dictionary<string, float[]> found)
    {
        Assert.Equal(expected.Keys, found.Keys);
        Assert.All(expected, entry => Assert.True(entry.Value.SequenceEqual(found[entry.Key]), $"{entry.Key} differs"));
    }
}
