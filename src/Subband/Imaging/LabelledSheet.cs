namespace Subband.Imaging;

/// <summary>
/// A table of pictures with a title over the whole, titles over its columns and beside its rows, and captions under the
/// pictures. Pictures of several sizes may stand together: each is enlarged by the largest whole number that fits its
/// cell, and put in the middle.
/// </summary>
/// <remarks>Texts are drawn by libvips; a sheet without any needs no image library.</remarks>
public sealed record LabelledSheet
{
    private const byte Ink = 70;
    private const int Margin = 16;
    private const int Gap = 6;
    private const int TextSize = 12;
    private const int CaptionSize = 11;
    private const int TitleSize = 15;
    private const int LineHeight = 17;
    private const int TextGap = 10;
    private const int MaximumRowTitle = 180;

    /// <summary>The pictures, row by row; null leaves a cell empty. Rows may differ in length.</summary>
    public required IReadOnlyList<IReadOnlyList<Rgb8Image?>> Rows { get; init; }

    /// <summary>Texts beside the rows; fewer than there are rows leaves the others without.</summary>
    public IReadOnlyList<string> RowTitles { get; init; } = [];

    /// <summary>Texts over the columns.</summary>
    public IReadOnlyList<string> ColumnTitles { get; init; } = [];

    /// <summary>One line under each picture, row by row; rows and texts may be missing, and empty ones are left out.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Captions { get; init; } = [];

    /// <summary>The text over the whole; empty for none.</summary>
    public string Title { get; init; } = "";

    /// <summary>The side of a cell in pixels, at least that of the largest picture; 0 takes what shows the largest picture well.</summary>
    public int CellSide { get; init; }

    /// <summary>Draws the sheet.</summary>
    /// <exception cref="ArgumentException">There is no picture, or one is larger than its cell.</exception>
    /// <exception cref="ImageFileException">There is a text, and libvips is missing.</exception>
    public Rgb8Image Render()
    {
        int cell = ChooseCell();
        int columns = Rows.Max(row => row.Count);
        RenderedText title = RenderedText.Render(Title, TitleSize, bold: true);
        RenderedText[] over = [.. ColumnTitles.Take(columns).Select(text => RenderedText.Render(text, TextSize, false, cell, TextAlign.Centre))];
        RenderedText[] beside =
            [.. RowTitles.Take(Rows.Count).Select(text => RenderedText.Render(text, TextSize, false, MaximumRowTitle, TextAlign.Right))];

        int titleHeight = title.Height == 0 ? 0 : title.Top + title.Height + TextGap;
        int overHeight = Tallest(over) is > 0 and int tallest ? tallest + (TextGap / 2) : 0;
        int besideWidth = beside.Select(text => text.Width).DefaultIfEmpty().Max() is > 0 and int widest ? widest + TextGap : 0;
        RenderedText[][] under = [.. Captions.Take(Rows.Count).Select(row => row.Take(columns)
            .Select(text => RenderedText.Render(text, CaptionSize, false, cell, TextAlign.Centre)).ToArray())];
        int underHeight = under.Any(row => Tallest(row) > 0) ? under.Max(Tallest) : 0;
        int step = cell + underHeight + Gap;
        int left = Margin + besideWidth;
        int top = Margin + titleHeight + overHeight;
        int tableWidth = besideWidth + (columns * (cell + Gap)) - Gap;
        var canvas = new Canvas(
            (2 * Margin) + Math.Max(tableWidth, title.Width), top + (Rows.Count * step) - Gap + Margin, SampleGrid.Paper);

        canvas.Draw(title, Margin, Margin, Ink);
        for (int c = 0; c < over.Length; c++)
        {
            // the last line of each title stands right over its column
            int x = left + (c * (cell + Gap)) + ((cell - over[c].Width) / 2);
            canvas.Draw(over[c], x, Margin + titleHeight + Tallest(over) - Lines(over[c]), Ink);
        }

        for (int r = 0; r < Rows.Count; r++)
        {
            int y = top + (r * step);
            if (r < beside.Length)
            {
                canvas.Draw(beside[r], left - TextGap - beside[r].Width, y + ((cell - Lines(beside[r])) / 2), Ink);
            }

            for (int c = 0; r < under.Length && c < under[r].Length; c++)
            {
                canvas.Draw(under[r][c], left + (c * (cell + Gap)) + ((cell - under[r][c].Width) / 2), y + cell + 1, Ink);
            }

            for (int c = 0; c < Rows[r].Count; c++)
            {
                if (Rows[r][c] is { } image)
                {
                    int scale = cell / Math.Max(image.Width, image.Height);
                    canvas.Draw(
                        image,
                        left + (c * (cell + Gap)) + ((cell - (image.Width * scale)) / 2),
                        y + ((cell - (image.Height * scale)) / 2),
                        scale);
                }
            }
        }

        return canvas.ToImage();
    }

    private static int Tallest(RenderedText[] texts) => texts.Select(Lines).DefaultIfEmpty().Max();

    // the height of a text in whole lines, whatever letters it has
    private static int Lines(RenderedText text) =>
        text.Height == 0 ? 0 : (text.Top + text.Height + LineHeight - 1) / LineHeight * LineHeight;

    private int ChooseCell()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(CellSide);
        int largest = Rows.SelectMany(row => row).Where(image => image is not null)
            .Select(image => Math.Max(image!.Width, image.Height)).DefaultIfEmpty().Max();
        if (largest == 0)
        {
            throw new ArgumentException("A sheet needs at least one picture, there is none.");
        }

        int cell = CellSide == 0 ? largest * SampleGrid.ScaleFor(largest, largest) : CellSide;
        return cell >= largest
            ? cell
            : throw new ArgumentException($"A picture of side {largest} does not fit a cell of side {cell}.");
    }
}
