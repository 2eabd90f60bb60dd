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
