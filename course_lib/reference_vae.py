"""The reference VAE, trained by ``python -m course_lib.reference_vae``.

A VAE with 50 latents is trained on MNIST for a given time, on the CPU, and
its test log-likelihood set beside those of Burda, Grosse and Salakhutdinov,
Importance weighted autoencoders, ICLR 2016. `load` gives the trained one
that comes with the course.
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
from torch import nn

from course_lib import checkpoint, data, losses, models
from course_lib.evaluation import log_likelihood
from course_lib.training import batches, cosine

PACKAGED = Path(__file__).with_suffix(".pt")
BATCH_SIZE, LR, WARM_UP = 512, 4e-3, 100  # images, Adam's rate, steps
IWAE_FROM, SAMPLES = 0.6, 5  # part of the time; k of the bound from there on

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


def build():
    """Return an untrained reference VAE, a `models.VAE` with 50 latents."""
    encoder = models.mlp_encoder(784, 400, 400, 2 * 50, activation=nn.SiLU)
    decoder = models.mlp_decoder(50, 400, 400, 784, activation=nn.SiLU)
    return models.VAE(encoder, decoder)


def load(path=PACKAGED):
    """Return the trained VAE of a checkpoint; by default the course's own.

    Errors: OSError where there is no such file; ValueError where it is
    damaged or is no checkpoint of this VAE.
    """
    return _read(path)[0]


def train(model, images, path, seconds, *, before=0.0, steps=0):
    """Train until ``seconds`` are over; save a checkpoint each minute.

    `training.fit` counts steps. Here the learning rate follows the clock, so
    that it is 0 when the time is over, on a slow machine and a fast one.

    images: grey, (N, 1, 28, 28); each batch is binarised afresh
    before, steps: the seconds and steps that the model has behind it
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    keep_memory()
    dtype = faster_dtype(model, images[: BATCH_SIZE // threads])
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, fused=True)
    stream = batches(images, BATCH_SIZE, seed=steps)
    first, begin, clock = steps, time.perf_counter(), before
    saved, recent = -math.inf, []  # the first step shows whether one can save
    pool = ThreadPoolExecutor(threads, None, torch.set_num_threads, (1,))
    try:
        while clock < seconds:
            # Adam starts anew, also where a training is continued
            factor = min(1, (steps - first + 1) / WARM_UP)
            factor *= schedule(clock / seconds)
            optimizer.param_groups[0]["lr"] = LR * factor
            grey = next(stream)
            x = (torch.rand_like(grey) < grey).float()
            k = SAMPLES if clock > IWAE_FROM * seconds else 1
            loss = backward(model, x, k, dtype, pool, threads)
            optimizer.step()
            recent.append(loss)
            steps, clock = steps + 1, before + time.perf_counter() - begin
            if clock > saved + 60 or clock >= seconds:
                mean = sum(recent) / len(recent)
                if not math.isfinite(mean):
                    raise FloatingPointError(
                        f"the loss is {mean} at step {steps:,}; {path} holds "
                        f"the weights of a minute before"
                    )
                print(
                    f"{clock / 60:5.1f} min, {steps:7,} steps: {mean:.2f} "
                    f"nats per training image",
                    flush=True,
                )
                _write(path, model, clock, steps)
                saved, recent = clock, []
    except KeyboardInterrupt:
        _write(path, model, clock, steps)
        raise
    finally:
        pool.shutdown()
        torch.set_num_threads(threads)


def schedule(fraction):
    """Return the learning rate's factor: 1, then a cosine down to 0."""
    return cosine(max(0, fraction - 0.4) / 0.6)


def backward(model, x, k, dtype, pool, threads):
    """Set the gradients of `negative_bound` and return it, a float.

    Each thread takes a part of the batch. That is faster than to let PyTorch
    divide each matrix product: the threads meet once a step.
    """
    parameters = list(model.parameters())

    def work(part):
        bound = negative_bound(model, part, k, dtype) * len(part) / len(x)
        return bound.item(), torch.autograd.grad(bound, parameters)

    bounds, gradients = zip(*pool.map(work, x.chunk(threads)), strict=True)
    for parameter, *parts in zip(parameters, *gradients, strict=True):
        parameter.grad = sum(parts)
    return sum(bounds)


def negative_bound(model, x, k, dtype):
    """Return the negative bound with k samples, mean over the batch.

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
        return losses.negative_elbo(mixed, x)["loss"].mean()
    return -losses.iwae_bound(mixed, x, k).mean()


def faster_dtype(model, x):
    """Return bfloat16 where a step takes less time so, else float32."""
    times = {}
    for dtype in (torch.bfloat16, torch.float32):
        for _ in range(5):
            begin = time.perf_counter()
            negative_bound(model, x, 1, dtype).backward()
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


def main(arguments=None):
    """Train, save, measure; the messages say what comes next."""
    parser = argparse.ArgumentParser(
        prog="python -m course_lib.reference_vae",
        description="Train the reference VAE on MNIST and measure it.",
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
        model, before, steps = build(), 0.0, 0
        if options.resume:
            model, before, steps = _read(out)
            torch.manual_seed(steps)
        dataset = data.load("mnist")
        if not options.resume:
            models.start_at_mean(model.decoder, dataset.train_images)
        train(
            model,
            dataset.train_images,
            out,
            seconds,
            before=before,
            steps=steps,
        )
        model, before, steps = _read(out)  # the weights as they are stored
        print(f"{out}: {before / 60:.1f} minutes, {steps:,} steps. Measuring")
        nll, gain, error = measure(model, dataset.test_images)
        print(
            f"\nTest NLL {nll - gain:.2f} nats per image, standard error "
            f"{error:.2f} ({nll:.2f} with k = 100, less {gain:.2f}).\n\n"
            f"{PROTOCOL}\n\n{PUBLISHED}"
        )
    except (OSError, ValueError, RuntimeError, FloatingPointError) as error:
        sys.exit(f"reference_vae: {error}")
    except KeyboardInterrupt:
        sys.exit(f"Interrupted; --resume continues {out} where it exists.")


def _write(path, model, seconds, steps):
    weights = {name: w.half() for name, w in model.state_dict().items()}
    contents = {"weights": weights, "seconds": seconds, "steps": steps}
    checkpoint.save(contents, path)


def _read(path):
    """Return the model of a checkpoint, its seconds and its steps."""
    contents = checkpoint.load(path)
    with torch.device("meta"):  # draws no random numbers
        model = build()
    try:
        weights = {k: w.float() for k, w in contents["weights"].items()}
        model.load_state_dict(weights, assign=True)
        return model.eval(), contents["seconds"], contents["steps"]
    except (TypeError, KeyError, AttributeError, RuntimeError) as error:
        raise ValueError(
            f"{path} holds no reference VAE of this version of the course: "
            f"name another file"
        ) from error


if __name__ == "__main__":
    main()
