using System.CommandLine;
using Subband.Cli.Common;

namespace Subband.Cli.Commands;

/// <summary>
/// <c>subband evaluate MODEL --data SOURCE</c>: how near a model's images are to true ones, each number with its protocol.
/// With <c>--scale S</c>, or for a plain interpolation, it is about enlarging.
/// </summary>
internal sealed class EvaluateCommand : Verb
{
    private readonly EvaluateArguments _arguments = new();

    public EvaluateCommand()
        : base("evaluate", "Measure how near a trained model's images are to true ones")
    {
        Add(_arguments.Model);
        foreach (Option option in _arguments.All)
        {
            Add(option);
        }
    }

    protected override int Run(Invocation run) =>
        run.IsGiven(_arguments.Scale) || ModelArguments.IsInterpolation(run.Get(_arguments.Model))
            ? new UpscalerEvaluation(_arguments).Run(run)
            : new GeneratorEvaluation(_arguments).Run(run);
}
