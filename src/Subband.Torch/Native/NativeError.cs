using System.Runtime.InteropServices;

namespace Subband.Torch.Native;

/// <summary>Turns a failed native status into the typed exception that says what was being done.</summary>
internal static unsafe class NativeError
{
    /// <summary>Does nothing for <see cref="NativeStatus.Ok"/>, throws otherwise.</summary>
    /// <param name="status">What a native call returned.</param>
    /// <param name="operation">What was being done, a name the user knows.</param>
    internal static void Check(NativeStatus status, string operation)
    {
        if (status != NativeStatus.Ok)
        {
            throw Exception(status, operation, $"{operation}: {Reason()}");
        }
    }

    /// <summary>Why the last call on this thread failed, in libtorch's words.</summary>
    internal static string Reason() =>
        FirstLines(Marshal.PtrToStringUTF8((nint)NativeMethods.sb_last_error()) ?? "no reason given");

    internal static TorchException Exception(NativeStatus status, string operation, string message) => status switch
    {
        NativeStatus.BadArgument => new TensorArgumentException(message, operation),
        NativeStatus.Shape => new TensorShapeException(message, operation),
        NativeStatus.OutOfMemory => new TensorMemoryException(message, operation),
        NativeStatus.InputOutput => new TensorIOException(message, operation),
        NativeStatus.Interrupted => new TensorInterruptedException(message, operation),
        _ => new TorchException(message, operation),
    };

    // libtorch appends hints for its Python users and source positions; the first lines hold the reason.
    private static string FirstLines(string text)
    {
        var end = text.IndexOf("\nException raised from", StringComparison.Ordinal);
        return (end < 0 ? text : text[..end]).Trim().ReplaceLineEndings(" ");
    }
}
