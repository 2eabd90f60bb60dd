using System.Globalization;
using Subband.Cli.Common;
using Subband.Data;
using Subband.Evaluation;
using Subband.Imaging;
using Subband.Models;
using Subband.Models.Lapgan;
using Subband.Models.StyleGan2;
using Subband.Torch;

namespace Subband.Cli.Commands;

/// <summary>Makes what <c>subband sample</c> is asked for and writes it.</summary>
/// <param name="Run">The call.</param>
/// <param name="Model">The model.</param>
/// <param name="Seed">Where the random numbers start.</param>
/// <param name="Count">How many samples or rows; null for what fills a sheet.</param>
/// <param name="Label">The only class; null for all in turn.</param>
internal sealed record SampleSheetMaker(Invocation Run, LoadedModel Model, ulong Seed, int? Count, int? Label)
{
    private const int Rows = 8;
    private const int MostRows = 500; // of a sheet that shows how images are made; it is all computed at once
    private const int MostClassRows = 10;
    private const int RedrawsARow = 8;
    private const int NeighboursARow = 5;
    private const int MixedRows = 4;
    private const int MixedColumns = 6;
    private const int MostFrames = 10_000;
    private const int MillisecondsAFrame = 50;
    private const double BandContrast = 4;

    /// <summary>The ending of moving pictures.</summary>
    public const string Animation = ".webp";

    private IImageGenerator Generator => Model.Generator;

    /// <summary>A plain sheet, single files, or both.</summary>
    public SampleResult Samples(string? sheet, string? folder)
    {
        bool areAlternating = Label is null && Generator.Classes.Count > 0;
        int count = Count ?? SampleSheets.GoodCount(areAlternating ? Generator.Classes.Count : 0);
        Rgb8Image[] onSheet = sheet is null ? [] : new Rgb8Image[count];
        string[] files = folder is null ? [] : FileNames(folder, count);
        if (folder is not null)
        {
            OutputFolder.Make(folder);
        }

        Draw(count, (i, image) =>
        {
            if (sheet is not null)
            {
                onSheet[i] = image.ToRgb();
            }

            if (folder is not null)
            {
                Write(files[i], image);
            }
        });
        if (sheet is not null)
        {
            Write(sheet, SampleSheets.Plain(onSheet, areAlternating ? Generator.Classes : []));
        }

        return Result(count, sheet, files);
    }

    /// <summary>A sheet of what each level adds.</summary>
    public SampleResult Chain(string path)
    {
        int rows = SheetRows("--chain");
        Write(path, LapganSheets.Chain(Lapgan("--chain"), rows, Seed, Labels(rows)).Render());
        return Result(rows, path, []);
    }

    /// <summary>A sheet of coarse images that stay while the rest is drawn anew.</summary>
    public SampleResult Redraws(int level, string path)
    {
        int rows = SheetRows("--redraw");
        Write(path, LapganSheets.Redraws(Lapgan("--redraw"), level, rows, RedrawsARow, Seed, Labels(rows)).Render());
        return Result(rows, path, []);
    }

    /// <summary>
    /// Of a pyramid, a sheet of walks between two drawings of the finer levels' noise; of styles, a closed walk as a sheet, a moving picture, or a file
    /// for each step.
    /// </summary>
    public SampleResult Interpolation(int steps, string? path, string? folder)
    {
        int rows = SheetRows("--interpolate");
        if (Generator is StyleGan2Model styles)
        {
            return Walk(styles, rows, steps, path, folder);
        }

        if (folder is not null || IsAnimation(path))
        {
            throw new UsageException($"{Model.Preset} walks on a sheet only: give --out FILE.png, and no --folder.");
        }

        Write(path!, LapganSheets.Interpolation(Lapgan("--interpolate"), rows, steps, Seed, Labels(rows)).Render());
        return Result(rows, path, []);
    }

    /// <summary>A sheet of samples beside their wavelet pictures.</summary>
    public SampleResult Bands(string path)
    {
        int rows = SheetRows("--bands");
        if (Generator.Height % 2 != 0 || Generator.Width % 2 != 0)
        {
            throw new UsageException($"--bands halves the samples, and those of {Model.Preset} have {Generator.Width}x{Generator.Height} pixels.");
        }

        Rgb8Image[] images = new Rgb8Image[rows];
        Draw(rows, (i, image) => images[i] = image.ToRgb());
        using TensorScope scope = new();
        Rgb8Image[] bands = TensorImages.ToImages(
            BandPicture.Arrange(TensorImages.ToTensor(images, PixelRange.Unit), levels: 1, BandContrast), PixelRange.Unit);
        int pairs = Math.Max(1, (int)Math.Sqrt(rows / 2.0)); // side by side, so that the sheet is about square
        Write(path, new LabelledSheet
        {
            Rows = [.. images.Zip(bands, (image, picture) => (Rgb8Image[])[image, picture]).Chunk(pairs).Select(row => row.SelectMany(pair => pair).ToArray())],
        }.Render());
        return Result(rows, path, []);
    }

    /// <summary>A table of samples that have the styles of some layers from others.</summary>
    public SampleResult Mixing(string? layers, string path)
    {
        int rows = Count ?? MixedRows;
        StyleGan2Model styles = StyleSampleOptions.Of(Model, "--mix");
        Write(path, StyleGan2Sheets.Mixing(styles, rows, MixedColumns, Seed, StyleSampleOptions.Layers(layers, styles), Labels(rows + MixedColumns)).Render());
        return Result(rows, path, []);
    }

    /// <summary>A sheet of samples with the training images nearest to them.</summary>
    public SampleResult Neighbours(string data, string path)
    {
        int rows = SheetRows("--neighbours");
        using IImageSource source = DataArguments.Open(Run, data, "train");
        Rgb8Image[] images = new Rgb8Image[rows];
        Draw(rows, (i, image) => images[i] = image.ToRgb());
        SampleNeighbours found = ProgressDisplay.Run(Run, show => SampleNeighbours.Find(images, source, Model.Plan, NeighboursARow, new EvaluationOptions
        {
            DataThreads = Environment.ProcessorCount,
            Progress = progress => show(WorkDone.Of(progress, "images")),
            Stop = Run.Cancellation,
        }));
        Write(path, found.Sheet($"Nearest of {Texts.Count(found.Compared, "training image")}, in grey levels").Render());
        return Result(rows, path, []) with
        {
            Neighbours = [.. found.Nearest.Select(near => near
                .Select(one => new NeighbourResult(source.ItemName(one.Item), one.Distance, one.IsMirrored)).ToArray())],
        };
    }

    private SampleResult Walk(StyleGan2Model styles, int images, int steps, string? path, string? folder)
    {
        if ((long)images * steps > MostFrames)
        {
            throw new UsageException($"A walk has at most {Texts.Number(MostFrames)} pictures, not {images} times {steps}; give a smaller --count.");
        }

        Image8[] frames = ProgressDisplay.Run(Run, show =>
        {
            List<Image8> drawn = [];
            StyleGan2Sheets.Walk(styles, images, steps, Seed, Labels(images), line =>
            {
                Run.Cancellation.ThrowIfCancellationRequested();
                drawn.AddRange(line);
                show(new WorkDone("Drawing", drawn.Count, images * steps, "images"));
            });
            return drawn.ToArray();
        });
        string[] files = folder is null ? [] : Numbered(folder, frames.Length, _ => "");
        if (folder is not null)
        {
            OutputFolder.Make(folder);
        }

        foreach ((string file, Image8 frame) in files.Zip(frames))
        {
            Write(file, frame);
        }

        if (IsAnimation(path))
        {
            ImageFile.WriteAnimation(path!, [.. frames.Select(frame => frame.ToRgb())], MillisecondsAFrame);
        }
        else if (path is not null)
        {
            Write(path, StyleGan2Sheets.OfWalk(frames, steps).Render());
        }

        return Result(images, path, files);
    }

    private static bool IsAnimation(string? path) => path?.EndsWith(Animation, StringComparison.OrdinalIgnoreCase) == true;

    private int StandardRows => Label is null && Generator.Classes.Count > 0 ? Math.Min(Generator.Classes.Count, MostClassRows) : Rows;

    private int[]? Labels(int count) => Label is { } only ? [.. Enumerable.Repeat(only, count)] : null;

    private int SheetRows(string option) => (Count ?? StandardRows) is var rows && rows <= MostRows
        ? rows
        : throw new UsageException($"A sheet of {option} has at most {MostRows} rows, and --count asks for {Texts.Number(rows)}.");

    // Part by part, so that it can be watched and stopped, and that memory holds no more than is asked for.
    private void Draw(int count, Action<int, Image8> take) => _ = ProgressDisplay.Run(Run, show =>
    {
        for (int first = 0; first < count; first += Generator.PartSize)
        {
            int size = Math.Min(Generator.PartSize, count - first);
            Run.Cancellation.ThrowIfCancellationRequested();
            using TensorScope scope = new();
            foreach ((int i, Image8 image) in TensorImages
                .ToPictures(Generator.Generate(size, Seed, Labels(size), first), PixelRange.Signed).Index())
            {
                take(first + i, image);
            }

            show(new WorkDone("Drawing", first + size, count, "images"));
        }

        return true;
    });

    private LapganModel Lapgan(string option) => Generator as LapganModel
        ?? throw new UsageException($"{option} shows the levels of a pyramid, and {Model.Preset} has none.");

    private string[] FileNames(string folder, int count) => Numbered(
        folder, count, i => Generator.Classes.Count == 0 ? "" : "-" + FileName(Generator.Classes[Label ?? i % Generator.Classes.Count]));

    private static string[] Numbered(string folder, int count, Func<int, string> label)
    {
        string digits = new('0', Math.Max(3, (count - 1).ToString(CultureInfo.InvariantCulture).Length));
        return [.. Enumerable.Range(0, count).Select(i => Path.Combine(folder, $"{i.ToString(digits, CultureInfo.InvariantCulture)}{label(i)}.png"))];
    }

    // A class may be called what no file may.
    private static string FileName(string label) =>
        string.Concat(label.Select(c => Path.GetInvalidFileNameChars().Contains(c) || c == '\\' ? '_' : c));

    private void Write(string path, Image8 image)
    {
        Run.Cancellation.ThrowIfCancellationRequested();
        ImageFile.WritePng(path, image, new Dictionary<string, string>
        {
            ["Software"] = $"Subband {ProductVersion.Text}",
            ["Description"] = $"{Model.Preset}, seed {Seed}",
        });
    }

    private SampleResult Result(int count, string? sheet, string[] files) =>
        new(Model.Name, Model.Preset, Seed, count, Label is { } only ? Generator.Classes[only] : null, sheet, files, null);
}
