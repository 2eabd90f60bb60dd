return Subband.Cli.CommandLine.Run(args, Console.Out, Console.Error);
