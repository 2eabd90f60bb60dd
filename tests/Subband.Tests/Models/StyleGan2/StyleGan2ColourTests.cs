using System.Text.RegularExpressions;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Models;
using Subband.Models.Import;
using Subband.Models.StyleGan2;
using Subband.Models.StyleGan2.Editing;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Tests.Models.StyleGan2;

/// <summary>Grey images and images with opacity, from the training to the picture.</summary>
public sealed class StyleGan2ColourTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("swagan-32", "grey")]
    [InlineData("swagan-32", "rgba")]
    [InlineData("stylegan2-32", "grey")]
    [InlineData("stylegan2-32", "rgba")]
    [InlineData("swagan-32", "grey", "augmentation.groups=all", "augmentation.strength=0.5")]
    [InlineData("swagan-32", "rgba", "augmentation.groups=blitGeometry", "augmentation.strength=0.5")]
    [InlineData("swagan-32", "rgba", "network.profile=paper", "network.enlargement=learned")]
    public void A_training_of_each_colour_goes_on_bit_by_bit(string preset, string colour, params string[] more)
    {
        string[] changes = [$"network.colour={colour}", .. more];
        using TinyStyleGan2 through = new(preset, changes);
        Assert.All(through.Steps(4).Values, value => Assert.True(double.IsFinite(value)));
        using TinyStyleGan2 before = new(preset, changes);
        before.Steps(2);
        using TinyStyleGan2 after = new(preset, changes);
        after.ContinueFrom(before, _folder.Path);
        after.Steps(2, first: 2);
        var (expected, found) = (through.Values(), after.Values());
        Assert.Equal(expected.Keys, found.Keys);
        Assert.All(expected, entry => Assert.True(entry.Value.SequenceEqual(found[entry.Key]), $"{entry.Key} differs"));
    }

    // A maker of pixels or bands has a filter and a bias for each channel, a reader a filter of each channel for every feature.
    [Theory]
    [InlineData("swagan-32", 4, 9, 2)]    // bands, read by 3x3; 2 sizes in a tiny network of 16 pixels
    [InlineData("stylegan2-32", 1, 1, 3)]
    public void Colours_cost_what_their_filters_are(string preset, int channels, int reader, int makers)
    {
        const int Width = 8;
        var readers = preset == "swagan-32" ? makers : 1;
        var (grey, rgb, rgba) = (Count("grey"), Count("rgb"), Count("rgba"));
        Assert.Equal(channels * makers * (Width + 1), rgba.Generator - rgb.Generator);
        Assert.Equal(2 * channels * makers * (Width + 1), rgb.Generator - grey.Generator);
        Assert.Equal(channels * reader * readers * Width, rgba.Discriminator - rgb.Discriminator);
        Assert.Equal(2 * channels * reader * readers * Width, rgb.Discriminator - grey.Discriminator);

        (long Generator, long Discriminator) Count(string colour)
        {
            using TinyStyleGan2 tiny = new(preset, $"network.colour={colour}");
            using var random = new Generator(1);
            using var g = new StyleGan2Generator(tiny.Settings.GeneratorShape(0), random);
            using var d = StyleGan2Discriminator.Of(tiny.Settings.DiscriminatorShape(0), random);
            return (g.ParameterCount(), d.ParameterCount());
        }
    }

    [Theory]
    [InlineData("grey", PixelColour.Grey)]
    [InlineData("rgba", PixelColour.Rgba)]
    public void A_model_makes_images_of_its_colour_and_sheets_show_them(string name, PixelColour colour)
    {
        using var scope = new TensorScope();
        using TinyStyleGan2 tiny = new("swagan-32", $"network.colour={name}");
        Assert.Equal(colour, ModelRegistry.Family("stylegan2").Plan(tiny.Settings, 1).Colour);
        tiny.Steps(1);
        var sheet = tiny.Trainee.SampleSheet();
        Assert.True(sheet.Width > 16 && sheet.Pixels.Distinct().Count() > 2);
        using var model = StyleGan2Model.Load(tiny.Save(_folder["model.safetensors"]));
        Assert.Equal(colour, model.Colour);
        Assert.Equal([2, colour.Channels(), 16, 16], model.Generate(2, 1).Shape.ToArray());
        Assert.All(model.Pictures(model.SampledStyles(2, 1), 1), picture => Assert.Equal(colour, picture.Colour));
        if (colour == PixelColour.Grey)
        {
            Assert.All(sheet.Pixels.Chunk(3), pixel => Assert.Single(pixel.Distinct()));
        }
    }

    [Fact]
    public void A_file_that_does_not_say_its_colour_is_of_red_green_and_blue()
    {
        using var scope = new TensorScope();
        var path = TinyStyleGan2.Write(_folder["new.safetensors"], "swagan-32");
        using var file = TensorFile.Load(path);
        var metadata = file.Metadata.ToDictionary(entry => entry.Key, entry => Regex.Replace(entry.Value, "\"colour\":\\s*\"rgb\",", ""));
        Assert.NotEqual(file.Metadata.Values, metadata.Values);
        TensorFile.Save(_folder["old.safetensors"], file.Names.Select(name => (name, file[name])), metadata);
        using var model = StyleGan2Model.Load(_folder["old.safetensors"]);
        using var now = StyleGan2Model.Load(path);
        Assert.Equal(PixelColour.Rgb, model.Colour);
        Assert.Equal(now.Generate(1, 1).ToArray<float>(), model.Generate(1, 1).ToArray<float>());
    }

    [Fact]
    public void Changes_of_colours_are_refused_beside_opacity()
    {
        var (family, preset) = ModelRegistry.Preset("swagan-32");
        var settings = new[] { "network.colour=rgba", "augmentation.groups=blitGeometryColour" }.Aggregate(preset.Settings, SettingsTree.Apply);
        var error = Assert.Throws<UsageException>(() => family.Validate(settings, []));
        Assert.Contains("network.colour=grey and rgb, not for rgba; choose groups without, such as blitGeometry", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("swagan-32", PixelDomain.Wavelet, "grey")]
    [InlineData("swagan-32", PixelDomain.Wavelet, "rgba")]
    [InlineData("stylegan2-32", PixelDomain.Image, "grey")]
    [InlineData("stylegan2-32", PixelDomain.Image, "rgba")]
    public void The_colours_of_a_checkpoint_are_read_off_its_shapes(string preset, PixelDomain domain, string colour)
    {
        using var scope = new TensorScope();
        using TinyStyleGan2 tiny = new(preset, $"network.colour={colour}");
        var shape = tiny.Settings.GeneratorShape(0);
        using var random = new Generator(3);
        using var g = new StyleGan2Generator(shape, random);
        using var d = StyleGan2Discriminator.Of(shape, random);
        // As the reference names and saves them; its fixed filters are told by their names alone.
        List<(string, Tensor)> tensors =
        [
            .. g.NamedTensors().Select(entry => ("g_ema." + entry.Name, entry.Tensor)),
            .. d.NamedTensors().Select(entry => ("d." + entry.Name, entry.Tensor)),
        ];
        if (domain == PixelDomain.Wavelet)
        {
            tensors.Add(("g_ema.iwt.ll", Tensor.Zeros([2, 2])));
        }

        TensorFile.Save(_folder["theirs.safetensors"], tensors);
        CheckpointImport.Write(_folder["theirs.safetensors"], _folder["ours.safetensors"]);
        using var model = StyleGan2Model.Load(_folder["ours.safetensors"]);
        Assert.Equal((tiny.Settings.Network.Colour, domain), (model.Colour, model.Settings.Network.Discriminator));
        var styles = Tensor.Randn([1, shape.Styles, shape.StyleWidth], random);
        Assert.Equal(0, (g.Forward(styles, g.Noises) - model.Synthesise(styles, g.Noises)).Abs().Max().Item(), 1e-5);
    }

    [Fact]
    public void A_checkpoint_of_two_colours_is_refused_by_its_tensor()
    {
        using var random = new Generator(3);
        StyleGan2Shape shape = new() { Doublings = 2, StyleWidth = 8, MostChannels = 8, Colours = 2, Domain = PixelDomain.Image };
        using var g = new StyleGan2Generator(shape, random);
        TensorFile.Save(_folder["theirs.safetensors"], g.NamedTensors());
        var error = Assert.Throws<SubbandException>(() => CheckpointImport.Write(_folder["theirs.safetensors"], _folder["ours.safetensors"]));
        Assert.Contains("to_rgb1.conv.weight makes 2 channels", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grey")]
    [InlineData("rgba")]
    public void Pictures_of_a_colour_are_projected(string colour)
    {
        using var scope = new TensorScope();
        using var model = StyleGan2Model.Load(
            TinyStyleGan2.Write(_folder["model.safetensors"], "swagan-32", "network.doublings=3", $"network.colour={colour}"));
        using var lpips = Lpips.Load(
            TestData.Path("weights/squeezenet1_1_lpips_features.safetensors"), TestData.Path("weights/lpips_squeeze.pth"));
        StyleProjector projector = new(model, lpips, new ProjectionOptions { Steps = 3, PixelWeight = 1 });
        var found = projector.Project(model.Generate(1, seed: 5), stop: TestContext.Current.CancellationToken);
        Assert.Equal(model.Colour, Assert.Single(TensorImages.ToPictures(found.Images, PixelRange.Signed)).Colour);
        Assert.True(double.IsFinite(found.Distances[0]));
        Image8 target = ProjectionTarget.Of(new Rgb8Image(2, 2, [.. Enumerable.Repeat((byte)9, 12)]), 32, 32, model.Colour);
        Assert.Equal((model.Colour, 32, (byte)9), (target.Colour, target.Width, target.Pixels[0]));
    }
}
