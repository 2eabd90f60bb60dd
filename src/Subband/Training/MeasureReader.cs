using Subband.Torch;

namespace Subband.Training;

/// <summary>
/// Takes the measures of each step, reads them when that is cheap, and looks for the first that is not finite.
/// </summary>
/// <remarks>
/// Reading a number from a GPU waits for all work given to it. There, the measures of several steps are read at once; on
/// the CPU, those of each step.
/// </remarks>
/// <param name="device">Where the trainee computes.</param>
/// <param name="sums">Where the values go, in the order of the steps, so that the sums do not depend on when they are read.</param>
internal sealed class MeasureReader(Device device, MeasureSums sums) : IDisposable
{
    private const int StepsAtOnceOnGpu = 16;

    private readonly int _stepsAtOnce = device.Type == DeviceType.Cpu ? 1 : StepsAtOnceOnGpu;
    private readonly List<(long Images, Measure Measure)> _pending = [];
    private int _steps;

    /// <summary>Takes the measures of a step out of the present scope.</summary>
    /// <param name="images">Images shown after the step.</param>
    /// <param name="measures">What the step gave.</param>
    /// <returns>The first measure of these or earlier steps that is not finite; null for none known.</returns>
    public NonFiniteMeasure? Add(long images, IReadOnlyList<Measure> measures)
    {
        foreach (Measure measure in measures)
        {
            _pending.Add((images, measure with { Value = TensorScope.Release(measure.Value) }));
        }

        return ++_steps >= _stepsAtOnce ? Read() : null;
    }

    /// <summary>Reads all that is pending.</summary>
    /// <returns>The first measure that is not finite; null for none.</returns>
    public NonFiniteMeasure? Read()
    {
        _steps = 0;
        if (_pending.Count == 0)
        {
            return null;
        }

        double[] values;
        using (GradMode noGrad = Autograd.NoGrad())
        using (TensorScope scope = new())
        {
            values = Tensor.Stack([.. _pending.Select(entry => entry.Measure.Value.To(DType.Float64).Reshape([]))]).ToArray<double>();
        }

        NonFiniteMeasure? first = null;
        foreach (((long images, Measure measure), double value) in _pending.Zip(values))
        {
            first ??= double.IsFinite(value) ? null : new NonFiniteMeasure(images, measure.Name, value);
            sums.Add(measure.Name, value);
        }

        Forget();
        return first;
    }

    public void Dispose() => Forget();

    private void Forget()
    {
        _pending.ForEach(entry => entry.Measure.Value.Dispose());
        _pending.Clear();
    }
}

/// <summary>A measure that is NaN or infinite.</summary>
/// <param name="Images">Images shown after its step.</param>
/// <param name="Name">The measure's name.</param>
/// <param name="Value">NaN or an infinity.</param>
internal sealed record NonFiniteMeasure(long Images, string Name, double Value);
