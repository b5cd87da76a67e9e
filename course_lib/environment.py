"""What every lesson sets up first: seed, plots, device, threads."""

import contextlib
import os
from pathlib import Path

import torch

from course_lib import plotting


def best_device():
    """Return CUDA where there is one, else Apple silicon, else the CPU."""
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    return accelerator or torch.device("cpu")


def set_threads():
    """Give PyTorch half of the cores, four at most.

    More is slower, not faster, as soon as another program (a browser) wants
    a core too. The environment variable ``OMP_NUM_THREADS`` overrules this.
    """
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(min(4, max(1, (os.cpu_count() or 1) // 2)))


@contextlib.contextmanager
def seeded(seed, device):
    """Seed the global generators inside; leave them outside as they were."""
    devices = [] if device.type == "cpu" else [device.index or 0]
    with torch.random.fork_rng(devices, device_type=device.type):
        torch.manual_seed(seed)
        yield


def start():
    """Prepare a lesson: seed PyTorch, set the plots' style and the threads.

    Prints one line that says what the lesson runs on. Models are trained on
    that device by `course_lib.training.fit` and come back to the CPU, so
    that lessons need no ``.to(device)``. A second line warns where the
    notebook lies in another copy of the course than this library.
    """
    torch.manual_seed(0)
    plotting.use_style()
    set_threads()
    threads = torch.get_num_threads()
    print(
        f"PyTorch {torch.__version__.split('+')[0]}, training on "
        f"{best_device().type}, {threads} thread{'s' * (threads > 1)}."
    )
    library = Path(__file__).resolve().parents[1]
    checkout = _checkout_around(Path.cwd())
    if _is_checkout(library) and checkout and not checkout.samefile(library):
        print(
            f"Note: course_lib comes from {library}, and this notebook "
            f"lies in {checkout}. To use the library there, run %pip install "
            f'--no-deps -e "{checkout}" and restart the '
            f"kernel."
        )


def _checkout_around(folder):
    """Return the copy of the course that a folder lies in, None if none."""
    return next(filter(_is_checkout, (folder, *folder.parents)), None)


def _is_checkout(folder):
    library = folder / "course_lib" / "__init__.py"
    return library.is_file() and (folder / "notebooks").is_dir()
