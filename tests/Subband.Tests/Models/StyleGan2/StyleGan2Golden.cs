using System.Text.Json;
using Subband.Models.StyleGan2;
using Subband.Torch;

namespace Subband.Tests.Models.StyleGan2;

/// <summary>What <c>stylegan2_golden.py</c> found for networks and checkpoints; the JSON that it wrote says what each number is.</summary>
internal sealed class StyleGan2Golden
{
    private readonly JsonElement _numbers;
    private readonly string _architecture;

    /// <summary>The numbers of networks that are filled by <see cref="HashedValues"/>.</summary>
    /// <param name="name">As <c>swagan-64</c>.</param>
    public StyleGan2Golden(string name)
        : this(Document.GetProperty("numbers").GetProperty(name), name)
    {
    }

    private StyleGan2Golden(JsonElement numbers, string architecture) => (_numbers, _architecture) = (numbers, architecture);

    /// <summary>The networks' shape.</summary>
    public StyleGan2Shape Shape => new()
    {
        Doublings = int.Log2(Whole("size")) - 2,
        Domain = Begins("swagan") ? PixelDomain.Wavelet : PixelDomain.Image,
        Profile = IsLearned || Begins("swagan-paper") ? StyleGan2Profile.Paper : StyleGan2Profile.Rosinality,
        Enlargement = IsLearned ? BandEnlargement.Learned : BandEnlargement.Smooth,
        Reduction = IsLearned ? BandReduction.Learned : BandReduction.Smooth,
        StyleWidth = Whole("style_width"),
        MostChannels = Whole("most_channels"),
    };

    /// <summary>From which layer on the mixed image has the second style.</summary>
    public int Crossover => Whole("crossover");

    /// <summary>Places in the images, and what is there.</summary>
    public IEnumerable<(int N, int C, int Y, int X, double Value)> Pixels => _numbers.GetProperty("pixels").EnumerateArray()
        .Select(pixel => (pixel[0].GetInt32(), pixel[1].GetInt32(), pixel[2].GetInt32(), pixel[3].GetInt32(), pixel[4].GetDouble()));

    private static JsonElement Document { get; } = JsonDocument.Parse(File.ReadAllBytes(Beside("stylegan2_golden.json"))).RootElement;

    /// <summary>The numbers of a kind.</summary>
    public double[] this[string kind] => [.. _numbers.GetProperty(kind).EnumerateArray().Select(value => value.GetDouble())];

    /// <summary>What the first of two training steps finds.</summary>
    public static (double Discriminator, double R1, double Generator, double Penalty, double MeanLength) FirstStep(string name)
    {
        var figures = Document.GetProperty("numbers").GetProperty(name).GetProperty("training").GetProperty("figures")[0];
        return (figures[0].GetDouble(), figures[1].GetDouble(), figures[2].GetDouble(), figures[3].GetDouble(), figures[4].GetDouble());
    }

    /// <summary>The numbers of a checkpoint's networks.</summary>
    public static StyleGan2Golden OfCheckpoint(string name)
    {
        var numbers = Document.GetProperty("checkpoints").GetProperty(name);
        return new StyleGan2Golden(numbers, numbers.GetProperty("architecture").GetString()!);
    }

    /// <summary>Where a checkpoint lies.</summary>
    public static string CheckpointPath(string name) => Beside($"checkpoints/{name}.pt");

    /// <summary>The generator.</summary>
    public StyleGan2Generator Generator(DType dtype = DType.Float64)
    {
        using var random = new Generator(1);
        StyleGan2Generator g = new(Shape, random);
        HashedValues.Fill(g);
        using var noGrad = Autograd.NoGrad();
        foreach (var (i, noise) in g.Noises.Index())
        {
            using var scope = new TensorScope();
            noise.CopyFrom(HashedValues.Of(2000 + i, noise.Shape.ToArray()));
        }

        g.To(dtype);
        return g;
    }

    /// <summary>The discriminator.</summary>
    public StyleGan2Discriminator Discriminator()
    {
        using var random = new Generator(1);
        var d = StyleGan2Discriminator.Of(Shape, random);
        HashedValues.Fill(d);
        d.To(DType.Float64);
        return d;
    }

    /// <summary>The k-th tensor for as many styles.</summary>
    public Tensor Latents(long k, int count) => HashedValues.Of(k, count, Shape.StyleWidth).To(DType.Float64);

    /// <summary>The k-th tensor for so many images.</summary>
    public Tensor Images(long k, int count) => HashedValues.Of(k, count, 3, Shape.Height, Shape.Width).To(DType.Float64);

    private static string Beside(string file) => Path.Combine(TestData.RepositoryRoot, "tests/Subband.Tests/Models/StyleGan2", file);

    // the authors' GwaveletsNU and DwaveletsNU
    private bool IsLearned => Begins("swagan-nu");

    private bool Begins(string architecture) => _architecture.StartsWith(architecture, StringComparison.Ordinal);

    private int Whole(string kind) => _numbers.GetProperty(kind).GetInt32();
}
