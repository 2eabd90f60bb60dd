using System.Globalization;
using Subband.Imaging;
using Subband.Models.Import;
using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.StyleGan2.Import;

/// <summary>
/// Checkpoints of rosinality/stylegan2-pytorch: StyleGAN2, SWAGAN since February 2021 with either of its filters, and what its converter makes of the
/// official weights. The optimisers' state comes along, so that training can go on.
/// </summary>
/// <remarks>
/// Such a file holds <c>g</c>, <c>d</c> and the average <c>g_ema</c> with their names, <c>g_optim</c> and <c>d_optim</c>; a converted one only
/// <c>g_ema</c>, and perhaps the others, and <c>latent_avg</c>.
/// </remarks>
internal sealed class StyleGan2Layout : ImportLayout
{
    private const string Average = "g_ema.";
    private const string Generator = "g.";
    private const string Discriminator = "d.";
    private const string MeanStyle = "latent_avg"; // Subband takes the mean of many styles where it needs it

    private static readonly string[] HaarFilters = [".ll", ".lh", ".hl", ".hh"];

    public override string Name => "stylegan2";

    public override string Title => "StyleGAN2 or SWAGAN in the layout of rosinality/stylegan2-pytorch";

    public override bool Matches(IReadOnlyList<string> names) => Part(names) is not null;

    /// <summary>Whether names are those of a discriminator alone.</summary>
    public static bool IsDiscriminator(IReadOnlyList<string> names) =>
        names.Contains("final_conv.0.weight") && names.Contains("final_linear.1.weight") && !names.Contains("to_rgb1.conv.weight");

    public override ImportedTensors Read(ForeignWeights weights, int? scale)
    {
        if (scale is not null)
        {
            throw new UsageException($"{weights.Path} is {Title} and enlarges nothing; leave out --scale.");
        }

        var part = Part(weights.Names)!;
        var settings = new StyleGan2Settings { Network = Network(weights, part) };
        RequireSound(weights, new StyleGan2Family(), settings);
        List<(string Name, Tensor Tensor)> tensors = [];
        try
        {
            var parameters = Fill(weights, part, settings, tensors);
            return new ImportedTensors(new StyleGan2Family(), PresetName(settings.Network), settings, tensors, parameters, []);
        }
        catch
        {
            tensors.ForEach(entry => entry.Tensor.Dispose());
            throw;
        }
    }

    // What stands before the names of the generator that is used; null where there is none.
    private static string? Part(IReadOnlyList<string> names) =>
        new[] { Average, Generator, "" }.FirstOrDefault(part => names.Contains(part + "to_rgb1.conv.weight") && names.Contains(part + "input.input"));

    private static NetworkSettings Network(ForeignWeights weights, string part)
    {
        var input = weights.Shape(part + "input.input", 4);               // [1, C, h, w]
        var pixels = weights.Shape(part + "to_rgb1.conv.weight", 5)[1];   // colours, or 4 times as many bands
        var domain = weights.Has(part + "iwt.ll") ? PixelDomain.Wavelet : PixelDomain.Image;
        var colour = pixels % domain.Channels(1) == 0 ? PixelColours.WithChannels(pixels / domain.Channels(1)) : null;
        if (colour is null)
        {
            throw new SubbandException(
                $"{weights.Path}: {part}to_rgb1.conv.weight makes {pixels} channels; of images of 1 (grey), 3 (rgb) or 4 (rgba) "
                + $"{(domain == PixelDomain.Wavelet ? "4 times as many" : "as many")} were expected.");
        }

        var blocks = weights.Count(part + "to_rgbs.", ".conv.weight");
        var readers = $"{Discriminator}from_rgbs.0.conv.0.weight";
        return new NetworkSettings
        {
            Generator = domain,
            Discriminator = domain,
            Colour = colour.Value,
            BandReader = weights.Has(readers) && weights.Shape(readers, 4)[2] == 1 ? 1 : null,
            BaseHeight = (int)input[2],
            BaseWidth = (int)input[3],
            Doublings = domain == PixelDomain.Wavelet ? blocks + 1 : blocks,
            StyleWidth = (int)weights.Shape(part + "style.1.weight", 2)[0],
            MappingLayers = weights.Count(part + "style.", ".weight") - 1, // numbered from 1
            ChannelMultiplier = Multiplier(weights, part, blocks, (int)input[1]),
            MostChannels = (int)input[1],
        };
    }

    // From the finest features that are wide enough to tell; the papers' 2 where there are none.
    private static double Multiplier(ForeignWeights weights, string part, int blocks, int most)
    {
        var widths = Enumerable.Range(StyleGan2Shape.FirstMultiplied, Math.Max(0, blocks - StyleGan2Shape.FirstMultiplied + 1))
            .Select(doublings => (doublings, (int)weights.Shape($"{part}convs.{(2 * doublings) - 1}.conv.weight", 5)[1]));
        foreach (var (doublings, width) in widths.Where(entry => entry.Item2 < most))
        {
            return (double)width / StyleGan2Shape.ChannelsAtMultiplier1(doublings);
        }

        return new NetworkSettings().ChannelMultiplier;
    }

    // Takes in the networks that the file holds; the one that is used, from a file without a training's others.
    private long Fill(ForeignWeights weights, string part, StyleGan2Settings settings, List<(string Name, Tensor Tensor)> tensors)
    {
        var isTraining = weights.Has(Generator + "input.input") && part == Average;
        using var random = new Generator(0); // overwritten by the file's weights
        var g = new StyleGan2Generator(settings.GeneratorShape(classes: 0), random);
        var parameters = g.ParameterCount();
        Take(g, part, isTraining ? AveragedTensors.Average : AveragedTensors.Generator);
        if (isTraining)
        {
            var trained = new StyleGan2Generator(settings.GeneratorShape(classes: 0), random);
            Take(trained, Generator, AveragedTensors.Generator);
            OptimizerState(weights, "g_optim", trained, AveragedTensors.Generator, tensors);
        }

        if (weights.Has(Discriminator + "final_conv.0.weight"))
        {
            var d = StyleGan2Discriminator.Of(settings.DiscriminatorShape(classes: 0), random);
            Take(d, Discriminator, AveragedTensors.Discriminator);
            OptimizerState(weights, "d_optim", d, AveragedTensors.Discriminator, tensors);
        }

        return parameters;

        void Take(Module network, string theirs, string ours)
        {
            tensors.AddRange(AveragedTensors.Prefixed(ours, network.NamedTensors()));
            weights.Fill(
                network.NamedTensors().Select(entry => (theirs + entry.Name, entry.Tensor)),
                Title,
                [.. weights.Names.Where(name => !name.StartsWith(theirs, StringComparison.Ordinal) || IsFilter(name) || name == MeanStyle)]);
        }
    }

    // Adam's: what is remembered of the i-th parameter stands under i.
    private static void OptimizerState(
        ForeignWeights weights, string optimizer, Module network, string ours, List<(string Name, Tensor Tensor)> tensors)
    {
        (string Name, Tensor Tensor)[] parameters = [.. network.NamedParameters()];
        if (!weights.Has($"{optimizer}.state.0.exp_avg"))
        {
            return;
        }

        foreach (var (i, (name, parameter)) in parameters.Index())
        {
            foreach (var kind in new[] { "exp_avg", "exp_avg_sq" })
            {
                var remembered = TensorScope.Release(parameter.ZerosLike());
                tensors.Add(($"{StyleGan2Start.Optimizer}{ours}{name}.{kind}", remembered));
                weights.Fill([($"{optimizer}.state.{i}.{kind}", remembered)], $"the state of Adam for {name}", weights.Names);
            }
        }

        var step = weights.Has($"{optimizer}.state.0.step")
            ? weights[$"{optimizer}.state.0.step"].Item()
            : weights.Number($"{optimizer}.state.0.step") ?? throw new SubbandException($"{weights.Path}: {optimizer} does not say how often it was stepped.");
        tensors.Add(($"{StyleGan2Start.Optimizer}{ours}step", TensorScope.Release(Tensor.Full([], step).To(DType.Int64))));
    }

    private static string PresetName(NetworkSettings network) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(network.Generator == PixelDomain.Wavelet ? "swagan" : "stylegan2")}-{network.BaseWidth << network.Doublings}");

    // Fixed numbers that the reference keeps as buffers.
    private static bool IsFilter(string name) =>
        name.EndsWith(".kernel", StringComparison.Ordinal)
        || HaarFilters.Any(filter => name.EndsWith(filter, StringComparison.Ordinal));
}
