using System.Globalization;
using Subband.Imaging;
using Subband.Models.StyleGan2.Editing;
using Subband.Torch;

namespace Subband.Models.StyleGan2;

/// <summary>Sheets that show what the styles of a generator decide.</summary>
/// <remarks>Texts are drawn by libvips, so that all of these need it.</remarks>
public static class StyleGan2Sheets
{
    /// <summary>Images whose styles come from two: a row's, but in some layers a column's.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">How many rows; their images are the first of the seed's.</param>
    /// <param name="columns">How many columns; their images are those that follow.</param>
    /// <param name="seed">Where the random numbers start.</param>
    /// <param name="layers">The layers whose styles come from the columns.</param>
    /// <param name="labels">The class of each, the rows' first; null for the classes in turn.</param>
    /// <remarks>Karras et al. 2019, figure 3.</remarks>
    public static LabelledSheet Mixing(StyleGan2Model model, int rows, int columns, ulong seed, LayerRange layers, IReadOnlyList<int>? labels = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        layers.Require(model.Shape.Styles);
        using var scope = new TensorScope();
        var styles = model.SampledStyles(rows + columns, seed, labels);   // [rows + columns, L, width]
        var pictures = Shown(model.Pictures(styles, seed));
        List<Rgb8Image?[]> table = [[null, .. pictures[rows..]]];
        for (var row = 0; row < rows; row++)
        {
            var kept = styles.Narrow(0, row, 1).Repeat(columns, 1, 1);
            var taken = styles.Narrow(0, rows, columns);
            var mixed = Tensor.Cat(
                [.. Enumerable.Range(0, model.Shape.Styles).Select(layer => (layers.Contains(layer) ? taken : kept).Narrow(1, layer, 1))], 1);
            table.Add([pictures[row], .. Shown(model.Pictures(mixed, seed))]);
        }

        return new LabelledSheet
        {
            Title = $"Styles of layers {layers} from the upper row, the others from the left column",
            Rows = table,
        };
    }

    /// <summary>A closed walk from image to image, in straight lines between their styles; the noise stays the same.</summary>
    /// <param name="model">The model.</param>
    /// <param name="images">How many images it leads through.</param>
    /// <param name="steps">Steps from one to the next.</param>
    /// <param name="seed">Where the random numbers start.</param>
    /// <param name="labels">The class of each image; null for the classes in turn.</param>
    /// <param name="take">Is given the pictures of each line as soon as they are drawn.</param>
    public static void Walk(StyleGan2Model model, int images, int steps, ulong seed, IReadOnlyList<int>? labels, Action<IReadOnlyList<Image8>> take)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(take);
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        using var scope = new TensorScope();
        var styles = model.SampledStyles(images, seed, labels);
        for (var image = 0; image < images; image++)
        {
            using var inner = new TensorScope();
            var (from, to) = (styles.Narrow(0, image, 1), styles.Narrow(0, (image + 1) % images, 1));
            var line = Tensor.Cat([.. Enumerable.Range(0, steps).Select(step => from.Lerp(to, (double)step / steps))]);
            take(model.Pictures(line, seed));
        }
    }

    /// <summary>The pictures of a walk, a row for each of its lines.</summary>
    /// <param name="frames">All of them, in their order.</param>
    /// <param name="steps">Steps from one image to the next.</param>
    public static LabelledSheet OfWalk(IReadOnlyList<Image8> frames, int steps) => new()
    {
        ColumnTitles = [.. Enumerable.Range(0, steps).Select(step => ((double)step / steps).ToString("0.##", CultureInfo.InvariantCulture))],
        Rows = [.. frames.Chunk(steps).Select(Shown)],
    };

    /// <summary>Images moved along a direction: a row for each image, a column for each strength.</summary>
    /// <param name="model">The model.</param>
    /// <param name="styles">w of each layer, [N, L, width].</param>
    /// <param name="directions">The directions.</param>
    /// <param name="index">Which of them.</param>
    /// <param name="strengths">How far each column goes.</param>
    /// <param name="layers">In which layers.</param>
    /// <param name="seed">Of the noise.</param>
    public static LabelledSheet Edits(
        StyleGan2Model model, Tensor styles, StyleDirections directions, int index, IReadOnlyList<double> strengths, LayerRange layers, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(directions);
        ArgumentNullException.ThrowIfNull(strengths);
        using var scope = new TensorScope();
        Rgb8Image[][] columns = [.. strengths.Select(strength => Shown(model.Pictures(directions.Apply(styles, index, strength, layers), seed)))];
        return new LabelledSheet
        {
            Title = $"Direction {directions.Names[index]}, layers {layers}",
            ColumnTitles = [.. strengths.Select(strength => strength.ToString("+0.##;-0.##;0", CultureInfo.InvariantCulture))],
            Rows = [.. Enumerable.Range(0, columns[0].Length).Select(row => columns.Select(column => column[row]).ToArray())],
        };
    }

    // As sheets show them: what is transparent laid on white.
    private static Rgb8Image[] Shown(Image8[] pictures) => Array.ConvertAll(pictures, picture => picture.ToRgb());
}
