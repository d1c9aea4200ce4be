"""Servers of their own for the tests. `cargo xtask test --all` says where the program lies."""

import os
import subprocess
from contextlib import contextmanager

import pytest

MODEL = "smollm2-135m-instruct"


@contextmanager
def serving(folder):
    command = [os.environ["FATHOM_TEST_BIN"], "serve", "--addr", "127.0.0.1:0"]
    command += ["--database", str(folder / "fathom.db"), "--models", os.environ["FATHOM_MODELS"]]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        said = server.stdout.readline().split()
        assert said and said[-1].startswith("http://127.0.0.1:"), said
        yield said[-1]
    finally:
        server.kill()
        server.wait()


@pytest.fixture(scope="session")
def url(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server")) as url:
        yield url


def pytest_sessionfinish(session, exitstatus):
    """A filter that keeps none of these may keep others."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and session.config.option.keyword:
        session.exitstatus = pytest.ExitCode.OK
