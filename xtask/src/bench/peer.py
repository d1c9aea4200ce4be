"""How fast llama.cpp reads and writes on this machine: `peer.py MODEL PROMPT ANSWER THREADS`.

One line of JSON, as `backend/examples/speed.rs` prints it. Needs `llama-cpp-python`.
"""

import json
import resource
import sys
import time

import llama_cpp

path, prompt, answer, threads = sys.argv[1], *map(int, sys.argv[2:5])
model = llama_cpp.Llama(
    path,
    n_ctx=prompt + answer,
    n_batch=512,
    n_threads=threads,
    n_threads_batch=threads,
    verbose=False,
)
word = model.tokenize(b" the", add_bos=False)
assert len(word) == 1, word


def timed(work):
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def write():
    for _ in range(answer):
        model.eval(word)


read_cpu, read_wall = timed(lambda: model.eval(word * prompt))
write_cpu, write_wall = timed(write)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(
    json.dumps(
        {
            "prefill_wall": prompt / read_wall,
            "prefill_cpu": prompt / read_cpu,
            "decode_wall": answer / write_wall,
            "decode_cpu": answer / write_cpu,
            "peak_mb": peak,
        }
    )
)
