namespace Subband.Torch.Modules;

/// <summary>
/// A part of a network that owns parameters, buffers and further parts. Their dotted names are those of the PyTorch
/// checkpoint of the same architecture, so that weights load by name.
/// </summary>
/// <remarks>
/// The constructor of a subclass registers what it owns with <see cref="Parameter"/>, <see cref="Buffer"/> and
/// <see cref="Child{T}"/>; its <c>Forward</c> is the arrows between them.
/// </remarks>
public abstract class Module : IDisposable
{
    private readonly List<(string Name, Slot Slot)> _parameters = [];
    private readonly List<(string Name, Slot Slot)> _buffers = [];
    private readonly List<(string Name, Module Module)> _children = [];

    /// <summary>Whether layers that behave differently while training (dropout, batch norm) do so now.</summary>
    public bool IsTraining { get; private set; } = true;

    /// <summary>The direct parts, by name.</summary>
    public IEnumerable<(string Name, Module Module)> Children => _children;

    /// <summary>Every trained tensor, by its dotted name, in the order of registration.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> NamedParameters() => Walk(m => m._parameters);

    /// <summary>Every tensor that is saved but not trained, such as running averages.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> NamedBuffers() => Walk(m => m._buffers);

    /// <summary>The buffers that are, or are not, running statistics of what passes through, by <see cref="Statistic"/>.</summary>
    internal IEnumerable<(string Name, Tensor Tensor)> NamedBuffers(bool statistics) =>
        Walk(m => m._buffers.Where(buffer => buffer.Slot.IsStatistic == statistics));

    /// <summary>Parameters and buffers together: what a checkpoint of this module holds.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> NamedTensors() => NamedParameters().Concat(NamedBuffers());

    /// <summary>Every trained tensor.</summary>
    public Tensor[] Parameters() => [.. NamedParameters().Select(p => p.Tensor)];

    /// <summary>The number of trained values.</summary>
    public long ParameterCount() => NamedParameters().Sum(p => p.Tensor.Count);

    /// <summary>Switches this module and all its parts between training and evaluation.</summary>
    /// <param name="training">True while training.</param>
    public void Train(bool training = true)
    {
        IsTraining = training;
        foreach (var (_, child) in _children)
        {
            child.Train(training);
        }
    }

    /// <summary>Switches this module and all its parts to evaluation.</summary>
    public void Evaluate() => Train(false);

    /// <summary>Switches the recording of gradients for every parameter, for a network that is only passed through.</summary>
    public void RequireGrad(bool required)
    {
        foreach (var (_, parameter) in NamedParameters())
        {
            parameter.RequiresGrad = required;
        }
    }

    /// <summary>Readies a network for use alone: in evaluation, without gradients of its parameters, on a device, channels-last.</summary>
    /// <param name="device">Where to compute.</param>
    public void Freeze(Device device)
    {
        Evaluate();
        RequireGrad(false);
        To(device);
        To(MemoryFormat.ChannelsLast);
    }

    /// <summary>Moves every tensor to a device, in place.</summary>
    public void To(Device device) => Replace(tensor => tensor.To(device));

    /// <summary>Changes the type of every floating-point tensor, in place.</summary>
    public void To(DType dtype) => Replace(tensor => tensor.DType.IsFloatingPoint() ? tensor.To(dtype) : tensor);

    /// <summary>Lays out every [O, I, kH, kW] weight as the given format, in place.</summary>
    public void To(MemoryFormat format) => Replace(tensor => tensor.Dimensions == 4 ? tensor.Contiguous(format) : tensor);

    /// <summary>Copies values into every tensor of this module from tensors of the same names and shapes.</summary>
    /// <param name="source">Finds a tensor by name; null when there is none.</param>
    /// <param name="origin">What the tensors come from, for the error message.</param>
    /// <exception cref="SubbandException">A name is missing or a shape differs; nothing has been copied then.</exception>
    public void CopyFrom(Func<string, Tensor?> source, string origin)
    {
        ArgumentNullException.ThrowIfNull(source);
        TensorsByName.Copy(NamedTensors(), source, origin);
    }

    /// <summary>Frees every tensor of this module and its parts.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the module owns.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach (var (_, slot) in _parameters.Concat(_buffers))
        {
            slot.Tensor.Dispose();
        }

        foreach (var (_, child) in _children)
        {
            child.Dispose();
        }
    }

    /// <summary>Registers a trained tensor, of which this module becomes the owner.</summary>
    /// <param name="name">The last part of its dotted name.</param>
    /// <param name="initial">Its first value.</param>
    protected Slot Parameter(string name, Tensor initial)
    {
        var slot = new Slot(TensorScope.Release(initial));
        initial.RequiresGrad = true;
        _parameters.Add((name, slot));
        return slot;
    }

    /// <summary>Registers a tensor that is saved but not trained, of which this module becomes the owner.</summary>
    /// <param name="name">The last part of its dotted name.</param>
    /// <param name="initial">Its first value.</param>
    protected Slot Buffer(string name, Tensor initial)
    {
        var slot = new Slot(TensorScope.Release(initial));
        _buffers.Add((name, slot));
        return slot;
    }

    /// <summary>Registers a buffer that follows a statistic of what passes through, such as a running mean.</summary>
    /// <remarks>It belongs to the weights that it was measured with, so that an average of weights needs the average of it.</remarks>
    /// <param name="name">The last part of its dotted name.</param>
    /// <param name="initial">Its first value.</param>
    protected Slot Statistic(string name, Tensor initial)
    {
        var slot = Buffer(name, initial);
        slot.IsStatistic = true;
        return slot;
    }

    /// <summary>Registers a part.</summary>
    /// <param name="name">Its part of the dotted names.</param>
    /// <param name="module">The part.</param>
    protected T Child<T>(string name, T module)
        where T : Module
    {
        _children.Add((name, module));
        return module;
    }

    private IEnumerable<(string Name, Tensor Tensor)> Walk(Func<Module, IEnumerable<(string Name, Slot Slot)>> own)
    {
        foreach (var (name, slot) in own(this))
        {
            yield return (name, slot.Tensor);
        }

        foreach (var (childName, child) in _children)
        {
            foreach (var (name, tensor) in child.Walk(own))
            {
                yield return ($"{childName}.{name}", tensor);
            }
        }
    }

    private void Replace(Func<Tensor, Tensor> convert)
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var (_, slot) in _parameters.Concat(_buffers))
        {
            var before = slot.Tensor;
            var converted = convert(before);
            if (converted != before)
            {
                converted.RequiresGrad = before.RequiresGrad;
                slot.Tensor = TensorScope.Release(converted);
                before.Dispose();
            }
        }

        foreach (var (_, child) in _children)
        {
            child.Replace(convert);
        }
    }

    /// <summary>The place of a registered tensor, which a move to another device fills anew.</summary>
    protected sealed class Slot
    {
        internal Slot(Tensor tensor) => Tensor = tensor;

        /// <summary>The tensor that stands here now.</summary>
        public Tensor Tensor { get; internal set; }

        /// <summary>Whether it is a running statistic.</summary>
        internal bool IsStatistic { get; set; }

        /// <summary>The tensor that stands here now.</summary>
        public static implicit operator Tensor(Slot slot) => slot.Tensor;
    }
}

/// <summary>A module with one input and one output, which can stand in a <see cref="Sequential"/>.</summary>
public abstract class Layer : Module
{
    /// <summary>Computes the output.</summary>
    public abstract Tensor Forward(Tensor x);
}
