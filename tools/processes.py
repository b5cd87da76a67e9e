"""Training in several processes, one a core or a GPU, with the same numbers.

Started by ``torchrun`` there are as many as it is told, on one machine or on
more; started by ``python`` there is one. What a batch holds and which random
numbers go with it depend on the seed and the step alone, not on how many
processes share the work. So two processes compute what one computes, and a
training that was broken off continues as if nothing had happened.
"""

import contextlib
import os
import random

import torch
from torch import distributed

PLACES = 8  # parts of a batch, each with random numbers of its own


@contextlib.contextmanager
def group():
    """Join the other processes, and yield this one's device.

    gloo between CPUs, NCCL between GPUs; torchrun says in the environment
    who the others are. Without it this process is alone.
    """
    device = torch.device("cpu")
    if torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
        torch.cuda.set_device(device)
    alone = {}
    if not distributed.is_torchelastic_launched():
        store = distributed.HashStore()
        alone = {"store": store, "rank": 0, "world_size": 1}
    backend = "gloo" if device.type == "cpu" else "nccl"
    distributed.init_process_group(backend, **alone)
    try:
        check_share(distributed.get_world_size())
        yield device
    finally:
        distributed.destroy_process_group()


def check_share(processes):
    """Raise ValueError where processes can't share a batch equally."""
    if PLACES % processes:
        raise ValueError(
            f"{processes} processes can't share a batch equally: start "
            f"{', '.join(str(n) for n in (1, 2, 4))} or {PLACES} of them, "
            f"with torchrun --nproc-per-node"
        )


def is_first():
    """Return whether this is the process that prints, saves and measures."""
    return distributed.get_rank() == 0


def own_places():
    """Return the numbers of the parts of each batch that are this one's."""
    share = PLACES // distributed.get_world_size()
    first = distributed.get_rank() * share
    return range(first, first + share)


def stream(seed, step, place, device):
    """Return the generator of one place in the batch of one step.

    place: a number below PLACES, or the name of what else is random
    """
    # PyTorch's generator on the CPU reads 32 bits of a seed: mix all three
    number = random.Random(f"{seed} {step} {place}").getrandbits(32)
    return torch.Generator(device).manual_seed(number)


def agree(number, device):
    """Return the first process's number, in all processes."""
    shared = torch.tensor([float(number)], device=device)
    distributed.broadcast(shared, 0)
    return shared.item()
