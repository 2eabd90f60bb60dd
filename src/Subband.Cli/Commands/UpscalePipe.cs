using Subband.Cli.Common;
using Subband.Imaging;
using Subband.Upscaling;

namespace Subband.Cli.Commands;

/// <summary>Enlarges one photograph from standard input, or to standard output, or both.</summary>
internal static class UpscalePipe
{
    private const string Stdio = "-";
    private const string InputName = "standard input";
    private const string OutputName = "standard output";

    /// <summary>Does so.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static int Run(
        Invocation run, string input, string output, PhotographFormat? format, UpscalingModel model, UpscaleSettings settings)
    {
        PhotographUpscaler upscaler = new(model, settings);
        Photograph photograph = input == Stdio ? upscaler.Open(ReadAll(), InputName) : upscaler.Open(input);
        UpscaledFile result;
        if (output == Stdio)
        {
            using Stream stream = Console.OpenStandardOutput();
            result = upscaler.Run(photograph, stream, OutputName, format ?? PhotographFormats.Of(photograph.Format), null, run.Cancellation);
        }
        else
        {
            PhotographFormat named = PhotographFormats.OfName(output) ?? throw new UsageException(
                $"--out {output}: end it with {PhotographFormats.Extensions}.");
            result = upscaler.Run(photograph, output, named, null, run.Cancellation);
        }

        foreach (string note in result.Notes)
        {
            run.Say($"note: {photograph.Name}: {note}");
        }

        return ExitCodes.Done;
    }

    private static byte[] ReadAll()
    {
        using Stream stream = Console.OpenStandardInput();
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return bytes.Length > 0 ? bytes.ToArray() : throw new ImageFileException(InputName, "is empty (0 bytes).");
    }
}
