using System.Runtime.ExceptionServices;
using NetVips;
using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Upscaling;

/// <summary>Encodes a picture whose rows are being made, with what was said beside the original's pixels.</summary>
internal static class PhotographWriter
{
    private const long LargestPlainTiff = 3_900_000_000;

    /// <summary>Writes a file, complete or not at all.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="format">What to write.</param>
    /// <param name="quality">1 to 100, of JPEG and WebP.</param>
    /// <param name="layout">What the pixels are, and what to say beside them.</param>
    /// <param name="make">Makes the rows, on the calling thread.</param>
    /// <exception cref="SubbandException">The file cannot be written. What <paramref name="make"/> throws passes through.</exception>
    public static void Write(string path, PhotographFormat format, int quality, PhotographLayout layout, Action<RowPipe> make)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string temporary = TemporaryName.In(folder);
        DiskStep disk = new(path);
        try
        {
            // libvips would only say that it could not
            disk.Do("create a temporary file beside it", () => File.Create(temporary).Dispose());
            Encode(path, layout, make, image =>
            {
                using Target target = Target.NewToFile(temporary);
                Save(image, target, format, quality, layout);
            });
            disk.Do("flush it to the disk", () =>
            {
                using FileStream file = new(temporary, FileMode.Open, FileAccess.ReadWrite);
                file.Flush(flushToDisk: true);
            });
            disk.Do("rename the finished temporary file", () => File.Move(temporary, path, overwrite: true));
        }
        catch
        {
            TemporaryName.TryRemove(temporary);
            throw;
        }

        disk.Do("synchronise its folder, though the file itself is complete", () => DiskSync.Folder(folder));
    }

    /// <summary>Writes to a stream as the rows come; TIFF, whose writer goes to and fro, when all is done.</summary>
    /// <param name="stream">Such as standard output.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="format">What to write.</param>
    /// <param name="quality">1 to 100, of JPEG and WebP.</param>
    /// <param name="layout">What the pixels are, and what to say beside them.</param>
    /// <param name="make">Makes the rows, on the calling thread.</param>
    public static void Write(Stream stream, string name, PhotographFormat format, int quality, PhotographLayout layout, Action<RowPipe> make)
    {
        if (format == PhotographFormat.Tiff)
        {
            string temporary = TemporaryName.In(Path.GetTempPath());
            try
            {
                Write(temporary, format, quality, layout, make);
                using FileStream file = File.OpenRead(temporary);
                file.CopyTo(stream);
            }
            finally
            {
                TemporaryName.TryRemove(temporary);
            }

            return;
        }

        Encode(name, layout, make, image =>
        {
            using TargetCustom target = new();
            target.OnWrite += (bytes, length) =>
            {
                try
                {
                    stream.Write(bytes, 0, length);
                    return length;
                }
                catch (IOException)
                {
                    return -1; // libvips says that it could not write
                }
            };
            Save(image, target, format, quality, layout);
            stream.Flush();
        });
    }

    private static void Encode(string name, PhotographLayout layout, Action<RowPipe> make, Action<Image> save)
    {
        VipsLibrary.Require(name, "written");
        using RowPipe pipe = new(layout);
        Exception? failure = null;
        Thread encoder = new(() => failure = RunEncoder(name, pipe, save)) { IsBackground = true, Name = "encoder" };
        encoder.Start();
        try
        {
            make(pipe);
            pipe.Finish();
        }
        catch (OperationCanceledException) when (pipe.IsAbandoned)
        {
            // the encoder's failure is the cause
        }
        catch
        {
            pipe.Break();
            encoder.Join();
            throw;
        }

        encoder.Join();
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private static Exception? RunEncoder(string name, RowPipe pipe, Action<Image> save)
    {
        Exception? failure = null;
        VipsLibrary.ErrorText.EnterReadLock();
        try
        {
            using SourceCustom source = pipe.Source();
            using Image pixels = pipe.Open(source);
            using Image described = pixels.Mutate(image =>
            {
                foreach (MetadataField field in pipe.Layout.Metadata)
                {
                    image.Set(field.Type, field.Name, field.Value);
                }
            });
            save(described);
        }
        catch (VipsException e)
        {
            failure = new ImageFileException(name, $"cannot be written: {VipsMessage.Detail(e.Message)}.", e);
        }
#pragma warning disable CA1031 // told by the thread that waits
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = e;
        }
        finally
        {
            VipsLibrary.ErrorText.ExitReadLock();
            pipe.Abandon();
        }

        return failure;
    }

    private static void Save(Image image, Target target, PhotographFormat format, int quality, PhotographLayout layout)
    {
        switch (format)
        {
            case PhotographFormat.Png:
                // Within 4 % of the smallest file, in 40 % of its time.
                image.PngsaveTarget(target, compression: 4, filter: Enums.ForeignPngFilter.Paeth);
                break;
            case PhotographFormat.Jpeg:
                image.JpegsaveTarget(target, q: quality, optimizeCoding: true);
                break;
            case PhotographFormat.WebP:
                image.WebpsaveTarget(target, q: quality, lossless: quality == 100);
                break;
            default:
                image.TiffsaveTarget(
                    target,
                    compression: Enums.ForeignTiffCompression.Deflate,
                    predictor: Enums.ForeignTiffPredictor.Horizontal,
                    bigtiff: (long)layout.Width * layout.Height * layout.Channels * layout.Depth / 8 > LargestPlainTiff);
                break;
        }
    }
}
