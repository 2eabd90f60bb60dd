namespace Subband.Torch.Optim;

/// <summary>
/// Changes parameters by their gradients. It owns the tensors it remembers between steps and saves them under the
/// parameters' dotted names; the parameters stay their module's.
/// </summary>
/// <remarks>
/// <code>
/// using var optimizer = new Adam(model.NamedParameters(), learningRate: 2e-4);
/// optimizer.Step(Autograd.Grad(loss, optimizer.Parameters));
/// </code>
/// It is made after its module has been moved to its device and layout, because a move replaces the parameters.
/// Nothing is remembered before the first step.
/// </remarks>
public abstract class Optimizer : IDisposable
{
    private const string StepName = "step";

    private readonly string[] _names;
    private readonly Tensor[] _parameters;
    private readonly List<Slot> _slots = [];
    private Tensor? _savedStep;
    private double _learningRate;

    private protected Optimizer(IEnumerable<(string Name, Tensor Tensor)> parameters, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        (string Name, Tensor Tensor)[] named = [.. parameters];
        _names = Array.ConvertAll(named, p => p.Name);
        _parameters = Array.ConvertAll(named, p => p.Tensor);
        if (_names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two parameters are named '{twice.Key}'; each needs a name of its own.", nameof(parameters));
        }

        LearningRate = learningRate;
    }

    /// <summary>The size of a step; at least 0. Set it before each step to follow a <see cref="LearningRateSchedule"/>.</summary>
    public double LearningRate
    {
        get => _learningRate;
        set => _learningRate = RequireAtLeastZero(value, nameof(LearningRate));
    }

    /// <summary>How many steps have been taken.</summary>
    public long Steps { get; private set; }

    /// <summary>What is changed, in the order in which <see cref="Step"/> expects the gradients. Not to be changed.</summary>
    public Tensor[] Parameters => _parameters;

    /// <summary>The dotted names of <see cref="Parameters"/>.</summary>
    private protected ReadOnlySpan<string> Names => _names;

    /// <summary>Changes every parameter once, in place.</summary>
    /// <param name="gradients">
    /// One for each of <see cref="Parameters"/>, of the same shape and type, as <see cref="Autograd"/> returns them. They
    /// are read, not changed.
    /// </param>
    /// <exception cref="ArgumentException">A gradient does not fit its parameter; nothing has been changed then.</exception>
    public void Step(IReadOnlyList<Tensor> gradients)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        Check(gradients);
        using var noGrad = Autograd.NoGrad();
        Steps++;
        BeginStep();
        for (var i = 0; i < _parameters.Length; i++)
        {
            using var scope = new TensorScope();
            Update(i, _parameters[i], gradients[i]);
        }
    }

    /// <summary>
    /// All that has to be saved to continue exactly: <c>step</c>, and for each parameter what is remembered of it, such as
    /// <c>conv.weight.exp_avg</c>. The tensors belong to this optimizer.
    /// </summary>
    public IEnumerable<(string Name, Tensor Tensor)> NamedState()
    {
        using (Autograd.NoGrad())
        {
            _savedStep ??= TensorScope.Release(Tensor.Zeros([], DType.Int64));
            _savedStep.FillInPlace(Steps);
        }

        return [(StepName, _savedStep), .. _slots.SelectMany(slot => Named(slot, slot.Tensors))];
    }

    /// <summary>Continues from a state that <see cref="NamedState"/> gave.</summary>
    /// <param name="source">Finds a tensor by name; null when there is none.</param>
    /// <param name="origin">What the tensors come from, for the error message.</param>
    /// <exception cref="SubbandException">A name is missing or a shape differs; nothing has been copied then.</exception>
    public void Load(Func<string, Tensor?> source, string origin)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var scope = new TensorScope(); // frees what the source makes, and what has been made when something is missing
        var step = source(StepName) ?? throw new SubbandException($"{origin}: there is no tensor '{StepName}', so this is no optimizer's state.");
        var steps = (long)step.Item();
        var remembered = _slots.ConvertAll(slot => slot.IsExpected(steps, _names, source) ? Slot.Make(_parameters) : []);
        TensorsByName.Copy(_slots.Zip(remembered).SelectMany(pair => Named(pair.First, pair.Second)), source, origin);
        foreach (var (slot, tensors) in _slots.Zip(remembered))
        {
            slot.Free();
            slot.Tensors = Array.ConvertAll(tensors, TensorScope.Release);
        }

        Steps = steps;
    }

    /// <summary>Frees what is remembered between steps. The parameters stay.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the optimizer owns.</summary>
    protected virtual void Dispose(bool disposing)
    {
        _slots.ForEach(slot => slot.Free());
        _savedStep?.Dispose();
        _savedStep = null;
    }

    private protected static double RequireAtLeastZero(double value, string name) => value >= 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a finite number of at least 0.");

    private protected static double RequireFraction(double value, string name) => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 0 and below 1.");

    /// <summary>Declares a tensor to be remembered beside each parameter.</summary>
    /// <param name="name">The last part of its dotted names.</param>
    /// <param name="optional">Whether it may be missing after the first step.</param>
    private protected Slot Remember(string name, bool optional = false)
    {
        var slot = new Slot(name, optional);
        _slots.Add(slot);
        return slot;
    }

    /// <summary>Makes the tensors of a slot, all zero, unless that has been done.</summary>
    /// <returns>Whether they are new.</returns>
    private protected bool Begin(Slot slot)
    {
        var isNew = slot.Tensors.Length == 0;
        if (isNew)
        {
            slot.Tensors = Array.ConvertAll(Slot.Make(_parameters), TensorScope.Release);
        }

        return isNew;
    }

    /// <summary>What is done once before the parameters of a step; <see cref="Steps"/> counts this step already.</summary>
    private protected abstract void BeginStep();

    /// <summary>Changes one parameter.</summary>
    private protected abstract void Update(int index, Tensor parameter, Tensor gradient);

    private void Check(IReadOnlyList<Tensor> gradients)
    {
        if (gradients.Count != _parameters.Length)
        {
            throw new ArgumentException(
                $"{_parameters.Length} parameters need as many gradients, but {gradients.Count} were given.", nameof(gradients));
        }

        for (var i = 0; i < _parameters.Length; i++)
        {
            var (parameter, gradient) = (_parameters[i], gradients[i]);
            if (!gradient.Shape.SequenceEqual(parameter.Shape)
                || gradient.DType != parameter.DType
                || gradient.Device != parameter.Device)
            {
                throw new ArgumentException(
                    $"The gradient of '{_names[i]}' is {gradient.Describe()}, the parameter {parameter.Describe()}.",
                    nameof(gradients));
            }
        }
    }

    private IEnumerable<(string Name, Tensor Tensor)> Named(Slot slot, Tensor[] tensors) =>
        tensors.Select((tensor, i) => (slot.NameFor(_names[i]), tensor));

    /// <summary>One tensor beside each parameter, from the first step that needs it.</summary>
    private protected sealed class Slot(string name, bool optional)
    {
        public Tensor[] Tensors { get; set; } = [];

        public Tensor this[int index] => Tensors[index];

        /// <summary>Zeros of each parameter's shape, type, layout and device.</summary>
        public static Tensor[] Make(Tensor[] parameters) => Array.ConvertAll(parameters, parameter => parameter.ZerosLike());

        public string NameFor(string parameter) => $"{parameter}.{name}";

        /// <summary>Whether a state saved after some steps has to hold this slot.</summary>
        public bool IsExpected(long steps, string[] parameters, Func<string, Tensor?> source) =>
            optional ? Array.Exists(parameters, parameter => source(NameFor(parameter)) is not null) : steps > 0;

        public void Free()
        {
            foreach (var tensor in Tensors)
            {
                tensor.Dispose();
            }

            Tensors = [];
        }
    }
}
