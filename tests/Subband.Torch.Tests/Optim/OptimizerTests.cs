using Subband.Torch.Modules;
using Subband.Torch.Optim;

namespace Subband.Torch.Tests.Optim;

public sealed class OptimizerTests
{
    [Fact]
    public void State_has_dotted_names_from_the_first_step_on()
    {
        using var scope = new TensorScope();
        (string, Tensor)[] parameters = [("conv.weight", Tensor.Ones([2, 1, 3, 3])), ("conv.bias", Tensor.Ones([2]))];
        using var optimizer = new Adam(parameters, 0.1);
        Assert.Equal(["step"], optimizer.NamedState().Select(s => s.Name));
        optimizer.Step([Tensor.Ones([2, 1, 3, 3]), Tensor.Ones([2])]);
        Assert.Equal(
            ["step", "conv.weight.exp_avg", "conv.bias.exp_avg", "conv.weight.exp_avg_sq", "conv.bias.exp_avg_sq"],
            optimizer.NamedState().Select(s => s.Name));
        Assert.Equal(1, optimizer.NamedState().First().Tensor.Item());
    }

    [Fact]
    public void State_outlives_the_scope_of_a_step_and_ends_with_the_optimizer()
    {
        using var outer = new TensorScope();
        var parameter = Tensor.Ones([2]);
        var optimizer = new RmsProp([("p", parameter)], 0.1, momentum: 0.9, centered: true);
        using (new TensorScope())
        {
            optimizer.Step([Tensor.Ones([2])]);
        }

        var state = optimizer.NamedState().Select(s => s.Tensor).ToArray();
        Assert.Equal(4, state.Length);
        Assert.All(state, tensor => Assert.False(tensor.IsDisposed));
        optimizer.Dispose();
        Assert.All(state, tensor => Assert.True(tensor.IsDisposed));
        Assert.False(parameter.IsDisposed);
    }

    // In double precision libtorch's operators compute, in single Subband's own; a gradient may lie in another order than its parameter.
    [Theory]
    [InlineData(MemoryFormat.Contiguous, MemoryFormat.Contiguous)]
    [InlineData(MemoryFormat.ChannelsLast, MemoryFormat.ChannelsLast)]
    [InlineData(MemoryFormat.ChannelsLast, MemoryFormat.Contiguous)]
    [InlineData(MemoryFormat.Contiguous, MemoryFormat.ChannelsLast)]
    public void Single_precision_takes_the_steps_and_averages_of_double(MemoryFormat layout, MemoryFormat ofGradients)
    {
        using var scope = new TensorScope();
        using var random = new Generator(5);
        foreach (var shape in new long[][] { [1, 1, 1, 1], [3, 5, 1, 1], [67, 31, 3, 3] })
        {
            using var single = new Parameters(Tensor.Randn(shape, random).Contiguous(layout));
            using var exact = new Parameters(single.Weight.To(DType.Float64));
            using var optimizer = new Adam(single.NamedParameters(), 0.01, 0.5, 0.9, weightDecay: 0.1);
            using var exactOptimizer = new Adam(exact.NamedParameters(), 0.01, 0.5, 0.9, weightDecay: 0.1);
            using var average = new ExponentialMovingAverage(single, 0.7);
            using var exactAverage = new ExponentialMovingAverage(exact, 0.7);
            for (var step = 0; step < 4; step++)
            {
                var gradient = Tensor.Randn(shape, random).Contiguous(ofGradients);
                optimizer.Step([gradient]);
                exactOptimizer.Step([gradient.To(DType.Float64)]);
                average.Update();
                exactAverage.Update();
            }

            Near.Assert(exact.Weight, single.Weight, 1e-6);
            Near.Assert(exactAverage.NamedTensors().Single().Tensor, average.NamedTensors().Single().Tensor, 1e-6);
            foreach (var (expected, found) in exactOptimizer.NamedState().Zip(optimizer.NamedState()))
            {
                Near.Assert(expected.Tensor, found.Tensor, 1e-6);
            }
        }
    }

    [Fact]
    public void A_parameter_may_be_a_part_of_another_tensor()
    {
        using var scope = new TensorScope();
        var whole = Tensor.Zeros([4, 4]);
        using var optimizer = new Adam([("p", whole.Narrow(1, 1, 2))], 0.1);
        optimizer.Step([Tensor.Ones([4, 2])]);
        float[] row = [0, -0.1f, -0.1f, 0];
        Assert.All(whole.ToArray<float>().Chunk(4), found => Assert.All(found.Zip(row), pair => Assert.Equal(pair.Second, pair.First, 1e-6f)));
    }

    [Fact]
    public void Gradients_that_do_not_fit_are_refused_before_anything_changes()
    {
        using var scope = new TensorScope();
        var (a, b) = (Tensor.Ones([2]), Tensor.Ones([3]));
        using var optimizer = new Sgd([("a", a), ("b", b)], 0.1);
        Assert.Throws<ArgumentException>(() => optimizer.Step([Tensor.Ones([2])]));
        var shape = Assert.Throws<ArgumentException>(() => optimizer.Step([Tensor.Ones([2]), Tensor.Ones([2])]));
        Assert.Contains("The gradient of 'b' is float32 [2] cpu, the parameter float32 [3] cpu.", shape.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => optimizer.Step([Tensor.Ones([2]), Tensor.Ones([3], DType.BFloat16)]));
        Assert.Equal(0, optimizer.Steps);
        Assert.Equal([1f, 1f], a.ToArray<float>());
    }

    [Fact]
    public void A_step_reads_gradients_and_records_nothing()
    {
        using var scope = new TensorScope();
        var parameter = Tensor.Ones([2]);
        parameter.RequiresGrad = true;
        using var optimizer = new Sgd([("p", parameter)], 0.5, momentum: 0.9, weightDecay: 0.1);
        var gradient = Autograd.Grad(parameter.Square().Sum(), [parameter], createGraph: true)[0];
        optimizer.Step([gradient]);
        Assert.Equal([2f, 2f], gradient.ToArray<float>());
        Assert.True(parameter.RequiresGrad);
        Assert.All(optimizer.NamedState(), s => Assert.False(s.Tensor.RequiresGrad));
        Assert.Equal(1 - (0.5 * 2.1), parameter.ToArray<float>()[0], 1e-6);
    }

    [Fact]
    public void A_momentum_that_sets_in_later_begins_undamped()
    {
        // Torch7 and PyTorch both copy the gradient into the buffer at the first step that has a momentum.
        using var scope = new TensorScope();
        var parameter = Tensor.Zeros([1], DType.Float64);
        using var optimizer = new Sgd([("p", parameter)], 1);
        var gradient = Tensor.Ones([1], DType.Float64);
        optimizer.Step([gradient]); // p = −1
        optimizer.Momentum = optimizer.Dampening = 0.75;
        optimizer.Step([gradient]); // v = 1, p = −2
        optimizer.Step([gradient * 2]); // v = 0.75 + 0.25 · 2 = 1.25, p = −3.25
        optimizer.Momentum = 0.5;
        optimizer.Step([gradient]); // v = 0.625 + 0.25 = 0.875, p = −4.125
        Assert.Equal(-4.125, parameter.Item(), 1e-12);
    }

    [Fact]
    public void A_step_of_Muon_goes_about_equally_far_in_every_direction()
    {
        using var scope = new TensorScope();
        var parameter = Tensor.Zeros([6, 10], DType.Float64);
        using var optimizer = new Muon([("p", parameter)], 1, momentum: 0);
        var lopsided = new double[60];
        for (var i = 0; i < 6; i++)
        {
            lopsided[i * 11] = Math.Pow(10, -i / 3.0); // singular values from 1 to 0.02
        }

        optimizer.Step([Tensor.From(lopsided, 6, 10)]);
        var moved = parameter.SingularValues().ToArray<double>().Select(value => value / (0.2 * Math.Sqrt(10)));
        Assert.All(moved, value => Assert.InRange(value, 0.68, 1.14));
    }

    [Fact]
    public void Muon_refuses_what_is_no_matrix()
    {
        using var scope = new TensorScope();
        var refused = Assert.Throws<ArgumentException>(() => new Muon([("bias", Tensor.Ones([3]))], 0.1));
        Assert.Contains("'bias' is float32 [3] cpu; Muon takes weights of at least two dimensions", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gradient_of_nothing_moves_nothing_under_Muon()
    {
        using var scope = new TensorScope();
        var parameter = Tensor.Ones([2, 3]);
        using var optimizer = new Muon([("p", parameter)], 0.1);
        optimizer.Step([Tensor.Zeros([2, 3])]);
        Assert.All(parameter.ToArray<float>(), value => Assert.Equal(1, value));
    }

    [Fact]
    public void A_state_with_something_missing_is_refused_and_changes_nothing()
    {
        using var scope = new TensorScope();
        using var saved = new Adam([("a", Tensor.Ones([2])), ("b", Tensor.Ones([3]))], 0.1);
        saved.Step([Tensor.Ones([2]), Tensor.Ones([3])]);
        var state = saved.NamedState().ToDictionary(s => s.Name, s => s.Tensor.Clone());
        state.Remove("b.exp_avg");

        using var optimizer = new Adam([("a", Tensor.Ones([2])), ("b", Tensor.Ones([3]))], 0.1);
        var missing = Assert.Throws<SubbandException>(() => optimizer.Load(state.GetValueOrDefault, "optimizer.safetensors"));
        Assert.Equal("optimizer.safetensors: 1 of the 4 tensors that are needed are missing: b.exp_avg.", missing.Message);
        Assert.Equal(0, optimizer.Steps);
        Assert.Equal(["step"], optimizer.NamedState().Select(s => s.Name));

        var none = Assert.Throws<SubbandException>(() => optimizer.Load(_ => null, "model.safetensors"));
        Assert.Equal("model.safetensors: there is no tensor 'step', so this is no optimizer's state.", none.Message);
    }

    [Fact]
    public void A_state_loaded_outside_a_scope_leaves_only_what_the_optimizer_owns()
    {
        using var parameter = Tensor.Ones([2]);
        using var gradient = Tensor.Full([2], 3);
        using var saved = new Adam([("a", parameter)], 0.1);
        saved.Step([gradient]);
        var state = saved.NamedState().ToDictionary(s => s.Name, s => s.Tensor);
        var given = new List<Tensor>();
        using var loaded = new Adam([("a", parameter)], 0.1);
        loaded.Load(
            name =>
            {
                given.Add(state[name].Clone());
                return given[^1];
            },
            "a test");
        Assert.Equal(3, given.Count);
        Assert.All(given, tensor => Assert.True(tensor.IsDisposed));
        Assert.Equal(1, loaded.Steps);
        Assert.All(
            loaded.NamedState().Skip(1), s => Assert.Equal(state[s.Name].ToArray<float>(), s.Tensor.ToArray<float>()));
    }

    [Fact]
    public void A_state_saved_before_the_first_step_restores_that_beginning()
    {
        using var scope = new TensorScope();
        using var fresh = new Adam([("a", Tensor.Ones([2]))], 0.1);
        using var used = new Adam([("a", Tensor.Ones([2]))], 0.1);
        used.Step([Tensor.Ones([2])]);
        var state = fresh.NamedState().ToDictionary(s => s.Name, s => s.Tensor.Clone());
        used.Load(state.GetValueOrDefault, "a test");
        Assert.Equal(0, used.Steps);
        Assert.Equal(["step"], used.NamedState().Select(s => s.Name));
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        using var scope = new TensorScope();
        (string, Tensor)[] p = [("p", Tensor.Ones([1]))];
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(p, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(p, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(p, 0.1, dampening: 1.5));
        Assert.Throws<ArgumentException>(() => new Sgd(p, 0.1, nesterov: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(p, 0.1, beta2: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RmsProp(p, 0.1, alpha: -0.1));
        Assert.Throws<ArgumentException>(() => new Sgd([.. p, .. p], 0.1));
    }

    private sealed class Parameters : Module
    {
        private readonly Slot _weight;

        public Parameters(Tensor weight) => _weight = Parameter("weight", weight);

        public Tensor Weight => _weight.Tensor;
    }
}
