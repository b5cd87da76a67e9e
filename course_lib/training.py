"""One training loop for every model of the course."""

import math
import time

import torch
from tqdm.auto import tqdm

from course_lib.contract import (
    check_gradient,
    check_reached,
    check_terms,
    form_of,
    squashing_refused,
)
from course_lib.environment import best_device, seeded
from course_lib.evaluation import evaluate
from course_lib.fit_arguments import check_arguments, check_schedules
from course_lib.history import History

# Keeps the loss's random numbers apart from those that a model with the same
# seed started from; `evaluate` draws from a third stream.
NOISE = 1_000_003


def cosine(fraction):
    """Return the factor that takes the learning rate from 1 to 0.

    (1 + cos(pi fraction)) / 2, where fraction is the part of the steps done.
    Source: Loshchilov and Hutter, SGDR, ICLR 2017.
    """
    return (1 + math.cos(math.pi * fraction)) / 2


def batches(images, batch_size, seed):
    """Yield shuffled batches for ever; each image comes once an epoch."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        order = torch.randperm(len(images), generator=generator)
        for index in order.to(images.device).split(batch_size):
            yield images[index]


def fit(
    model,
    loss,
    images,
    *,
    steps,
    batch_size=128,
    lr=1e-3,
    lr_schedule=None,
    schedules=None,
    validation=None,
    seed=0,
    device=None,
):
    """Train a model with Adam, in place, and return its `History`.

    loss: ``loss(model, batch, **scheduled)`` -> dict of terms, "loss" among
        them; each is a tensor of shape (B,), one number an image, or a
        scalar. ``fit`` takes the mean over the batch and minimises "loss".
    images: tensor (N, ...), kept in the memory of the device as a whole
    lr_schedule: the part of the steps done, in [0, 1) -> factor of lr, as
        `cosine`; constant if None
    schedules: {"beta": f} passes ``beta=f(step)`` to the loss in training;
        validation uses the loss's own default
    validation: images on which the loss is evaluated ten times on the way
    seed: of the batches' order and of the loss's random numbers; same seed,
        same numbers on the CPU. The caller's generator is left untouched.
    device: default `best_device`; afterwards the model is back where it was

    An interrupt (the stop button, Ctrl-C) ends the training early and keeps
    model and history. The model is left in evaluation mode. A second call
    starts from the weights that the first one left, but with a new Adam and
    the same order and noise: it is not one longer training.
    Errors: ValueError for arguments that make no sense, before the first
    step, and for terms that make none; FloatingPointError, naming step and
    term, where a loss is not finite.
    """
    schedules = {} if schedules is None else schedules
    check_arguments(model, loss, images, validation, steps, batch_size, lr)
    check_schedules(loss, lr_schedule, schedules)
    steps, batch_size = int(steps), int(batch_size)
    if validation is not None:  # find out now, not after a tenth of the run
        with squashing_refused(model, validation, "validation images"):
            evaluate(model, loss, validation[:2], seed=seed)
    device = torch.device(device or best_device())
    home = next(model.parameters()).device
    model.to(device).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, fused=True)
    history, record, names, done, checked = History(), None, None, 0, 0
    form = ()  # of the terms: names and shapes
    begin = shown = time.perf_counter()
    bar = tqdm(total=steps, unit="step", leave=False)
    try:
        with seeded(seed + NOISE, device), squashing_refused(model, images):
            stream = batches(images.to(device), batch_size, seed)
            for step in range(steps):
                if lr_schedule:
                    factor = lr_schedule(step / steps)
                    optimizer.param_groups[0]["lr"] = lr * factor
                scheduled = {k: f(step) for k, f in schedules.items()}
                batch = next(stream)
                terms = loss(model, batch, **scheduled)
                first, before, form = record is None, form, form_of(terms)
                if form != before or len(batch) < batch_size:
                    names = check_terms(terms, len(batch), names)
                if first:
                    check_gradient(terms)
                means = torch.stack([terms[name].mean() for name in names])
                optimizer.zero_grad()
                means[names.index("loss")].backward()
                if first:
                    check_reached(model)
                    record = means.new_empty(steps, len(names))
                optimizer.step()
                record[step] = means.detach()  # stays on the device
                done = step + 1
                tenth = done * 10 // steps > step * 10 // steps
                if validation is not None and tenth:
                    values = evaluate(model, loss, validation, seed=seed)
                    history.validation.append((done, values))
                # Reading the record makes the CPU wait for the device, so
                # that is done twice a second, not at each step. A bar that is
                # closed before its last step stays, in red.
                if done == steps or time.perf_counter() > shown + 0.5:
                    _raise_if_not_finite(record, checked, done, names)
                    bar.update(done - checked)
                    checked, shown = done, time.perf_counter()
    except KeyboardInterrupt:
        history.interrupted = True
        print(f"Interrupted after {done} of {steps} steps; the model is kept.")
    finally:
        bar.close()
        model.to(home).eval()
    if done:
        _raise_if_not_finite(record, checked, done, names)
        columns = record[:done].cpu().T
        history.terms = dict(zip(names, columns, strict=True))
    history.seconds = time.perf_counter() - begin
    return history


def _raise_if_not_finite(record, begin, end, names):
    """Look for the first step in [begin, end) with a NaN or infinite term."""
    bad = ~record[begin:end].isfinite()
    if not bad.any():
        return
    row = int(bad.any(1).nonzero()[0])
    terms = [
        f"{name} = {value:g}"
        for name, value, is_bad in zip(
            names, record[begin + row].tolist(), bad[row], strict=True
        )
        if is_bad
    ]
    raise FloatingPointError(
        f"the loss is not finite at step {begin + row + 1}: "
        f"{', '.join(terms)}. Likely causes: lr is too high (try a third of "
        f"it); a log, a division or an exp in the loss that overflows; NaN "
        f"in the images. The weights are spoiled: make a new model."
    )
