"""A server of its own for the tests. `cargo xtask test --all` says where the program lies."""

import os
import subprocess

import pytest

MODEL = "smollm2-135m-instruct"


@pytest.fixture(scope="session")
def url(tmp_path_factory):
    database = tmp_path_factory.mktemp("server") / "fathom.db"
    command = [os.environ["FATHOM_TEST_BIN"], "serve", "--addr", "127.0.0.1:0"]
    command += ["--database", str(database), "--models", os.environ["FATHOM_MODELS"]]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        said = server.stdout.readline().split()
        assert said and said[-1].startswith("http://127.0.0.1:"), said
        yield said[-1]
    finally:
        server.kill()
        server.wait()


def pytest_sessionfinish(session, exitstatus):
    """A filter that keeps none of these may keep others."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and session.config.option.keyword:
        session.exitstatus = pytest.ExitCode.OK
