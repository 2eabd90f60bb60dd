using Subband.Data;
using Subband.Models;

namespace Subband.Evaluation;

/// <summary>Where the images of a spectrum come from.</summary>
/// <param name="Label">What tables and plots call it.</param>
/// <param name="Name">What it is in full.</param>
public abstract record SpectrumInput(string Label, string Name);

/// <summary>Images that there are.</summary>
/// <param name="Label">What tables and plots call them.</param>
/// <param name="Source">The images; whoever opened them disposes of them.</param>
public sealed record SpectrumImages(string Label, IImageSource Source) : SpectrumInput(Label, Source.Name);

/// <summary>Images that a model makes.</summary>
/// <param name="Label">What tables and plots call it.</param>
/// <param name="Name">What it is in full.</param>
/// <param name="Model">The model; whoever opened it disposes of it.</param>
/// <param name="Plan">How other images are brought to its size.</param>
public sealed record SpectrumModel(string Label, string Name, IImageGenerator Model, BatchPlan Plan) : SpectrumInput(Label, Name);
