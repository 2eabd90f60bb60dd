using Subband.Data;
using Subband.Models;
using Subband.Torch;
using Subband.Training;

namespace Subband.Tests.Training;

public sealed class SettingsTreeTests
{
    [Fact]
    public void Every_setting_is_listed_by_its_dotted_name_in_the_order_of_declaration_with_inherited_ones_last()
    {
        Assert.Equal(
            [
                "inner.rate", "inner.kind", "sizes", "weights", "label", "limit", "count",
                "training.batchSize", "training.kimg", "training.checkpointKimg", "training.keepCheckpoints",
                "training.sampleKimg", "training.reportKimg", "training.dataThreads", "training.cacheMib", "training.order", "training.flip",
            ],
            SettingsTree.List(typeof(Sample)).Select(setting => setting.Name));
    }

    [Fact]
    public void A_setting_says_what_it_means_and_takes_and_whether_a_resumed_run_may_change_it()
    {
        Setting threads = SettingsTree.Find(typeof(Sample), "training.dataThreads");
        Assert.Equal("threads that prepare batches", threads.Meaning);
        Assert.Equal("a whole number, from 1 to 64", threads.Expected);
        Assert.True(threads.ChangeableOnResume);
        Assert.False(SettingsTree.Find(typeof(Sample), "training.batchSize").ChangeableOnResume);
        Assert.Equal("shuffledEpochs, withReplacement or sequential", SettingsTree.Find(typeof(Sample), "training.order").Expected);
        Assert.Equal("none, or a whole number, at least 1", SettingsTree.Find(typeof(Sample), "limit").Expected);
    }

    [Theory]
    [InlineData("training.batchSize=64", "64")]
    [InlineData("training.kimg = 0.5 ", "0.5")]
    [InlineData("training.flip=false", "false")]
    [InlineData("training.order=withReplacement", "withReplacement")]
    [InlineData("sizes=8,16, 32", "8,16,32")]
    [InlineData("sizes=", "")]
    [InlineData("weights=0.5,1e-3", "0.5,0.001")]
    [InlineData("label=a=b, c", "a=b, c")]
    [InlineData("limit=none", "none")]
    [InlineData("limit=3", "3")]
    [InlineData("count=9007199254740993", "9007199254740993")]
    [InlineData("inner.rate=0.1", "0.1")]
    public void A_value_is_set_from_text_and_written_back(string assignment, string expected)
    {
        Sample before = new();
        string json = SettingsTree.ToJson(before);
        Sample after = SettingsTree.Apply(before, assignment);
        string name = assignment[..assignment.IndexOf('=', StringComparison.Ordinal)].Trim();
        Assert.Equal(expected, SettingsTree.Find(typeof(Sample), name).Text(after));
        Assert.Equal(json, SettingsTree.ToJson(before));
        Sample read = (Sample)SettingsTree.FromJson(SettingsTree.ToJson(after), typeof(Sample), "config.json");
        Assert.Equal(SettingsTree.ToJson(after), SettingsTree.ToJson(read));
        Assert.Equal(expected, SettingsTree.Find(typeof(Sample), name).Text(read));
    }

    [Theory]
    [InlineData("training.batchSize", "0", "takes a whole number, at least 1, not '0'")]
    [InlineData("training.batchSize", "12.5", "takes a whole number, at least 1, not '12.5'")]
    [InlineData("training.batchSize", "99999999999", "takes a whole number")]
    [InlineData("training.kimg", "0", "(when to stop, in thousands of images shown) takes a number, at least 0.001, not '0'")]
    [InlineData("training.kimg", "NaN", "not 'NaN'")]
    [InlineData("training.kimg", "1e999", "not '1e999'")]
    [InlineData("training.flip", "maybe", "takes true or false, not 'maybe'")]
    [InlineData("training.order", "random", "takes shuffledEpochs, withReplacement or sequential, not 'random'")]
    [InlineData("training.order", "1", "not '1'")]
    [InlineData("sizes", "8,x", "as in 8,16,32, from 4 to 64, not '8,x'")]
    [InlineData("sizes", "8,128", "from 4 to 64, not '8,128'")]
    [InlineData("sizes", "8,,16", "not '8,,16'")]
    [InlineData("limit", "0", "takes none, or a whole number, at least 1, not '0'")]
    public void A_value_that_a_setting_does_not_take_is_refused_with_its_name_and_what_it_takes(string name, string value, string expected)
    {
        UsageException error = Assert.Throws<UsageException>(() => SettingsTree.Apply(new Sample(), name, value));
        Assert.StartsWith($"The setting {name} (", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("training.batchsize=1", "There is no setting 'training.batchsize'. Did you mean training.batchSize?")]
    [InlineData("batchSize=1", "There is no setting 'batchSize'. Did you mean training.batchSize?")]
    [InlineData("training.checkpointKmig=1", "Did you mean training.checkpointKimg?")]
    [InlineData("inner=1", "'inner' is a group of settings: inner.rate, inner.kind.")]
    [InlineData("training.batchSize", "is written NAME=VALUE")]
    [InlineData("zebra=1", "There are: inner.rate, ")]
    public void An_unknown_name_is_answered_by_the_nearest(string assignment, string expected)
    {
        UsageException error = Assert.Throws<UsageException>(() => SettingsTree.Apply(new Sample(), assignment));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Json_holds_numbers_names_and_lists_in_nested_objects()
    {
        Sample settings = new() { Sizes = [8, 16], Limit = null, Inner = new Inner { Kind = Colour.DarkBlue } };
        Assert.Contains(
            """{"inner":{"rate":0.25,"kind":"darkBlue"},"sizes":[8,16],"weights":[0.5],"label":"x","limit":null,"count":7,"training":{"batchSize":128,""",
            SettingsTree.ToJsonObject(settings).ToJsonString());
    }

    [Theory]
    [InlineData("""{"sizes":[8],"sise":1}""", "holds the setting 'sise', which this version of Subband does not know")]
    [InlineData("""{"inner":{"rat":1}}""", "'inner.rat', which this version of Subband does not know. The nearest that exists is inner.rate.")]
    [InlineData("""{"inner":{"rate":"0.5"}}""", "The setting inner.rate in config.json should be a number, at least 0, but it is \"0.5\"")]
    [InlineData("""{"inner":{"rate":-1}}""", "inner.rate in config.json should be a number, at least 0, but it is -1")]
    [InlineData("""{"inner":3}""", "The setting 'inner' in config.json should be a JSON object")]
    [InlineData("""{"sizes":8}""", "The setting sizes in config.json should be whole numbers")]
    [InlineData("""{"count":1,"count":2}""", "not sound JSON")]
    [InlineData("""{"count":1""", "not sound JSON")]
    [InlineData("[]", "The settings in config.json should be a JSON object")]
    public void Json_of_another_kind_is_refused_with_the_file_and_the_setting(string json, string expected)
    {
        SubbandException error = Assert.Throws<SubbandException>(() => SettingsTree.FromJson(json, typeof(Sample), "config.json"));
        Assert.Contains(expected, error.Message);
        Assert.Contains("config.json", error.Message);
    }

    [Fact]
    public void A_setting_that_a_file_lacks_keeps_its_initial_value()
    {
        Sample read = (Sample)SettingsTree.FromJson("""{"training":{"kimg":3}}""", typeof(Sample), "config.json");
        Assert.Equal(new TrainingSettings { Kimg = 3 }, read.Training);
        Assert.Equal(0.25, read.Inner.Rate);
    }

    [Fact]
    public void Values_set_from_code_are_held_to_the_same_ranges()
    {
        SettingsTree.Check(new Sample());
        UsageException error = Assert.Throws<UsageException>(
            () => SettingsTree.Check(new Sample { Training = new TrainingSettings { BatchSize = 0 } }));
        Assert.Contains("training.batchSize", error.Message);
    }

    [Fact]
    public void A_property_that_is_no_setting_is_an_error_of_the_programmer()
    {
        Assert.Contains("Unmarked.Value", Assert.Throws<InvalidOperationException>(() => SettingsTree.List(typeof(Unmarked))).Message);
        Assert.Contains("Unknown.Value", Assert.Throws<InvalidOperationException>(() => SettingsTree.List(typeof(Unknown))).Message);
    }

    [Fact]
    public void Every_order_of_batches_can_be_named()
    {
        foreach (BatchOrder order in Enum.GetValues<BatchOrder>())
        {
            Setting setting = SettingsTree.Find(typeof(Sample), "training.order");
            string text = setting.Text(new Sample { Training = new TrainingSettings { Order = order } });
            Assert.Equal(order, SettingsTree.Apply(new Sample(), setting.Name, text).Training.Order);
        }
    }

    private enum Colour
    {
        Red,
        DarkBlue,
    }

    private sealed record Sample : ModelSettings
    {
        public Inner Inner { get; init; } = new();

        [Setting("sides", Minimum = 4, Maximum = 64)]
        public IReadOnlyList<int> Sizes { get; init; } = [32];

        [Setting("weights")]
        public IReadOnlyList<double> Weights { get; init; } = [0.5];

        [Setting("a name")]
        public string Label { get; init; } = "x";

        [Setting("a limit", Minimum = 1)]
        public int? Limit { get; init; } = 5;

        [Setting("a count")]
        public long Count { get; init; } = 7;
    }

    private sealed record Inner
    {
        [Setting("a rate", Minimum = 0, ChangeableOnResume = true)]
        public double Rate { get; init; } = 0.25;

        [Setting("a colour")]
        public Colour Kind { get; init; }
    }

    private sealed record Unmarked
    {
        public int Value { get; init; }
    }

    private sealed record Unknown
    {
        [Setting("a moment")]
        public DateTime Value { get; init; }
    }
}
