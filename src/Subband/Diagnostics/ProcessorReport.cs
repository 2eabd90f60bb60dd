using System.Globalization;

namespace Subband.Diagnostics;

/// <summary>The processor.</summary>
/// <param name="Model">Its name as the system gives it.</param>
/// <param name="Threads">Hardware threads that this process may use.</param>
/// <param name="HasAvx2">256-bit vectors; without them libtorch is slow.</param>
/// <param name="HasAvx512">512-bit vectors.</param>
/// <param name="HasBf16">Arithmetic on bf16 (AVX-512 BF16 or AMX), which doubles the speed of convolutions.</param>
public sealed record ProcessorReport(string Model, int Threads, bool HasAvx2, bool HasAvx512, bool HasBf16)
{
    private static readonly Lazy<ProcessorReport> Here = new(() => Parse(
        File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo") : [],
        Environment.ProcessorCount));

    /// <summary>Looks at this machine, once in a process; it needs neither libtorch nor libvips.</summary>
    public static ProcessorReport Gather() => Here.Value;

    /// <summary>Reads what Linux tells of the first processor; the flags are those that the system supports as well.</summary>
    internal static ProcessorReport Parse(IEnumerable<string> cpuInfo, int threads)
    {
        string model = "unknown";
        HashSet<string> flags = [];
        foreach (string line in cpuInfo.TakeWhile(l => l.Length > 0))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string value = colon < 0 ? "" : line[(colon + 1)..].Trim();
            switch (line[..Math.Max(colon, 0)].Trim().ToLower(CultureInfo.InvariantCulture))
            {
                case "model name":
                    model = value;
                    break;
                case "flags" or "features":
                    flags = [.. value.Split(' ')];
                    break;
            }
        }

        return new ProcessorReport(
            model,
            threads,
            flags.Contains("avx2"),
            flags.Contains("avx512f"),
            flags.Contains("avx512_bf16") || flags.Contains("amx_bf16") || flags.Contains("bf16"));
    }
}
