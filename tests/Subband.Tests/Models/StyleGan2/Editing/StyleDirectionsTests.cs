using Subband.Models.StyleGan2;
using Subband.Models.StyleGan2.Editing;
using Subband.Torch;

namespace Subband.Tests.Models.StyleGan2.Editing;

public sealed class StyleDirectionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);
    private readonly StyleGan2Model _model;

    public StyleDirectionsTests() => _model = StyleGan2Model.Load(TinyStyleGan2.Write(_folder["model.safetensors"], "swagan-32"));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(FactorisationRule.Plain)]
    [InlineData(FactorisationRule.UnitRows)]
    public void Closed_form_directions_are_the_right_singular_vectors_of_the_modulations(FactorisationRule rule)
    {
        using var scope = new TensorScope();
        using var found = StyleDirections.Factorise(_model, LayerRange.All(_model.Shape.Styles), 8, rule);
        var rows = Tensor.Cat([.. _model.Modulations().Select(entry => entry.Weight)]);
        rows = rule == FactorisationRule.UnitRows ? rows / rows.Norm(2, [1], keep: true) : rows;
        var lengths = rows.MatMul(found.Vectors.Transpose()).Norm(2, [0]).ToArray<float>(); // ‖A v‖
        var singular = rows.SingularValues().ToArray<float>();
        Assert.Equal(singular, lengths, (a, b) => Math.Abs(a - b) < 1e-4 * singular[0]);
        var products = found.Vectors.MatMul(found.Vectors.Transpose()).ToArray<float>();
        Assert.All(products.Index(), entry => Assert.Equal(entry.Index % 9 == 0 ? 1 : 0, entry.Item, 1e-5));
    }

    [Fact]
    public void Layers_that_are_not_looked_at_do_not_count()
    {
        using var scope = new TensorScope();
        using var first = StyleDirections.Factorise(_model, new LayerRange(0, 0), 8);
        var rows = _model.Modulations().Single(entry => entry.Layer == 0).Weight;
        Assert.Equal(rows.SingularValues().ToArray<float>()[0], rows.MatMul(first.Vectors.Select(0, 0).Unsqueeze(1)).Norm().Item(), 1e-4);
        Assert.Equal("0-0", first.Layers.ToString());
    }

    [Fact]
    public void The_last_makers_of_pixels_are_left_out_and_the_first_is_not() => Assert.Equal(
        [0, 1, 1, 2], _model.Modulations().Select(entry => entry.Layer));

    [Fact]
    public void A_file_keeps_them()
    {
        using var scope = new TensorScope();
        using var found = StyleDirections.Factorise(_model, new LayerRange(1, 2), 3, FactorisationRule.UnitRows);
        found.Save(_folder["directions.safetensors"]);
        using var read = StyleDirections.Load(_folder["directions.safetensors"], _model.Shape);
        Assert.Equal(found.Vectors.ToArray<float>(), read.Vectors.ToArray<float>());
        Assert.Equal(["1", "2", "3"], read.Names);
        Assert.Equal((found.Layers, found.Method), (read.Layers, read.Method));
        var other = Assert.Throws<SubbandException>(() => StyleDirections.Load(_folder["directions.safetensors"], _model.Shape with { StyleWidth = 9 }));
        Assert.Contains("the model's styles have 9 numbers", other.Message, StringComparison.Ordinal);
        var none = Assert.Throws<SubbandException>(() => StyleDirections.Load(_folder["model.safetensors"], _model.Shape));
        Assert.Contains("holds no directions", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_direction_moves_the_styles_of_its_layers_only()
    {
        using var scope = new TensorScope();
        using var found = StyleDirections.Factorise(_model, LayerRange.All(_model.Shape.Styles), 2);
        var styles = _model.SampledStyles(2, 1);
        var moved = found.Apply(styles, 1, 2.5, new LayerRange(1, 2)) - styles;
        Assert.Equal(0, moved.Select(1, 0).Norm().Item());
        Assert.Equal(0, moved.Select(1, 3).Norm().Item());
        Assert.Equal(2.5, moved.Select(1, 1).Select(0, 0).Norm().Item(), 1e-5);
        Assert.Equal(2.5, moved.Select(1, 2).Select(0, 1).MatMul(found.Vectors.Select(0, 1)).Item(), 1e-5);
    }

    // What is scored is a number of the style itself, so that the direction must be that axis.
    [Fact]
    public void A_direction_is_learned_from_scored_samples()
    {
        using var scope = new TensorScope();
        ScoredSample[] scores = [.. Enumerable.Range(0, 400).Select(i => new ScoredSample(i, Axis(i)))];
        var learned = LearnedDirection.Learn(_model, scores, seed: 1, share: 0.3);
        Assert.True(learned.Accuracy > 0.95, $"right on {learned.Accuracy:P0}");
        Assert.Equal((168, 72), (learned.Learned, learned.Tested)); // 120 of each kind, seven tenths of them to learn from
        using var direction = StyleDirections.Of("axis", learned.Plane, new LayerRange(0, 1));
        Assert.Equal(1, direction.Vectors.Norm().Item(), 1e-5);
        ScoredSample[] two = [.. scores.Select(sample => sample with { Score = sample.Score > 0.1 ? 1 : 0 })];
        Assert.Equal(400, LearnedDirection.Learn(_model, two, seed: 1) is var all ? all.Learned + all.Tested : 0);

        double Axis(int number)
        {
            using var inner = new TensorScope();
            return _model.Styles(_model.Latents(1, 1, number), [0]).ToArray<float>()[0];
        }
    }

    // The styles of one latent vector differ by its class; those of the class that was told must have been learned from.
    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public void Samples_are_of_the_class_that_is_told_or_of_the_classes_in_turn(int? label)
    {
        using var model = StyleGan2Model.Load(TinyStyleGan2.Write(_folder["classes.safetensors"], "swagan-32", "conditional=true"));
        using var scope = new TensorScope();
        ScoredSample[] scores = [.. Enumerable.Range(0, 240).Select(i => new ScoredSample(i, Axis(i), label))];
        var learned = LearnedDirection.Learn(model, scores, seed: 1, share: 0.5);
        Assert.True(learned.Accuracy > 0.85, $"right on {learned.Accuracy:P0}");
        var median = scores.Select(sample => sample.Score).Order().ElementAt(119);
        var plane = LinearSvm.Learn([.. scores.Select(sample => Style(sample.Number))], [.. scores.Select(sample => sample.Score > median)]);
        var cosine = plane.Normal.Zip(learned.Plane.Normal, (a, b) => a * b).Sum() / Length(plane) / Length(learned.Plane);
        Assert.True(cosine > 0.9, $"{cosine}");

        var styles = model.SampledStyles(4, 1, [1, 1, 2, 0]);
        Assert.Equal(Style(1, 1), styles.Select(0, 1).Select(0, 0).ToArray<float>(), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Throws<UsageException>(() => _model.SampledStyles(1, 1, [0]));

        double Axis(int number) => Style(number)[0];

        float[] Style(int number, int? of = null)
        {
            using var inner = new TensorScope();
            return model.Styles(model.Latents(1, 1, number), [of ?? label ?? (number % 3)]).ToArray<float>();
        }

        static double Length(LinearSvm plane) => Math.Sqrt(plane.Normal.Sum(x => x * x));
    }

    [Fact]
    public void Scores_that_tell_nothing_are_refused()
    {
        var same = Assert.Throws<UsageException>(() => LearnedDirection.Learn(_model, [new(0, 1), new(1, 1)], 1));
        Assert.Contains("the same score", same.Message, StringComparison.Ordinal);
        var few = Assert.Throws<UsageException>(() => LearnedDirection.Learn(_model, [new(0, 1), new(1, 0), new(2, 0.5)], 1));
        Assert.Contains("at least 2 of each are needed", few.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0, 3)]
    [InlineData("2", 2, 2)]
    [InlineData("1-3", 1, 3)]
    public void Layers_are_read_as_people_write_them(string text, int first, int last) =>
        Assert.Equal(new LayerRange(first, last), LayerRange.Parse(text, 4));

    [Theory]
    [InlineData("x", "neither")]
    [InlineData("1-2-3", "neither")]
    [InlineData("2-1", "out of bounds")]
    [InlineData("1-4", "this model has layers 0 (the coarsest) to 3")]
    public void Layers_that_are_none_are_refused(string text, string named)
    {
        var error = Assert.Throws<UsageException>(() => LayerRange.Parse(text, 4));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }
}
