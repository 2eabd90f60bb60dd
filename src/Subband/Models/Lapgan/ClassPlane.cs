using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.Lapgan;

/// <summary>The class as one more image plane: one-hot to a linear layer to ReLU to [N, 1, F, F].</summary>
/// <remarks>
/// Denton et al. 2015, section 3.3; as <c>train_cifar_coarse_to_fine_classcond.lua</c>, the plane joins the input
/// planes.
/// </remarks>
internal sealed class ClassPlane : Module
{
    private readonly int _size;
    private readonly Linear _linear;

    public ClassPlane(int classes, int size, Generator random)
    {
        _size = size;
        _linear = Child("linear", new Linear(classes, size * size, random));
    }

    public Tensor Forward(Tensor classes) => Functional.Relu(_linear.Forward(classes)).View(-1, 1, _size, _size);
}
