using System.Runtime.InteropServices;

namespace Subband.Diagnostics;

/// <summary>What OpenBLAS, where a libtorch multiplies matrices with it, took the processor for when it was loaded.</summary>
internal static class OpenBlas
{
    /// <summary>The environment variable that decides instead of it.</summary>
    public const string Variable = "OPENBLAS_CORETYPE";

    /// <summary>What it takes a processor of the kind of x64 for that it does not know, although newer kernels would serve.</summary>
    public const string Unknown = "Prescott";

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint CoreName();

    /// <summary>The name of the processor for whose like it multiplies, such as <c>SkylakeX</c>; null where it is not in use.</summary>
    /// <param name="mappedFiles">The libraries in this process.</param>
    public static string? Kernels(IEnumerable<string> mappedFiles)
    {
        string? library = mappedFiles.FirstOrDefault(file => Path.GetFileName(file).StartsWith("libopenblas", StringComparison.Ordinal));
        if (library is null || !NativeLibrary.TryLoad(library, out nint handle))
        {
            return null;
        }

        try
        {
            return NativeLibrary.TryGetExport(handle, "openblas_get_corename", out nint address)
                ? Marshal.PtrToStringUTF8(Marshal.GetDelegateForFunctionPointer<CoreName>(address)())
                : null;
        }
        finally
        {
            NativeLibrary.Free(handle); // libtorch holds it open
        }
    }
}
