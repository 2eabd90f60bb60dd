using Subband.Imaging;
using Subband.Models.SuperResolution;
using Subband.Torch;

namespace Subband.Upscaling;

/// <summary>Enlarges photographs of any size, from file to file, in bounded memory.</summary>
/// <remarks>
/// The model enlarges by the smallest of its factors that reaches the wanted size, or by its largest; exact resampling does the
/// rest. Opacity is resampled, and colours beneath full transparency do not count. What is written has the colours, depth and
/// orientation of the original, and what it says beside its pixels.
/// </remarks>
public sealed class PhotographUpscaler
{
    private readonly UpscalingModel _model;
    private readonly UpscaleSettings _settings;
    private readonly Dictionary<int, TileMemory> _memory = [];

    /// <summary>Makes one for many photographs.</summary>
    /// <param name="model">The model, which stays the caller's.</param>
    /// <param name="settings">How.</param>
    public PhotographUpscaler(UpscalingModel model, UpscaleSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(settings);
        (_model, _settings) = (model, settings);
    }

    /// <summary>Enlarges from file to file; the result is complete or not at all.</summary>
    /// <param name="from">The original.</param>
    /// <param name="to">The file to write, whose extension says what; its folder must exist.</param>
    /// <exception cref="SubbandException">It cannot be read, enlarged or written; the message says why.</exception>
    public UpscaledFile Run(string from, string to) => Run(Open(from), to, PhotographFormats.Wanted(to));

    /// <summary>Enlarges to a file, complete or not at all.</summary>
    /// <param name="photograph">The original.</param>
    /// <param name="path">The file to write; its folder must exist.</param>
    /// <param name="format">What to write.</param>
    /// <param name="progress">Told now and then how much of the result is made, from 0 to 1.</param>
    /// <param name="stop">Ends the work.</param>
    /// <exception cref="SubbandException">It cannot be read, enlarged or written; the message says why.</exception>
    public UpscaledFile Run(
        Photograph photograph, string path, PhotographFormat format, Action<double>? progress = null, CancellationToken stop = default) =>
        Run(photograph, path, format, (layout, make) => PhotographWriter.Write(path, format, _settings.Quality, layout, make), progress, stop);

    /// <summary>Enlarges to a stream, which after a failure holds a part that is good for nothing.</summary>
    /// <param name="photograph">The original.</param>
    /// <param name="stream">Where to write.</param>
    /// <param name="name">What messages call the stream.</param>
    /// <param name="format">What to write.</param>
    /// <param name="progress">Told now and then how much of the result is made, from 0 to 1.</param>
    /// <param name="stop">Ends the work.</param>
    /// <exception cref="SubbandException">It cannot be read, enlarged or written; the message says why.</exception>
    public UpscaledFile Run(
        Photograph photograph,
        Stream stream,
        string name,
        PhotographFormat format,
        Action<double>? progress = null,
        CancellationToken stop = default) =>
        Run(photograph, name, format, (layout, make) => PhotographWriter.Write(stream, name, format, _settings.Quality, layout, make), progress, stop);

    /// <summary>Opens a photograph as these settings want it.</summary>
    /// <param name="path">The file.</param>
    public Photograph Open(string path) => Photograph.Open(path, _settings.MaximumPixels, _settings.Strip);

    /// <summary>Opens a photograph as these settings want it.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    public Photograph Open(byte[] bytes, string name) => Photograph.Open(bytes, name, _settings.MaximumPixels, _settings.Strip);

    private UpscaledFile Run(
        Photograph photograph,
        string name,
        PhotographFormat format,
        Action<PhotographLayout, Action<RowPipe>> write,
        Action<double>? progress,
        CancellationToken stop)
    {
        List<string> notes = [.. photograph.Notes];
        UpscalePlan plan = Plan(photograph, notes);
        int longest = PhotographFormats.LongestSide(format);
        if (Math.Max(plan.Width, plan.Height) > longest)
        {
            throw new ImageFileException(
                name, $"would have {plan.Width}x{plan.Height} pixels, and {format} holds at most {longest} a side; choose PNG or TIFF, or a smaller scale.");
        }

        OutputSamples output = new(photograph, plan.Width, plan.Height, format, _settings.Strip, notes);
        using UpscaledRows rows = new(photograph, plan, _model, _settings.Consistent, notes.Add, stop);
        int? deviation = null;
        write(output.Layout, pipe => deviation = output.Send(rows, pipe, _settings.Consistent ? plan : null, progress, stop));
        if (deviation > 1)
        {
            notes.Add($"shrunk again, it differs from the original by up to {deviation} grey levels: no picture within black and white agrees better");
        }

        (int width, int height) = IsOnItsSide(photograph) ? (plan.Height, plan.Width) : (plan.Width, plan.Height);
        return new UpscaledFile(
            width, height, plan.Factor, rows.Tiles?.Width ?? 0, rows.Tiles?.Height ?? 0, deviation, [.. notes.Distinct()]);
    }

    // Sizes are those of the picture as it is shown, while its pixels may be stored on their side.
    private static bool IsOnItsSide(Photograph photograph) => !photograph.IsBare && photograph.Orientation >= 5;

    private UpscalePlan Plan(Photograph photograph, List<string> notes)
    {
        (int width, int height) = _settings.Size.Of(photograph.Name, photograph.Width, photograph.Height);
        double wanted = Math.Max((double)width / photograph.Width, (double)height / photograph.Height);
        (width, height) = IsOnItsSide(photograph) ? (height, width) : (width, height);
        PhotographLayout layout = photograph.Layout;
        if (_settings.Consistent && (width % layout.Width != 0 || height % layout.Height != 0 || width / layout.Width != height / layout.Height))
        {
            throw new ImageFileException(
                photograph.Name, $"would have {width}x{height} pixels, no whole multiple of {layout.Width}x{layout.Height}; --consistent needs a whole --scale.");
        }

        if (_model.Upscaler is Interpolation interpolation)
        {
            return new UpscalePlan(1, width, height, interpolation.How, null);
        }

        if (wanted <= 1)
        {
            notes.Add("nothing is to be enlarged, so that the model has no part in it");
            return new UpscalePlan(1, width, height, UpscaledRows.Exact, null);
        }

        int factor = Factor(wanted);
        if (factor * layout.Width != width || factor * layout.Height != height)
        {
            notes.Add($"the model enlarges by {factor}, resampling does the rest to {width}x{height}");
        }

        return new UpscalePlan(factor, width, height, UpscaledRows.Exact, Tiles(layout, factor, notes));
    }

    private int Factor(double wanted)
    {
        IReadOnlyList<int> scales = _model.Upscaler.Scales;
        int whole = (int)Math.Ceiling(wanted - 1e-6);
        return scales.Count == 0 ? Math.Max(2, whole) : scales.FirstOrDefault(scale => scale >= whole, scales[^1]);
    }

    private TilePlan Tiles(PhotographLayout layout, int factor, List<string> notes)
    {
        int? reach = _model.Upscaler.Reach(factor);
        if (!_memory.TryGetValue(factor, out TileMemory memory))
        {
            memory = TileMemory.Measure(_model.Upscaler, factor, _model.Device);
            _memory.Add(factor, memory);
        }

        if (reach is { } pixels && _settings.TileSide is null && _model.Upscaler.TakesRows(factor))
        {
            return TilePlan.ByRows(layout.Width, layout.Height, pixels, memory);
        }

        TilePlan tiles = TilePlan.Make(layout.Width, layout.Height, factor, reach, _settings.TileSide, memory);
        if (reach is null && tiles.Blend > 0)
        {
            notes.Add("the model looks at the whole image, which does not fit into memory; its tiles pass into each other, and are not quite what the whole would be");
        }

        return tiles;
    }
}

/// <summary>What is done with one photograph.</summary>
/// <param name="Factor">The model's factor; 1 without.</param>
/// <param name="Width">Of the result as it is stored.</param>
/// <param name="Height">Of the result as it is stored.</param>
/// <param name="How">How resampling does the rest.</param>
/// <param name="Tiles">The model's tiles; null without.</param>
internal sealed record UpscalePlan(int Factor, int Width, int Height, Resampling How, TilePlan? Tiles);
