using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Subband.Imaging;

/// <summary>
/// Loads libvips when the first picture is read or written, and not before: whoever trains from packed data needs no
/// image library. Nothing of NetVips may be touched before <see cref="Require"/> has returned.
/// </summary>
internal static unsafe class VipsLibrary
{
    private const string Remedy = "Install it with 'apt-get install libvips42' (other systems: https://www.libvips.org/install.html)";

    private static readonly Lazy<string?> Problem = new(() => Load(FileName));

    /// <summary>
    /// Held for reading by whoever uses libvips, and for writing by whoever needs its error text: there is one text for
    /// the whole process, so that otherwise a message could speak of another thread's picture.
    /// </summary>
    public static ReaderWriterLockSlim ErrorText { get; } = new();

    private static string FileName =>
        OperatingSystem.IsWindows() ? "libvips-42.dll" :
        OperatingSystem.IsMacOS() ? "libvips.42.dylib" :
        "libvips.so.42";

    /// <summary>Whether pictures can be read and written; loads libvips to find out.</summary>
    /// <param name="reason">What is missing and how to get it; empty when nothing is.</param>
    public static bool IsAvailable(out string reason)
    {
        reason = Problem.Value ?? "";
        return reason.Length == 0;
    }

    /// <summary>Makes sure that libvips is there.</summary>
    /// <param name="name">The picture that needs it.</param>
    /// <param name="purpose">What for: <c>read</c> or <c>written</c>.</param>
    /// <exception cref="ImageFileException">libvips is not there. The message has the remedy.</exception>
    public static void Require(string name, string purpose)
    {
        if (!IsAvailable(out string reason))
        {
            throw new ImageFileException(name, $"cannot be {purpose}: {reason}");
        }
    }

    /// <summary>Loads libvips under the given file name and sets it up; returns what is wrong, or null.</summary>
    internal static string? Load(string fileName)
    {
        nint library;
        try
        {
            library = NativeLibrary.Load(fileName, typeof(VipsLibrary).Assembly, null);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return $"libvips, which reads and writes images, {Explain(fileName, e.Message)}. {Remedy}.";
        }

        SilenceLog(library);
        return Initialise();
    }

    // The runtime lists every place it looked at. What counts is whether the library itself is missing,
    // or is there and lacks something else.
    private static string Explain(string fileName, string message)
    {
        string? other = message.Split('\n')
            .Select(line => line.Trim())
            .FirstOrDefault(line => line.Contains(": ", StringComparison.Ordinal)
                && !line.Contains($"{fileName}: cannot open shared object file: No such file", StringComparison.Ordinal)
                && !line.Contains($"{fileName}.so: cannot open shared object file: No such file", StringComparison.Ordinal)
                && !line.StartsWith("Unable to load", StringComparison.Ordinal));
        return other is null ? $"is not installed ({fileName} was not found)" : $"cannot be loaded ({other})";
    }

    // A method of its own: compiling it loads NetVips, whose module initialiser starts libvips.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string? Initialise()
    {
        if (!NetVips.ModuleInitializer.VipsInitialized)
        {
            return $"libvips, which reads and writes images, does not start: {NetVips.ModuleInitializer.Exception?.Message.Trim()} {Remedy}.";
        }

        if (!NetVips.NetVips.AtLeastLibvips(8, 12))
        {
            string found = $"{NetVips.NetVips.Version(0)}.{NetVips.NetVips.Version(1)}.{NetVips.NetVips.Version(2)}";
            return $"libvips {found} is too old; 8.12 or later is needed to tell truncated images. {Remedy}.";
        }

        // Data threads decode one picture each: threads inside libvips would only get in each other's way.
        NetVips.NetVips.Concurrency = 1;
        // No picture is opened twice, so remembered operations are memory held for nothing.
        NetVips.Cache.Max = 0;
        return null;
    }

    // Warnings ("unknown field with tag ...") would break into progress bars and machine-readable output. Whatever
    // makes a picture unusable also comes as an error. Set before libvips starts, which may warn already.
    private static void SilenceLog(nint library)
    {
        const int AllButFatal = 0xF9;
        if (NativeLibrary.TryGetExport(library, "g_log_set_handler", out nint address))
        {
            var setHandler = (delegate* unmanaged<byte*, int, delegate* unmanaged<byte*, int, byte*, nint, void>, nint, uint>)address;
            fixed (byte* domain = "VIPS"u8)
            {
                _ = setHandler(domain, AllButFatal, &Ignore, 0);
            }
        }
    }

    [UnmanagedCallersOnly]
    private static void Ignore(byte* domain, int level, byte* message, nint data)
    {
    }
}
