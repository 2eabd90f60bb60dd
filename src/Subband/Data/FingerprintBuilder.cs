using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Subband.Data;

/// <summary>Collects what tells one set of images from another into 32 hexadecimal digits.</summary>
/// <remarks>
/// It covers all names, sizes and labels but the bytes of a sample only (<see cref="Samples"/>): reading a hundred
/// gigabytes at every start would be worse than missing a change that keeps every length.
/// </remarks>
internal sealed class FingerprintBuilder : IDisposable
{
    private const int SampleCount = 64;

    /// <summary>How much of a sampled item counts, in bytes.</summary>
    public const int SampleBytes = 1 << 16;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>At most 64 indices spread evenly over the items, the first and the last among them.</summary>
    public static IEnumerable<long> Samples(long count)
    {
        long samples = Math.Min(count, SampleCount);
        for (long i = 0; i < samples; i++)
        {
            yield return samples == 1 ? 0 : (long)((Int128)i * (count - 1) / (samples - 1));
        }
    }

    public FingerprintBuilder Add(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return Add(utf8.Length).Add(utf8);
    }

    public FingerprintBuilder Add(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return Add(bytes);
    }

    public FingerprintBuilder Add(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        return this;
    }

    public string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset().AsSpan(0, 16));

    public void Dispose() => _hash.Dispose();
}
