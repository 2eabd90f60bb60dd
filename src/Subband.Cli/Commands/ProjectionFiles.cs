using System.Globalization;
using System.Text;
using Subband.Cli.Common;
using Subband.Imaging;
using Subband.Models.StyleGan2.Editing;
using Subband.Torch.Serialization;

namespace Subband.Cli.Commands;

/// <summary>The files that <c>subband project</c> writes: some for each picture, and a chart of them all.</summary>
/// <param name="Folder">Where.</param>
/// <param name="Preset">The model's.</param>
internal sealed record ProjectionFiles(string Folder, string Preset)
{
    /// <summary>The ending of a file of styles.</summary>
    public const string Latent = ".safetensors";

    /// <summary>The ending of what the model makes of the styles.</summary>
    public const string Made = ".png";

    /// <summary>The ending of the picture beside what the model makes.</summary>
    public const string Compared = "-compared.png";

    /// <summary>The ending of the distances at each step.</summary>
    public const string Steps = ".csv";

    /// <summary>The chart of all pictures' distances at each step.</summary>
    public const string Chart = "curves.png";

    private readonly List<ProjectionCurve> _curves = [];

    /// <summary>Refuses names of which two files would be one.</summary>
    /// <param name="named">The pictures by the names that their files get.</param>
    /// <exception cref="UsageException">There are such.</exception>
    public static void RequireApart(IEnumerable<KeyValuePair<string, string>> named)
    {
        Dictionary<string, string> written = new(StringComparer.Ordinal) { [Chart] = "The chart of all distances" };
        foreach ((string name, string file) in named)
        {
            foreach (string path in new[] { Latent, Made, Compared, Steps }.Select(ending => name + ending))
            {
                if (!written.TryAdd(path, file))
                {
                    throw new UsageException(
                        $"{written[path]} and {file} would both become {path}; project them one after the other, into two folders, "
                        + "or rename a picture.");
                }
            }
        }
    }

    /// <summary>Writes the files of one picture.</summary>
    /// <param name="name">What they are called.</param>
    /// <param name="file">The picture's file.</param>
    /// <param name="picture">The picture at the model's size.</param>
    /// <param name="found">What was found for it and others.</param>
    /// <param name="made">What the model makes of that.</param>
    /// <param name="index">Which of them it is.</param>
    /// <returns>The file of styles, and how near the picture was come.</returns>
    public (string Path, string Distance) Write(string name, string file, Image8 picture, StyleProjection found, Image8 made, int index)
    {
        string path = Path.Combine(Folder, name);
        string distance = found.Distances[index].ToString("0.0000", CultureInfo.InvariantCulture);
        double[] steps = [.. found.Curve.Select(distances => distances[index])];
        LatentFile.Save(path + Latent, found.Styles.Select(0, index), found.Noises.Select(noise => noise.Narrow(0, index, 1)), Preset, file);
        ImageFile.WritePng(path + Made, made);
        ImageFile.WritePng(path + Compared, new LabelledSheet
        {
            Rows = [[picture.ToRgb(), made.ToRgb()]],
            ColumnTitles = [name, $"{Preset}, LPIPS {distance}"],
        }.Render());
        AtomicFile.WriteAllText(path + Steps, Table(steps));
        _curves.Add(new ProjectionCurve(name, steps, found.Distances[index]));
        return (path + Latent, distance);
    }

    /// <summary>Writes the chart of all pictures so far.</summary>
    public void WriteChart() => ImageFile.WritePng(
        Path.Combine(Folder, Chart), ProjectionChart.Render($"{Texts.Count(_curves.Count, "picture")} projected by {Preset}", _curves));

    private static string Table(IReadOnlyList<double> distances)
    {
        StringBuilder text = new("step,lpips\n");
        foreach ((int step, double distance) in distances.Index())
        {
            text.Append(CultureInfo.InvariantCulture, $"{step + 1},{distance:R}\n");
        }

        return text.ToString();
    }
}
