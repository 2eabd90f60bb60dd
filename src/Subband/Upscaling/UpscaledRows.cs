using Subband.Imaging;

namespace Subband.Upscaling;

/// <summary>The rows of an enlarged photograph: colours from the model, resampling and correction, and opacity from resampling.</summary>
internal sealed class UpscaledRows : IDisposable
{
    private readonly Func<TilePlan>? _tiles;

    public UpscaledRows(
        Photograph photograph, UpscalePlan plan, UpscalingModel model, bool consistent, Action<string> say, CancellationToken stop)
    {
        IRowStream colours = ColoursOf(photograph);
        int oldWidth = colours.Width;
        if (plan.Tiles is { Margin: not null } columns)
        {
            WalkedRows walked = new(colours, model, plan.Factor, columns, say, stop);
            (colours, _tiles) = (walked, () => walked.Plan);
        }
        else if (plan.Tiles is { } tiles)
        {
            TiledRows tiled = new(colours, model, plan.Factor, tiles, say, stop);
            (colours, _tiles) = (tiled, () => tiled.Plan);
        }

        if (colours.Width != plan.Width || colours.Height != plan.Height)
        {
            colours = new ResampledRows(colours, plan.Width, plan.Height, plan.How);
        }

        if (consistent && plan.Width > oldWidth)
        {
            colours = new ConsistentRows(colours, ColoursOf(photograph), plan.Width / oldWidth, 1.0 / photograph.Layout.White);
        }

        Colours = new RowWindow(colours);
        if (photograph.Layout.HasAlpha)
        {
            ChannelRows alpha = new(photograph.Rows(), photograph.Layout.ColourChannels);
            Alpha = new RowWindow(new ResampledRows(alpha, plan.Width, plan.Height, Exact));
        }
    }

    /// <summary>How what the model does not do is resampled.</summary>
    public static Resampling Exact { get; } = new(ResamplingKernel.Bicubic);

    /// <summary>[H, W, C].</summary>
    public RowWindow Colours { get; }

    /// <summary>[H, W, 1], or null.</summary>
    public RowWindow? Alpha { get; }

    /// <summary>The tiles that the model had at the end; null without.</summary>
    public TilePlan? Tiles => _tiles?.Invoke();

    /// <summary>A photograph's colours, those beneath full transparency taken from around it.</summary>
    public static IRowStream ColoursOf(Photograph photograph) =>
        photograph.Layout.HasAlpha ? new ColourRows(photograph.Rows()) : photograph.Rows();

    /// <inheritdoc/>
    public void Dispose()
    {
        Colours.Dispose();
        Alpha?.Dispose();
    }
}
