using Subband.Torch;

namespace Subband.Tests.Models.Lapgan;

/// <summary>Values that any language can make, as <c>fill()</c> and <c>scale()</c> of <c>lapgan_golden.py</c> do.</summary>
internal static class GoldenFill
{
    /// <summary>Tensor number <paramref name="number"/>, in ±<paramref name="scale"/> / 2.</summary>
    public static Tensor Filled(int number, double scale, params long[] shape)
    {
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var values = new float[count];
        for (long i = 0; i < count; i++)
        {
            values[i] = (float)(((((i * 7919) + (number * 104729L)) % 2039 / 2039.0) - 0.5) * scale);
        }

        return Tensor.From(values, shape);
    }

    /// <summary>Gives the parameters of a network the values of tensors 1, 2, 3, …, scaled to keep the signal alive.</summary>
    public static void Fill(IEnumerable<Tensor> parameters)
    {
        using var noGrad = Autograd.NoGrad();
        var number = 1;
        foreach (var parameter in parameters)
        {
            var shape = parameter.Shape.ToArray();
            var fanIn = shape.Skip(1).Aggregate(1L, (product, size) => product * size);
            parameter.CopyFrom(Filled(number++, shape.Length > 1 ? 4 / Math.Sqrt(fanIn) : 0.1, shape));
        }
    }
}
