using System.Diagnostics;
using Subband.Torch.Modules;
using Subband.Torch.Optim;
using Subband.Torch.Tests.Golden;

namespace Subband.Torch.Tests;

/// <summary>The engine on the first CUDA device; all skip where there is none.</summary>
public sealed class CudaTests
{
    public CudaTests() => Assert.SkipUnless(Engine.CudaDevices > 0, "There is no CUDA device here.");

    [Theory]
    [MemberData(nameof(OperatorGoldenTests.Cases), MemberType = typeof(OperatorGoldenTests))]
    public void Output_and_gradients_equal_PyTorchs(string name)
    {
        const double tolerance = 1e-10; // the device sums in orders of its own
        using var scope = new TensorScope();
        var golden = new GoldenNumbers(name);
        string[] leaves = [.. new[] { "input", "weight", "bias" }.Where(leaf => golden.Find(leaf) is not null)];
        var inputs = Array.ConvertAll(leaves, leaf => golden[leaf].To(Device.Cuda));
        Array.ForEach(inputs, input => input.RequiresGrad = true);

        var output = OperatorGoldenTests.Compute(name, golden, inputs[0], inputs.ElementAtOrDefault(1), inputs.ElementAtOrDefault(2));
        var gradients = Autograd.Grad([output], [golden["seed"].To(Device.Cuda)], inputs);

        Assert.Equal(Device.Cuda, output.Device);
        golden.AssertEqual("output", output.To(Device.Cpu), tolerance);
        for (var i = 0; i < leaves.Length; i++)
        {
            golden.AssertEqual("grad." + leaves[i], gradients[i].To(Device.Cpu), tolerance);
        }
    }

    [Fact]
    public void A_restored_state_continues_every_kind_of_draw()
    {
        using var scope = new TensorScope();
        using var random = new Generator(42, Device.Cuda);
        _ = Tensor.Randn([3], random);
        var state = random.State();
        Assert.Equal(Device.Cpu, state.Device);
        var expected = Draws(random);

        using var other = new Generator(0, Device.Cuda);
        other.Restore(state);
        Assert.Equal(expected, Draws(other));
        Assert.NotEqual(expected, Draws(other));
    }

    [Fact]
    public void A_seed_decides_the_sequence()
    {
        using var scope = new TensorScope();
        using var a = new Generator(9, Device.Cuda);
        using var b = new Generator(9, Device.Cuda);
        using var c = new Generator(9 | (1UL << 40), Device.Cuda);
        var expected = Draws(a);
        Assert.Equal(expected, Draws(b));
        Assert.NotEqual(expected, Draws(c));
        c.Seed(9);
        Assert.Equal(expected, Draws(c));
    }

    [Fact]
    public void A_state_of_the_processors_generator_is_refused()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1, Device.Cuda);
        using var cpu = new Generator(1);
        Assert.ThrowsAny<SubbandException>(() => random.Restore(cpu.State()));
    }

    [Fact]
    public void Autocast_convolves_in_bfloat16_with_float32_parameters_and_gradients()
    {
        using var scope = new TensorScope();
        using var initial = new Generator(1);
        using var layer = new Conv2d(8, 8, 3, initial, padding: 1);
        var input = Tensor.Randn([2, 8, 8, 8], initial);
        var expected = layer.Forward(input);
        layer.To(Device.Cuda);
        Tensor loss;
        using (new Autocast(DeviceType.Cuda))
        {
            var output = layer.Forward(input.To(Device.Cuda));
            Assert.Equal(DType.BFloat16, output.DType);
            Near.Assert(expected, output.To(Device.Cpu), 0.02); // 8 bits of mantissa
            loss = output.To(DType.Float32).Square().Mean();
        }

        Assert.Equal(DType.Float32, layer.Forward(input.To(Device.Cuda)).DType);
        Assert.All(Autograd.Grad(loss, layer.Parameters()), gradient => Assert.Equal((DType.Float32, Device.Cuda), (gradient.DType, gradient.Device)));
    }

    [Fact]
    public void An_optimizer_steps_and_an_average_follows_as_on_the_processor()
    {
        using var scope = new TensorScope();
        Tensor[] Train(Device device)
        {
            using var initial = new Generator(1);
            using var layer = new Linear(6, 4, initial);
            layer.To(device);
            using var optimizer = new Adam(layer.NamedParameters(), 0.01);
            using var average = new ExponentialMovingAverage(layer, 0.9);
            var input = Tensor.Randn([5, 6], initial).To(device);
            for (var i = 0; i < 4; i++)
            {
                optimizer.Step(Autograd.Grad(layer.Forward(input).Square().Mean(), optimizer.Parameters));
                average.Update();
            }

            return [.. layer.Parameters().Concat(average.NamedTensors().Select(t => t.Tensor)).Select(t => t.Detach().To(Device.Cpu).Clone())];
        }

        Assert.All(Train(Device.Cpu).Zip(Train(Device.Cuda)), pair => Near.Assert(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void Synchronise_waits_for_what_was_begun()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1, Device.Cuda);
        var matrix = Tensor.Randn([4096, 4096], random) / 64;
        var product = matrix;
        _ = product.MatMul(matrix).Sum().Item(); // the first call loads kernels
        for (var i = 0; i < 100; i++)
        {
            product = product.MatMul(matrix);
        }

        var watch = Stopwatch.StartNew();
        Engine.Synchronise(Device.Cuda);
        var waited = watch.Elapsed;
        watch.Restart();
        _ = product.Select(0, 0).Select(0, 0).Item();
        Assert.True(watch.Elapsed < waited / 2, $"{waited} to synchronise, then {watch.Elapsed} for a single number.");
    }

    [Fact]
    public void A_device_that_is_not_there_is_refused()
    {
        var missing = new Device(DeviceType.Cuda, Engine.CudaDevices);
        Assert.ThrowsAny<SubbandException>(() => Engine.Synchronise(missing));
        Assert.ThrowsAny<SubbandException>(() => Tensor.Zeros([1], device: missing));
    }

    private static double[] Draws(Generator random)
    {
        using var scope = new TensorScope();
        return
        [
            .. Values(Tensor.Rand([5], random)),
            .. Values(Tensor.Randn([40], random)),
            .. Values(Tensor.RandPerm(8, random)),
            .. Values(Tensor.Empty([9], device: Device.Cuda).BernoulliInPlace(0.5, random)),
        ];
    }

    private static double[] Values(Tensor tensor) => tensor.To(Device.Cpu).To(DType.Float64).ToArray<double>();
}
