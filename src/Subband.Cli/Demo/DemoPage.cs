using System.Globalization;
using System.Text;
using Subband.Torch;
using Subband.Torch.Serialization;
using static Subband.Cli.Demo.HtmlText;

namespace Subband.Cli.Demo;

/// <summary>The page <c>index.html</c> of a demo: one file with its style and curves in it, and pictures beside it.</summary>
internal sealed class DemoPage
{
    private const string Generator = "Subband";

    private readonly StringBuilder _sections = new();
    private string _hero = "";
    private string _footer = "";

    /// <summary>The page's path in a folder.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, "index.html");

    /// <summary>Refuses a folder whose page is somebody else's.</summary>
    /// <exception cref="UsageException">There is an <c>index.html</c> that no demo wrote.</exception>
    public static void RequireOurs(string folder)
    {
        string path = PathIn(folder);
        if (File.Exists(path) && !File.ReadAllText(path).Contains($"name=\"generator\" content=\"{Generator} ", StringComparison.Ordinal))
        {
            throw new UsageException($"{path} was not written by this command and is left alone. Choose another folder for --out.");
        }
    }

    /// <summary>Puts one picture, step by step, under the heading.</summary>
    /// <param name="steps">As <see cref="DemoPictures.Steps"/> gives them.</param>
    /// <param name="text">Whose picture it is.</param>
    public void SetHero(IReadOnlyList<DemoPicture> steps, string text)
    {
        StringBuilder list = new("<ol class=\"steps\">");
        for (int i = 0; i < steps.Count; i++)
        {
            // coarsest, then again and again: enlarged + band = finer
            (string sign, string what) = i == 0 ? ("", "drawn") : (i % 3) switch
            {
                1 => ("→", "enlarged"),
                2 => ("+", "the band"),
                _ => ("=", i == steps.Count - 1 ? "finished" : "finer"),
            };
            if (sign.Length > 0)
            {
                list.Append(CultureInfo.InvariantCulture, $"<li class=\"sign\" aria-hidden=\"true\">{sign}</li>");
            }

            string last = i == steps.Count - 1 ? " class=\"last\"" : "";
            list.Append(
                CultureInfo.InvariantCulture,
                $"<li{last}><img src=\"{Encode(steps[i].File)}\" alt=\"{Encode(steps[i].Title)}\"><b>{what}</b>{Encode(steps[i].Title)}</li>");
        }

        _hero = list.Append("</ol><p class=\"lead\" style=\"font-size:16px\">").Append(Encode(text)).Append("</p>").ToString();
    }

    /// <summary>Adds a part.</summary>
    /// <param name="heading">Its heading.</param>
    /// <param name="introduction">Text under the heading, as HTML.</param>
    /// <param name="content">What follows, as HTML.</param>
    public void Add(string heading, string introduction, params IEnumerable<string> content) => _sections.Append(
        CultureInfo.InvariantCulture, $"<section>\n<h2>{Encode(heading)}</h2>\n<p>{introduction}</p>\n{string.Join('\n', content)}\n</section>\n");

    /// <summary>Sets the last lines.</summary>
    public void SetFooter(string text) => _footer = $"<p>{Encode(text)}</p>";

    /// <summary>Writes the page.</summary>
    /// <param name="folder">Where to.</param>
    /// <exception cref="SubbandException">It cannot be written.</exception>
    public void Write(string folder) => AtomicFile.WriteAllText(
        PathIn(folder),
        Template()
            .Replace("{{generator}}", $"{Generator} {ProductVersion.Text}", StringComparison.Ordinal)
            .Replace("{{hero}}", _hero, StringComparison.Ordinal)
            .Replace("{{footer}}", _footer, StringComparison.Ordinal)
            .Replace("{{sections}}", _sections.ToString(), StringComparison.Ordinal));

    private static string Template()
    {
        using Stream resource = typeof(DemoPage).Assembly.GetManifestResourceStream("demo/page.html")!;
        using StreamReader reader = new(resource, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
