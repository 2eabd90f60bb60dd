using System.Reflection;
using System.Runtime.InteropServices;

namespace Subband.Diagnostics;

/// <summary>What runs here.</summary>
/// <param name="Subband">Subband's version.</param>
/// <param name="Runtime">For instance <c>.NET 10.0.12</c>.</param>
/// <param name="OperatingSystem">For instance <c>Debian GNU/Linux 12 (bookworm)</c>.</param>
/// <param name="Architecture">For instance <c>x64</c>.</param>
public sealed record VersionReport(string Subband, string Runtime, string OperatingSystem, string Architecture)
{
    internal static VersionReport Gather() => new(
        typeof(VersionReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
        RuntimeInformation.FrameworkDescription,
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant());
}
