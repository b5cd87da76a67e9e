"""How fast `fit` is, against the usual loop and against the bare loop.

    python tools/benchmark_training.py [--rounds 5] [--json FILE]

Needs the real MNIST (COURSE_DATA) and an idle machine. One thread. The model
is a VAE, 784-400-20-400-784, on grey images, as in the PyTorch VAE example.

Speed: three loops train the same model for the same steps, in turn, over
several rounds; the table shows medians of the rounds' ratios.
  a  the usual loop, as the PyTorch VAE example has it: DataLoader over a
     dataset with ToTensor, binary_cross_entropy of a sigmoid, Adam, item()
  b  course_lib.training.fit
  c  the bare loop: data in memory, fused Adam, nothing recorded
  d  as b, for lesson 04's convolutional autoencoder, fewer steps
  e  as c, for the same
Quality: the time to 105.6 nats of test loss (z sampled), the usual loop at
its own settings (10 epochs, lr 1e-3) against `fit` at the course's.

Exits with 1 where a bar is missed, with 2 where the losses differ by more
than noise, since times of different trainings say nothing.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["TQDM_DISABLE"] = "1"

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

from course_lib import data, losses, models, training
from course_lib.evaluation import evaluate

BATCH = 128
STEPS = 469  # one epoch
CONV_STEPS = 150
TARGET = 105.6  # nats: the example's test loss after 10 epochs
VARIANTS = {
    "a": "usual loop, PyTorch example",
    "b": "course_lib.training.fit",
    "c": "bare loop, data in memory",
    "d": "fit, convolutional",
    "e": "bare loop, convolutional",
}
LENGTHS = dict.fromkeys("abc", STEPS) | dict.fromkeys("de", CONV_STEPS)
BARS = {"b/c": 1.05, "d/e": 1.05, "a/b": 2.0, "time to target": 8.0}
AT_MOST = ("b/c", "d/e")


def new_vae(seed, activation=nn.ReLU):
    """Return the course's VAE, 784-400-20-400-784."""
    torch.manual_seed(seed)
    return models.VAE(
        models.mlp_encoder(784, 400, 2 * 20, activation=activation),
        models.mlp_decoder(20, 400, 784, activation=activation),
    )


class ExampleVAE(nn.Module):
    """The same VAE as the PyTorch example writes it."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 400)
        self.fc21 = nn.Linear(400, 20)
        self.fc22 = nn.Linear(400, 20)
        self.fc3 = nn.Linear(20, 400)
        self.fc4 = nn.Linear(400, 784)

    def forward(self, x):
        h = F.relu(self.fc1(x.view(-1, 784)))
        mu, logvar = self.fc21(h), self.fc22(h)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z)))), mu, logvar


def example_loss(model, x):
    """Return the negative ELBO of a batch, as the example writes it."""
    x_hat, mu, logvar = model(x)
    bce = F.binary_cross_entropy(x_hat, x.view(-1, 784), reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return (bce + kld) / len(x)


def new_example(seed):
    torch.manual_seed(seed)
    return ExampleVAE()


def train_usual(model, loader, seed, optimizer=None):
    """Run one epoch of the usual loop; return the losses of its steps."""
    torch.manual_seed(seed)
    optimizer = optimizer or torch.optim.Adam(model.parameters(), lr=1e-3)
    model.train()
    seen = []
    for x, _ in loader:
        optimizer.zero_grad()
        loss = example_loss(model, x)
        loss.backward()
        seen.append(loss.item())
        optimizer.step()
    return seen


def new_conv(seed):
    """Return lesson 04's convolutional autoencoder."""
    torch.manual_seed(seed)
    encoder, decoder = models.conv_encoder(32), models.conv_decoder(32)
    return models.Autoencoder(encoder, decoder)


def squared_error(model, x):
    """Return lesson 04's loss."""
    return {"loss": losses.squared_error(model.reconstruct(x), x)}


def train_fit(model, loss, images, seed, steps):
    """Train by `fit`; return the losses of its steps."""
    history = training.fit(
        model,
        loss,
        images,
        steps=steps,
        batch_size=BATCH,
        seed=seed,
        device="cpu",
    )
    return history.terms["loss"].tolist()


def train_bare(model, loss, images, seed, steps):
    """Train by the bare loop, an epoch at most; return its steps' losses."""
    torch.manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    model.train()
    generator = torch.Generator().manual_seed(seed)
    seen = []
    order = torch.randperm(len(images), generator=generator)
    for index in order.split(BATCH)[:steps]:
        optimizer.zero_grad()
        value = loss(model, images[index])["loss"].mean()
        value.backward()
        optimizer.step()
        seen.append(value.detach())
    return torch.stack(seen).tolist()


def timed(train, *arguments):
    """Return the seconds a variant took and its loss over the last steps."""
    begin = time.perf_counter()
    seen = train(*arguments)
    return time.perf_counter() - begin, statistics.mean(seen[-100:])


def compare_speed(rounds, images, loader):
    """Return seconds and final losses of each variant, a list a round."""
    vae, conv = (losses.negative_elbo, images), (squared_error, images)
    variants = {
        "a": lambda seed: train_usual(new_example(seed), loader, seed),
        "b": lambda seed: train_fit(new_vae(seed), *vae, seed, STEPS),
        "c": lambda seed: train_bare(new_vae(seed), *vae, seed, STEPS),
        "d": lambda seed: train_fit(new_conv(seed), *conv, seed, CONV_STEPS),
        "e": lambda seed: train_bare(new_conv(seed), *conv, seed, CONV_STEPS),
    }
    seconds = {name: [] for name in variants}
    finals = {name: [] for name in variants}
    train_bare(new_vae(0), *vae, 0, 20)  # warm up
    train_bare(new_conv(0), *conv, 0, 20)
    for seed in range(rounds):
        # a different variant goes first in each round
        names = sorted(variants)
        names = names[seed % len(names) :] + names[: seed % len(names)]
        for name in names:
            took, final = timed(variants[name], seed)
            seconds[name].append(took)
            finals[name].append(final)
        row = ", ".join(f"{n} {seconds[n][-1]:.2f} s" for n in "abcde")
        print(f"round {seed + 1}: {row}", file=sys.stderr)
    return seconds, finals


def rise_hold_fall(fraction):
    """Return a factor that rises over 5 % of the steps and falls over 60 %."""
    return min(1, fraction / 0.05, (1 - fraction) / 0.6)


def time_to_target(images, test, loader):
    """Return {seconds, test loss} of the usual loop and of the course's.

    The usual loop stops after the first epoch that reaches the target, after
    ten at the latest. Evaluation is not counted, on either side.
    """

    def usual_terms(model, x):
        return {"loss": example_loss(model, x)}

    model, spent = new_example(0), 0.0
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(10):
        begin = time.perf_counter()
        train_usual(model, loader, seed=epoch, optimizer=optimizer)
        spent += time.perf_counter() - begin
        reached = evaluate(model, usual_terms, test)["loss"]
        print(f"epoch {epoch + 1}: {reached:.1f} nats", file=sys.stderr)
        if reached <= TARGET:
            break
    usual = {"seconds": spent, "test loss": reached}

    begin = time.perf_counter()
    model = new_vae(0, activation=nn.SiLU)
    models.start_at_mean(model.decoder, images)
    training.fit(
        model,
        losses.negative_elbo,
        images,
        steps=1700,
        batch_size=64,
        lr=6e-3,
        lr_schedule=rise_hold_fall,
        device="cpu",
    )
    spent = time.perf_counter() - begin
    reached = evaluate(model, losses.negative_elbo, test)["loss"]
    return usual, {"seconds": spent, "test loss": reached}


def losses_differ(finals):
    """Say which variants' final losses differ by more than noise, or ''.

    Noise: four standard errors of a difference of two means over rounds.
    """
    said = []
    for name, bare in [("a", "c"), ("b", "c"), ("d", "e")]:
        spread = statistics.stdev(finals[bare])
        noise = 4 * spread * (2 / len(finals[bare])) ** 0.5
        gap = statistics.mean(finals[name]) - statistics.mean(finals[bare])
        if abs(gap) > noise:
            said.append(
                f"{name} differs from {bare} by {gap:.2f} (noise {noise:.2f})"
            )
    return ", ".join(said)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", metavar="FILE")
    arguments = parser.parse_args()
    if arguments.rounds < 5:
        parser.error("a median needs 5 rounds or more")
    torch.set_num_threads(1)

    dataset = data.load("mnist")
    images, test = dataset.train_images, dataset.test_images
    usual_dataset = MNIST(data.folder(), transform=ToTensor())
    loader = DataLoader(usual_dataset, batch_size=BATCH, shuffle=True)
    seconds, finals = compare_speed(arguments.rounds, images, loader)
    usual, course = time_to_target(images, test, loader)

    def ratio(top, bottom):
        pairs = zip(seconds[top], seconds[bottom], strict=True)
        return statistics.median(x / y for x, y in pairs)

    figures = {
        "b/c": ratio("b", "c"),
        "d/e": ratio("d", "e"),
        "a/b": ratio("a", "b"),
        "time to target": usual["seconds"] / course["seconds"],
    }
    met = {
        name: value <= BARS[name] if name in AT_MOST else value >= BARS[name]
        for name, value in figures.items()
    }
    met["time to target"] &= course["test loss"] <= TARGET
    differ = losses_differ(finals)

    for name, label in VARIANTS.items():
        step = 1000 * statistics.median(seconds[name]) / LENGTHS[name]
        loss = statistics.mean(finals[name])
        print(f"{name}  {label:28} {step:6.2f} ms a step, loss {loss:.2f}")
    for label, run in {"usual": usual, "course": course}.items():
        print(
            f"{label:7} {run['seconds']:6.1f} s, "
            f"test loss {run['test loss']:.1f} nats (target {TARGET})"
        )
    for name, value in figures.items():
        word = "at most" if name in AT_MOST else "at least"
        verdict = "met" if met[name] else "MISSED"
        print(f"{name:15} {value:6.3f}  ({word} {BARS[name]}: {verdict})")
    if differ:
        print(f"ERROR: final losses differ: {differ}")
    if arguments.json:
        result = {
            "figures": figures,
            "bars": BARS,
            "met": met,
            "usual": usual,
            "course": course,
            "seconds": seconds,
            "final losses": finals,
            "losses differ": differ,
        }
        Path(arguments.json).write_text(json.dumps(result, indent=2) + "\n")
    return 2 if differ else int(not all(met.values()))


if __name__ == "__main__":
    sys.exit(main())
