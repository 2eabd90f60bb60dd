using Subband.Torch.Modules;
using Subband.Torch.Optim;

namespace Subband.Torch.Tests.Golden;

/// <summary>Layers with a state, second-order gradients, and a whole small training, against PyTorch's.</summary>
public sealed class NetworkGoldenTests
{
    [Theory]
    [InlineData("affine")]
    [InlineData("plain")]
    public void Batch_norm_follows_PyTorch_through_training_into_evaluation(string variant)
    {
        using var scope = new TensorScope();
        var golden = new GoldenNumbers("batch_norm/" + variant);
        var (momentum, epsilon) = (golden.Number("momentum"), golden.Number("eps"));
        var affine = golden.Find("weight") is not null;
        var (weight, bias) = affine ? (golden.Leaf("weight"), golden.Leaf("bias")) : (null, null);
        var mean = Tensor.Zeros([3], DType.Float64);
        var variance = Tensor.Ones([3], DType.Float64);
        var last = golden.Integer("steps") - 1;

        for (var step = 0; step <= last; step++)
        {
            var input = golden.Leaf($"step.{step}.input");
            var output = Functional.BatchNorm(input, weight, bias, mean, variance, true, momentum, epsilon);
            golden.AssertEqual($"step.{step}.output", output);
            golden.AssertEqual($"step.{step}.mean", mean);
            golden.AssertEqual($"step.{step}.var", variance);
            if (step == last)
            {
                var gradients = Autograd.Grad([output], [golden["seed"]], affine ? [input, weight!, bias!] : [input]);
                foreach (var (name, gradient) in new[] { "input", "weight", "bias" }.Zip(gradients))
                {
                    golden.AssertEqual($"step.{step}.grad.{name}", gradient);
                }
            }
        }

        var unseen = golden.Leaf("eval.input");
        var evaluated = Functional.BatchNorm(unseen, weight, bias, mean, variance, false, momentum, epsilon);
        golden.AssertEqual("eval.output", evaluated);
        golden.AssertEqual("eval.grad.input", Autograd.Grad([evaluated], [golden["seed"]], [unseen])[0]);
    }

    [Theory]
    [InlineData("r1")]
    [InlineData("wgan")]
    public void Gradient_penalties_and_their_gradients_equal_PyTorchs(string variant)
    {
        using var scope = new TensorScope();
        var golden = new GoldenNumbers("penalty/" + variant);
        var gamma = golden.Number("gamma");
        var (input, w1, b1, w2) = (golden.Leaf("input"), golden.Leaf("w1"), golden.Leaf("b1"), golden.Leaf("w2"));
        long[] perImage = [1, 2, 3];

        var features = Functional.Softplus(Functional.Conv2d(input, w1, b1, stride: 2, padding: 1));
        var scores = (w2 * features).Sum(perImage);
        var inner = Autograd.Grad(scores.Sum(), [input], createGraph: true)[0];
        var squared = inner.Square().Sum(perImage);
        var loss = variant == "r1"
            ? Functional.Softplus(-scores).Mean() + (gamma / 2 * squared.Mean())
            : gamma * (squared.Sqrt() - 1).Square().Mean();
        var gradients = Autograd.Grad(loss, [w1, b1, w2], allowUnused: true);

        golden.AssertEqual("scores", scores);
        golden.AssertEqual("grad.input", inner);
        golden.AssertEqual("loss", loss);
        golden.AssertEqual("grad.w1", gradients[0]);
        golden.AssertEqual("grad.b1", gradients[1]);
        golden.AssertEqual("grad.w2", gradients[2]);
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("adam")]
    public void Five_steps_of_a_small_network_equal_PyTorchs(string variant)
    {
        using var scope = new TensorScope();
        var golden = new GoldenNumbers("training/" + variant);
        using var random = new Generator(0);
        using var network = new Network(random);
        network.CopyFrom(name => golden.Find("start." + name), "the golden numbers");
        using Optimizer optimizer = variant == "sgd"
            ? new Sgd(network.NamedParameters(), golden.Number("lr"), golden.Number("momentum"), golden.Number("dampening"))
            : new Adam(network.NamedParameters(), golden.Number("lr"), golden.Numbers("betas")[0], golden.Numbers("betas")[1], golden.Number("eps"));
        var input = golden["input"].To(DType.Float32);
        var target = golden["target"].To(DType.Float32);
        var expected = golden["losses"].ToArray<double>();

        foreach (var loss in expected)
        {
            using var step = new TensorScope();
            var found = Functional.BinaryCrossEntropyWithLogits(network.Forward(input), target);
            Assert.Equal(loss, found.Item(), 1e-5);
            optimizer.Step(Autograd.Grad(found, optimizer.Parameters));
        }

        foreach (var (name, tensor) in network.NamedTensors())
        {
            // Batch norm takes the bias before it away, so its gradient is rounding noise, which Adam scales up to full steps.
            if (variant == "adam" && name is "conv.bias" or "bn.running_mean")
            {
                continue;
            }

            golden.AssertEqual("end." + name, tensor, 2e-5); // single precision, five steps
        }
    }

    private sealed class Network : Layer
    {
        private readonly Conv2d _conv;
        private readonly BatchNorm2d _norm;
        private readonly Linear _linear;

        public Network(Generator random)
        {
            _conv = Child("conv", new Conv2d(3, 4, 3, random, stride: 2, padding: 1));
            _norm = Child("bn", new BatchNorm2d(4));
            _linear = Child("linear", new Linear(4 * 3 * 3, 1, random));
        }

        public override Tensor Forward(Tensor x) =>
            _linear.Forward(Functional.LeakyRelu(_norm.Forward(_conv.Forward(x)), 0.2).Flatten());
    }
}
