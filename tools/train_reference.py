"""Train the reference VAE on MNIST for a given time, and measure it.

    python tools/train_reference.py --minutes 10 --out reference_vae.pt

It is trained on all cores of the CPU, and its test log-likelihood set beside
those of Burda, Grosse and Salakhutdinov, Importance weighted autoencoders,
ICLR 2016. `course_lib.reference_vae` holds the model and its stored weights.

`training.fit` counts steps and leaves the cores to PyTorch. Here the schedule
follows the clock, so that a slow machine and a fast one both end at a rate of
0, and each core has a part of the batch.
"""

import argparse
import contextlib
import ctypes
import math
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

from course_lib import checkpoint, data, losses, models, reference_vae
from course_lib.evaluation import log_likelihood
from course_lib.training import NOISE, batches

BATCH_SIZE, LR, WARM_UP = 512, 4e-3, 100  # images, Adam's rate, steps
BETA_UNTIL = 0.3  # part of the time in which the KL's weight grows to 1
IWAE_FROM, SAMPLES = 0.7, 5  # part of the time; k of the bound from there on

PROTOCOL = """\
Protocol: log p(x) by importance sampling from q(z | x), in two levels: k =
100 samples for each of the 10,000 test images, plus the mean of L5000 - L100
over 500 random ones of them; in expectation, log p(x) is underestimated.
Each test image is binarised once, pixel ~ Bernoulli(grey value); training
draws new binary images for each batch (dynamic binarisation), from all
60,000 training images. 50 latents in one stochastic layer, prior N(0, I),
diagonal Gaussian q(z | x), Bernoulli pixels. The weights are the file's, in
half precision. The standard error is over images, for this one training."""
PUBLISHED = """\
Published (Burda, Grosse and Salakhutdinov, ICLR 2016, table 1), with the
same latents and binarisation and k = 5,000, in nats per test image:
VAE 86.76, IWAE with k = 5 85.54, IWAE with k = 50 84.78."""


# Training


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


# Measuring


def measure(model, images, seed=0):
    """Return the NLL with k = 100, what k = 5,000 gains, the standard error.

    In nats per image. The NLL is the first less the second; the standard
    error is that of this difference.
    images: grey, (N, 1, 28, 28); binarised once, the same for a seed
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.bernoulli(images, generator=generator)
    some = torch.randperm(len(x), generator=generator)[:500]
    nll = -log_likelihood(model, x, 100, seed=seed)
    gain = nll[some] + log_likelihood(model, x[some], 5000, seed=seed + 1)
    # the two means share images, so that they do not vary independently
    shared = torch.stack([nll[some], gain]).cov()[0, 1]
    variance = (nll.var() - 2 * shared) / len(x) + gain.var() / len(some)
    return float(nll.mean()), float(gain.mean()), float(variance.sqrt())


# The command line


def main(arguments=None):
    """Train, save, measure; the messages say what comes next."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=10,
        help="of training in all, earlier parts included (default: 10)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("reference_vae.pt"),
        help="the checkpoint (default: reference_vae.pt, in this folder)",
    )
    parser.add_argument(
        "--resume", action="store_true", help="continue the checkpoint --out"
    )
    options = parser.parse_args(arguments)
    out, seconds = options.out, 60 * options.minutes
    if not 0 < seconds < math.inf:
        parser.error(f"--minutes must be above 0; got {options.minutes:g}")
    if out.exists() and not options.resume:
        parser.error(
            f"{out} exists: add --resume to continue it, delete it, or name "
            f"another file with --out"
        )
    try:
        torch.manual_seed(0)
        model, before, steps = reference_vae.build(), 0.0, 0
        if options.resume:
            model, before, steps = reference_vae.read(out)
            torch.manual_seed(steps)
        dataset = data.load("mnist")
        if not options.resume:
            models.start_at_mean(model.decoder, dataset.train_images)
        train(
            model,
            dataset.train_images,
            seconds,
            lambda *progress: _write(out, model, *progress),
            before=before,
            steps=steps,
        )
        model, before, steps = reference_vae.read(out)  # as it is stored
        print(f"{out}: {before / 60:.1f} minutes, {steps:,} steps. Measuring")
        nll, gain, error = measure(model, dataset.test_images)
        print(
            f"\nTest NLL {nll - gain:.2f} nats per image, standard error "
            f"{error:.2f} ({nll:.2f} with k = 100, less {gain:.2f}).\n\n"
            f"{PROTOCOL}\n\n{PUBLISHED}"
        )
    except (OSError, ValueError, RuntimeError, FloatingPointError) as error:
        sys.exit(f"train_reference: {error}")
    except KeyboardInterrupt:
        sys.exit(f"Interrupted; --resume continues {out} where it exists.")


def _write(path, model, seconds, steps):
    weights = {name: w.half() for name, w in model.state_dict().items()}
    contents = {"weights": weights, "seconds": seconds, "steps": steps}
    checkpoint.save(contents, path)


if __name__ == "__main__":
    main()
