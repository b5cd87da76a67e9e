"""Measure what each lesson asks of a machine, and what a class asks of a hub.

    python tools/measure_lessons.py          every lesson
    python tools/measure_lessons.py 01 07    lessons 01 and 07

Runs the learners' notebooks, each in a kernel of its own with one thread, and
prints two tables in Markdown. Linux only: the peak comes from /proc. The data
are those of COURSE_DATA and COURSE_DATASET, as in a lesson.
"""

import math
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
SERVER = 160  # MiB, a learner's JupyterLab server without kernels, measured
LESSONS = """\
| lesson | processor time | of it, the longest cell | peak memory |
| --- | --- | --- | --- |"""
HUBS = """
| learners at once | memory | cores, at home | cores, in class |
| --- | --- | --- | --- |"""


def measure(path):
    """Run a notebook: CPU seconds of all, of its longest cell, peak MiB."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=900, extra_arguments=["--log-level=ERROR"]
    )
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


def hub(learners, total, longest, peak):
    """Return a hub's memory in GiB, and its cores at home and in class.

    memory: everybody is at the peak of the largest lesson
    at home: each cell is run three times in 75 minutes; cores are half busy
    in class: all start the longest cell together and have it in two minutes
    """
    memory = learners * (peak + SERVER) / 1024
    at_home = learners * 3 * total / (75 * 60) / 0.5
    in_class = learners * longest / 120
    return [math.ceil(number) for number in (memory, at_home, in_class)]


def main(prefixes):
    """Print one line a lesson, then one line a hub."""
    print(LESSONS, flush=True)
    measured = []
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if path.name.startswith(tuple(prefixes or [""])):
            measured.append(measure(path))
            total, longest, peak = measured[-1]
            print(
                f"| {path.stem[:2]} | {total:.0f} s | {longest:.0f} s "
                f"| {peak / 1024:.1f} GiB |",
                flush=True,
            )
    print(HUBS)
    worst = [max(column) for column in zip(*measured, strict=True)]
    for learners in (20, 50, 100, 200):
        memory, at_home, in_class = hub(learners, *worst)
        print(f"| {learners} | {memory} GiB | {at_home} | {in_class} |")


if __name__ == "__main__":
    main(sys.argv[1:])
