namespace Subband.Torch.Native;

/// <summary>
/// Every operator in use, one field each. A test proves that each name and overload resolves in the libtorch at hand.
/// </summary>
/// <remarks>
/// What changed between libtorch 1.13 and 2.x for the operators below: nothing in names and overloads; sizes became
/// symbolic integers in some schemas (they accept plain ones), and <c>aten::upsample_*</c> kept both their overloads.
/// </remarks>
internal static class Operators
{
    // making
    public static readonly Operator Empty = new("aten::empty", "memory_format");
    public static readonly Operator Zeros = new("aten::zeros");
    public static readonly Operator Ones = new("aten::ones");
    public static readonly Operator Full = new("aten::full");
    public static readonly Operator Arange = new("aten::arange", "start_step");
    public static readonly Operator Linspace = new("aten::linspace");
    public static readonly Operator Eye = new("aten::eye");
    public static readonly Operator ZerosLike = new("aten::zeros_like");
    public static readonly Operator OnesLike = new("aten::ones_like");
    public static readonly Operator EmptyLike = new("aten::empty_like");
    public static readonly Operator Rand = new("aten::rand", "generator");
    public static readonly Operator Randn = new("aten::randn", "generator");
    public static readonly Operator RandInt = new("aten::randint", "low_generator");
    public static readonly Operator RandPerm = new("aten::randperm", "generator");
    public static readonly Operator OneHot = new("aten::one_hot");

    // copies and casts
    public static readonly Operator ToDType = new("aten::to", "dtype");
    public static readonly Operator ToDevice = new("aten::to", "device");
    public static readonly Operator Clone = new("aten::clone");
    public static readonly Operator Contiguous = new("aten::contiguous");
    public static readonly Operator Detach = new("aten::detach");
    public static readonly Operator CopyInPlace = new("aten::copy_");
    public static readonly Operator Version = new("aten::_version");

    // arithmetic
    public static readonly Operator Add = new("aten::add", "Tensor");
    public static readonly Operator AddScalar = new("aten::add", "Scalar");
    public static readonly Operator Sub = new("aten::sub", "Tensor");
    public static readonly Operator SubScalar = new("aten::sub", "Scalar");
    public static readonly Operator RSub = new("aten::rsub", "Scalar");
    public static readonly Operator Mul = new("aten::mul", "Tensor");
    public static readonly Operator MulScalar = new("aten::mul", "Scalar");
    public static readonly Operator Div = new("aten::div", "Tensor");
    public static readonly Operator DivScalar = new("aten::div", "Scalar");
    public static readonly Operator PowScalar = new("aten::pow", "Tensor_Scalar");
    public static readonly Operator Neg = new("aten::neg");
    public static readonly Operator Abs = new("aten::abs");
    public static readonly Operator Sign = new("aten::sign");
    public static readonly Operator Exp = new("aten::exp");
    public static readonly Operator Log = new("aten::log");
    public static readonly Operator Log1p = new("aten::log1p");
    public static readonly Operator Sqrt = new("aten::sqrt");
    public static readonly Operator RSqrt = new("aten::rsqrt");
    public static readonly Operator Square = new("aten::square");
    public static readonly Operator Reciprocal = new("aten::reciprocal");
    public static readonly Operator Sin = new("aten::sin");
    public static readonly Operator Cos = new("aten::cos");
    public static readonly Operator Round = new("aten::round");
    public static readonly Operator Floor = new("aten::floor");
    public static readonly Operator Clamp = new("aten::clamp");
    public static readonly Operator Maximum = new("aten::maximum");
    public static readonly Operator Minimum = new("aten::minimum");
    public static readonly Operator Lerp = new("aten::lerp", "Scalar");
    public static readonly Operator Where = new("aten::where", "self");

    // arithmetic in place
    public static readonly Operator AddInPlace = new("aten::add_", "Tensor");
    public static readonly Operator AddScalarInPlace = new("aten::add_", "Scalar");
    public static readonly Operator SubInPlace = new("aten::sub_", "Tensor");
    public static readonly Operator MulInPlace = new("aten::mul_", "Tensor");
    public static readonly Operator MulScalarInPlace = new("aten::mul_", "Scalar");
    public static readonly Operator DivInPlace = new("aten::div_", "Tensor");
    public static readonly Operator DivScalarInPlace = new("aten::div_", "Scalar");
    public static readonly Operator SqrtInPlace = new("aten::sqrt_");
    public static readonly Operator ClampInPlace = new("aten::clamp_");
    public static readonly Operator AddCMulInPlace = new("aten::addcmul_");
    public static readonly Operator AddCDivInPlace = new("aten::addcdiv_");
    public static readonly Operator ZeroInPlace = new("aten::zero_");
    public static readonly Operator FillInPlace = new("aten::fill_", "Scalar");
    public static readonly Operator UniformInPlace = new("aten::uniform_");
    public static readonly Operator NormalInPlace = new("aten::normal_");
    public static readonly Operator BernoulliInPlace = new("aten::bernoulli_", "float");

    // comparisons
    public static readonly Operator Eq = new("aten::eq", "Tensor");
    public static readonly Operator EqScalar = new("aten::eq", "Scalar");
    public static readonly Operator GtScalar = new("aten::gt", "Scalar");
    public static readonly Operator GeScalar = new("aten::ge", "Scalar");
    public static readonly Operator LtScalar = new("aten::lt", "Scalar");
    public static readonly Operator LeScalar = new("aten::le", "Scalar");
    public static readonly Operator Gt = new("aten::gt", "Tensor");
    public static readonly Operator IsFinite = new("aten::isfinite");

    // reductions
    public static readonly Operator Sum = new("aten::sum");
    public static readonly Operator SumDims = new("aten::sum", "dim_IntList");
    public static readonly Operator Mean = new("aten::mean");
    public static readonly Operator MeanDims = new("aten::mean", "dim");
    public static readonly Operator Var = new("aten::var", "correction");
    public static readonly Operator AMax = new("aten::amax");
    public static readonly Operator AMin = new("aten::amin");
    public static readonly Operator Max = new("aten::max");
    public static readonly Operator Min = new("aten::min");
    public static readonly Operator MaxDim = new("aten::max", "dim");
    public static readonly Operator MinDim = new("aten::min", "dim");
    public static readonly Operator ArgMax = new("aten::argmax");
    public static readonly Operator ArgMin = new("aten::argmin");
    public static readonly Operator All = new("aten::all");
    public static readonly Operator Any = new("aten::any");
    public static readonly Operator LogSumExp = new("aten::logsumexp");
    public static readonly Operator CumSum = new("aten::cumsum");
    public static readonly Operator VectorNorm = new("aten::linalg_vector_norm");
    public static readonly Operator TopK = new("aten::topk");
    public static readonly Operator Sort = new("aten::sort");

    // shapes
    public static readonly Operator View = new("aten::view");
    public static readonly Operator Reshape = new("aten::reshape");
    public static readonly Operator Flatten = new("aten::flatten", "using_ints");
    public static readonly Operator Permute = new("aten::permute");
    public static readonly Operator Transpose = new("aten::transpose", "int");
    public static readonly Operator Squeeze = new("aten::squeeze", "dim");
    public static readonly Operator Unsqueeze = new("aten::unsqueeze");
    public static readonly Operator Expand = new("aten::expand");
    public static readonly Operator Repeat = new("aten::repeat");
    public static readonly Operator Cat = new("aten::cat");
    public static readonly Operator Stack = new("aten::stack");
    public static readonly Operator Split = new("aten::split", "Tensor");
    public static readonly Operator Unbind = new("aten::unbind", "int");
    public static readonly Operator Narrow = new("aten::narrow");
    public static readonly Operator Select = new("aten::select", "int");
    public static readonly Operator Slice = new("aten::slice", "Tensor");
    public static readonly Operator IndexSelect = new("aten::index_select");
    public static readonly Operator Gather = new("aten::gather");
    public static readonly Operator Flip = new("aten::flip");
    public static readonly Operator Roll = new("aten::roll");
    public static readonly Operator ConstantPad = new("aten::constant_pad_nd");
    public static readonly Operator ReflectionPad2d = new("aten::reflection_pad2d");
    public static readonly Operator ReplicationPad2d = new("aten::replication_pad2d");
    public static readonly Operator PixelShuffle = new("aten::pixel_shuffle");
    public static readonly Operator PixelUnshuffle = new("aten::pixel_unshuffle");

    // linear algebra
    public static readonly Operator MatMul = new("aten::matmul");
    public static readonly Operator Linear = new("aten::linear");
    public static readonly Operator EigH = new("aten::linalg_eigh");
    public static readonly Operator EigValsH = new("aten::linalg_eigvalsh");
    public static readonly Operator Qr = new("aten::linalg_qr");
    public static readonly Operator SvdVals = new("aten::linalg_svdvals");
    public static readonly Operator Diagonal = new("aten::diagonal");

    // Fourier transforms
    public static readonly Operator FftRfft2 = new("aten::fft_rfft2");
    public static readonly Operator ViewAsReal = new("aten::view_as_real");

    // networks
    public static readonly Operator Conv2d = new("aten::conv2d");
    public static readonly Operator ConvTranspose2d = new("aten::conv_transpose2d", "input");
    public static readonly Operator MaxPool2d = new("aten::max_pool2d");
    public static readonly Operator AvgPool2d = new("aten::avg_pool2d");
    public static readonly Operator AdaptiveAvgPool2d = new("aten::adaptive_avg_pool2d");
    public static readonly Operator BatchNorm = new("aten::batch_norm");
    public static readonly Operator Relu = new("aten::relu");
    public static readonly Operator ReluInPlace = new("aten::relu_");
    public static readonly Operator LeakyRelu = new("aten::leaky_relu");
    public static readonly Operator LeakyReluInPlace = new("aten::leaky_relu_");
    public static readonly Operator Sigmoid = new("aten::sigmoid");
    public static readonly Operator Tanh = new("aten::tanh");
    public static readonly Operator Softplus = new("aten::softplus");
    public static readonly Operator Silu = new("aten::silu");
    public static readonly Operator Gelu = new("aten::gelu");
    public static readonly Operator Softmax = new("aten::softmax", "int");
    public static readonly Operator LogSoftmax = new("aten::log_softmax", "int");
    public static readonly Operator Embedding = new("aten::embedding");
    public static readonly Operator UpsampleNearest2d = new("aten::upsample_nearest2d");
    public static readonly Operator UpsampleBilinear2d = new("aten::upsample_bilinear2d");
    public static readonly Operator UpsampleBicubic2d = new("aten::upsample_bicubic2d");
    public static readonly Operator BceWithLogits = new("aten::binary_cross_entropy_with_logits");
    public static readonly Operator MseLoss = new("aten::mse_loss");
    public static readonly Operator L1Loss = new("aten::l1_loss");

    // our own, of native/ops
    public static readonly Operator Processor = new("subband::processor");
    public static readonly Operator Bf16 = new("subband::bf16");
    public static readonly Operator FilterGradient = new("subband::filter_gradient");
    public static readonly Operator FilterPowers = new("subband::filter_powers");
    public static readonly Operator PackFilters = new("subband::pack_filters");
    public static readonly Operator Convolve = new("subband::convolve");
    public static readonly Operator ConvolveInto = new("subband::convolve_into");
    public static readonly Operator ConvolveTrained = new("subband::convolve_trained");
    public static readonly Operator ConvolvePlain = new("subband::convolve_plain");
    public static readonly Operator PRelu = new("subband::prelu");
    public static readonly Operator AdamStep = new("subband::adam_step_");
    public static readonly Operator AverageStep = new("subband::average_step_");
}
