using Subband.Models;
using Subband.Models.StyleGan2;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Tests.Models.StyleGan2;

/// <summary>A trained StyleGAN2 or SWAGAN in use.</summary>
public sealed class StyleGan2ModelTests
{
    [Fact]
    public void A_file_makes_the_images_of_the_averaged_generator()
    {
        using TemporaryFolder folder = new();
        using var scope = new TensorScope();
        var checkpoint = TinyStyleGan2.Write(folder["model.safetensors"], "swagan-32");
        using (var file = ModelFile.Open(checkpoint))
        {
            ModelExport.Write([file], folder["exported.safetensors"]);
        }

        using var model = StyleGan2Model.Load(checkpoint);
        using var exported = StyleGan2Model.Load(folder["exported.safetensors"]);
        Assert.Equal(model.Generate(2, 1).ToArray<float>(), exported.Generate(2, 1).ToArray<float>());
        using var tensors = TensorFile.Load(folder["exported.safetensors"]);
        Assert.All(tensors.Names, name => Assert.StartsWith("generator.", name, StringComparison.Ordinal));
    }

    [Fact]
    public void Images_made_in_parts_are_those_made_at_once()
    {
        using TemporaryFolder folder = new();
        using var scope = new TensorScope();
        using var model = StyleGan2Model.Load(TinyStyleGan2.Write(folder["model.safetensors"], "stylegan2-32", "conditional=true"));
        var count = model.PartSize + 3;
        var all = model.Generate(count, 7).ToArray<float>();
        var first = model.Generate(model.PartSize, 7).ToArray<float>();
        var rest = model.Generate(3, 7, first: model.PartSize).ToArray<float>();
        Assert.Equal(all, first.Concat(rest));
        Assert.NotEqual(all[..768], model.Generate(1, 8).ToArray<float>());
        Assert.InRange(all.Max(), -1, 1);
    }

    [Fact]
    public void Truncation_leads_to_the_image_of_the_mean_style()
    {
        using TemporaryFolder folder = new();
        using var scope = new TensorScope();
        using var model = StyleGan2Model.Load(TinyStyleGan2.Write(folder["model.safetensors"], "swagan-32"));
        model.Sampling = new StyleSampling { Noise = StyleNoise.Constant };
        var far = model.Generate(4, 1);
        Assert.True((far.Select(0, 0) - far.Select(0, 1)).Abs().Sum().Item() > 0.1);
        model.Sampling = model.Sampling with { Truncation = 0 };
        var near = model.Generate(4, 1);
        Assert.Equal(0, (near.Select(0, 0) - near.Select(0, 1)).Abs().Sum().Item(), 1e-3);
        var mean = model.Synthesise(model.MeanStyles.Unsqueeze(1).Repeat(1, model.Shape.Styles, 1), model.Noises(1, 0, 0)).Clamp(-1, 1);
        Assert.Equal(0, (near.Select(0, 0) - mean.Select(0, 0)).Abs().Sum().Item(), 1e-3);
    }

    [Fact]
    public void Truncation_of_the_coarse_layers_leaves_the_styles_of_the_others()
    {
        using TemporaryFolder folder = new();
        using var scope = new TensorScope();
        using var model = StyleGan2Model.Load(TinyStyleGan2.Write(folder["model.safetensors"], "stylegan2-32"));
        model.Sampling = new StyleSampling { Truncation = 0.5, TruncatedLayers = 2 };
        var w = model.Styles(model.Latents(2, 1, 0), [0, 0]);
        var layered = model.Layered(w, [0, 0]); // [2, L, 8]
        for (var layer = 0; layer < model.Shape.Styles; layer++)
        {
            var wanted = layer < 2 ? model.MeanStyles + ((w - model.MeanStyles) * 0.5) : w;
            Assert.Equal(wanted.ToArray<float>(), layered.Select(1, layer).ToArray<float>());
        }
    }

    [Fact]
    public void Noise_is_of_each_image_or_the_networks_own_or_none()
    {
        using TemporaryFolder folder = new();
        using var scope = new TensorScope();
        using var model = StyleGan2Model.Load(TinyStyleGan2.Write(folder["model.safetensors"], "swagan-32"));
        Assert.NotEqual(First(new StyleSampling(), 1), First(new StyleSampling(), 2));
        Assert.All(new StyleSampling { Noise = StyleNoise.None } is var none ? model.Noises(1, 1, 0) : [], noise => Assert.Equal(1, noise.Size(0)));
        Assert.Equal(First(new StyleSampling { Noise = StyleNoise.Constant }, 1), First(new StyleSampling { Noise = StyleNoise.Constant }, 2));
        Assert.All(First(none, 1), value => Assert.Equal(0, value));

        float[] First(StyleSampling sampling, ulong seed)
        {
            model.Sampling = sampling;
            return model.Noises(1, seed, 0)[0].ToArray<float>();
        }
    }

    [Fact]
    public void A_class_is_made_where_it_is_asked_for()
    {
        using TemporaryFolder folder = new();
        using var scope = new TensorScope();
        using var model = StyleGan2Model.Load(TinyStyleGan2.Write(folder["model.safetensors"], "swagan-32", "conditional=true"));
        Assert.Equal(TinyStyleGan2.Classes, model.Classes);
        Assert.Equal(3, model.MeanStyles.Size(0));
        var inTurn = model.Generate(3, 1).ToArray<float>();
        Assert.Equal(inTurn, model.Generate(3, 1, [0, 1, 2]).ToArray<float>());
        Assert.NotEqual(inTurn, model.Generate(3, 1, [1, 1, 1]).ToArray<float>());
        using var plain = StyleGan2Model.Load(TinyStyleGan2.Write(folder["plain.safetensors"], "swagan-32"));
        Assert.Throws<UsageException>(() => plain.Generate(1, 1, [0]));
    }

    [Fact]
    public void A_model_that_is_none_is_refused_by_name()
    {
        using TemporaryFolder folder = new();
        var lapgan = Lapgan.TinyLapgan.Write(folder["lapgan.safetensors"], "lapgan-cifar10-paper");
        var error = Assert.Throws<SubbandException>(() => StyleGan2Model.Load(lapgan));
        Assert.Contains("family lapgan", error.Message, StringComparison.Ordinal);
    }
}
