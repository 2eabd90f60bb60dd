using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Subband.Imaging;

/// <summary>What vectors of samples need and .NET offers for single types only.</summary>
internal static class SampleVectors
{
    /// <summary>Samples as real numbers.</summary>
    public static void Convert<T, TReal>(ReadOnlySpan<T> samples, Span<TReal> reals)
        where T : unmanaged, INumber<T>
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        int i = 0;
        if (typeof(T) == typeof(byte) && typeof(TReal) == typeof(float))
        {
            i = ConvertBytes(MemoryMarshal.Cast<T, byte>(samples), MemoryMarshal.Cast<TReal, float>(reals));
        }

        for (; i < samples.Length; i++)
        {
            reals[i] = TReal.CreateTruncating(samples[i]);
        }
    }

    /// <summary>Adds lines to sums, in each place one after the other, as if they were added one line at a time.</summary>
    /// <param name="sums">The sums.</param>
    /// <param name="lines">As many lines of the length of the sums as there are weights.</param>
    /// <param name="weights">What the lines are multiplied by.</param>
    public static void AddScaled<TReal>(Span<TReal> sums, ReadOnlySpan<TReal> lines, ReadOnlySpan<TReal> weights)
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        ref TReal sum = ref MemoryMarshal.GetReference(sums);
        ref TReal first = ref MemoryMarshal.GetReference(lines);
        int stride = sums.Length;
        int i = 0;
        if (weights.Length == 4)
        {
            Vector<TReal> a = new(weights[0]);
            Vector<TReal> b = new(weights[1]);
            Vector<TReal> c = new(weights[2]);
            Vector<TReal> d = new(weights[3]);
            for (; i <= stride - Vector<TReal>.Count; i += Vector<TReal>.Count)
            {
                Vector<TReal> total = Vector.LoadUnsafe(ref sum, (nuint)i) + (a * Vector.LoadUnsafe(ref first, (nuint)i));
                total += b * Vector.LoadUnsafe(ref first, (nuint)(i + stride));
                total += c * Vector.LoadUnsafe(ref first, (nuint)(i + (2 * stride)));
                total += d * Vector.LoadUnsafe(ref first, (nuint)(i + (3 * stride)));
                total.StoreUnsafe(ref sum, (nuint)i);
            }
        }
        else
        {
            for (; i <= stride - Vector<TReal>.Count; i += Vector<TReal>.Count)
            {
                Vector<TReal> total = Vector.LoadUnsafe(ref sum, (nuint)i);
                int at = i;
                foreach (TReal weight in weights)
                {
                    total += new Vector<TReal>(weight) * Vector.LoadUnsafe(ref first, (nuint)at);
                    at += stride;
                }

                total.StoreUnsafe(ref sum, (nuint)i);
            }
        }

        for (; i < stride; i++)
        {
            for (int k = 0; k < weights.Length; k++)
            {
                sums[i] += weights[k] * lines[(k * stride) + i];
            }
        }
    }

    /// <summary>Rounds half up, and clamps to what T, <see cref="byte"/> or <see cref="ushort"/>, holds.</summary>
    public static void RoundTo<T, TReal>(Span<TReal> values)
        where T : unmanaged, INumber<T>
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        TReal white = typeof(T) == typeof(byte) ? TReal.CreateTruncating(byte.MaxValue) : TReal.CreateTruncating(ushort.MaxValue);
        var half = TReal.CreateTruncating(0.5);
        ref TReal value = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= values.Length - Vector<TReal>.Count; i += Vector<TReal>.Count)
        {
            Vector<TReal> rounded = Floor(Vector.LoadUnsafe(ref value, (nuint)i) + new Vector<TReal>(half));
            Vector.Min(Vector.Max(rounded, Vector<TReal>.Zero), new Vector<TReal>(white)).StoreUnsafe(ref value, (nuint)i);
        }

        for (; i < values.Length; i++)
        {
            values[i] = TReal.Clamp(TReal.Floor(values[i] + half), TReal.Zero, white);
        }
    }

    /// <summary>The largest whole numbers that are not greater.</summary>
    public static Vector<TReal> Floor<TReal>(Vector<TReal> values)
        where TReal : unmanaged, IFloatingPointIeee754<TReal> => typeof(TReal) == typeof(double)
        ? Vector.Floor(values.As<TReal, double>()).As<double, TReal>()
        : Vector.Floor(values.As<TReal, float>()).As<float, TReal>();

    /// <summary>A real number, which is whole and within bounds where T is, as a sample.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T ToSample<T, TReal>(TReal value)
        where T : unmanaged, INumber<T>
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        // The general conversion saturates, which takes several times as long.
        if (typeof(T) == typeof(byte) && typeof(TReal) == typeof(float))
        {
            byte sample = (byte)(int)Unsafe.As<TReal, float>(ref value);
            return Unsafe.As<byte, T>(ref sample);
        }

        return T.CreateTruncating(value);
    }

    // As many as fill whole vectors; returns their number.
    private static int ConvertBytes(ReadOnlySpan<byte> samples, Span<float> reals)
    {
        ref byte sample = ref MemoryMarshal.GetReference(samples);
        ref float real = ref MemoryMarshal.GetReference(reals);
        int i = 0;
        for (; i <= samples.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref sample, (nuint)i), out Vector<ushort> low, out Vector<ushort> high);
            Store(low, ref real, i);
            Store(high, ref real, i + Vector<ushort>.Count);
        }

        return i;

        static void Store(Vector<ushort> values, ref float real, int at)
        {
            Vector.Widen(values, out Vector<uint> low, out Vector<uint> high);
            Vector.ConvertToSingle(low.As<uint, int>()).StoreUnsafe(ref real, (nuint)at);
            Vector.ConvertToSingle(high.As<uint, int>()).StoreUnsafe(ref real, (nuint)(at + Vector<float>.Count));
        }
    }
}
