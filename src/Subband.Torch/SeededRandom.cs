using System.Numerics;

namespace Subband.Torch;

/// <summary>
/// The seeded random numbers of everything that is not a tensor: shuffles, crops, procedural images. Same seed, same
/// numbers, on every machine and in every version.
/// </summary>
/// <remarks>
/// xoshiro256** by Blackman and Vigna (<see href="https://prng.di.unimi.it"/>), its four words filled by SplitMix64 as
/// its authors advise. Not for secrets. An instance is not thread-safe; <see cref="For"/> gives each piece of work its own.
/// </remarks>
public sealed class SeededRandom
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <summary>Starts the sequence that belongs to a seed.</summary>
    /// <param name="seed">Any number; neighbouring seeds give unrelated sequences.</param>
    public SeededRandom(ulong seed)
    {
        _s0 = SplitMix64(ref seed);
        _s1 = SplitMix64(ref seed);
        _s2 = SplitMix64(ref seed);
        _s3 = SplitMix64(ref seed);
    }

    private SeededRandom(ulong s0, ulong s1, ulong s2, ulong s3) => (_s0, _s1, _s2, _s3) = (s0, s1, s2, s3);

    /// <summary>The four words that determine all further numbers, to be saved; see <see cref="FromState"/>.</summary>
    public ulong[] State => [_s0, _s1, _s2, _s3];

    /// <summary>Continues a saved sequence.</summary>
    /// <param name="state">What <see cref="State"/> gave: four words, not all zero.</param>
    /// <exception cref="ArgumentException">The state has another length or is all zero.</exception>
    public static SeededRandom FromState(ReadOnlySpan<ulong> state)
    {
        if (state.Length != 4)
        {
            throw new ArgumentException($"A generator's state has 4 words, but {state.Length} were given.", nameof(state));
        }

        if (!state.ContainsAnyExcept(0UL))
        {
            throw new ArgumentException("A generator's state cannot be all zero: it would give zeros for ever.", nameof(state));
        }

        return new SeededRandom(state[0], state[1], state[2], state[3]);
    }

    /// <summary>
    /// The generator of one piece of work, for instance of one image: a pure function of its three numbers, so that
    /// work can be done in any order and by any thread.
    /// </summary>
    /// <param name="seed">The user's seed.</param>
    /// <param name="stream">What the numbers are for; each kind of use takes its own.</param>
    /// <param name="index">Which piece of work.</param>
    /// <remarks>With any two of the three numbers fixed, different values of the third never start the same sequence.</remarks>
    public static SeededRandom For(ulong seed, ulong stream, ulong index)
    {
        ulong key = Mix(seed + GoldenGamma);
        key = Mix((key ^ stream) + GoldenGamma);
        key = Mix((key ^ index) + GoldenGamma);
        return new SeededRandom(key);
    }

    /// <summary>64 uniform bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A uniform number in <c>[0,1)</c>, a multiple of 2^-53.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A uniform whole number in <c>[0, exclusiveMaximum)</c>, without bias (Lemire's method, arXiv 1805.10941).</summary>
    /// <param name="exclusiveMaximum">At least 1.</param>
    public int Next(int exclusiveMaximum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exclusiveMaximum, 1);
        ulong n = (ulong)exclusiveMaximum;
        ulong high = Math.BigMul(NextUInt64(), n, out ulong low);
        if (low < n)
        {
            ulong rejected = unchecked(0UL - n) % n;
            while (low < rejected)
            {
                high = Math.BigMul(NextUInt64(), n, out low);
            }
        }

        return (int)high;
    }

    /// <summary>One step of Steele, Lea and Flood's SplitMix64: advances the state and returns 64 bits.</summary>
    internal static ulong SplitMix64(ref ulong state) => Mix(state += GoldenGamma);

    // SplitMix64's output function: a bijection of the 64-bit numbers in which every input bit moves every output bit.
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
