using System.Reflection;
using System.Runtime.Loader;
using Subband.Torch.Native;

namespace Subband.Torch.Tests.Native;

/// <summary>Where there is no libtorch: Subband.Torch loaded once more, beside the one in use, and kept from finding it.</summary>
[Collection(ProcessWide.Name)]
public sealed class WithoutEngineTests
{
    private static readonly string[] NeedNoEngine =
        [nameof(Engine.LostTensors), nameof(Engine.LiveTensors), nameof(Engine.TraceLostTensors)];

    [Fact]
    public void All_that_needs_the_engine_says_that_it_is_missing_and_where_it_was_looked_for()
    {
        TorchLibrary.Require(); // the one in use has looked before
        var context = new AssemblyLoadContext("without libtorch", isCollectible: true);
        var variable = Environment.GetEnvironmentVariable(TorchLibrary.PathVariable);
        Environment.SetEnvironmentVariable(TorchLibrary.PathVariable, "/nowhere/libsubband_native.so");
        try
        {
            var library = context.LoadFromAssemblyPath(typeof(Engine).Assembly.Location);
            var doors = library.GetType(typeof(Engine).FullName!)!
                .GetMethods(BindingFlags.Public | BindingFlags.Static)
                .Where(method => !NeedNoEngine.Contains(method.Name.Split('_')[^1]))
                .Append<MethodBase>(library.GetType(typeof(Generator).FullName!)!.GetConstructors().Single())
                .Append(library.GetType(typeof(Tensor).FullName!)!.GetMethod(nameof(Tensor.Scalar))!)
                .ToArray();
            Assert.InRange(doors.Length, 13, int.MaxValue);
            Assert.All(doors, door =>
            {
                var error = Assert.ThrowsAny<Exception>(() => Call(door));
                Assert.Equal($"{typeof(EngineNotFoundException)}", $"{error.GetType()}");
                Assert.Contains("/nowhere/libsubband_native.so: there is no such file", error.Message, StringComparison.Ordinal);
            });
        }
        finally
        {
            Environment.SetEnvironmentVariable(TorchLibrary.PathVariable, variable);
            context.Unload();
        }
    }

    private static void Call(MethodBase door)
    {
        object?[] arguments = [.. door.GetParameters().Select(parameter => Activator.CreateInstance(parameter.ParameterType))];
        _ = door is ConstructorInfo constructor
            ? constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null)
            : door.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }
}
