namespace Subband.Torch;

/// <summary>The engine refused or failed an operation.</summary>
/// <remarks>
/// The message holds the operator, libtorch's reason, and each argument with its shape, element type and device.
/// </remarks>
public class TorchException : SubbandException
{
    /// <summary>Makes an error.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="operation">What was being done, such as <c>aten::conv2d</c>.</param>
    public TorchException(string message, string operation)
        : base(message) => Operation = operation;

    /// <summary>What was being done, such as <c>aten::conv2d</c>.</summary>
    public string Operation { get; }
}

/// <summary>An argument is not acceptable for a reason other than a shape: an element type, a range, a device.</summary>
public sealed class TensorArgumentException(string message, string operation) : TorchException(message, operation);

/// <summary>The shapes of the arguments do not fit each other or the operator.</summary>
public sealed class TensorShapeException(string message, string operation) : TorchException(message, operation);

/// <summary>There is not enough memory for a result. A smaller batch or tile may succeed.</summary>
public sealed class TensorMemoryException(string message, string operation) : TorchException(message, operation);

/// <summary>A file or device could not be read or written by the engine.</summary>
public sealed class TensorIOException(string message, string operation) : TorchException(message, operation);

/// <summary>The operation was interrupted before it was done.</summary>
public sealed class TensorInterruptedException(string message, string operation) : TorchException(message, operation);
