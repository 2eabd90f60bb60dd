// Times a network in ONNX Runtime. Called by upscale.py, which exports the network and installs the package:
//
//     node onnxruntime.mjs PACKAGES MODEL.onnx 1,3,400,600 --seconds 10 --threads 2
//
// Prints one JSON object: pictures and seconds, and how much of its threads' time the processor gave it.
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  options: { seconds: { type: "string" }, threads: { type: "string" } },
  allowPositionals: true,
});
const [packages, path, dimensions] = positionals;
const [seconds, threads] = [Number(values.seconds), Number(values.threads)];
const shape = dimensions.split(",").map(Number);
const ort = createRequire(join(packages, "package.json"))("onnxruntime-node");

const session = await ort.InferenceSession.create(path, {
  executionProviders: ["cpu"],
  graphOptimizationLevel: "all",
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
});
const count = shape.reduce((all, one) => all * one, 1);
const image = new ort.Tensor("float32", Float32Array.from({ length: count }, Math.random), shape);
const upscale = () => session.run({ [session.inputNames[0]]: image });

for (let i = 0; i < 2; i++) await upscale();
const before = process.cpuUsage();
const began = performance.now();
let pictures = 0;
for (; performance.now() - began < seconds * 1000; pictures++) await upscale();
const elapsed = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(before);

console.log(JSON.stringify({
  pictures,
  seconds: elapsed,
  processor_share: (user + system) / 1e6 / elapsed / threads,
  peak_memory_bytes: process.resourceUsage().maxRSS * 1024,
}));
