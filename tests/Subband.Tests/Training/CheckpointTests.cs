using System.Text.Json.Nodes;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CheckpointFolder _checkpoints;

    public CheckpointTests() => _checkpoints = new CheckpointFolder(_folder.Path);

    public void Dispose()
    {
        FaultPoint.Hook = null;
        _folder.Dispose();
    }

    [Fact]
    public void A_state_is_read_back_to_the_last_bit()
    {
        MeasureSums sums = new();
        sums.Add("loss", 1.0 / 3);
        sums.Add("loss", Math.PI);
        sums.Add("a", -0.0);
        TrainingState state = State(17) with
        {
            Seconds = 0.1 + 0.2,
            Sums = sums,
            Compute = new ComputeSetup(new Device(DeviceType.Cuda, 3), Precision.Bf16, 5, "a processor", "AVX2"),
        };
        TrainingState read = TrainingState.FromJson(state.ToJson(), "state.json");
        Assert.Equal(state.ToJson(), read.ToJson());
        Assert.Equal(state.Random, read.Random);
        Assert.Equal(0.1 + 0.2, read.Seconds);
        Assert.Equal(state.Compute, read.Compute);
        Assert.Equal([("loss", ((1.0 / 3) + Math.PI) / 2), ("a", -0.0)], read.Sums.Means());
        Assert.Equal("[1,2]", read.Counters["levels"]!.ToJsonString());
    }

    [Fact]
    public void A_state_that_does_not_say_with_what_it_was_computed_is_read()
    {
        JsonObject json = JsonNode.Parse(State(17).ToJson())!.AsObject();
        Assert.True(json.Remove("compute"));
        Assert.Null(TrainingState.FromJson(json.ToJsonString(), "state.json").Compute);
    }

    [Fact]
    public void Another_processor_is_told_where_the_state_says_on_which_it_was_computed()
    {
        ComputeSetup now = new(Device.Cpu, Precision.Fp32, 2, "this one", "AVX-512");
        Assert.Equal(
            "processor this one instead of that one, own convolutions AVX-512 instead of none",
            now.ChangesFrom(now with { Processor = "that one", OwnConvolutions = "none" }));
        Assert.Equal("", now.ChangesFrom(now with { Processor = null, OwnConvolutions = null }));
        Assert.Equal("", now.ChangesFrom(now));
    }

    [Theory]
    [InlineData("\"compute\": null", "\"compute\": {\"device\": \"cpu\"}", "'precision' is missing")]
    [InlineData("\"step\": 17,", "", "'step' is missing")]
    [InlineData("\"step\": 17", "\"step\": \"17\"", "'step' is no whole number")]
    [InlineData("\"counters\": {", "\"counters\": 1, \"more\": {", "'counters' is no object")]
    [InlineData("\"cpu\"", "\"tpu\"", "'device' is 'tpu'")]
    [InlineData("AQID", "AQI", "is damaged")]
    [InlineData("\"format\": 1", "\"format\": 9", "in format 9")]
    [InlineData("{", "", "is damaged")]
    public void A_damaged_state_is_refused(string from, string to, string expected)
    {
        string json = State(17).ToJson().Replace(from, to, StringComparison.Ordinal);
        SubbandException error = Assert.Throws<SubbandException>(() => TrainingState.FromJson(json, "state.json"));
        Assert.Contains(expected, error.Message);
        Assert.Contains("state.json", error.Message);
    }

    [Fact]
    public void A_checkpoint_holds_weights_optimiser_and_state_with_their_checksums()
    {
        Checkpoint saved = Save("000050k", 5);
        Assert.Equal(_folder["000050k"], saved.Path);
        Assert.Equal(
            ["SHA256SUMS", "model.safetensors", "optimizer.safetensors", "state.json"],
            Directory.GetFiles(saved.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using TensorArchive model = TensorFile.Load(saved.ModelPath);
        Assert.Equal("tiny", model.Metadata["model"]);
        using Tensor weight = model["weight"];
        Assert.Equal([5f, 5f], weight.ToArray<float>());
        Checkpoint newest = _checkpoints.Newest()!;
        Assert.Equal(5, newest.State.Step);
        Assert.Equal([_folder["000050k"]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void The_newest_is_the_one_with_most_steps_whatever_its_name()
    {
        // A family may count images anew when a part of its model is trained after another.
        _ = Save("000050k", 5);
        _ = Save("000010k", 9);
        _ = Save("000050k", 12);
        Assert.Equal(["000050k-12", "000010k", "000050k"], Names());
        _checkpoints.Prune(2);
        Assert.Equal(["000050k-12", "000010k"], Names());
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
        _checkpoints.Prune(2);
        Assert.Equal(["000050k-12", "000010k"], Names());
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("state.json")]
    public void One_changed_byte_is_found_and_the_older_checkpoint_offered_but_not_taken(string file)
    {
        _ = Save("000001k", 1);
        Checkpoint newest = Save("000002k", 2);
        string path = Path.Combine(newest.Path, file);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^3] ^= 1;
        File.WriteAllBytes(path, bytes);
        SubbandException error = Assert.Throws<SubbandException>(() => _checkpoints.Newest());
        Assert.Contains(path, error.Message);
        Assert.Contains($"To continue from {_folder["000001k"]} instead, move {newest.Path} away.", error.Message);

        Directory.Move(newest.Path, newest.Path + ".damaged");
        Assert.Equal(1, _checkpoints.Newest()!.State.Step);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("state.json")]
    [InlineData("SHA256SUMS")]
    public void Half_a_checkpoint_is_named_with_what_it_lacks(string file)
    {
        _ = Save("000001k", 1);
        Checkpoint newest = Save("000002k", 2);
        File.Delete(Path.Combine(newest.Path, file));
        SubbandException error = Assert.Throws<SubbandException>(() => _checkpoints.Newest());
        Assert.StartsWith($"The checkpoint {newest.Path} is not whole: there is no {file} in it.", error.Message);
        Assert.Contains($"move {newest.Path} away", error.Message);
        Assert.Equal(1, Assert.Single(_checkpoints.List()).State.Step);
    }

    [Fact]
    public void A_damaged_checkpoint_that_is_the_only_one_can_only_be_moved_away()
    {
        Checkpoint only = Save("000001k", 1);
        File.WriteAllText(only.ModelPath, "");
        Assert.Contains("There is no other checkpoint", Assert.Throws<SubbandException>(() => _checkpoints.Newest()).Message);
    }

    [Fact]
    public void A_fault_at_each_step_of_a_save_leaves_the_former_checkpoint_and_nothing_else()
    {
        _ = Save("000001k", 1);
        List<string> steps = [];
        for (int countdown = 1; ; countdown++)
        {
            int left = countdown;
            string? at = null;
            FaultPoint.Hook = step =>
            {
                if (--left == 0)
                {
                    at = step;
                    throw new IOException("injected", 28);
                }
            };
            Exception? error = Record.Exception(() => Save("000002k", 2));
            FaultPoint.Hook = null;
            if (at is null)
            {
                Assert.Null(error);
                break;
            }

            steps.Add(at);
            string message = Assert.IsType<SubbandException>(error).Message;
            Assert.Contains("the disk is full", message);
            Assert.Contains("MB free at", message);
            bool isComplete = at == "folder.syncFolder";
            Assert.Equal(isComplete ? ["000002k", "000001k"] : ["000001k"], Names());
            Assert.Equal(isComplete ? 2 : 1, _checkpoints.Newest()!.State.Step);
            Assert.Equal(isComplete ? 2 : 1, Directory.GetFileSystemEntries(_folder.Path).Length);
        }

        // Four files of at least five steps each, then the folder's own.
        Assert.True(steps.Count >= 26, string.Join(' ', steps));
        Assert.Equal(["000002k-2", "000002k", "000001k"], _checkpoints.List().Select(found => Path.GetFileName(found.Path)));
    }

    [Theory]
    [InlineData("checkpoint.prune", 3)]
    [InlineData("checkpoint.delete", 2)]
    public void A_checkpoint_is_removed_whole_or_not_at_all(string place, int left)
    {
        foreach (int step in new[] { 1, 2, 3 })
        {
            _ = Save($"00000{step}k", step);
        }

        FaultPoint.Hook = step =>
        {
            if (step == place)
            {
                throw new IOException("injected");
            }
        };
        SubbandException error = Assert.Throws<SubbandException>(() => _checkpoints.Prune(2));
        FaultPoint.Hook = null;
        Assert.Contains("000001k: failed to remove it", error.Message);
        Assert.Equal(left, Names().Length);
        Assert.Equal(3, _checkpoints.Newest()!.State.Step);
        _ = AtomicFile.CleanUp(_folder.Path);
        Assert.Equal(left, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    private static TrainingState State(long step) => new()
    {
        TorchVersion = "1.13.0",
        Images = step * 10,
        Step = step,
        Batch = step + 1,
        Seconds = 1.5,
        RandomDevice = DeviceType.Cpu,
        Random = [1, 2, 3],
        Counters = new JsonObject { ["levels"] = new JsonArray(1, 2) },
    };

    private string[] Names() => [.. _checkpoints.List().Select(checkpoint => Path.GetFileName(checkpoint.Path))];

    private Checkpoint Save(string name, long step)
    {
        using TensorScope scope = new();
        return _checkpoints.Save(
            name,
            State(step),
            [("weight", Tensor.From<float>([step, step]))],
            new Dictionary<string, string> { ["model"] = "tiny" },
            [("weight.step", Tensor.From<long>([step]))]);
    }
}
