using System.Globalization;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Models;
using Subband.Torch;

namespace Subband.Evaluation;

/// <summary>Measures how near enlarged pictures come to the true ones, by the protocol of the super-resolution literature.</summary>
/// <remarks>
/// A folder holds the true pictures in <c>HR/</c> and, by custom, those shrunk by S in <c>LRxS/</c> under the same names (or
/// with <c>xS</c> behind them, as DIV2K has it). A true picture is cut at the right and at the bottom to S times the small
/// one's size. Where there is no <c>LRxS/</c>, the true picture is cut to whole multiples of S and shrunk by
/// <see cref="MatlabResize"/>, as such folders are made.
/// </remarks>
public sealed class UpscaleEvaluation
{
    private readonly string _folder;
    private readonly int _scale;
    private readonly SortedDictionary<string, string> _truth;
    private readonly SortedDictionary<string, string>? _small;

    /// <summary>Looks into a folder.</summary>
    /// <param name="folder">It holds <c>HR/</c> and perhaps <c>LRxS/</c>.</param>
    /// <param name="scale">S, at least 2.</param>
    /// <exception cref="SubbandException">There is no such folder, or no picture in it.</exception>
    public UpscaleEvaluation(string folder, int scale)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 2);
        _folder = folder;
        _scale = scale;
        string truth = Path.Combine(folder, "HR");
        if (!Directory.Exists(truth))
        {
            throw new SubbandException(Directory.Exists(folder)
                ? $"{folder} holds no folder HR. The true pictures are expected there, and in {SmallName} those shrunk by {scale}, or no such folder to have them made."
                : $"There is no folder {folder}.");
        }

        string small = Path.Combine(folder, SmallName);
        _truth = PictureFolder.Files(truth);
        _small = Directory.Exists(small) ? PictureFolder.Files(small) : null;
    }

    /// <summary>How many true pictures there are.</summary>
    public int Count => _truth.Count;

    /// <summary>Where the small pictures come from, for people.</summary>
    public string SmallPictures => _small is null
        ? string.Create(CultureInfo.InvariantCulture, $"made from HR by MATLAB's imresize, bicubic, 1/{_scale}, 8 bit")
        : SmallName;

    private string SmallName => string.Create(CultureInfo.InvariantCulture, $"LRx{_scale}");

    /// <summary>Enlarges every small picture and measures it.</summary>
    /// <param name="model">What enlarges.</param>
    /// <param name="measures">The measures; by custom the border that they leave out is S pixels wide.</param>
    /// <param name="progress">Called after each picture; null for nobody.</param>
    /// <param name="stop">Stops it.</param>
    /// <exception cref="UsageException">The model does not enlarge by S.</exception>
    public PictureReport Run(IUpscaler model, PictureMeasures measures, Action<EvaluationProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(measures);
        model.RequireScale(_scale, "The model");
        return PictureReport.Make(
            _truth.Keys,
            name =>
            {
                (Rgb8Image small, Rgb8Image truth) = Pair(name);
                return new PictureResult(name, truth.Width, truth.Height, measures.Measure(truth, model.Upscale(small, _scale)));
            },
            [$"enlarged by {_scale}, then rounded to 8 bit; small pictures: {SmallPictures}", .. measures.Protocol],
            progress,
            stop);
    }

    private (Rgb8Image Small, Rgb8Image Truth) Pair(string name)
    {
        Rgb8Image whole = ImageFile.ReadRgb8(_truth[name]);
        if (_small is null)
        {
            (int width, int height) = (whole.Width / _scale, whole.Height / _scale);
            if (Math.Min(width, height) == 0)
            {
                throw new SubbandException($"{_truth[name]} is {whole.Width}x{whole.Height}, too small to be shrunk by {_scale}.");
            }

            Rgb8Image cut = Cut(whole, width, height);
            return (MatlabResize.Resize(cut, 1.0 / _scale), cut);
        }

        string? path = _small.GetValueOrDefault(name)
            ?? _small.GetValueOrDefault(string.Create(CultureInfo.InvariantCulture, $"{name}x{_scale}"));
        if (path is null)
        {
            throw new SubbandException($"{Path.Combine(_folder, SmallName)} holds no picture {name}, but HR does.");
        }

        Rgb8Image small = ImageFile.ReadRgb8(path);
        bool fits = IsPart(small.Width, whole.Width) && IsPart(small.Height, whole.Height);
        return fits ? (small, Cut(whole, small.Width, small.Height)) : throw new SubbandException(
            $"{path} is {small.Width}x{small.Height} and {_truth[name]} {whole.Width}x{whole.Height}: "
            + $"the one is not the other shrunk by {_scale}, which would be {whole.Width / _scale}x{whole.Height / _scale}.");

        // A part of an old pixel too few or too many is a matter of taste; a whole one is another picture.
        bool IsPart(int few, int many) => (long)few * _scale <= many && many - ((long)few * _scale) < _scale;
    }

    private Rgb8Image Cut(Rgb8Image image, int width, int height) => image.Cut(new PixelWindow(0, 0, width * _scale, height * _scale));
}
