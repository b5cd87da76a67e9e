"""Measure what each lesson asks of a machine: processor time and memory.

    python tests/measure_lessons.py          every lesson
    python tests/measure_lessons.py 01 07    lessons 01 and 07

Runs the learners' notebooks, each in a kernel of its own with one thread, and
prints a table in Markdown. Linux only: the peak comes from /proc. The data
are those of COURSE_DATA and COURSE_DATASET, as in a lesson.
"""

import os
import re
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import nbformat
import psutil  # ipykernel brings it
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
HEAD = """\
| lesson | processor time, all cells | longest cell | peak memory |
| --- | --- | --- | --- |"""


def measure(path):
    """Run a notebook: CPU seconds of all, of its longest cell, peak MiB."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=600)
    env = os.environ | {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
    with (
        tempfile.TemporaryDirectory() as folder,
        client.setup_kernel(env=env, cwd=folder),
    ):
        kernel = psutil.Process(client.km.provisioner.pid)
        clock = [cpu_seconds(kernel)]
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
            clock.append(cpu_seconds(kernel))
        status = Path(f"/proc/{kernel.pid}/status").read_text()
    peak = int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) / 1024
    longest = max(b - a for a, b in pairwise(clock))
    return clock[-1], longest, peak


def cpu_seconds(process):
    """Return the processor time that a process has used so far."""
    times = process.cpu_times()
    return times.user + times.system


def main(prefixes):
    """Print one line a lesson."""
    print(HEAD, flush=True)
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if path.name.startswith(tuple(prefixes or [""])):
            total, longest, peak = measure(path)
            print(
                f"| {path.stem[:2]} | {total:.0f} s | {longest:.0f} s "
                f"| {peak:.0f} MiB |",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
