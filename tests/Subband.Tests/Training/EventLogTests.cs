using System.Diagnostics;
using System.Text.Json.Nodes;
using Subband.Imaging;
using Subband.Training;

namespace Subband.Tests.Training;

public sealed class EventLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_checksum_is_the_published_one()
    {
        // CRC-32C's check value (RFC 3720, appendix B.4, and catalogues of CRCs), masked as record_writer.h says.
        const uint crc = 0xE3069283;
        Assert.Equal(unchecked(((crc >> 15) | (crc << 17)) + 0xA282EAD8), EventLog.MaskedCrc("123456789"u8));
    }

    [Fact]
    public void An_independent_reader_finds_the_scalars_and_the_picture()
    {
        byte[] png = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];
        using (EventLog log = EventLog.Begin(_folder.Path, 0, TimeProvider.System))
        {
            log.AddScalars(3, [("level0.discriminator", 0.75), ("speed/imagesPerSecond", 1234.5)]);
            log.AddImage(400, "samples", new Rgb8Image(5, 7, new byte[105]), png);
        }

        JsonNode[] events = ReadByPython();
        Assert.Equal(3, events.Length);
        Assert.Equal("brain.Event:2", (string?)events[0]["file_version"]);
        Assert.InRange((double)events[0]["wall_time"]!, 1.7e9, 1e11);
        Assert.Equal(3, (long)events[1]["step"]!);
        Assert.Equal(
            """[{"tag":"level0.discriminator","value":0.75},{"tag":"speed/imagesPerSecond","value":1234.5}]""",
            events[1]["summary"]!.ToJsonString());
        JsonNode image = events[2]["summary"]![0]!["image"]!;
        Assert.Equal("samples", (string?)events[2]["summary"]![0]!["tag"]);
        Assert.Equal((7, 5, 3), ((int)image["height"]!, (int)image["width"]!, (int)image["colorspace"]!));
        Assert.Equal(Convert.ToHexStringLower(png), (string?)image["png"]);
    }

    [Fact]
    public void A_run_that_goes_on_adds_a_file_that_drops_what_came_after_its_step()
    {
        EventLog.Begin(_folder.Path, 0, TimeProvider.System).Dispose();
        EventLog.Begin(_folder.Path, 50, TimeProvider.System).Dispose();
        string[] files = [.. Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal)];
        Assert.Equal(2, files.Length);
        Assert.All(files, file => Assert.StartsWith("events.out.tfevents.", Path.GetFileName(file)));

        Assert.Null(ReadByPython()[0]["session_log"]);

        // SessionLog.START is 1; TensorBoard forgets events whose step is that of this event or later.
        JsonNode restart = ReadByPython()[2];
        Assert.Equal(51, (long)restart["step"]!);
        Assert.Equal("""{"1":1}""", restart["session_log"]!.ToJsonString());
    }

    [Fact]
    public void Files_stand_in_the_order_in_which_they_were_begun_though_the_clock_goes_back()
    {
        List<string> begun = [];
        foreach (long seconds in new[] { 1_700_000_000, 1_700_000_000, 1_600_000_000, 1_800_000_000 })
        {
            EventLog.Begin(_folder.Path, 0, new SetClock(seconds)).Dispose();
            begun.Add(Directory.GetFiles(_folder.Path).Except(begun).Single());
        }

        Assert.Equal(begun, begun.Order(StringComparer.Ordinal));
        Assert.Equal(
            ["1700000000", "1700000001", "1700000002", "1800000000"],
            begun.Select(file => Path.GetFileName(file).Split('.')[3]));
    }

    private sealed class SetClock(long seconds) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(seconds);
    }

    private JsonNode[] ReadByPython()
    {
        string script = Path.Combine(TestData.RepositoryRoot, "tests", "Subband.Tests", "Training", "read_events.py");
        ProcessStartInfo start = new("python3") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(script);
        foreach (string file in Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal))
        {
            start.ArgumentList.Add(file);
        }

        Process? python = null;
        try
        {
            python = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("Needs python3, in which the independent reader is written.");
        }

        using (python)
        {
            Task<string> errors = python!.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            Assert.True(python.ExitCode == 0, errors.GetAwaiter().GetResult());
            return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
        }
    }
}
