using System.Globalization;
using Subband.Cli.Common;
using Subband.Data;
using Subband.Imaging;
using Subband.Models;
using Subband.Models.Lapgan;
using Subband.Torch;
using Subband.Upscaling;

namespace Subband.Cli.Demo;

/// <summary>Draws the pictures of the page and writes them beside it.</summary>
/// <param name="folder">The folder of the page.</param>
internal sealed class DemoPictures(string folder)
{
    private const string Name = "pictures";
    private const ulong Seed = 1;
    private const int Rows = 6;
    private const int Redraws = 8;
    private const int TrueImages = 64;
    private const int EnlargedWidth = 512;
    private const int EnlargedHeight = 384;

    // What is finer is lost in the small picture, and nothing could tell how to draw it.
    private const double SmallestEnlargedLeaf = 6;

    /// <summary>By how much <see cref="Enlarged"/> enlarges.</summary>
    public const int Enlargement = 4;

    /// <summary>Samples of a model with classes, a row for each.</summary>
    public DemoPicture Classes(LapganModel model) => Write(
        "samples",
        SampleSheets.Plain(Draw(model, SampleSheets.GoodCount(model.Classes.Count)), model.Classes),
        "A row for each class",
        $"Each picture was made from {Noise(model)} random numbers and the name of its class. Nothing was picked out. Look for "
            + "what the pictures of a row have in common (a horizon, wheels, a pose) and for how they differ.");

    /// <summary>Samples of a model without classes.</summary>
    public DemoPicture Samples(LapganModel model, string title, string text) =>
        Write("live-samples", SampleSheets.Plain(Draw(model, TrueImages), []), title, text);

    /// <summary>The images that a model was trained on.</summary>
    public DemoPicture Truth(IImageSource source, BatchPlan plan, string title, string text)
    {
        long count = ImagePass.Length(source, TrueImages);
        Rgb8Image[] images = [.. ImagePass.Over(source, plan, count).SelectMany(Split)];
        return Write("live-truth", SampleGrid.Compose(images), title, text);
    }

    /// <summary>What each level adds.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="model">The model.</param>
    public DemoPicture Chain(string name, LapganModel model) => Write(
        name,
        LapganSheets.Chain(model, RowsOf(model), Seed).Render(),
        "From left to right: how a picture comes to be",
        "I is an image, l the same image enlarged, h the band that a network adds to it: I = l + h. Where a band is plain grey, "
            + "nothing is added. Look for how a band draws the edges that enlarging has blurred.");

    /// <summary>What the noise of the finer levels decides.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="model">The model.</param>
    public DemoPicture Redraw(string name, LapganModel model) => Write(
        name,
        LapganSheets.Redraws(model, model.Levels - 2, RowsOf(model), Redraws, Seed).Render(),
        "One coarse image, eight pictures",
        $"The image of {model.Sides[^1]}x{model.Sides[^1]} pixels on the left stays; only the noise of the finer levels changes. Colours and masses "
            + "stay with it, while outlines and texture are invented anew each time.");

    /// <summary>A picture that was made small, enlarged again by some models and by interpolation, beside what it was.</summary>
    /// <param name="models">The models; each can enlarge by <see cref="Enlargement"/>.</param>
    /// <param name="stop">Ends the work.</param>
    public DemoPicture Enlarged(IReadOnlyList<UpscalingModel> models, CancellationToken stop)
    {
        Rgb8Image whole = new DeadLeaves(EnlargedHeight, EnlargedWidth, Seed, SmallestEnlargedLeaf).Render(0);
        DemoPicture small = Write("small", MatlabResize.Resize(whole, 1.0 / Enlargement), "", "");
        DemoPicture large = Write("large", whole, "", "");
        Rgb8Image sheet = UpscaleSheet.Make(
            Path.Combine(folder, small.File),
            Path.Combine(folder, large.File),
            models,
            new UpscaleSettings { Size = new UpscaleSize { Scale = Enlargement } },
            stop);
        return Write(
            "enlarged",
            sheet,
            $"{Enlargement} times as wide and high",
            $"A picture of {EnlargedWidth}x{EnlargedHeight} pixels was made small, to {small.Width}x{small.Height}, and then enlarged again: by bicubic "
                + "interpolation, by networks that were trained on photographs, and on the right what it was. The places in frames follow below, pixel by "
                + "pixel. Look at the edges: interpolation leaves them soft, networks draw them; srgan, trained to look sharp, adds a grain that was not there. "
                + "Decibels tell how near a picture is to the true one.");
    }

    /// <summary>A single sample, step by step: the coarsest image, then for each level the enlarged one, the band and the sum.</summary>
    public IReadOnlyList<DemoPicture> Steps(LapganModel model, int sample)
    {
        LabelledSheet chain = LapganSheets.Chain(model, sample + 1, Seed);
        return [.. chain.Rows[sample].Select((picture, i) => Write(
            string.Create(CultureInfo.InvariantCulture, $"step-{i}"), picture!, chain.ColumnTitles[i].Replace('\n', ' '), ""))];
    }

    /// <summary>A picture that is there already.</summary>
    public DemoPicture Existing(string path, string title)
    {
        Rgb8Image image = ImageFile.ReadRgb8(path);
        return new DemoPicture(Path.GetRelativePath(folder, path).Replace('\\', '/'), image.Width, image.Height, title, "");
    }

    private static int RowsOf(LapganModel model) => Math.Max(Rows, Math.Min(model.Classes.Count, 10));

    private static string Noise(LapganModel model)
    {
        LapganSettings settings = model.Settings;
        long bands = settings.Pyramid.Sizes.SkipLast(1).Sum(side => (long)side * side * settings.Band.NoisePlanes);
        return Texts.Number(settings.Base.Noise + bands);
    }

    private static Rgb8Image[] Draw(LapganModel model, int count)
    {
        using TensorScope scope = new();
        return TensorImages.ToImages(model.Generate(count, Seed), PixelRange.Signed);
    }

    private static IEnumerable<Rgb8Image> Split(ImageBytes images)
    {
        using TensorScope scope = new();
        return TensorImages.ToImages(
            Tensor.From(images.Pixels, images.Items.Count, 3, images.Height, images.Width).To(DType.Float32) / 255, PixelRange.Unit);
    }

    private DemoPicture Write(string name, Rgb8Image image, string title, string text)
    {
        OutputFolder.Make(Path.Combine(folder, Name));
        ImageFile.WritePng(Path.Combine(folder, Name, name + ".png"), image);
        return new DemoPicture($"{Name}/{name}.png", image.Width, image.Height, title, text);
    }
}
