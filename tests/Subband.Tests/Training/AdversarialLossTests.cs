using Subband.Torch;
using Subband.Training;

namespace Subband.Tests.Training;

/// <summary>Losses against their closed forms.</summary>
public class AdversarialLossTests
{
    private static readonly float[] Real = [1.5f, -0.25f, 3];
    private static readonly float[] Generated = [-2, 0.5f, 0.75f];

    [Fact]
    public void Both_cross_entropies_average_minus_log_of_the_right_answer_over_the_mixed_batch()
    {
        using var scope = new TensorScope();
        static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
        var expected = -(Real.Sum(x => Math.Log(Sigmoid(x))) + Generated.Sum(x => Math.Log(1 - Sigmoid(x)))) / 6;
        foreach (var kind in new[] { AdversarialLossKind.Minimax, AdversarialLossKind.NonSaturating })
        {
            var loss = AdversarialLoss.Discriminator(kind, Tensor.From(Real), Tensor.From(Generated));
            Assert.Equal(expected, loss.Item(), 1e-6);
        }

        Assert.Equal(
            Generated.Average(x => Math.Log(1 - Sigmoid(x))),
            AdversarialLoss.Generator(AdversarialLossKind.Minimax, Tensor.From(Generated)).Item(),
            1e-6);
        Assert.Equal(
            -Generated.Average(x => Math.Log(Sigmoid(x))),
            AdversarialLoss.Generator(AdversarialLossKind.NonSaturating, Tensor.From(Generated)).Item(),
            1e-6);
    }

    [Fact]
    public void The_hinge_counts_only_what_is_inside_the_margin()
    {
        using var scope = new TensorScope();
        var loss = AdversarialLoss.Discriminator(AdversarialLossKind.Hinge, Tensor.From(Real), Tensor.From(Generated));
        Assert.Equal((0 + 1.25 + 0) / 3 + (0 + 1.5 + 1.75) / 3, loss.Item(), 1e-6);
        Assert.Equal(
            (2 - 0.5 - 0.75) / 3, AdversarialLoss.Generator(AdversarialLossKind.Hinge, Tensor.From(Generated)).Item(), 1e-6);
    }

    [Fact]
    public void R1_of_a_linear_discriminator_is_half_gamma_times_the_squared_length_of_its_weight()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var weight = Tensor.Randn([1, 3, 4, 4], random);
        weight.RequiresGrad = true;
        var images = Tensor.Randn([5, 3, 4, 4], random);
        images.RequiresGrad = true;
        var logits = (images * weight).Sum([1, 2, 3]);
        var penalty = AdversarialLoss.R1(logits, images, gamma: 3);
        var squared = weight.Detach().Square().Sum().Item();
        Assert.Equal(1.5 * squared, penalty.Item(), 1e-4 * squared);

        // Its gradient with respect to the weight is γ · weight.
        var gradient = Autograd.Grad(penalty, [weight])[0];
        Assert.True((gradient - (weight.Detach() * 3)).Abs().Max().Item() < 1e-4);
    }
}
