using System.Text.Json.Nodes;
using Subband.Torch;
using Subband.Training;

namespace Subband.Tests.Training;

public sealed class MetricsLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string LogPath => _folder["metrics.jsonl"];

    public void Dispose()
    {
        FaultPoint.Hook = null;
        _folder.Dispose();
    }

    [Fact]
    public void A_line_can_be_read_as_soon_as_it_is_added()
    {
        using MetricsLog log = MetricsLog.Open(LogPath, 0);
        log.Append(Line(1));
        Assert.Equal("{\"step\":1}\n", Read());
        log.Append(Line(2));
        log.Synchronise();
        Assert.Equal("{\"step\":1}\n{\"step\":2}\n", Read());
    }

    [Theory]
    [InlineData("{\"step\":1}\n{\"step\":5}\n{\"step\":6}\n", "{\"step\":1}\n{\"step\":5}\n")]
    [InlineData("{\"step\":1}\n{\"step\":5}\n{\"st", "{\"step\":1}\n{\"step\":5}\n")]
    [InlineData("{\"step\":1}\n{\"step\":5}", "{\"step\":1}\n")]
    [InlineData("{\"step\":1}\n\0\0\0\n", "{\"step\":1}\n")]
    [InlineData("{\"note\":\"mine\"}\n{\"step\":6}\n", "{\"note\":\"mine\"}\n")]
    [InlineData("", "")]
    public void Going_on_from_a_step_drops_later_lines_and_torn_ones(string before, string after)
    {
        File.WriteAllText(LogPath, before);
        using (MetricsLog log = MetricsLog.Open(LogPath, 5))
        {
            Assert.Equal(after, Read());
            log.Append(Line(6));
        }

        Assert.Equal(after + "{\"step\":6}\n", Read());
        Assert.Equal([LogPath], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Beginning_anew_puts_aside_what_would_be_dropped()
    {
        foreach (string former in new[] { "{\"note\":\"mine\"}\n{\"step\":1}\n{\"step\":2}\n{\"st", "{\"step\":3}\n" })
        {
            File.WriteAllText(LogPath, former);
            using MetricsLog log = MetricsLog.Open(LogPath, 0);
            Assert.Equal(former, File.ReadAllText(log.Aside!));
            Assert.Equal(former.Split("step").Length - 1, log.Dropped);
            Assert.Equal(former.Contains("note", StringComparison.Ordinal) ? "{\"note\":\"mine\"}\n" : "", Read());
        }

        Assert.Equal(
            [LogPath, LogPath + ".before-1", LogPath + ".before-2"],
            Directory.GetFileSystemEntries(_folder.Path).Order(StringComparer.Ordinal));
        using MetricsLog again = MetricsLog.Open(LogPath, 0);
        Assert.Null(again.Aside);
    }

    [Fact]
    public void A_line_that_cannot_be_written_ends_with_an_error()
    {
        using MetricsLog log = MetricsLog.Open(LogPath, 0);
        FaultPoint.Hook = _ => throw new IOException("injected", 28);
        SubbandException error = Assert.Throws<SubbandException>(() => log.Append(Line(1)));
        Assert.StartsWith($"Cannot write {LogPath}: failed to add a line, because the disk is full (", error.Message);
    }

    private static JsonObject Line(int step) => new() { ["step"] = step };

    private string Read()
    {
        using FileStream file = new(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(file);
        return reader.ReadToEnd();
    }
}
