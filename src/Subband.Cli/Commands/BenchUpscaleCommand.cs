using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Subband.Cli.Common;
using Subband.Upscaling;

namespace Subband.Cli.Commands;

/// <summary><c>subband bench upscale MODEL</c>: how fast a network enlarges, alone or from file to file.</summary>
internal sealed partial class BenchUpscaleCommand : Verb
{
    private const int LongestSide = Imaging.DeadLeaves.MaximumSide;

    private readonly Argument<string> _model = new("MODEL")
    {
        Description = "A shipped model's name, a run, a checkpoint, a .safetensors file, an interpolation, or a preset, whose network is then untrained",
    };

    private readonly Option<(int Width, int Height)?> _size = new("--size")
    {
        Description = "Width and height of the small picture (default: 256x256)",
        HelpName = "WxH",
        CustomParser = result =>
        {
            string[] sides = result.Tokens[0].Value.Split('x');
            if (sides.Length == 2 && Side(sides[0]) is { } width && Side(sides[1]) is { } height)
            {
                return (width, height);
            }

            result.AddError($"--size takes a width and a height from 1 to {LongestSide}, such as 256x256, not '{result.Tokens[0].Value}'.");
            return null;
        },
    };

    private readonly Option<long?> _scale = CommonOptions.WholeNumber(
        "--scale", "By how much to enlarge (default: the model's largest factor, 2 for an interpolation)", 1, 16);

    private readonly Option<bool> _files = new("--files")
    {
        Description = "Time the whole way of 'subband upscale', from a PNG file through tiles to a PNG file, and not the model alone",
    };

    private readonly Option<DeviceChoice> _device = CommonOptions.Device();
    private readonly Option<UpscalingPrecisionChoice> _precision = CommonOptions.UpscalingPrecision();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<double?> _seconds = CommonOptions.PositiveNumber("--seconds", "How long to measure (default: 10)");
    private readonly Option<bool> _json = CommonOptions.Json();

    public BenchUpscaleCommand()
        : base("upscale", "Time the enlargement of a picture of fallen leaves")
    {
        Add(_model);
        foreach (Option option in (Option[])[_size, _scale, _files, _device, _precision, _threads, _seconds, _json])
        {
            Add(option);
        }
    }

    protected override int Run(Invocation run)
    {
        UpscaleBenchmarkRequest standard = new() { Model = run.Get(_model) };
        (int width, int height) = run.Get(_size) ?? (standard.Width, standard.Height);
        UpscaleBenchmarkRequest request = standard with
        {
            Width = width,
            Height = height,
            Scale = (int?)run.Get(_scale),
            Files = run.Get(_files),
            Device = run.Get(_device).Wanted(),
            Precision = run.Get(_precision).Wanted(),
            Threads = run.Get(_threads),
            Seconds = run.Get(_seconds) ?? standard.Seconds,
        };
        ComputeNote.Tell(run, ComputeChoice.Device(request.Device));
        UpscaleSpeed speed = ProgressDisplay.Run(run, show => UpscaleBenchmark.Measure(
            request,
            text => run.SayOnce($"note: {text}"),
            (_, seconds) => show(new WorkDone("Enlarging", Math.Min(seconds, request.Seconds), request.Seconds, "seconds")),
            run.Cancellation));
        if (run.Get(_json))
        {
            run.WriteJson(speed, UpscaleSpeedJson.Default.UpscaleSpeed);
        }
        else
        {
            run.Out.WriteLine(Sentence(speed));
        }

        return ExitCodes.Done;
    }

    private static string Sentence(UpscaleSpeed speed) => string.Create(
        CultureInfo.InvariantCulture,
        $"{speed.Model} x{speed.Scale} of {speed.Width}x{speed.Height}{(speed.Files ? ", file to file" : "")}: "
        + $"{speed.MegapixelsPerSecond:G3} megapixels/s, {speed.Gflops:F0} GFLOP/s, peak {Texts.Bytes(speed.PeakMemoryBytes)} "
        + $"({Texts.Count(speed.Pictures, "picture")} in {Texts.Duration(speed.Seconds)}, {speed.Device}, {Texts.Count(speed.Threads, "thread")}, {speed.Precision})");

    private static int? Side(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int side) && side is >= 1 and <= LongestSide ? side : null;

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(UpscaleSpeed))]
    private sealed partial class UpscaleSpeedJson : JsonSerializerContext;
}
