using System.Net;

namespace Subband.Cli.Demo;

/// <summary>The page's building blocks.</summary>
internal static class HtmlText
{
    /// <summary>A text as it stands in a page.</summary>
    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A picture with its title and a sentence on what it is and what to look for.</summary>
    /// <param name="picture">The picture.</param>
    public static string Figure(DemoPicture picture) => $"""
        <figure>
        <div class="sheet"><img src="{Encode(picture.File)}" width="{picture.Width}" height="{picture.Height}" alt="{Encode(picture.Title)}"></div>
        <figcaption><h3>{Encode(picture.Title)}</h3><p>{Encode(picture.Text)}</p></figcaption>
        </figure>
        """;

    /// <summary>Numbers side by side.</summary>
    public static string Facts(IEnumerable<(string Name, string Value)> facts) =>
        "<dl class=\"facts\">" + string.Concat(facts.Select(fact =>
            $"<div><dt>{Encode(fact.Name)}</dt><dd>{Encode(fact.Value)}</dd></div>")) + "</dl>";

    /// <summary>Commands to type.</summary>
    public static string Typed(params IEnumerable<string> lines) => $"<pre>{Encode(string.Join('\n', lines))}</pre>";
}

/// <summary>A picture of the page.</summary>
/// <param name="File">Its path from the page.</param>
/// <param name="Width">Its width in pixels.</param>
/// <param name="Height">Its height in pixels.</param>
/// <param name="Title">What it is.</param>
/// <param name="Text">What it shows and what to look for, in a sentence or two.</param>
internal sealed record DemoPicture(string File, int Width, int Height, string Title, string Text);
