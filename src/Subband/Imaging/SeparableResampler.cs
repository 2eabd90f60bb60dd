using System.Numerics;

namespace Subband.Imaging;

/// <summary>Applies the weights of two axes to interleaved samples: first along the columns, then along the rows.</summary>
internal static class SeparableResampler
{
    /// <summary>Resizes, in the precision of <typeparamref name="TReal"/>.</summary>
    /// <typeparam name="T"><see cref="byte"/> or <see cref="ushort"/>, whose results are rounded half up and clamped; or float or double.</typeparam>
    /// <typeparam name="TReal">float, or double where the last bit matters.</typeparam>
    /// <param name="source">[H, W, C].</param>
    /// <param name="width">W.</param>
    /// <param name="channels">C.</param>
    /// <param name="rows">The new rows.</param>
    /// <param name="columns">The new columns.</param>
    /// <param name="roundBetween">Whether the result of the first pass is rounded and clamped to the type of the samples too.</param>
    /// <returns>[H', W', C].</returns>
    public static T[] Resize<T, TReal>(
        T[] source, int width, int channels, ResamplingAxis rows, ResamplingAxis columns, bool roundBetween = false)
        where T : unmanaged, INumber<T>
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        int stride = width * channels;
        int newStride = columns.Length * channels;
        T[] target = new T[checked(rows.Length * newStride)];
        TReal[] rowWeights = Array.ConvertAll(rows.Weights, TReal.CreateChecked);
        TReal[] columnWeights = Array.ConvertAll(columns.Weights, TReal.CreateChecked);
        _ = Parallel.For(0, rows.Length, () => new TReal[stride], (y, _, between) =>
        {
            Array.Clear(between);
            for (int tap = 0; tap < rows.Taps; tap++)
            {
                TReal weight = rowWeights[(y * rows.Taps) + tap];
                ReadOnlySpan<T> row = source.AsSpan(rows.Indices[(y * rows.Taps) + tap] * stride, stride);
                for (int i = 0; i < stride; i++)
                {
                    between[i] += weight * TReal.CreateTruncating(row[i]);
                }
            }

            if (roundBetween)
            {
                for (int i = 0; i < stride; i++)
                {
                    between[i] = TReal.CreateTruncating(ToSample<T, TReal>(between[i]));
                }
            }

            Span<T> newRow = target.AsSpan(y * newStride, newStride);
            for (int x = 0; x < columns.Length; x++)
            {
                for (int c = 0; c < channels; c++)
                {
                    TReal sum = TReal.Zero;
                    for (int tap = 0; tap < columns.Taps; tap++)
                    {
                        sum += columnWeights[(x * columns.Taps) + tap] * between[(columns.Indices[(x * columns.Taps) + tap] * channels) + c];
                    }

                    newRow[(x * channels) + c] = ToSample<T, TReal>(sum);
                }
            }

            return between;
        }, _ => { });
        return target;
    }

    private static T ToSample<T, TReal>(TReal value)
        where T : unmanaged, INumber<T>
        where TReal : unmanaged, IFloatingPointIeee754<TReal> =>
        typeof(T) == typeof(byte) || typeof(T) == typeof(ushort)
            ? T.CreateSaturating(TReal.Floor(value + TReal.CreateTruncating(0.5)))
            : T.CreateTruncating(value);
}
