using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Google.Protobuf;
using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Training;

/// <summary>
/// The same reports for TensorBoard: an <c>events.out.tfevents</c> file of scalars and sample sheets. Each process that trains
/// the run adds a file of its own, which tells TensorBoard to forget what came after the step it goes on from.
/// </summary>
/// <remarks>
/// Records as in TensorFlow's <c>tensorflow/core/lib/io/record_writer.h</c>: length, masked CRC-32C of the length, content,
/// masked CRC-32C of the content. The content is an <c>Event</c> message as in <c>tensorflow/core/util/event.proto</c> and
/// <c>tensorflow/core/framework/summary.proto</c>, whose field numbers stand below.
/// </remarks>
internal sealed class EventLog : IDisposable
{
    private const int EventWallTime = 1;
    private const int EventStep = 2;
    private const int EventFileVersion = 3;
    private const int EventSummary = 5;
    private const int EventSessionLog = 7;
    private const int SummaryValue = 1;
    private const int ValueTag = 1;
    private const int ValueSimple = 2;
    private const int ValueImage = 4;
    private const int ImageHeight = 1;
    private const int ImageWidth = 2;
    private const int ImageColourspace = 3;
    private const int ImageEncoded = 4;
    private const int SessionLogStatus = 1;
    private const int SessionStart = 1;
    private const int ColourspaceRgb = 3;
    private const uint CrcMask = 0xA282EAD8;
    private const string Prefix = "events.out.tfevents.";

    private readonly FileStream _file;
    private readonly DiskStep _disk;
    private readonly TimeProvider _clock;

    private EventLog(FileStream file, DiskStep disk, TimeProvider clock) => (_file, _disk, _clock) = (file, disk, clock);

    /// <summary>Begins a file in a run's folder.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="step">The step that the run goes on from; 0 for a new one.</param>
    /// <param name="clock">What the events' times are taken from.</param>
    /// <exception cref="SubbandException">It cannot be written.</exception>
    public static EventLog Begin(string folder, long step, TimeProvider clock)
    {
        string[] former = Directory.GetFiles(folder, Prefix + "*");

        // TensorBoard reads the files of a folder in the order of their names, and the clock may have gone back since the last.
        long number = former.Select(file => Number(file) + 1).Append(clock.GetUtcNow().ToUnixTimeSeconds()).Max();
        string path = Path.Combine(folder, string.Create(
            CultureInfo.InvariantCulture, $"{Prefix}{number:0000000000}.{Environment.MachineName}.{Environment.ProcessId}"));
        DiskStep disk = new(path);
        FileStream file = disk.Do("create it", () => new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0));
        EventLog log = new(file, disk, clock);
        try
        {
            log.Write(0, output => WriteText(output, EventFileVersion, "brain.Event:2"));
            if (former.Length > 0)
            {
                // TensorBoard drops everything from the step of this event on. Before the first step lies only the first sheet.
                log.Write(step == 0 ? 0 : step + 1, output => WriteMessage(output, EventSessionLog, session =>
                {
                    session.WriteTag(SessionLogStatus, WireFormat.WireType.Varint);
                    session.WriteInt32(SessionStart);
                }));
            }

            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Adds numbers.</summary>
    /// <exception cref="SubbandException">They cannot be written.</exception>
    public void AddScalars(long step, IEnumerable<(string Tag, double Value)> scalars) => Write(step, output =>
        WriteMessage(output, EventSummary, summary =>
        {
            foreach ((string tag, double value) in scalars)
            {
                WriteMessage(summary, SummaryValue, entry =>
                {
                    WriteText(entry, ValueTag, tag);
                    entry.WriteTag(ValueSimple, WireFormat.WireType.Fixed32);
                    entry.WriteFloat((float)value);
                });
            }
        }));

    /// <summary>Adds a picture.</summary>
    /// <param name="step">When it was made.</param>
    /// <param name="tag">What it shows.</param>
    /// <param name="image">Its size.</param>
    /// <param name="png">Its file.</param>
    /// <exception cref="SubbandException">It cannot be written.</exception>
    public void AddImage(long step, string tag, Rgb8Image image, byte[] png) => Write(step, output =>
        WriteMessage(output, EventSummary, summary => WriteMessage(summary, SummaryValue, entry =>
        {
            WriteText(entry, ValueTag, tag);
            WriteMessage(entry, ValueImage, picture =>
            {
                WriteNumber(picture, ImageHeight, image.Height);
                WriteNumber(picture, ImageWidth, image.Width);
                WriteNumber(picture, ImageColourspace, ColourspaceRgb);
                picture.WriteTag(ImageEncoded, WireFormat.WireType.LengthDelimited);
                picture.WriteBytes(UnsafeByteOperations.UnsafeWrap(png));
            });
        })));

    /// <summary>Waits until all events are on the disk.</summary>
    /// <exception cref="SubbandException">They cannot be written.</exception>
    public void Synchronise() => _disk.Do("flush it to the disk", () =>
    {
        FaultPoint.Reach("events.flush");
        _file.Flush(flushToDisk: true);
    });

    public void Dispose() => _file.Dispose();

    /// <summary>CRC-32C, changed so that a checksum of data that hold checksums stays sound.</summary>
    internal static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return unchecked(BitOperations.RotateRight(~crc, 15) + CrcMask);
    }

    private void Write(long step, Action<CodedOutputStream> write)
    {
        byte[] content = Message(output =>
        {
            output.WriteTag(EventWallTime, WireFormat.WireType.Fixed64);
            output.WriteDouble(_clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
            WriteNumber(output, EventStep, step);
            write(output);
        });

        const int head = sizeof(ulong) + sizeof(uint);
        byte[] record = new byte[head + content.Length + sizeof(uint)];
        BinaryPrimitives.WriteInt64LittleEndian(record, content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(sizeof(ulong)), MaskedCrc(record.AsSpan(0, sizeof(ulong))));
        content.CopyTo(record, head);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(head + content.Length), MaskedCrc(content));
        _disk.Do("add an event", () =>
        {
            FaultPoint.Reach("events.append");
            _file.Write(record);
        });
    }

    // What stands before the name of the machine; 0 for no number.
    private static long Number(string file) =>
        long.TryParse(Path.GetFileName(file)[Prefix.Length..].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : 0;

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using MemoryStream bytes = new();
        using (CodedOutputStream output = new(bytes))
        {
            write(output);
        }

        return bytes.ToArray();
    }

    private static void WriteMessage(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(UnsafeByteOperations.UnsafeWrap(Message(write)));
    }

    private static void WriteText(CodedOutputStream output, int field, string text)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }

    private static void WriteNumber(CodedOutputStream output, int field, long number)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(number);
    }
}
