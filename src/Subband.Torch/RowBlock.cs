namespace Subband.Torch;

/// <summary>Some rows of an image, those above that lie in a tensor of their own, and what is beyond.</summary>
/// <param name="Rows">[N, C, h, W].</param>
/// <param name="Above">[N, C, a, W], or null.</param>
/// <param name="Begins">Whether they are the image's first, above which a convolution sees zeros.</param>
/// <param name="Ends">Whether they are the image's last.</param>
internal readonly record struct RowBlock(Tensor Rows, Tensor? Above = null, bool Begins = true, bool Ends = true)
{
    /// <summary>The dimension of rows.</summary>
    public const int Dimension = 2;

    private const int ShareToCopy = 4; // one in so many rows

    /// <summary>a + h.</summary>
    public long Count => Rows.Size(Dimension) + (Above?.Size(Dimension) ?? 0);

    /// <summary>All rows in one tensor.</summary>
    public Tensor Joined()
    {
        if (Above is null)
        {
            return Rows;
        }

        Tensor all = New(Rows, Rows.Size(1), Count);
        CopyTo(all);
        return all;
    }

    /// <summary>Room for rows of so many channels, [N, channels, rows, W], which hold anything.</summary>
    /// <param name="like">Which images, how wide, of which numbers and where.</param>
    /// <param name="channels">Of the new rows.</param>
    /// <param name="rows">How many.</param>
    public static Tensor New(Tensor like, long channels, long rows) => Tensor.Empty(
        [like.Size(0), channels, rows, like.Size(3)], like.DType, like.Device, MemoryFormat.ChannelsLast);

    /// <summary>Equally many rows of several images, channels beside channels.</summary>
    public static Tensor Beside(IReadOnlyList<RowBlock> images)
    {
        Tensor all = New(images[0].Rows, images.Sum(image => image.Rows.Size(1)), images[0].Count);
        using TensorScope scope = new();
        long channel = 0;
        foreach (RowBlock image in images)
        {
            image.CopyTo(all.Narrow(1, channel, image.Rows.Size(1)));
            channel += image.Rows.Size(1);
        }

        return all;
    }

    /// <summary>Some of the rows, by handles of their own.</summary>
    public RowBlock Slice(long first, long count)
    {
        long above = Above?.Size(Dimension) ?? 0;
        return first >= above ? this with { Rows = Rows.Narrow(Dimension, first - above, count), Above = null }
            : first + count <= above ? this with { Rows = Above!.Narrow(Dimension, first, count), Above = null }
            : this with { Rows = Rows.Narrow(Dimension, 0, first + count - above), Above = Above!.Narrow(Dimension, first, above - first) };
    }

    /// <summary>Some of the channels, by handles of their own.</summary>
    public RowBlock Channels(long first, long count) => this with { Rows = Rows.Narrow(1, first, count), Above = Above?.Narrow(1, first, count) };

    /// <summary>The last of the rows, as they are or copied: many hold on to all memory that they lie in, for few that would be too much.</summary>
    public Tensor Last(long count)
    {
        using TensorScope scope = new();
        long rows = Rows.Size(Dimension);
        if (count > rows)
        {
            return scope.Keep(Slice(Count - count, count).Joined());
        }

        Tensor last = Rows.Narrow(Dimension, rows - count, count);
        return scope.Keep(count * ShareToCopy > rows ? last : last.Clone());
    }

    // Tensor.Cat would do, but takes its time with such tensors: whose channels lie side by side, and only some of whose rows are wanted.
    private void CopyTo(Tensor all)
    {
        using TensorScope scope = new();
        long above = Above?.Size(Dimension) ?? 0;
        _ = Above is null ? null : all.Narrow(Dimension, 0, above).CopyFrom(Above);
        _ = all.Narrow(Dimension, above, Rows.Size(Dimension)).CopyFrom(Rows);
    }
}
