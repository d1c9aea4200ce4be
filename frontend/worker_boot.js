// Starts the worker's program: a worker's first file cannot be WebAssembly.
import init from "./worker.js";

await init({ module_or_path: new URL("./worker_bg.wasm", import.meta.url) });
