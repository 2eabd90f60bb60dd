using System.Numerics;

namespace Subband.Imaging;

/// <summary>The ground on which leaves are laid from front to back, sampled 4 x 4 times a pixel.</summary>
internal sealed class LeafGround
{
    /// <summary>Samples a pixel along each axis. Four bits of a word are one row of a pixel's samples.</summary>
    public const int Samples = 4;

    private readonly int _height;
    private readonly int _width;
    private readonly int _words;
    private readonly ulong[] _open; // [height * 4, words]: a set bit is a sample on which nothing lies yet
    private readonly int[] _openInRow;
    private readonly ushort[] _sums; // [height, width, 3]: colours summed over the covered samples
    private int _openRows;

    /// <summary>Makes bare ground.</summary>
    public LeafGround(int height, int width)
    {
        _height = height;
        _width = width;
        _words = ((width * Samples) + 63) / 64;
        _openRows = height * Samples;
        _open = new ulong[_openRows * _words];
        _openInRow = new int[_openRows];
        _sums = new ushort[height * width * 3];
        Array.Fill(_openInRow, width * Samples);
        for (int row = 0; row < _openRows; row++)
        {
            Span<ulong> words = _open.AsSpan(row * _words, _words);
            words.Fill(ulong.MaxValue);
            words[^1] = Upto((width * Samples) - 1, _words - 1);
        }
    }

    /// <summary>Whether every sample is covered.</summary>
    public bool IsCovered => _openRows == 0;

    /// <summary>Lays a leaf under all that lies already.</summary>
    public void Lay(in Leaf leaf, (byte Red, byte Green, byte Blue) colour)
    {
        // a sample's centre is half a step inside
        int top = Math.Max(0, (int)Math.Ceiling(((leaf.Y - leaf.Radius) * Samples) - 0.5));
        int bottom = Math.Min((_height * Samples) - 1, (int)Math.Floor(((leaf.Y + leaf.Radius) * Samples) - 0.5));
        for (int row = top; row <= bottom; row++)
        {
            if (_openInRow[row] == 0)
            {
                continue;
            }

            double dy = ((row + 0.5) / Samples) - leaf.Y;
            double halfChord = Math.Sqrt(Math.Max(0, (leaf.Radius * leaf.Radius) - (dy * dy)));
            int left = Math.Max(0, (int)Math.Ceiling(((leaf.X - halfChord) * Samples) - 0.5));
            int right = Math.Min((_width * Samples) - 1, (int)Math.Floor(((leaf.X + halfChord) * Samples) - 0.5));
            if (left <= right)
            {
                Cover(row, left, right, colour);
            }
        }
    }

    /// <summary>The picture, once all is covered.</summary>
    public Rgb8Image ToImage()
    {
        const int PerPixel = Samples * Samples;
        var pixels = new byte[_sums.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((_sums[i] + (PerPixel / 2)) / PerPixel);
        }

        return new Rgb8Image(_width, _height, pixels);
    }

    // Covers the open samples from left to right of a row of samples.
    private void Cover(int row, int left, int right, (byte Red, byte Green, byte Blue) colour)
    {
        Span<ulong> open = _open.AsSpan(row * _words, _words);
        Span<ushort> sums = _sums.AsSpan(row / Samples * _width * 3, _width * 3);
        int covered = 0;
        for (int word = left / 64; word <= right / 64; word++)
        {
            ulong fresh = open[word] & From(left, word) & Upto(right, word);
            open[word] ^= fresh;
            covered += BitOperations.PopCount(fresh);
            while (fresh != 0)
            {
                int first = BitOperations.TrailingZeroCount(fresh) & ~(Samples - 1);
                int count = BitOperations.PopCount((fresh >> first) & 0xF);
                fresh &= ~(0xFUL << first);
                Span<ushort> sum = sums.Slice(((word * 64) + first) / Samples * 3, 3);
                sum[0] += (ushort)(count * colour.Red);
                sum[1] += (ushort)(count * colour.Green);
                sum[2] += (ushort)(count * colour.Blue);
            }
        }

        _openInRow[row] -= covered;
        if (covered > 0 && _openInRow[row] == 0)
        {
            _openRows--;
        }
    }

    // The bits of a word at and after a column; the bits up to and with one.
    private static ulong From(int column, int word) =>
        column <= word * 64 ? ulong.MaxValue : ulong.MaxValue << (column - (word * 64));

    private static ulong Upto(int column, int word) =>
        column >= (word * 64) + 63 ? ulong.MaxValue : ulong.MaxValue >> (63 - (column - (word * 64)));
}
