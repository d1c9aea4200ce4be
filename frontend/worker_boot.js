// Starts the worker's program: a worker's first file cannot be WebAssembly. The page compiled it, once
// for all workers, and sends it as the first message.
import init from "./worker.js";

addEventListener("message", ({ data }) => init({ module_or_path: data }), { once: true });
