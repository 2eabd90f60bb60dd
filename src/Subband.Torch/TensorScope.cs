namespace Subband.Torch;

/// <summary>
/// Frees every tensor made inside it on this thread, but those that were kept. Scopes nest.
/// </summary>
/// <remarks>
/// A ref struct, so that the compiler stops it from crossing an <c>await</c> and a scope always ends on the thread it
/// began on.
/// <code>
/// using var scope = new TensorScope();
/// var loss = model.Forward(x).Mean();
/// return scope.Keep(loss);
/// </code>
/// </remarks>
public readonly ref struct TensorScope : IDisposable
{
    [ThreadStatic]
    private static Frame? _current;

    private readonly Frame _frame;

    /// <summary>Opens a scope inside the present one.</summary>
    public TensorScope()
    {
        _frame = new Frame(_current);
        _current = _frame;
    }

    /// <summary>Moves a tensor to the enclosing scope, or to its holder when there is none.</summary>
    /// <returns>The same tensor.</returns>
    /// <exception cref="InvalidOperationException">The scope has ended, or was never begun.</exception>
    public Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (_frame is null || _frame.Closed)
        {
            throw new InvalidOperationException("The tensor scope is not open.");
        }

        if (tensor.Scope == _frame)
        {
            tensor.Scope = _frame.Parent;
            _frame.Parent?.Tensors.Add(tensor);
        }

        return tensor;
    }

    /// <summary>Takes a tensor out of every scope: from now on its holder has to dispose it.</summary>
    /// <returns>The same tensor.</returns>
    public static Tensor Release(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        tensor.Scope = null;
        return tensor;
    }

    /// <summary>Frees what was made here and not kept.</summary>
    /// <exception cref="InvalidOperationException">An inner scope is still open.</exception>
    public void Dispose()
    {
        if (_frame is null || _frame.Closed)
        {
            return;
        }

        if (_current != _frame)
        {
            throw new InvalidOperationException("Tensor scopes must end in the reverse order of their beginning.");
        }

        _frame.Closed = true;
        _current = _frame.Parent;
        foreach (var tensor in _frame.Tensors)
        {
            // A tensor that was kept or released has another scope by now.
            if (tensor.Scope == _frame)
            {
                tensor.Dispose();
            }
        }
    }

    internal static void Register(Tensor tensor)
    {
        if (_current is { } frame)
        {
            tensor.Scope = frame;
            frame.Tensors.Add(tensor);
        }
    }

    internal sealed class Frame(Frame? parent)
    {
        public Frame? Parent { get; } = parent;

        public List<Tensor> Tensors { get; } = [];

        public bool Closed { get; set; }
    }
}
