"""Settings of all tests, and what nbval lets through.

nbval runs each notebook in notebooks/. It takes two kinds of broken cells for
good ones; they fail here. Two more are refused by tests/test_notebooks.py:
shell commands, and the tag raises-exception. Solved notebooks run each cell
twice, as a learner may: in the same kernel, before the next one.

No test fails because a machine is slow: limits of time, here and in the
tests, only end what would otherwise hang for ever.
"""

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

# Before torch is imported, here and in the notebooks' kernels.
os.environ.setdefault("OMP_NUM_THREADS", "1")  # two would be far slower
os.environ.setdefault("COURSE_DATASET", "digits")  # needs no network
os.environ.setdefault("TQDM_DISABLE", "1")

HANG = 600  # seconds that nbval waits for an output; it sets 5

settings.register_profile(
    "slow", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("slow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Fail a notebook's cell that nbval passes though it is broken."""
    cell = getattr(item, "cell", None)  # only nbval's items have one
    if cell is None:
        return (yield)
    item.output_timeout = HANG
    if item.options["check"] and not cell.outputs:
        pytest.fail("no output is stored that could be checked: rebuild")
    result = yield
    for output in item.test_outputs:
        if "UsageError:" in output.get("text", ""):
            pytest.fail(output["text"])  # IPython: no such %magic
    if item.path.parent.name == "solutions":
        try:
            item.runtest()
        except Exception as error:
            error.args = (f"when it was run again: {error}",)
            raise
    return result


@pytest.fixture(scope="session")
def require():
    """Return require(name): the path of an executable, if there is one.

    Where it is missing, the test is skipped; on CI it fails.
    """

    def find(name):
        path = shutil.which(name)
        if path is None and os.environ.get("CI") == "true":
            pytest.fail(f"{name} is not installed on CI")
        if path is None:
            pytest.skip(f"needs {name}")
        return path

    return find
