"""How long the exercise checkers take, slow forms of right answers included.

    python tools/time_checkers.py [NAME ...] [--rounds 3]

Needs an idle machine. One thread. Checks the right and the wrong answers of
tests/answers, each in its fastest of several rounds; the table shows an
exercise's slowest right and slowest wrong answer, in seconds.

Exits with 1 where one takes longer than half a second.
"""

import argparse
import contextlib
import io
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tests"))

import answers  # noqa: E402
from answers import trial  # noqa: E402
from course_lib import checks  # noqa: E402

BAR = 0.5  # seconds


def seconds(name: str, f: Callable, rounds: int) -> float:
    """The fastest of several checks of an answer."""

    def once() -> float:
        start = time.perf_counter()
        said = io.StringIO()
        with (
            contextlib.suppress(checks.Mistake),
            contextlib.redirect_stdout(said),
        ):
            getattr(checks, name)(f)
        return time.perf_counter() - start

    return min(once() for _ in range(rounds))


def main(arguments: list[str] | None = None) -> int:
    """Print the table; the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(answers.RIGHT))
    if unknown:
        parser.error(f"no exercise is called {', '.join(unknown)}")
    warnings.simplefilter("ignore")  # of wrong answers
    slow = 0
    print("exercise                    right  wrong")
    for name in options.names or answers.RIGHT:
        right = [*answers.RIGHT[name], *trial.RIGHT[name]]
        wrong = [f for *_, f in (*answers.WRONG[name], *trial.WRONG[name])]
        times = [
            max(seconds(name, f, options.rounds) for f in forms)
            for forms in (right, wrong)
        ]
        slow += max(times) > BAR
        mark = "  over the bar" if max(times) > BAR else ""
        print(
            f"{name:<26} {times[0]:>6.2f} {times[1]:>6.2f}{mark}", flush=True
        )
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
