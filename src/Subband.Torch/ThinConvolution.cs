using Subband.Torch.Native;

namespace Subband.Torch;

/// <summary>
/// Convolutions from or to a few planes, such as the last of a network that makes an image, on a processor.
/// </summary>
/// <remarks>
/// A processor computes 16 planes at once, so that a filter bank with three outputs costs as much as one with 16. Here the
/// columns of a filter become planes of their own: k·O outputs of filters of one column, of which the fitting ones are added
/// with a shift. That is the same sum in another order, for a fraction of the multiplications. The same, turned round, serves
/// the gradient of an image. Both steps are ordinary convolutions, so gradients of every order come by themselves.
/// </remarks>
internal static class ThinConvolution
{
    private const int FewPlanes = 4;
    private const int ManyPlanes = 16;
    private const int SideFromWhichItPays = 3;
    private const int SideFromWhichItPaysForInputs = 5;

    /// <summary>Computes a convolution with stride 1 in the way described, if it is such a one and that pays.</summary>
    /// <returns>The result, or null.</returns>
    public static Tensor? TryConv2d(Tensor input, Tensor weight, Tensor? bias, (long Rows, long Columns) padding)
    {
        if (input.Device.Type != DeviceType.Cpu || input.Dimensions != 4 || weight.Dimensions != 4 || input.Size(1) != weight.Size(1)
            || weight.Size(2) != weight.Size(3) || input.Size(3) + (2 * padding.Columns) < weight.Size(3)
            || input.Count == 0 || weight.DType is not (DType.Float32 or DType.Float64)) // of which alone there is an identity
        {
            return null;
        }

        var (outputs, inputs, side) = (weight.Size(0), weight.Size(1), weight.Size(2));
        return outputs <= FewPlanes && inputs >= ManyPlanes && side >= SideFromWhichItPays ? ToFewPlanes(input, weight, bias, padding)
            : inputs <= FewPlanes && outputs >= ManyPlanes && side >= SideFromWhichItPaysForInputs && input.RequiresGrad
                ? FromFewPlanes(input, weight, bias, padding)
            : null;
    }

    private static Tensor ToFewPlanes(Tensor input, Tensor weight, Tensor? bias, (long Rows, long Columns) padding)
    {
        using var scope = new TensorScope();
        var (outputs, inputs, side) = (weight.Size(0), weight.Size(1), weight.Size(2));
        var columns = weight.Permute(3, 0, 1, 2).Reshape(side * outputs, inputs, side, 1);  // [k·O, C, k, 1]
        var parts = Convolve(input, columns, null, padding.Rows, 0);                        // [N, k·O, H′, W]
        var shifts = Shifts(side, outputs, weight.DType).Permute(3, 0, 1, 2).Reshape(outputs, side * outputs, 1, side);
        return scope.Keep(Convolve(parts, shifts, bias, 0, padding.Columns));               // [N, O, H′, W′]
    }

    private static Tensor FromFewPlanes(Tensor input, Tensor weight, Tensor? bias, (long Rows, long Columns) padding)
    {
        using var scope = new TensorScope();
        var (outputs, inputs, side) = (weight.Size(0), weight.Size(1), weight.Size(2));
        var shifts = Shifts(side, inputs, weight.DType).Permute(0, 1, 3, 2).Reshape(side * inputs, inputs, 1, side);
        var shifted = Convolve(input, shifts, null, 0, padding.Columns);                    // [N, k·C, H, W′]
        var columns = weight.Permute(0, 3, 1, 2).Reshape(outputs, side * inputs, side, 1);  // [O, k·C, k, 1]
        return scope.Keep(Convolve(shifted, columns, bias, padding.Rows, 0));               // [N, O, H′, W′]
    }

    // [k, P, k, P]: 1 where column meets column and plane meets plane.
    private static Tensor Shifts(long side, long planes, DType dtype) =>
        Tensor.Eye(side * planes, dtype).Reshape(side, planes, side, planes);

    private static Tensor Convolve(Tensor input, Tensor weight, Tensor? bias, long rows, long columns) => Operators.Conv2d.Call(
        input,
        input.IsContiguous(MemoryFormat.ChannelsLast) ? weight.Contiguous(MemoryFormat.ChannelsLast) : weight,
        bias,
        (long[])[1, 1],
        (long[])[rows, columns],
        (long[])[1, 1],
        1);
}
