"""Train the reference VAE on MNIST, and measure its log-likelihood.

    python tools/train_reference.py --minutes 10
    torchrun --nproc-per-node 2 tools/train_reference.py --minutes 10

The first line trains in one process, the second in two: one a core, or one a
GPU where there are any. torchrun's own options add machines. With
--max-restarts 3 it starts the workers again, from the last checkpoint, where
one is lost; for this set TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1 before it, or
the new workers look for the old ones (github.com/pytorch/pytorch, 135712).

`course_lib.reference_vae` holds the model and its stored weights. The result
is set beside those of Burda, Grosse and Salakhutdinov, Importance weighted
autoencoders, ICLR 2016.
"""

import argparse
import math
import os
import platform
import sys
import time
from pathlib import Path

import torch

import processes
from course_lib import checkpoint, data, models, reference_vae
from course_lib.evaluation import log_likelihood
from reference_training import steps_in, tell, train

HELD_OUT = 10_000  # of the training images, for choices

PROTOCOL = """\
Protocol: log p(x) by importance sampling from q(z | x), in two levels: k =
100 samples for each of the {count:,} {name} images, plus the mean of L5000 -
L100 over {some} random ones of them; in expectation, log p(x) is
underestimated. Each image is binarised once, pixel ~ Bernoulli(grey value);
training draws new binary images for each batch (dynamic binarisation), from
{images:,} training images. 50 latents in one stochastic layer, prior N(0, I),
diagonal Gaussian q(z | x), Bernoulli pixels; {parameters:,} parameters. The
weights are the file's, in half precision. The standard error is over images,
for this one training."""
PUBLISHED = """\
Published (Burda, Grosse and Salakhutdinov, ICLR 2016, table 1), with the
same latents and binarisation and k = 5,000, in nats per test image:
VAE 86.76, IWAE with k = 5 85.54, IWAE with k = 50 84.78."""


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
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--minutes",
        type=float,
        default=10,
        help="of training, about; fixes the number of steps by the speed of "
        "the first ones (default: 10)",
    )
    length.add_argument(
        "--steps",
        type=int,
        help="of training; the same number gives the same weights on the "
        "same machine",
    )
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    parser.add_argument(
        "--dtype",
        choices=("float32", "bfloat16"),
        default="bfloat16" if has_bfloat16() else "float32",
        help="of the networks in training (default here: %(default)s)",
    )
    parser.add_argument(
        "--hold-out",
        action="store_true",
        help=f"train without the last {HELD_OUT:,} training images and "
        f"measure on them: for choices, which the test images must not make",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("reference_vae.pt"),
        help="the checkpoint (default: reference_vae.pt, in this folder)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="continue a training that was broken off, with the same options",
    )
    options = parser.parse_args(arguments)
    if not 0 < options.minutes < math.inf:
        parser.error(f"--minutes must be above 0; got {options.minutes:g}")
    if options.steps is not None and options.steps < 1:
        parser.error(f"--steps must be 1 or more; got {options.steps}")
    try:
        with processes.group() as device:
            run(options, device)
    except (OSError, ValueError, RuntimeError, FloatingPointError) as error:
        sys.exit(f"train_reference: {error}")
    except KeyboardInterrupt:
        sys.exit("Interrupted; --resume continues where a checkpoint exists.")


def run(options, device):
    """Train in all processes; save and measure in the first."""
    out, unfinished = options.out, Path(f"{options.out}.training")
    again = options.resume or int(
        os.environ.get("TORCHELASTIC_RESTART_COUNT", 0)
    )
    if out.exists():
        raise ValueError(
            f"{out} exists: delete it, or name another file with --out"
        )
    if unfinished.exists() and not again:
        raise ValueError(
            f"{unfinished} exists, from a training that was broken off: add "
            f"--resume to continue it, or delete it"
        )
    if options.resume and not unfinished.exists():
        raise ValueError(
            f"{unfinished} is not there, so there is nothing to continue: "
            f"leave --resume out"
        )
    dataset = data.load(os.environ.get("COURSE_DATASET", "mnist"))
    images, name, measured = dataset.train_images, "test", dataset.test_images
    if options.hold_out:
        name, measured = "held-out", images[-HELD_OUT:]
        images = images[:-HELD_OUT]
    torch.manual_seed(options.seed)
    model = reference_vae.build().to(device)
    models.start_at_mean(model.decoder, images)
    images = images.to(device)
    begin, steps = time.perf_counter(), options.steps
    if steps is None and unfinished.exists():
        steps = checkpoint.load(unfinished)["settings"]["steps"]
    elif steps is None:
        steps = steps_in(60 * options.minutes, model, images, options.dtype)
        tell(
            f"{options.minutes:g} minutes are {steps:,} steps: --steps {steps}"
        )
    settings = {
        "steps": steps,
        "seed": options.seed,
        "dtype": options.dtype,
        "images": len(images),
        "data": dataset.name,
        "processes": torch.distributed.get_world_size(),
        "threads": torch.get_num_threads(),
        "device": device.type,
        "torch": str(torch.__version__),
        "python": platform.python_version(),
    }
    train(model, images, settings, unfinished)
    if not processes.is_first():
        return
    weights = {name: w.half().cpu() for name, w in model.state_dict().items()}
    seconds = time.perf_counter() - begin
    contents = {"weights": weights, "seconds": seconds, **settings}
    checkpoint.save(contents, out)
    unfinished.unlink()
    tell(f"{out}: {seconds / 60:.1f} minutes. Measuring")
    nll, gain, error = measure(reference_vae.load(out), measured)
    protocol = PROTOCOL.format(
        count=len(measured),
        name=name,
        some=min(500, len(measured)),
        images=len(images),
        parameters=sum(p.numel() for p in model.parameters()),
    )
    tell(
        f"\n{name.capitalize()} NLL {nll - gain:.2f} nats per image, standard "
        f"error {error:.2f} ({nll:.2f} with k = 100, less {gain:.2f}).\n\n"
        f"{protocol}\n\n{PUBLISHED}\n\n"
        + ", ".join(f"{key} {value}" for key, value in settings.items())
    )


def has_bfloat16():
    """Return whether the processor or the GPU multiplies in bfloat16."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


if __name__ == "__main__":
    main()
