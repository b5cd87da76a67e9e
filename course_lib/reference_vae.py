"""The reference VAE, trained by ``python -m course_lib.reference_vae``.

A VAE with 50 latents is trained on MNIST for a given time, on the CPU, and
its test log-likelihood set beside those of Burda, Grosse and Salakhutdinov,
Importance weighted autoencoders, ICLR 2016. `load` gives the trained one
that comes with the course.
"""

import argparse
import math
import sys
from pathlib import Path

import torch
from torch import nn

from course_lib import checkpoint, data, models
from course_lib.evaluation import log_likelihood
from course_lib.timed_training import train

PACKAGED = Path(__file__).with_suffix(".pt")

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
            seconds,
            lambda *progress: _write(out, model, *progress),
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
