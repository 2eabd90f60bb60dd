using System.CommandLine;
using Subband.Cli.Common;
using Subband.Evaluation;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Models.StyleGan2;
using Subband.Models.StyleGan2.Editing;
using Subband.Torch;

namespace Subband.Cli.Commands;

/// <summary><c>subband project MODEL IMAGE… --out DIR</c>: the styles of which a model makes the images that look most like given ones.</summary>
internal sealed class ProjectCommand : Verb
{
    private const int MostSteps = 1_000_000;
    private const int MostAtOnce = 8;

    private static readonly ProjectionOptions Standard = new();

    private readonly Argument<string> _model = ModelArguments.Model();
    private readonly Argument<string[]> _images = new("IMAGE") { Description = "Pictures, or folders of them", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _out = CommonOptions.Out(
        $"A folder: for each picture its styles (NAME{ProjectionFiles.Latent}), what the model makes of them (NAME{ProjectionFiles.Made}), both "
        + $"beside each other (NAME{ProjectionFiles.Compared}) and the distance at each step (NAME{ProjectionFiles.Steps}); and a chart of all "
        + $"distances ({ProjectionFiles.Chart})",
        "DIR");

    private readonly Option<string> _features = CommonOptions.Path(
        "--features", "The network that compares: torchvision's VGG16, AlexNet or SqueezeNet 1.1, as .safetensors or PyTorch file", "FILE");

    private readonly Option<string> _lpipsWeights = CommonOptions.Path(
        "--lpips-weights", "Its linear weights, lpips_vgg.pth, lpips_alex.pth or lpips_squeeze.pth of LPIPS 0.1", "FILE");

    private readonly Option<bool> _eachLayer = new("--each-layer")
    {
        Description = "A style for each layer (W+): nearer to the picture, and harder to edit",
    };

    private readonly Option<long?> _steps = CommonOptions.WholeNumber("--steps", $"Steps of the optimisation (default: {Standard.Steps})", 1, MostSteps);
    private readonly Option<double?> _pixels = CommonOptions.PositiveNumber("--pixels", "Weight of the squared difference of pixels (default: none)");
    private readonly Option<string> _class = ModelArguments.Class("The class whose mean style is begun with");
    private readonly Option<long?> _batch = CommonOptions.WholeNumber("--batch", $"Pictures computed together (default: up to {MostAtOnce})", 1, 256);
    private readonly Option<long?> _seed = CommonOptions.Seed();
    private readonly Option<DeviceChoice> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();

    public ProjectCommand()
        : base("project", "Find the styles of which a StyleGAN2 or SWAGAN makes given pictures")
    {
        Add(_model);
        Add(_images);
        foreach (Option option in (Option[])
            [_out, _features, _lpipsWeights, _eachLayer, _steps, _pixels, _class, _batch, _seed, _device, _threads])
        {
            Add(option);
        }
    }

    protected override int Run(Invocation run)
    {
        string folder = run.Get(_out);
        OutputFolder.Require(folder, _out.Name);
        RequireFeatures(run);
        SortedDictionary<string, string> files = Files(run.Get(_images));
        using LoadedModel model = ModelArguments.Open(run, run.Get(_model), run.Get(_device), run.Get(_threads));
        StyleGan2Model styles = StyleSampleOptions.Of(model, "project");
        int? label = ModelArguments.Label(run, _class, model);
        if (label is null && styles.Classes.Count > 0)
        {
            run.Say(
                $"note: {model.Preset} has {styles.Classes.Count} classes; the search begins at the mean style of all, with {_class.Name} at that of one");
        }

        using Lpips lpips = Lpips.Load(run.Get(_features), run.Get(_lpipsWeights), model.Device);
        StyleProjector projector = new(
            styles,
            lpips,
            Standard with
            {
                Steps = (int)(run.Get(_steps) ?? Standard.Steps),
                StyleForEachLayer = run.Get(_eachLayer),
                PixelWeight = run.Get(_pixels) ?? 0,
                Seed = (ulong)(run.Get(_seed) ?? CommonOptions.StandardSeed),
            },
            model.Device);
        OutputFolder.Make(folder);
        (string Name, string File, Image8 Picture)[] pictures = [.. Read(run, files, styles)];
        ProjectionFiles written = new(folder, model.Preset);
        int atOnce = (int)(run.Get(_batch) ?? Math.Min(MostAtOnce, styles.PartSize));
        int done = 0;
        ProgressDisplay.Run(run, show =>
        {
            foreach ((string Name, string File, Image8 Picture)[] part in pictures.Chunk(atOnce))
            {
                Project(run, projector, part, label, written, step => show(new WorkDone(
                    "Projecting", (double)done + (part.Length * (double)step / projector.Options.Steps), pictures.Length, "pictures")));
                done += part.Length;
            }

            return true;
        });
        return pictures.Length == files.Count ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void Project(
        Invocation run,
        StyleProjector projector,
        (string Name, string File, Image8 Picture)[] part,
        int? label,
        ProjectionFiles written,
        Action<int> show)
    {
        using TensorScope scope = new();
        StyleProjection found = projector.Project(
            TensorImages.ToTensor([.. part.Select(one => one.Picture)], PixelRange.Signed),
            label is { } only ? [.. Enumerable.Repeat(only, part.Length)] : null,
            step => show(step.Step),
            run.Cancellation);
        Image8[] made = TensorImages.ToPictures(found.Images, PixelRange.Signed);
        foreach ((int i, (string name, string file, Image8 picture)) in part.Index())
        {
            (string path, string distance) = written.Write(name, file, picture, found, made[i], i);
            run.Out.WriteLine($"{path}: LPIPS {distance}");
        }

        written.WriteChart(); // after each part, so that one that is stopped leaves that of the parts before
    }

    // What cannot be read is told, and left out.
    private static IEnumerable<(string Name, string File, Image8 Picture)> Read(
        Invocation run, SortedDictionary<string, string> files, StyleGan2Model model)
    {
        foreach ((string name, string file) in files)
        {
            Image8 picture;
            try
            {
                picture = model.Colour == PixelColour.Rgba ? ImageFile.ReadRgba8(file) : ImageFile.ReadRgb8(file);
            }
            catch (SubbandException error)
            {
                run.Say($"subband: {error.Message}");
                continue;
            }

            if (picture.Width * (long)model.Height != picture.Height * (long)model.Width)
            {
                run.Say($"note: {file} has {picture.Width}x{picture.Height} pixels; the middle of the proportions of {model.Width}x{model.Height} is taken");
            }

            yield return (name, file, ProjectionTarget.Of(picture, model.Width, model.Height, model.Colour));
        }
    }

    private static SortedDictionary<string, string> Files(string[] given)
    {
        List<KeyValuePair<string, string>> files = [];
        foreach (string path in given)
        {
            IEnumerable<KeyValuePair<string, string>> found = Directory.Exists(path)
                ? PictureFolder.Files(path).Select(entry => KeyValuePair.Create(entry.Key.Replace(Path.DirectorySeparatorChar, '-'), entry.Value))
                : File.Exists(path) ? [KeyValuePair.Create(Path.GetFileNameWithoutExtension(path), path)]
                : throw new SubbandException($"There is no picture or folder {path}.");
            files.AddRange(found);
        }

        ProjectionFiles.RequireApart(files);
        return new SortedDictionary<string, string>(files.ToDictionary(), StringComparer.Ordinal);
    }

    private void RequireFeatures(Invocation run)
    {
        if (!run.IsGiven(_features) || !run.IsGiven(_lpipsWeights))
        {
            throw new UsageException(
                "Pictures are compared by a network and linear weights for it: give --features FILE, such as https://download.pytorch.org/models/vgg16-397923af.pth, "
                + "and --lpips-weights FILE, the weights for the same network from https://github.com/richzhang/PerceptualSimilarity, lpips/weights/v0.1.");
        }

        PictureMeasureOptions.RequireFiles(run, _features, _lpipsWeights);
    }
}
