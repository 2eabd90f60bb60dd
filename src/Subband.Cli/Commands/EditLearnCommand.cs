using System.CommandLine;
using System.Globalization;
using Subband.Cli.Common;
using Subband.Models.StyleGan2;
using Subband.Models.StyleGan2.Editing;
using Subband.Torch;

namespace Subband.Cli.Commands;

/// <summary><c>subband edit learn MODEL SCORES.csv --out DIRECTIONS</c>: a direction between samples that people or another program have scored.</summary>
internal sealed class EditLearnCommand : Verb
{
    private readonly Argument<string> _model = ModelArguments.Model();
    private readonly Argument<string> _scores = new("SCORES")
    {
        Description = "A text file with a line 'number,score' for each sample that was looked at: its number in the row of --seed, from 0, as 'sample --folder' "
            + "names the files, and how much it has of what the direction shall be for; 'number,score,class' where samples are of chosen classes",
    };

    private readonly Option<string> _out = EditOptions.DirectionsOut();
    private readonly Option<string> _name = new("--name") { Description = "What the direction is called (default: the name of the scores' file)", HelpName = "TEXT" };
    private readonly Option<string> _layers = EditOptions.Layers("The layers that it is meant for, such as 2-5, 0 the coarsest (default: all)");
    private readonly Option<long?> _seed = CommonOptions.Seed("The seed of the samples that were scored");
    private readonly Option<string> _class = ModelArguments.Class(
        "The class that all samples were made of (default: the classes in turn, as 'sample' makes them)");

    private readonly Option<double?> _share = CommonOptions.Number(
        "--share", "Which share of the samples counts as having much, and which as having little (default: 0.02, or a half where scores are only 0 and 1)", 0.0001, 0.5);

    private readonly Option<DeviceChoice> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();

    public EditLearnCommand()
        : base("learn", "Learn a direction from scored samples, by a linear support vector machine")
    {
        Add(_model);
        Add(_scores);
        foreach (Option option in (Option[])[_out, _name, _layers, _seed, _class, _share, _device, _threads])
        {
            Add(option);
        }
    }

    protected override int Run(Invocation run)
    {
        OutputFile.Require(run.Get(_out), EditOptions.Ending);
        IReadOnlyList<ScoredLine> lines = Read(run.Get(_scores));
        using LoadedModel model = ModelArguments.Open(run, run.Get(_model), run.Get(_device), run.Get(_threads));
        StyleGan2Model styles = StyleSampleOptions.Of(model, "edit learn");
        ulong seed = (ulong)(run.Get(_seed) ?? CommonOptions.StandardSeed);
        ScoredSample[] scores = Samples(run, lines, model, ModelArguments.Label(run, _class, model));
        LearnedDirection learned = LearnedDirection.Learn(styles, scores, seed, run.Get(_share));
        string name = run.IsGiven(_name) ? run.Get(_name) : Path.GetFileNameWithoutExtension(run.Get(_scores));
        using StyleDirections direction = StyleDirections.Of(name, learned.Plane, EditOptions.Range(run, _layers, styles));
        direction.Save(run.Get(_out));
        run.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Get(_out)}: {name}, learned from {Texts.Count(learned.Learned, "sample")}, right on {learned.Accuracy:P1} of {learned.Tested} others"));
        return ExitCodes.Done;
    }

    private ScoredSample[] Samples(Invocation run, IReadOnlyList<ScoredLine> lines, LoadedModel model, int? label)
    {
        ScoredLine? named = lines.FirstOrDefault(line => line.Class is not null);
        if (named is not null && (label is not null || model.Generator.Classes.Count == 0))
        {
            throw new UsageException(label is not null
                ? $"{run.Get(_scores)} tells the classes of samples, and {_class.Name} gives one for all; leave out one of them."
                : $"{run.Get(_scores)}, line {named.Line}: class '{named.Class}' is given, and {model.Preset} has no classes; leave it out.");
        }

        if (label is null && model.Generator.Classes.Count > 0 && lines.Any(line => line.Class is null))
        {
            run.Say(
                $"note: {model.Preset} has classes; samples without one are taken to be of the classes in turn, "
                + $"as 'sample' makes them without {_class.Name}");
        }

        return [.. lines.Select(line => new ScoredSample(line.Number, line.Score, line.Class is null ? label : Number(line)))];

        int Number(ScoredLine line)
        {
            try
            {
                return ModelArguments.ClassNumber(line.Class!, model.Generator.Classes);
            }
            catch (UsageException error)
            {
                throw new SubbandException($"{run.Get(_scores)}, line {line.Line}: {error.Message}", error);
            }
        }
    }

    private static List<ScoredLine> Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SubbandException($"{path} cannot be read: {error.Message.TrimEnd('.')}.", error);
        }

        List<ScoredLine> scores = [];
        foreach ((int i, string line) in lines.Index().Where(entry => entry.Item.Trim().Length > 0))
        {
            string[] cells = line.Split(',', 3);
            if (cells.Length >= 2 && int.TryParse(cells[0], NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) && number >= 0
                && double.TryParse(cells[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double score) && double.IsFinite(score))
            {
                scores.Add(new ScoredLine(i + 1, number, score, cells.Length > 2 && cells[2].Trim() is { Length: > 0 } name ? name : null));
            }
            else if (i > 0) // the first line may be a heading
            {
                throw new SubbandException($"{path}, line {i + 1}: '{line}' is no 'number,score', such as 17,0.8, and no 'number,score,class'.");
            }
        }

        return scores;
    }

    /// <summary>A line of the file of scores.</summary>
    /// <param name="Line">Which, from 1.</param>
    /// <param name="Number">The sample's.</param>
    /// <param name="Score">The sample's.</param>
    /// <param name="Class">The sample's, as it was typed; null for none.</param>
    private sealed record ScoredLine(int Line, int Number, double Score, string? Class);
}
