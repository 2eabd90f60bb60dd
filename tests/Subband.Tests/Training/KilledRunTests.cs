using System.Diagnostics;
using Subband.Torch;
using Subband.Training;
using Subband.TrainingHost;

namespace Subband.Tests.Training;

/// <summary>Real processes, really killed.</summary>
public sealed class KilledRunTests : IDisposable
{
    // SIGKILL is 9, and a shell's exit code for it 128 more.
    private const int Killed = 137;

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 4)]
    public void Killed_at_random_moments_a_run_ends_with_the_same_bytes(ulong seed, int kills) => KillAtRandom(seed, kills);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(2, 60)]
    [InlineData(3, 60)]
    [InlineData(4, 60)]
    public void Killed_at_many_random_moments_a_run_ends_with_the_same_bytes(ulong seed, int kills) => KillAtRandom(seed, kills);

    [Theory]
    [InlineData(3)]
    [InlineData(37)]
    public void Killed_during_a_save_a_run_ends_with_the_same_bytes(int place) => Assert.True(KillAt(place));

    [Fact]
    [Trait("Category", "Long")]
    public void Killed_at_each_place_of_each_save_a_run_ends_with_the_same_bytes()
    {
        int place = 1;
        while (KillAt(place))
        {
            place++;
        }

        Assert.True(place > 200, $"{place} places");
    }

    [Fact]
    public void A_second_process_cannot_train_the_same_run()
    {
        using Process first = Start(_folder["a"]);
        while (first.StandardOutput.ReadLine() != nameof(TrainingStarted))
        {
            Assert.False(first.HasExited);
        }

        // Stopped in its tracks it holds the lock, dead it does not.
        Signal(first, "STOP");
        SubbandException error = Assert.Throws<SubbandException>(() => RunFolder.Open(_folder["a"], TinyFamily.Find));
        Assert.StartsWith($"Another process ({first.Id} on ", error.Message);
        first.Kill();
        first.WaitForExit();
        RunFolder.Open(_folder["a"], TinyFamily.Find).Dispose();
    }

    private void KillAtRandom(ulong seed, int kills)
    {
        Assert.Equal(0, Run(_folder["whole"]));
        SeededRandom random = new(seed);
        int done = 0;
        for (int round = 0; done < kills; round++)
        {
            // A run of 40 steps is killed until it has ended in spite of it; then the next begins.
            string path = _folder[$"run{round}"];
            for (bool isOver = false; !isOver;)
            {
                isOver = done < kills ? !KillAfter(path, random.Next(12), random.Next(3000)) : Run(path) == 0;
                done++;
                Checkpoint? newest = RunFolder.CheckpointsOf(path).Newest();
                Assert.True(newest is null || newest.State.Step <= 40);
            }

            TinyRun.AssertSameEnd(_folder["whole"], path);
            Directory.Delete(path, recursive: true);
        }
    }

    // False if the process was done before.
    private static bool KillAfter(string path, int events, int microseconds)
    {
        using Process host = Start(path);
        for (int i = 0; i < events && host.StandardOutput.ReadLine() is not null; i++)
        {
            // One line an event.
        }

        long begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin).TotalMicroseconds < microseconds)
        {
            Thread.SpinWait(10);
        }

        host.Kill();
        host.WaitForExit();
        Assert.True(host.ExitCode is 0 or Killed, host.StandardError.ReadToEnd());
        return host.ExitCode == Killed;
    }

    // False if there is no such place any more.
    private bool KillAt(int place)
    {
        if (!Directory.Exists(_folder["whole"]))
        {
            Assert.Equal(0, Run(_folder["whole"]));
        }

        string path = _folder[$"place{place}"];
        int first = Run(path, (Program.KillVariable, $"{place}"));
        Assert.True(first is 0 or Killed);
        Assert.Equal(0, Run(path));
        TinyRun.AssertSameEnd(_folder["whole"], path);
        Directory.Delete(path, recursive: true);
        return first == Killed;
    }

    private static int Run(string path, params (string Name, string Value)[] environment)
    {
        using Process host = Start(path, environment);
        Task<string> errors = host.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        _ = host.StandardOutput.ReadToEnd();
        host.WaitForExit();
        Assert.True(host.ExitCode is 0 or Killed, errors.GetAwaiter().GetResult());
        return host.ExitCode;
    }

    private static Process Start(string path, params (string Name, string Value)[] environment)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Kills processes as Linux does.");
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "Subband.TrainingHost"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_EnableDiagnostics"] = "0" }, // its pipes would stay in the temporary folder when it is killed
        };
        start.ArgumentList.Add(path);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static void Signal(Process process, string signal)
    {
        // The shell's own kill: a minimal Debian has no program of that name.
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
