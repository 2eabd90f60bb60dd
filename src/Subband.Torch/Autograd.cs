using Subband.Torch.Native;

namespace Subband.Torch;

/// <summary>Gradients by reverse-mode differentiation, of any order.</summary>
public static unsafe class Autograd
{
    /// <summary>The gradients of a scalar with respect to tensors.</summary>
    /// <param name="output">A scalar computed from the inputs.</param>
    /// <param name="inputs">Tensors with <see cref="Tensor.RequiresGrad"/>, or computed from such.</param>
    /// <param name="createGraph">Record the computation, so that the gradients can be differentiated again.</param>
    /// <param name="retainGraph">Keep the recorded graph for another call; implied by <paramref name="createGraph"/>.</param>
    /// <param name="allowUnused">Return zeros for an input that the output does not depend on, instead of throwing.</param>
    /// <returns>One gradient for each input, of its shape.</returns>
    /// <exception cref="TorchException">The output is no scalar, or does not depend on an input.</exception>
    public static Tensor[] Grad(
        Tensor output, Tensor[] inputs, bool createGraph = false, bool retainGraph = false, bool allowUnused = false) =>
        Grad([output], [null], inputs, createGraph, retainGraph, allowUnused);

    /// <summary>The products of given vectors with the Jacobians of outputs.</summary>
    /// <param name="outputs">Tensors computed from the inputs.</param>
    /// <param name="outputGradients">For each output the vector, of its shape; null for a scalar output means 1.</param>
    /// <param name="inputs">Tensors with <see cref="Tensor.RequiresGrad"/>, or computed from such.</param>
    /// <param name="createGraph">Record the computation, so that the gradients can be differentiated again.</param>
    /// <param name="retainGraph">Keep the recorded graph for another call; implied by <paramref name="createGraph"/>.</param>
    /// <param name="allowUnused">Return zeros for an input that no output depends on, instead of throwing.</param>
    /// <returns>One gradient for each input, of its shape.</returns>
    public static Tensor[] Grad(
        Tensor[] outputs,
        Tensor?[] outputGradients,
        Tensor[] inputs,
        bool createGraph = false,
        bool retainGraph = false,
        bool allowUnused = false)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(outputGradients);
        ArgumentNullException.ThrowIfNull(inputs);
        if (outputs.Length != outputGradients.Length)
        {
            throw new ArgumentException(
                $"{outputs.Length} outputs need as many output gradients, but {outputGradients.Length} were given.",
                nameof(outputGradients));
        }

        Native.LostTensors.Free();
        var roots = Handles(outputs);
        var vectors = Handles(outputGradients);
        var leaves = Handles(inputs);
        var found = new nint[inputs.Length];
        fixed (nint* rootsPointer = roots, vectorsPointer = vectors, leavesPointer = leaves, foundPointer = found)
        {
            var status = NativeMethods.sb_grad(
                rootsPointer,
                vectorsPointer,
                roots.Length,
                leavesPointer,
                leaves.Length,
                retainGraph || createGraph ? 1 : 0,
                createGraph ? 1 : 0,
                allowUnused ? 1 : 0,
                foundPointer);
            if (status != NativeStatus.Ok)
            {
                throw NativeError.Exception(
                    status, nameof(Grad), $"Grad: {NativeError.Reason()} (outputs {Describe(outputs)}, inputs {Describe(inputs)})");
            }
        }

        GC.KeepAlive(outputs);
        GC.KeepAlive(outputGradients);
        GC.KeepAlive(inputs);
        var gradients = new Tensor[found.Length];
        for (var i = 0; i < found.Length; i++)
        {
            gradients[i] = found[i] == 0 ? inputs[i].ZerosLike() : Tensor.Adopt(found[i]);
        }

        return gradients;
    }

    /// <summary>Stops recording until the returned guard is disposed, on this thread.</summary>
    public static GradMode NoGrad() => new(enabled: false);

    /// <summary>Records again inside a <see cref="NoGrad"/> until the returned guard is disposed, on this thread.</summary>
    public static GradMode EnableGrad() => new(enabled: true);

    private static string Describe(Tensor?[] tensors)
    {
        const int shown = 4;
        var described = tensors.Take(shown).Select(t => t?.Describe() ?? "none");
        return $"[{string.Join(", ", described)}{(tensors.Length > shown ? $", … {tensors.Length} in all" : "")}]";
    }

    private static nint[] Handles(Tensor?[] tensors) => Array.ConvertAll(tensors, t => t?.Handle ?? 0);
}

/// <summary>Restores the former recording mode when disposed. A ref struct, so that it cannot cross an <c>await</c>.</summary>
public readonly unsafe ref struct GradMode : IDisposable
{
    private readonly int _previous;

    internal GradMode(bool enabled)
    {
        int previous;
        NativeError.Check(NativeMethods.sb_set_grad_mode(enabled ? 1 : 0, &previous), nameof(GradMode));
        _previous = previous;
    }

    /// <summary>Restores the mode that held before.</summary>
    public void Dispose()
    {
        int ignored;
        NativeError.Check(NativeMethods.sb_set_grad_mode(_previous, &ignored), nameof(GradMode));
    }
}

/// <summary>
/// Runs convolutions and matrix products in a lower precision until disposed, on this thread; parameters and sensitive
/// operators stay in float32. Cast weights are remembered for the time of the scope.
/// </summary>
public readonly unsafe ref struct Autocast : IDisposable
{
    [ThreadStatic]
    private static bool _isOnForProcessor;

    private readonly DeviceType _device;
    private readonly int _previousEnabled;
    private readonly int _previousDType;

    /// <summary>Begins.</summary>
    /// <param name="device">The kind of device whose operators are affected.</param>
    /// <param name="dtype">The lower precision; bfloat16 is the only one of use on a CPU.</param>
    /// <param name="enabled">False leaves or switches everything to full precision, so that one code serves both.</param>
    public Autocast(DeviceType device, DType dtype = DType.BFloat16, bool enabled = true)
    {
        int previousEnabled, previousDType;
        NativeError.Check(
            NativeMethods.sb_set_autocast((int)device, enabled ? 1 : 0, (int)dtype, &previousEnabled, &previousDType),
            nameof(Autocast));
        _device = device;
        _previousEnabled = previousEnabled;
        _previousDType = previousDType;
        Note(enabled);
    }

    /// <summary>Whether this thread computes in a lower precision on the processor.</summary>
    internal static bool IsOnForProcessor => _isOnForProcessor;

    /// <summary>Restores the precision that held before and forgets cast weights.</summary>
    public void Dispose()
    {
        int ignoredEnabled, ignoredDType;
        NativeError.Check(
            NativeMethods.sb_set_autocast((int)_device, _previousEnabled, _previousDType, &ignoredEnabled, &ignoredDType),
            nameof(Autocast));
        Note(_previousEnabled != 0);
        if (_previousEnabled == 0)
        {
            NativeError.Check(NativeMethods.sb_clear_autocast_cache(), nameof(Autocast));
        }
    }

    private void Note(bool isOn)
    {
        if (_device == DeviceType.Cpu)
        {
            _isOnForProcessor = isOn;
        }
    }
}
