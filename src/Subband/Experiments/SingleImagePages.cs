using System.Globalization;
using System.Text.Json.Nodes;
using Subband.Imaging;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Experiments;

/// <summary>The report on single images as files: <c>report.md</c>, <c>report.json</c> and <c>figure1.png</c>.</summary>
internal static class SingleImagePages
{
    private static readonly string[] Bands = ["LL", "LH", "HL", "HH"];

    public static void Write(ExperimentOptions options, SingleImageReport report, IReadOnlyList<IReadOnlyList<Rgb8Image?>> rows)
    {
        ImageFile.WritePng(Path.Combine(options.Out, "figure1.png"), new LabelledSheet
        {
            Rows = rows,
            RowTitles = [.. report.Energies.Keys],
            ColumnTitles = ["the image", .. Contestant.Both.Select(contestant => contestant.Name)],
            Captions =
            [
                .. report.Results.Chunk(Contestant.Both.Count).Select(row => (string[])
                    ["", .. row.Select(result => string.Create(CultureInfo.InvariantCulture, $"{result.Psnr:0.0} dB"))]),
            ],
            CellSide = options.Size * Math.Max(1, 192 / options.Size),
        }.Render());
        AtomicFile.WriteAllText(Path.Combine(options.Out, "report.json"), Json(report).ToIndentedText() + "\n");
        AtomicFile.WriteAllText(Path.Combine(options.Out, "report.md"), Text(report));
    }

    /// <summary>The numbers of a report.</summary>
    public static JsonObject Json(SingleImageReport report) => new()
    {
        ["results"] = new JsonArray([.. report.Results.Select(result => new JsonObject
        {
            ["picture"] = result.Picture,
            ["architecture"] = result.Contestant.Name,
            ["kimg"] = result.Images / 1000.0,
            ["seconds"] = result.Seconds,
            ["psnr_db"] = result.Psnr,
            ["error"] = ByBand(result.Bands),
        })]),
        ["pictures"] = new JsonObject(report.Energies.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)ByBand(entry.Value)))),
        ["protocol"] = new JsonArray([.. report.Protocol.Select(line => (JsonNode)line)]),
    };

    private static JsonObject ByBand(IReadOnlyList<double> values) =>
        new(Bands.Zip(values, (band, value) => KeyValuePair.Create(band, (JsonNode?)value)));

    private static string Text(SingleImageReport report)
    {
        var rows = report.Results.Select(result => string.Create(
            CultureInfo.InvariantCulture,
            $"| {result.Picture} | {result.Contestant.Name} | {result.Images / 1000.0:0.#} | {result.Psnr:0.00} | {Levels(result.Bands)} |"));
        var energies = report.Energies.Select(entry => $"| {entry.Key} | the image itself | | | {Levels(entry.Value)} |");
        return $"""
            # A single image, overfitted by SWAGAN and by StyleGAN2

            | image | model | kimg | PSNR (dB) | {string.Join(" | ", Bands)} |
            | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
            {string.Join("\n", rows)}
            {string.Join("\n", energies)}

            {string.Join("\n", report.Protocol.Select(line => $"- {line}"))}
            - of an image itself: the deviation in LL and the root mean square in the other bands, which is what making none of it would cost

            ![The images, and what each model made of them](figure1.png)

            """;
    }

    private static string Levels(IReadOnlyList<double> bands) =>
        string.Join(" | ", bands.Select(value => value.ToString("0.00", CultureInfo.InvariantCulture)));
}
