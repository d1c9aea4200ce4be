"""The whole of lm-eval against /v1/completions, from its command line to its result file."""

import json
import os
import subprocess
import sys
from pathlib import Path

from conftest import MODEL

HERE = Path(__file__).parent


def test_written_and_chosen(url, tmp_path):
    # Without a tokenizer named, lm-eval asks the server's: /tokenizer_info and /tokenize.
    model = f"model={MODEL},base_url={url}/v1/completions,num_concurrent=2,max_length=2048"
    command = [sys.executable, "-m", "lm_eval", "run", "--model", "local-completions"]
    command += ["--model_args", model, "--include_path", "tasks"]
    command += ["--tasks", "capitals_written,capitals_chosen"]
    command += ["--output_path", str(tmp_path), "--log_samples"]
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")}
    done = subprocess.run(
        command, cwd=HERE, env={**os.environ, **offline}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr

    (results,) = tmp_path.rglob("results_*.json")
    results = json.loads(results.read_text())["results"]
    assert results["capitals_written"]["exact_match,trimmed"] == 1.0
    assert results["capitals_chosen"]["acc,none"] == 1.0
    for task in results.values():
        assert task["sample_len"] == 3

    (samples,) = tmp_path.rglob("samples_capitals_chosen_*.jsonl")
    for line in samples.read_text().splitlines():
        sample = json.loads(line)
        answers = [float(answer[0][0]) for answer in sample["resps"]]
        assert len(answers) == 3
        # Log-probabilities, the right one's the highest.
        assert all(answer < 0 for answer in answers)
        assert max(answers) == answers[sample["doc"]["right"]]
