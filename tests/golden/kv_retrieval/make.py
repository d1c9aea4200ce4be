"""Rows of `kv_retrieval`, by another program: python3 make.py > rows.jsonl

The prompt is written as get_kv_retrieval_prompt of nelson-liu/lost-in-the-middle (commit 04cbd0d,
MIT) writes it; seeds, depths and sizes follow the rules that docs/custom-tasks.md tells. A byte is a
token, and 100 are left for the answer.
"""

import json
import random
import uuid

MASK = (1 << 64) - 1
GOLDEN = 0.6180339887498949
ROOM = 100
HEAD = "Extract the value corresponding to the specified key in the JSON object below."


def mix(seed, number):
    z = ((seed << 32 | number) + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return (z ^ (z >> 31)) & 0xFFFFFFFF


def sample(seed, number, pairs, twice):
    draw = random.Random(mix(seed, number))
    new = lambda: str(uuid.UUID(int=draw.getrandbits(128), version=4))
    data = [(new(), new()) for _ in range(pairs)]
    depth = (mix(seed, 0xFFFFFFFF) / 0xFFFFFFFF + number * GOLDEN) % 1.0
    key, value = data[min(int(depth * pairs), pairs - 1)]
    records = "{" + ",\n ".join(f'"{k}": "{v}"' for k, v in data) + "}"
    before = f'Key: "{key}"\n\n' if twice else ""
    text = f'{HEAD}\n\n{before}JSON data:\n{records}\n\nKey: "{key}"\n'
    return text, key, value


def row(length, seed, number, twice):
    pairs, prefix = 2, "Corresponding value:"
    size = lambda n: len(sample(seed, number, n, twice)[0]) + len(prefix) + ROOM
    while size(pairs + 1) <= length:
        pairs += 1
    text, key, value = sample(seed, number, pairs, twice)
    pair = f'"{key}": "{value}"'
    start = text.index(pair)
    return {
        "max_seq_length": length,
        "random_seed": seed,
        "number": number,
        "query_aware_contextualization": twice,
        "length": size(pairs),
        "input": text,
        "answer_prefix": prefix,
        "value": value,
        "evidence": [start, start + len(pair)],
    }


for number in range(8):
    print(json.dumps(row(2000, 42, number, number % 4 == 3)))
print(json.dumps(row(600, 7, 0, False)))
print(json.dumps(row(16384, 7, 1, True)))
