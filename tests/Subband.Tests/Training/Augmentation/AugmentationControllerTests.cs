using System.Text.Json.Nodes;
using Subband.Torch;
using Subband.Training.Augmentation;

namespace Subband.Tests.Training.Augmentation;

/// <summary>How the strength moves, and that a restored controller goes on exactly.</summary>
public sealed class AugmentationControllerTests
{
    [Fact]
    public void After_each_window_the_strength_moves_by_the_images_of_the_window()
    {
        AugmentationController controller = new(target: 0.6, kimg: 1, interval: 4);
        for (var step = 1; step <= 8; step++)
        {
            Step(controller, [1, 2, 0.5f, 3], images: 16); // overfitted: every sign is 1
            Assert.Equal(step / 4 * 0.064, controller.Strength, 1e-15);
        }

        Assert.Equal(1, controller.LastMeanSign);
        for (var step = 1; step <= 4; step++)
        {
            Step(controller, [1, 2, 0.5f, -3], images: 16); // (3 − 1) / 4 = 0.5 is below the target
        }

        Assert.Equal(0.5, controller.LastMeanSign);
        Assert.Equal(0.064, controller.Strength, 1e-15);
    }

    [Fact]
    public void The_strength_stays_between_0_and_1_and_rests_on_the_target()
    {
        AugmentationController controller = new(target: 0.5, kimg: 0.1, interval: 1);
        Step(controller, [-1], images: 32);
        Assert.Equal(0, controller.Strength);
        for (var i = 0; i < 5; i++)
        {
            Step(controller, [1], images: 32);
        }

        Assert.Equal(1, controller.Strength);
        Step(controller, [1, 1, 1, -1], images: 32);
        Assert.Equal(1, controller.Strength);
        Step(controller, [1, 0, 0, 0], images: 32); // 0.25
        Assert.Equal(0.68, controller.Strength, 1e-15);
    }

    [Fact]
    public void Logits_of_several_looks_at_a_step_count_together_and_may_be_recorded()
    {
        using var scope = new TensorScope();
        AugmentationController controller = new(target: 0, kimg: 1, interval: 2);
        var weight = Tensor.Ones([2, 1]);
        weight.RequiresGrad = true;
        controller.Observe(weight * 3);
        controller.Observe(Tensor.From([-1f, -2f, -3f]).To(DType.BFloat16));
        controller.EndStep(2);
        controller.EndStep(2);
        Assert.Equal(-0.2, controller.LastMeanSign, 1e-15);

        // Nothing was observed: nothing moves.
        controller.EndStep(2);
        controller.EndStep(2);
        Assert.Equal((0, -0.2), (controller.Strength, controller.LastMeanSign));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(7)]
    public void A_restored_controller_goes_on_as_the_uninterrupted_one(int steps)
    {
        using var scope = new TensorScope();
        using var random = new Generator(5);
        AugmentationController whole = new(0.1, 0.7, 4);
        for (var i = 0; i < steps; i++)
        {
            Step(whole, (Tensor.Randn([8], random) + 0.5).ToArray<float>(), images: 7);
        }

        AugmentationController resumed = new(0.1, 0.7, 4);
        resumed.Restore(JsonNode.Parse(whole.State().ToJsonString())!.AsObject());
        for (var i = 0; i < 30; i++)
        {
            var logits = (Tensor.Randn([8], random) + 0.5).ToArray<float>();
            Step(whole, logits, images: 7);
            Step(resumed, logits, images: 7);
            Assert.Equal(whole.State().ToJsonString(), resumed.State().ToJsonString());
        }

        Assert.True(whole.Strength > 0);
    }

    [Fact]
    public void A_fixed_strength_stays_whatever_is_observed_or_restored()
    {
        var controller = AugmentationController.Fixed(0.3);
        Step(controller, [1], images: 1_000_000);
        controller.Restore(new AugmentationController().State());
        Assert.Equal((true, 0.3, 0), (controller.IsFixed, controller.Strength, controller.LastMeanSign));
        Assert.Throws<ArgumentOutOfRangeException>(() => AugmentationController.Fixed(1.5));
    }

    [Fact]
    public void A_damaged_state_and_impossible_settings_are_refused()
    {
        AugmentationController controller = new();
        var state = controller.State();
        _ = state.Remove("signSum");
        Assert.Contains("signSum", Assert.Throws<SubbandException>(() => controller.Restore(state)).Message);
        var high = controller.State();
        high["strength"] = 2;
        Assert.Throws<SubbandException>(() => controller.Restore(JsonNode.Parse(high.ToJsonString())!.AsObject()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AugmentationController(target: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AugmentationController(kimg: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AugmentationController(interval: 0));
    }

    private static void Step(AugmentationController controller, float[] logits, int images)
    {
        using var scope = new TensorScope();
        controller.Observe(Tensor.From(logits));
        controller.EndStep(images);
    }
}
