using System.Globalization;
using Subband.Cli.Common;
using Subband.Data;
using Subband.Evaluation;
using Subband.Imaging;
using Subband.Models;
using Subband.Models.Lapgan;
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
                onSheet[i] = image;
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

    /// <summary>A sheet of walks between two drawings of the finer levels' noise.</summary>
    public SampleResult Interpolation(int steps, string path)
    {
        int rows = SheetRows("--interpolate");
        Write(path, LapganSheets.Interpolation(Lapgan("--interpolate"), rows, steps, Seed, Labels(rows)).Render());
        return Result(rows, path, []);
    }

    /// <summary>A sheet of samples with the training images nearest to them.</summary>
    public SampleResult Neighbours(string data, string path)
    {
        int rows = SheetRows("--neighbours");
        using IImageSource source = DataArguments.Open(Run, data, "train");
        Rgb8Image[] images = new Rgb8Image[rows];
        Draw(rows, (i, image) => images[i] = image);
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

    private int StandardRows => Label is null && Generator.Classes.Count > 0 ? Math.Min(Generator.Classes.Count, MostClassRows) : Rows;

    private int[]? Labels(int count) => Label is { } only ? [.. Enumerable.Repeat(only, count)] : null;

    private int SheetRows(string option) => (Count ?? StandardRows) is var rows && rows <= MostRows
        ? rows
        : throw new UsageException($"A sheet of {option} has at most {MostRows} rows, and --count asks for {Texts.Number(rows)}.");

    // Part by part, so that it can be watched and stopped, and that memory holds no more than is asked for.
    private void Draw(int count, Action<int, Rgb8Image> take) => _ = ProgressDisplay.Run(Run, show =>
    {
        for (int first = 0; first < count; first += Generator.PartSize)
        {
            int size = Math.Min(Generator.PartSize, count - first);
            Run.Cancellation.ThrowIfCancellationRequested();
            using TensorScope scope = new();
            foreach ((int i, Rgb8Image image) in TensorImages
                .ToImages(Generator.Generate(size, Seed, Labels(size), first), PixelRange.Signed).Index())
            {
                take(first + i, image);
            }

            show(new WorkDone("Drawing", first + size, count, "images"));
        }

        return true;
    });

    private LapganModel Lapgan(string option) => Generator as LapganModel
        ?? throw new UsageException($"{option} shows the levels of a pyramid, and {Model.Preset} has none.");

    private string[] FileNames(string folder, int count)
    {
        string digits = new('0', Math.Max(3, (count - 1).ToString(CultureInfo.InvariantCulture).Length));
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            string name = i.ToString(digits, CultureInfo.InvariantCulture);
            string label = Generator.Classes.Count == 0 ? "" : "-" + FileName(Generator.Classes[Label ?? i % Generator.Classes.Count]);
            return Path.Combine(folder, $"{name}{label}.png");
        })];
    }

    // A class may be called what no file may.
    private static string FileName(string label) =>
        string.Concat(label.Select(c => Path.GetInvalidFileNameChars().Contains(c) || c == '\\' ? '_' : c));

    private void Write(string path, Rgb8Image image)
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
