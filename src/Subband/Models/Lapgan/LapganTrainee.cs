using System.Text.Json.Nodes;
using Subband.Evaluation;
using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Models.Lapgan;

/// <summary>A LAPGAN while it is trained: its levels side by side, each on its own part of the same batch.</summary>
internal sealed class LapganTrainee : ITrainee
{
    private const int SheetColumns = 10;
    private const int SheetRows = 8;
    private const ulong LevelStream = 0x4C45_5645_4C00; // with the level added, what the seeds of its steps are derived for

    private readonly string _preset;
    private readonly LapganSettings _settings;
    private readonly TrainingContext _context;
    private readonly LapganLevel[] _levels;
    private readonly LaplacianPyramid _pyramid;
    private readonly Standardization? _standardization;
    private readonly SampleValidation? _validation;
    private bool _hasStatistics;

    /// <summary>Makes untrained levels.</summary>
    /// <param name="preset">The preset's name.</param>
    /// <param name="settings">All settings.</param>
    /// <param name="context">Of the training.</param>
    /// <param name="validation">What measures it meanwhile, handed over; null for nothing.</param>
    public LapganTrainee(string preset, LapganSettings settings, TrainingContext context, SampleValidation? validation = null)
    {
        _validation = validation;
        _preset = preset;
        _settings = settings;
        _context = context;
        _pyramid = new LaplacianPyramid(settings.Pyramid.Filter);
        var classes = settings.Conditional ? context.Classes.Count : 0;
        using var initial = new Generator(context.Seed);
        _levels = [.. settings.Pyramid.Sizes.Select(
            (_, index) => new LapganLevel(settings, index, classes, initial, context))];
        _standardization = settings.Normalization == Normalization.Standardize
            ? new Standardization(settings.Pyramid.Sizes[0], context.Device)
            : null;
    }

    public long Images => Trained.Min(level => level.Images);

    private IEnumerable<LapganLevel> Trained => _settings.TrainLevels.Count == 0
        ? _levels
        : _levels.Where(level => _settings.TrainLevels.Contains(level.Index));

    public IReadOnlyList<Measure> Step(TrainingBatch batch)
    {
        MeasureStatistics();
        var measures = new List<Measure>();
        using var scope = new TensorScope();
        var image = _standardization?.Apply(batch.Images) ?? batch.Images; // I_0 [N, 3, F, F]
        var classes = _settings.Conditional ? batch.Labels!.OneHot(_context.Classes.Count).To(DType.Float32) : null;
        for (var k = 0; k < _levels.Length; k++)
        {
            Tensor? coarser = null;
            Tensor? lowPass = null;
            if (k < _levels.Length - 1)
            {
                var (size, next) = (_settings.Pyramid.Sizes[k], _settings.Pyramid.Sizes[k + 1]);
                coarser = _pyramid.Down(image, next, next);                                           // I_{k+1}
                lowPass = _pyramid.Up(coarser, size, size).Contiguous(MemoryFormat.ChannelsLast);     // l_k
            }

            if (Trained.Contains(_levels[k]))
            {
                SeedFor(_levels[k]);
                _levels[k].Step(image.Contiguous(MemoryFormat.ChannelsLast), lowPass, classes, measures);
            }

            image = coarser!;
        }

        foreach (var measure in measures)
        {
            scope.Keep(measure.Value);
        }

        return measures;
    }

    public IEnumerable<(string Name, Tensor Tensor)> ModelTensors()
    {
        MeasureStatistics();
        return (_standardization?.NamedTensors() ?? []).Concat(_levels.SelectMany(level => level.ModelTensors()));
    }

    public IEnumerable<(string Name, Tensor Tensor)> OptimizerTensors() =>
        _levels.SelectMany(level => level.OptimizerTensors());

    public JsonObject Counters() => LevelCounters.Write(_levels.Select(level => level.Images));

    public void Restore(TensorArchive model, TensorArchive optimizer, JsonObject counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        foreach (var level in _levels)
        {
            level.Restore(model, optimizer, LevelCounters.Images(counters, level.Index));
        }

        _standardization?.Load(model);
        _hasStatistics = true;
    }

    public IReadOnlyDictionary<string, string> ModelMetadata() =>
        ModelFile.Metadata(LapganFamily.FamilyName, _preset, _settings, _context.Classes, Counters());

    public Rgb8Image SampleSheet()
    {
        using var scope = new TensorScope();
        using var model = Sampled();
        var count = SheetColumns * SheetRows;
        // One class a column.
        int[]? labels = _settings.Conditional
            ? [.. Enumerable.Range(0, count).Select(i => i % SheetColumns % _context.Classes.Count)]
            : null;
        return SampleGrid.Compose(TensorImages.ToImages(model.Generate(count, _context.Seed, labels), PixelRange.Signed), SheetColumns);
    }

    public IReadOnlyList<(string Name, double Value)> Validate()
    {
        if (_validation is null)
        {
            return [];
        }

        using var model = Sampled();
        return _validation.Measure(model);
    }

    public void Dispose()
    {
        foreach (var level in _levels)
        {
            level.Dispose();
        }

        _validation?.Dispose();
        _standardization?.Dispose();
        _pyramid.Dispose();
    }

    // The model as it would be used now; its networks stay the levels'.
    private LapganModel Sampled()
    {
        MeasureStatistics();
        return new LapganModel(
            _settings, _context.Classes, [.. _levels.Select(level => level.SampledGenerator())], _standardization, _context.Device, owned: false);
    }

    // What a level draws depends on nothing but the seed and how far it is: trained alone it becomes what it becomes beside others.
    private void SeedFor(LapganLevel level) => _context.Random.Seed(
        SeededRandom.For(_context.Seed, LevelStream + (ulong)level.Index, (ulong)level.Images).NextUInt64());

    // Only a new run needs a pass over the images; a resumed one finds mean and deviation in its checkpoint.
    private void MeasureStatistics()
    {
        if (_standardization is not null && !_hasStatistics)
        {
            using var scope = new TensorScope();
            var (mean, deviation) = _context.Statistics();
            _standardization.Set(mean, deviation);
        }

        _hasStatistics = true;
    }
}
