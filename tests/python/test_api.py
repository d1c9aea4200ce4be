"""The server against its own OpenAPI document, as schemathesis reads it."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest
import requests
import schemathesis

from conftest import MODEL, serving

HERE = Path(__file__).parent
DOCUMENT = "/api/openapi.json"
MODEL_FILE = "/api/models/{id}/file"
EVENTS = "/api/runs/{id}/events"


def order(seed, count):
    tasks = [{"task": "niah_single_1"}]
    grid = {"tasks": tasks, "lengths": [256], "seeds": [seed], "count": count}
    return {"order": {"grid": grid, "model": MODEL}}


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """A server of its own, whose runs nobody else waits behind: one that is done, one that is
    held and one that is cancelled."""
    with serving(tmp_path_factory.mktemp("api")) as url:
        for seed, then in [(1, None), (2, "pause"), (3, "cancel")]:
            got = requests.post(f"{url}/api/runs", json=order(seed, 1), timeout=60)
            assert got.status_code == 202, got.text
            run = f"{url}/api/runs/{got.json()['id']}"
            if then is None:
                wait_for_the_end(run)
            else:
                requests.post(f"{run}/{then}", timeout=60).raise_for_status()
        yield url


def wait_for_the_end(run):
    """Everything that is told of a run; the stream ends with it."""
    with requests.get(f"{run}/events", stream=True, timeout=120) as got:
        assert got.headers["content-type"] == "text/event-stream"
        lines = [line for line in got.iter_lines(decode_unicode=True)]
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


def test_every_operation(api, tmp_path):
    """Every check of schemathesis on every operation, except the two that it cannot end: events
    flow as long as a run is open, and a model's file is a hundred megabytes each time. The tests
    below ask for these."""
    config = str(HERE / "schemathesis.toml")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", config]
    command += ["run", api + DOCUMENT, "--no-color"]
    command += ["--exclude-path", EVENTS, "--exclude-path", MODEL_FILE]
    # It leaves what it found where it runs.
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    # It went behind the doors: nothing of what it was to order or to change was out of its reach.
    assert "Missing test data" not in done.stdout, done.stdout
    assert requests.get(f"{api}/api/ready", timeout=60).ok
    runs = requests.get(f"{api}/api/runs?limit=500", timeout=60).json()["items"]
    assert len(runs) > 3, "orders were taken"


def test_events_of_a_run(api):
    """Those of a run from its order to its end, each as the document says."""
    schema = schemathesis.openapi.from_url(api + DOCUMENT)
    got = requests.post(f"{api}/api/runs", json=order(4, 1), timeout=60).json()
    # Before whatever else was ordered.
    first = {"priority": 2**31 - 1}
    run = f"{api}/api/runs/{got['id']}"
    requests.post(f"{run}/priority", json=first, timeout=60).raise_for_status()
    events = wait_for_the_end(run)
    assert {event["is"] for event in events} >= {"run", "rows", "current"}
    told = [event["run"]["status"] for event in events if event["is"] == "run"]
    assert told[-1] == "done"
    components = {"components": schema.raw_schema["components"]}
    shape = {"$ref": "#/components/schemas/RunEvent", **components}
    for event in events:
        jsonschema_rs.validate(shape, event)
    case = schema[EVENTS]["GET"].Case(path_parameters={"id": 2**40})
    case.call_and_validate()


def test_a_part_of_a_model_file(api):
    operation = schemathesis.openapi.from_url(api + DOCUMENT)[MODEL_FILE]["GET"]
    for model, part, status in [
        (MODEL, "bytes=0-3", 206),
        (MODEL, "bytes=999999999999-", 416),
        ("nobody", "bytes=0-3", 404),
    ]:
        case = operation.Case(path_parameters={"id": model}, headers={"Range": part})
        got = case.call()
        assert got.status_code == status, got.text
        case.validate_response(got)
        assert status != 206 or got.content == b"GGUF"
