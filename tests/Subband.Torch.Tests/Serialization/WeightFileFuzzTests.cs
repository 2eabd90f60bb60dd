using Subband.Torch.Serialization;

namespace Subband.Torch.Tests.Serialization;

/// <summary>
/// Damages sound files at random places: reading one either works or says what is wrong, and never breaks.
/// </summary>
public sealed class WeightFileFuzzTests : IDisposable
{
    private const int Rounds = 1_500;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("state_dict_zip.pth")]
    [InlineData("state_dict_legacy.pth")]
    [InlineData("extra_dtypes_zip.pth")]
    [InlineData("extra_dtypes_legacy.pth")]
    [InlineData("checkpoint_zip.pth")]
    [InlineData("checkpoint_legacy.pth")]
    public void Damaged_PyTorch_files_are_read_or_refused(string name) =>
        Fuzz(File.ReadAllBytes(TestData.Path($"fixtures/torch/{name}")), path =>
        {
            using PyTorchFile file = PyTorchFile.Open(path);
            foreach (PyTorchTensor tensor in file.Tensors.Values)
            {
                _ = tensor.ToContiguousBytes();
            }
        });

    [Fact]
    public void Damaged_safetensors_files_are_read_or_refused()
    {
        SafetensorsWriter writer = new(new Dictionary<string, string> { ["format"] = "pt" });
        writer.Add("conv.weight", DType.Float32, [2, 1, 3], new byte[24]);
        writer.Add("conv.bias", DType.BFloat16, [2], new byte[4]);
        writer.Add("steps", DType.Int64, [], new byte[8]);
        writer.Save(_folder["sound"]);
        Fuzz(File.ReadAllBytes(_folder["sound"]), path =>
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            foreach (SafetensorsEntry entry in file.Entries)
            {
                _ = file.Bytes(entry.Name).ToArray();
            }
        });
    }

    private void Fuzz(byte[] sound, Action<string> read)
    {
        int refused = 0;
        for (int round = 0; round < Rounds; round++)
        {
            SeededRandom random = SeededRandom.For(seed: 20140, stream: (ulong)sound.Length, index: (ulong)round);
            string path = _folder.Write("damaged", Damage(sound, random));
            try
            {
                read(path);
            }
            catch (SubbandException exception)
            {
                Assert.Contains(path, exception.Message);
                refused++;
            }
            catch (Exception exception)
            {
                Assert.Fail($"round {round}: {exception}");
            }
        }

        // Enough must still be readable, and enough not, for the rounds to have tried anything.
        Assert.InRange(refused, Rounds / 4, Rounds - (Rounds / 100));
    }

    private static byte[] Damage(byte[] sound, SeededRandom random)
    {
        List<byte> bytes = [.. sound];
        for (int count = 1 + random.Next(4); count > 0; count--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[at] = random.Next(2) == 0 ? (byte)0 : (byte)255;
                    break;
                case 3:
                    bytes[at] = bytes[random.Next(bytes.Count)];
                    break;
                case 4 when count == 1:
                    bytes.RemoveRange(at, Math.Min(1 + random.Next(16), bytes.Count - at - 1));
                    break;
                case 5 when count == 1:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(1 + random.Next(16), bytes.Count - at)));
                    break;
                default:
                    bytes[at]++;
                    break;
            }
        }

        if (random.Next(10) == 0)
        {
            int length = random.Next(bytes.Count);
            bytes.RemoveRange(length, bytes.Count - length);
        }

        return [.. bytes];
    }
}
