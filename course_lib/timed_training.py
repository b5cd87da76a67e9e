"""Training of a VAE for a given time, on all cores of the CPU.

`training.fit` counts steps and leaves the cores to PyTorch. Here the schedule
follows the clock, so that a slow machine and a fast one both end at a rate of
0, and each core has a part of the batch.
"""

import contextlib
import ctypes
import math
import time
from concurrent.futures import ThreadPoolExecutor

import torch

from course_lib import losses, models
from course_lib.training import NOISE, batches

BATCH_SIZE, LR, WARM_UP = 512, 4e-3, 100  # images, Adam's rate, steps
BETA_UNTIL = 0.3  # part of the time in which the KL's weight grows to 1
IWAE_FROM, SAMPLES = 0.7, 5  # part of the time; k of the bound from there on


def train(model, images, seconds, save, *, before=0.0, steps=0):
    """Train a VAE until ``seconds`` are over.

    At first on the ELBO, whose KL is warmed up so that fewer latents collapse;
    at last on the bound with more samples. The learning rate falls with the
    clock, to 0.

    images: grey, (N, 1, 28, 28); each batch is binarised afresh
    save: ``save(seconds, steps)`` is called after the first step (so that a
        folder one can't write to is found out), then each minute, and last
    before, steps: the seconds and steps that the model has behind it
    """
    cores = torch.get_num_threads()
    threads = min(cores, 8)
    torch.set_num_threads(1)
    keep_memory()
    dtype = faster_dtype(model, images[: BATCH_SIZE // threads])
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, fused=True)
    streams = [
        binary_batches(images, BATCH_SIZE // threads, seed=steps + i)
        for i in range(threads)
    ]
    first, begin, clock = steps, time.perf_counter(), before
    saved, recent = -math.inf, []
    pool = ThreadPoolExecutor(threads, None, torch.set_num_threads, (1,))
    try:
        while clock < seconds:
            # Adam starts anew, also where a training is continued
            warm_up = min(1, (steps - first + 1) / WARM_UP)
            rate = LR * warm_up * (1 - clock / seconds)
            optimizer.param_groups[0]["lr"] = rate
            beta = min(1, clock / (BETA_UNTIL * seconds))
            k = SAMPLES if clock > IWAE_FROM * seconds else 1
            loss = backward(model, streams, k, beta, dtype, pool)
            optimizer.step()
            recent.append(loss)
            steps, clock = steps + 1, before + time.perf_counter() - begin
            if clock > saved + 60 or clock >= seconds:
                mean = sum(recent) / len(recent)
                if not math.isfinite(mean):
                    raise FloatingPointError(
                        f"the loss is {mean} at step {steps:,}; what was "
                        f"saved last is from before"
                    )
                print(
                    f"{clock / 60:5.1f} min, {steps:7,} steps: {mean:.2f} "
                    f"nats per training image",
                    flush=True,
                )
                save(clock, steps)
                saved, recent = clock, []
    except KeyboardInterrupt:
        save(clock, steps)
        raise
    finally:
        pool.shutdown()
        torch.set_num_threads(cores)


def binary_batches(images, batch_size, seed):
    """Yield shuffled batches for ever, binarised afresh each time."""
    generator = torch.Generator().manual_seed(seed + NOISE)
    for grey in batches(images, batch_size, seed):
        yield (torch.rand(grey.shape, generator=generator) < grey).float()


def backward(model, streams, k, beta, dtype, pool):
    """Set the gradients of the mean `negative_bound`; return it, a float.

    Each thread draws a batch of its own and takes its gradient. They meet
    once a step; PyTorch's threads would meet in each matrix product.
    """
    parameters = list(model.parameters())

    def work(stream):
        bound = negative_bound(model, next(stream), k, beta, dtype)
        return bound.item(), torch.autograd.grad(bound, parameters)

    bounds, gradients = zip(*pool.map(work, streams), strict=True)
    for parameter, *parts in zip(parameters, *gradients, strict=True):
        parameter.grad = sum(parts) / len(parts)
    return sum(bounds) / len(bounds)


def negative_bound(model, x, k, beta, dtype):
    """Return the negative bound with k samples, mean over the batch.

    beta: the weight of the KL in the ELBO, that is, for k = 1
    Encoder and decoder compute in dtype, all that follows in float32.
    """

    def cast(module):
        def run(inputs):
            enabled = dtype != torch.float32
            with torch.autocast("cpu", dtype, enabled, cache_enabled=False):
                return module(inputs).float()

        return run

    mixed = models.VAE(cast(model.encoder), cast(model.decoder))
    if k == 1:  # the ELBO; its closed-form KL has less noise
        return losses.negative_elbo(mixed, x, beta)["loss"].mean()
    return -losses.iwae_bound(mixed, x, k).mean()


def faster_dtype(model, x):
    """Return bfloat16 where a step takes less time so, else float32."""
    times = {}
    for dtype in (torch.bfloat16, torch.float32):
        for _ in range(5):
            begin = time.perf_counter()
            negative_bound(model, x, 1, 1.0, dtype).backward()
            seconds = time.perf_counter() - begin
            times[dtype] = min(seconds, times.get(dtype, math.inf))
    return min(times, key=times.get)


def keep_memory():
    """Let Linux's allocator keep what is freed: 15 % faster steps.

    It gives large blocks back to the system, and takes and clears new ones,
    at each operation. Elsewhere nothing is changed.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(-1, 2**30)  # M_TRIM_THRESHOLD, in bytes
        libc.mallopt(-3, 2**25)  # M_MMAP_THRESHOLD
