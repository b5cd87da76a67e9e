"""How the reference VAE is trained: bound, schedule, steps, checkpoints."""

import math
import time
from copy import deepcopy
from functools import lru_cache, partial
from types import SimpleNamespace

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

import processes
from course_lib import checkpoint, losses

BATCH_SIZE, LR, WARM_UP = 512, 4e-3, 100  # images, Adam's rate, steps
BETA_UNTIL = 0.3  # part of the steps in which the KL's weight grows to 1
IWAE_FROM, SAMPLES = 0.7, 5  # part of the steps; k of the bound from there
LATENTS = 50
SAVES = 20  # checkpoints on the way


class NegativeBound(nn.Module):
    """The training loss of a VAE whose networks compute in ``dtype``."""

    def __init__(self, model, dtype):
        super().__init__()
        self.model, self.dtype = model, dtype

    def forward(self, x, eps, beta):
        """Return the negative bound, mean over the batch, a scalar.

        x: binary images, (B, ...); eps: standard normal noise, (k, B, K)
        k = 1: the ELBO, with the closed-form KL, which has the weight beta;
        k > 1: the importance-weighted bound, with the doubly reparameterised
        gradient of Tucker and others, ICLR 2019
        """
        mu, logvar = self._run(self.model.encoder, x).chunk(2, dim=1)
        z = mu + torch.exp(0.5 * logvar) * eps  # (k, B, K)
        if len(eps) == 1:
            logits = self._run(self.model.decoder, z[0])
            nll = losses.bernoulli_nll(logits, x)
            return (nll + beta * losses.gaussian_kl(mu, logvar)).mean()
        copies = x.expand(len(eps), *x.shape).flatten(0, 1)
        model = SimpleNamespace(decoder=partial(self._run, self.model.decoder))
        fixed = mu.detach(), logvar.detach()
        log_w = losses.log_weights(model, copies, z, *fixed)
        weight = log_w.detach().softmax(0)  # (k, B)
        z.register_hook(lambda gradient: gradient * weight[:, :, None])
        bound = (log_w.logsumexp(0) - math.log(len(eps))).mean()
        return -bound

    def _run(self, network, inputs):
        """Return a network's output, computed in dtype, in float32."""
        kind, enabled = inputs.device.type, self.dtype != torch.float32
        with torch.autocast(kind, self.dtype, enabled, cache_enabled=False):
            return network(inputs).float()


def share_of(images, step, seed, k):
    """Return this process's binary images of a step, and their noise.

    images: grey, (N, ...); each is binarised afresh, and comes once an epoch
    returns: (B, ...) and (k, B, K)
    """
    size, per_epoch = BATCH_SIZE // processes.PLACES, len(images) // BATCH_SIZE
    epoch, batch = divmod(step, per_epoch)
    shuffled = order(len(images), seed, epoch, images.device)
    x, eps = [], []
    for place in processes.own_places():
        first = batch * BATCH_SIZE + place * size
        grey = images[shuffled[first : first + size]]
        generator = processes.stream(seed, step, place, images.device)
        noise = {"generator": generator, "device": images.device}
        x.append(torch.bernoulli(grey, generator=generator))
        eps.append(torch.randn(k, size, LATENTS, **noise))
    return torch.cat(x), torch.cat(eps, 1)


@lru_cache(2)
def order(count, seed, epoch, device):
    """Return the order of the images in an epoch, the same everywhere."""
    generator = processes.stream(seed, epoch, "order", "cpu")
    return torch.randperm(count, generator=generator).to(device)


def schedule(step, steps):
    """Return the learning rate, the KL's weight and k of a step."""
    done = step / steps
    rate = LR * min(1, (step + 1) / WARM_UP) * (1 - done)
    return rate, min(1, done / BETA_UNTIL), SAMPLES if done >= IWAE_FROM else 1


def train(model, images, settings, path):
    """Train a VAE in place, and save what a broken training needs to go on.

    images: grey, (N, 1, 28, 28), on this process's device, as the model
    settings: "steps", "seed" and "dtype" of the training, and what else
        tells how it came about
    path: of the checkpoint; where one of these settings is there, the
        training goes on from it, with the same numbers
    Errors: FloatingPointError where the loss is not finite
    """
    bound = NegativeBound(model, getattr(torch, settings["dtype"]))
    shared = DistributedDataParallel(bound, gradient_as_bucket_view=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, fused=True)
    start, steps, seed = 0, settings["steps"], settings["seed"]
    if path.exists():
        start = restore(model, optimizer, settings, path)
        tell(f"goes on from step {start:,} of {steps:,}")
    recent, begin = [], time.perf_counter()
    for step in range(start, steps):
        rate, beta, k = schedule(step, steps)
        optimizer.param_groups[0]["lr"] = rate
        loss = shared(*share_of(images, step, seed, k), beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        recent.append(loss.detach())
        done = step + 1
        if step == start or done * SAVES // steps > step * SAVES // steps:
            mean = torch.stack(recent).mean().item()
            if not math.isfinite(mean):
                raise FloatingPointError(
                    f"the loss is {mean} before step {done:,}; what was saved "
                    f"last is from before"
                )
            minutes = (time.perf_counter() - begin) / 60
            tell(f"{minutes:5.1f} min, {done:7,} steps: {mean:.2f} nats")
            save(model, optimizer, settings, done, path)
            recent = []


def save(model, optimizer, settings, step, path):
    """Write the checkpoint, in the first process."""
    if processes.is_first():
        contents = {"settings": settings, "step": step}
        contents["model"] = model.state_dict()
        contents["optimizer"] = optimizer.state_dict()
        checkpoint.save(contents, path)


def restore(model, optimizer, settings, path):
    """Load a checkpoint into model and optimizer; return its step.

    Errors: ValueError where it is that of another training
    """
    contents = checkpoint.load(path)
    for name, value in settings.items():
        stored = contents["settings"].get(name)
        if stored != value:
            raise ValueError(
                f"{path} is from a training with {name} {stored}, not "
                f"{value}. Go on with the same, or delete the file."
            )
    model.load_state_dict(contents["model"])
    optimizer.load_state_dict(contents["optimizer"])
    return contents["step"]


def steps_in(seconds, model, images, dtype):
    """Return how many steps of the schedule fit into a time, measured.

    Both kinds of steps are timed, on a copy of the model; all processes
    return the first one's number.
    """
    begin, cost = time.perf_counter(), {}
    bound = NegativeBound(deepcopy(model), getattr(torch, dtype))
    shared = DistributedDataParallel(bound, gradient_as_bucket_view=True)
    optimizer = torch.optim.Adam(bound.parameters(), lr=0.0, fused=True)
    for k in (1, SAMPLES):
        for step in range(60):
            if step == 10:  # the first ones are slow
                since = time.perf_counter()
            loss = shared(*share_of(images, step, 0, k), 1.0)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        cost[k] = (time.perf_counter() - since) / 50
    mean = IWAE_FROM * cost[1] + (1 - IWAE_FROM) * cost[SAMPLES]
    left = seconds - (time.perf_counter() - begin)
    return int(processes.agree(max(1, left / mean), images.device))


def tell(text):
    """Print a line, in the first process."""
    if processes.is_first():
        print(text, flush=True)
