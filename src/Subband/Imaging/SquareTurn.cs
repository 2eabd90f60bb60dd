using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Subband.Imaging;

/// <summary>Rows and columns of eight by eight numbers exchanged in registers.</summary>
internal static class SquareTurn
{
    /// <summary>Rows, and columns.</summary>
    public const int Side = 8;

    /// <summary>Whether the processor can do it.</summary>
    public static bool IsSupported => Avx.IsSupported;

    /// <summary>Exchanges.</summary>
    /// <param name="from">The first number.</param>
    /// <param name="stride">Numbers from one row to the next.</param>
    /// <param name="to">Where the first goes.</param>
    /// <param name="newStride">Numbers from one new row to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Turn(ref float from, int stride, ref float to, int newStride)
    {
        // Pairs of rows, then of pairs, then of halves.
        Vector256<float> r0 = Vector256.LoadUnsafe(ref from);
        Vector256<float> r1 = Vector256.LoadUnsafe(ref from, (nuint)stride);
        Vector256<float> r2 = Vector256.LoadUnsafe(ref from, (nuint)(2 * stride));
        Vector256<float> r3 = Vector256.LoadUnsafe(ref from, (nuint)(3 * stride));
        Vector256<float> r4 = Vector256.LoadUnsafe(ref from, (nuint)(4 * stride));
        Vector256<float> r5 = Vector256.LoadUnsafe(ref from, (nuint)(5 * stride));
        Vector256<float> r6 = Vector256.LoadUnsafe(ref from, (nuint)(6 * stride));
        Vector256<float> r7 = Vector256.LoadUnsafe(ref from, (nuint)(7 * stride));
        (Vector256<float> p0, Vector256<float> p1) = (Avx.UnpackLow(r0, r1), Avx.UnpackHigh(r0, r1));
        (Vector256<float> p2, Vector256<float> p3) = (Avx.UnpackLow(r2, r3), Avx.UnpackHigh(r2, r3));
        (Vector256<float> p4, Vector256<float> p5) = (Avx.UnpackLow(r4, r5), Avx.UnpackHigh(r4, r5));
        (Vector256<float> p6, Vector256<float> p7) = (Avx.UnpackLow(r6, r7), Avx.UnpackHigh(r6, r7));
        (Vector256<float> q0, Vector256<float> q1) = (Avx.Shuffle(p0, p2, 0x44), Avx.Shuffle(p0, p2, 0xEE));
        (Vector256<float> q2, Vector256<float> q3) = (Avx.Shuffle(p1, p3, 0x44), Avx.Shuffle(p1, p3, 0xEE));
        (Vector256<float> q4, Vector256<float> q5) = (Avx.Shuffle(p4, p6, 0x44), Avx.Shuffle(p4, p6, 0xEE));
        (Vector256<float> q6, Vector256<float> q7) = (Avx.Shuffle(p5, p7, 0x44), Avx.Shuffle(p5, p7, 0xEE));
        Avx.Permute2x128(q0, q4, 0x20).StoreUnsafe(ref to);
        Avx.Permute2x128(q1, q5, 0x20).StoreUnsafe(ref to, (nuint)newStride);
        Avx.Permute2x128(q2, q6, 0x20).StoreUnsafe(ref to, (nuint)(2 * newStride));
        Avx.Permute2x128(q3, q7, 0x20).StoreUnsafe(ref to, (nuint)(3 * newStride));
        Avx.Permute2x128(q0, q4, 0x31).StoreUnsafe(ref to, (nuint)(4 * newStride));
        Avx.Permute2x128(q1, q5, 0x31).StoreUnsafe(ref to, (nuint)(5 * newStride));
        Avx.Permute2x128(q2, q6, 0x31).StoreUnsafe(ref to, (nuint)(6 * newStride));
        Avx.Permute2x128(q3, q7, 0x31).StoreUnsafe(ref to, (nuint)(7 * newStride));
    }
}
