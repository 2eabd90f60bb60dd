Console.WriteLine("subband");
