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
    private const int MoreBytes = 1 << 20;

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
            Encode(path, layout, make, pipe =>
            {
                if (format == PhotographFormat.Png)
                {
                    disk.Do("write it", () =>
                    {
                        using FileStream file = new(temporary, FileMode.Truncate, FileAccess.Write);
                        SavePng(pipe, file);
                    });
                    return;
                }

                using Target target = Target.NewToFile(temporary);
                Save(pipe, target, format, quality);
            });
            disk.Do("flush it to the disk", () =>
            {
                using FileStream file = new(temporary, FileMode.Open, FileAccess.ReadWrite);
                file.Flush(flushToDisk: true);
            });
            disk.Do("rename the finished temporary file", () => File.Move(temporary, path, overwrite: true));
        }
        catch (Exception error)
        {
            try
            {
                if (error.InnerException is VipsException)
                {
                    disk.Do("write it", () => TakeMore(temporary));
                }
            }
            finally
            {
                TemporaryName.TryRemove(temporary);
            }

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

        Encode(name, layout, make, pipe =>
        {
            if (format == PhotographFormat.Png)
            {
                SavePng(pipe, stream);
            }
            else
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
                Save(pipe, target, format, quality);
            }

            stream.Flush();
        });
    }

    // libvips says that it cannot write, and not why: what the disk says when it is to take more.
    private static void TakeMore(string path)
    {
        using FileStream file = new(path, FileMode.Append);
        file.Write(new byte[MoreBytes]);
        file.Flush(flushToDisk: true);
    }

    private static void Encode(string name, PhotographLayout layout, Action<RowPipe> make, Action<RowPipe> save)
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

    private static Exception? RunEncoder(string name, RowPipe pipe, Action<RowPipe> save)
    {
        Exception? failure = null;
        VipsLibrary.ErrorText.EnterReadLock();
        try
        {
            save(pipe);
        }
        catch (Exception e) when (DiskStep.IsDiskError(e))
        {
            failure = new ImageFileException(name, $"cannot be written: {e.Message.TrimEnd('.')}.", e);
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

    private static void SavePng(RowPipe pipe, Stream stream)
    {
        PhotographLayout layout = pipe.Layout;
        using PngWriter writer = new(stream, layout.Width, layout.Height, layout.Channels, layout.Depth, DescribedPng(layout));
        while (pipe.Take() is { IsEmpty: false } rows)
        {
            writer.Write(rows.Span);
        }

        writer.Finish();
    }

    // A pixel with all that libvips would say beside it.
    private static byte[] DescribedPng(PhotographLayout layout)
    {
        using Image black = Image.Black(1, 1, layout.Channels);
        using Image pixel = layout.Depth == 16 ? black.Cast(Enums.BandFormat.Ushort) : black.Copy();
        using Image described = Described(pixel, layout);
        return described.PngsaveBuffer();
    }

    private static void Save(RowPipe pipe, Target target, PhotographFormat format, int quality)
    {
        PhotographLayout layout = pipe.Layout;
        using SourceCustom source = pipe.Source();
        using Image pixels = pipe.Open(source);
        using Image image = Described(pixels, layout);
        switch (format)
        {
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

    private static Image Described(Image pixels, PhotographLayout layout)
    {
        Enums.Interpretation interpretation = (layout.ColourChannels, layout.Depth) switch
        {
            (1, 8) => Enums.Interpretation.Bw,
            (1, _) => Enums.Interpretation.Grey16,
            (_, 8) => Enums.Interpretation.Srgb,
            _ => Enums.Interpretation.Rgb16,
        };
        using Image measured = pixels.Copy(interpretation: interpretation, xres: layout.HorizontalResolution, yres: layout.VerticalResolution);
        return measured.Mutate(image =>
        {
            foreach (MetadataField field in layout.Metadata)
            {
                image.Set(field.Type, field.Name, field.Value);
            }
        });
    }
}
