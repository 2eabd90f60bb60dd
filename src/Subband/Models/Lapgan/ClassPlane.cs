using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.Lapgan;

/// <summary>The class as image planes: one-hot to a linear layer to ReLU to [N, planes, F, F].</summary>
/// <remarks>
/// Denton et al. 2015, section 3.3; as in <c>train_cifar_coarse_to_fine_classcond.lua</c>, where there is one, it
/// joins the input planes.
/// </remarks>
internal sealed class ClassPlane : Module
{
    private readonly int _size;
    private readonly int _planes;
    private readonly Linear _linear;

    public ClassPlane(int classes, int size, Generator random, int planes = 1)
    {
        _size = size;
        _planes = planes;
        _linear = Child("linear", new Linear(classes, planes * size * size, random));
    }

    public Tensor Forward(Tensor classes) => Functional.Relu(_linear.Forward(classes)).View(-1, _planes, _size, _size);
}
