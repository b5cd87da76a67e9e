"""The exercise checkers: right answers pass, mistakes are named."""

import ast
import contextlib
import math
import random
import re
import time
from pathlib import Path

import answers_02
import answers_03
import answers_04
import answers_05
import answers_06
import answers_07
import answers_08
import answers_09
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from scipy import stats
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA
from torch.distributions import Bernoulli, Normal

from course_lib import checks
from course_lib.checks.compare import difference

LOG_2PI = math.log(2 * math.pi)
NAMES = [n for n in checks.__all__ if n not in ("Exercise", "Mistake")]
INTEGERS = (
    "conv_size",
    "tconv_size",
    "receptive_field",
    "prior_grid",
    "effective_beta",
    "warm_up",
)  # no tensors at all
TENSORS = [n for n in NAMES if n not in INTEGERS]
# the answer is one number:
SCALARS = (
    "standard_error",
    "train_step",
    "kl_sparsity",
    "dead_units",
    "kl",
    "kl_full",
    "effective_beta",
    "active_units",
    "warm_up",
    "free_bits",
)
TUPLES = ("ppca_posterior", "vae_forward")  # the answer is several tensors
SAMPLED = (
    "salt_pepper",
    "reparameterize",
    "vae_forward",
)  # only statistics of the result are compared

# a detached result is named, by the gradient or by slopes in the experiment:
GRADIENT = [n for n in NAMES if getattr(checks, n).gradient]
OWN_SLOPES = ("bce_normaliser", "reparameterize", "vae_forward")
# or not, where a right answer may come without a gradient:
NO_GRADIENT = {
    "standard_error": "a Python float of the math module",
    "train_step": "the loss is asked for detached",
    "bce_logit_grad": "autograd.grad of the loss",
    "dead_units": "a count",
    "mixture_score": "autograd.grad of the log density",
    "score_grad": "autograd.grad of log q; samples are constants",
    "continuous_bernoulli_mean": "autograd.grad of the log normaliser",
    "active_units": "a count",
}


# Right answers, in forms that learners write.


def sse_loop(x, x_hat):
    errors = []
    for image, other in zip(x, x_hat, strict=True):
        errors.append(sum((a - b) @ (a - b) for a, b in rows(image, other)))
    return torch.stack(errors)


def rows(image, other):
    return zip(
        image.flatten(0, -2), other.flatten(0, -2), strict=True
    )  # row by row


def pdf_loop(x, mu, sigma):
    x, mu, sigma = torch.broadcast_tensors(x, mu, sigma)
    values = [
        -((a - m) ** 2) / (2 * s**2) - torch.log(s * math.sqrt(2 * math.pi))
        for a, m, s in zip(
            x.flatten(), mu.flatten(), sigma.flatten(), strict=True
        )
    ]
    return torch.stack(values).reshape(x.shape)


def error_loop(samples):
    n = len(samples)
    mean = sum(samples.tolist()) / n
    squares = sum((s - mean) ** 2 for s in samples.tolist())
    return math.sqrt(squares / (n - 1) / n)


def step_usual(model, optimizer, x):
    x_hat = torch.sigmoid(model(x))
    loss = ((x_hat - x) ** 2).sum(dim=(1, 2, 3)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def step_float(model, optimizer, x):
    model.train()
    model.zero_grad()
    x_hat = model(x).sigmoid()
    loss = F.mse_loss(x_hat, x, reduction="sum") / x.shape[0]
    loss.backward()
    optimizer.step()
    return loss.item()


def step_zero_last(model, optimizer, x):
    loss = sum(
        (image.sigmoid() - target).square().sum()
        for image, target in zip(model(x), x, strict=True)
    ) / len(x)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    return loss.detach().clone().reshape(1)


def step_closure(model, optimizer, x):
    def closure():
        optimizer.zero_grad()
        flat = (model(x).sigmoid() - x).flatten(1)
        loss = torch.einsum("bd,bd->b", flat, flat).mean()
        loss.backward()
        return loss

    return optimizer.step(closure)


def pca_svd(train, x, K):
    mean = train.mean(dim=0, keepdim=True)
    _, _, Vh = torch.linalg.svd(train - mean, full_matrices=False)
    codes = (x - mean) @ Vh[:K].T
    return codes @ Vh[:K] + mean


def pca_eigh(train, x, K):
    mean = train.mean(0)
    _, vectors = torch.linalg.eigh(torch.cov(train.T))
    W = vectors[:, -K:]
    return mean + (x - mean) @ W @ W.T


def pca_loop(train, x, K):
    mean = train.mean(0)
    U = torch.linalg.svd((train - mean).T @ (train - mean) / len(train)).U
    result = mean.expand_as(x)
    for k in range(K):
        result = result + torch.outer((x - mean) @ U[:, k], U[:, k])
    return result


def pca_lowrank(train, x, K):
    mean = train.mean(0)
    V = torch.pca_lowrank(train, q=K)[2]
    return torch.einsum("bd,dk,ek->be", x - mean, V, V) + mean


def pca_sklearn(train, x, K):
    pca = PCA(n_components=K).fit(train.numpy())
    x_hat = pca.inverse_transform(pca.transform(x.numpy()))
    return torch.from_numpy(x_hat)


def angles_qr(A, B):
    Qa, _ = torch.linalg.qr(A)
    Qb, _ = torch.linalg.qr(B)
    cosines = torch.linalg.svdvals(Qa.T @ Qb)
    return torch.acos(cosines.clamp(-1, 1))


def angles_svd(A, B):
    Ua = torch.linalg.svd(A, full_matrices=False).U
    Ub = torch.linalg.svd(B, full_matrices=False).U
    cosines = torch.linalg.svd(torch.einsum("dk,dl->kl", Ua, Ub)).S
    return torch.arccos(torch.minimum(cosines, torch.ones(())))


def angles_projectors(A, B):
    Pa, Pb = A @ torch.linalg.pinv(A), B @ torch.linalg.pinv(B)
    squared = torch.linalg.eigvals(Pa @ Pb).real.sort(descending=True)[0]
    return squared[: A.shape[1]].clamp(0, 1).sqrt().acos()


def angles_gram_schmidt(A, B):
    bases = []
    for matrix in (A.double(), B.double()):
        basis = []
        for v in matrix.T:
            for q in basis:
                v = v - (q @ v) * q
            basis.append(v / v.norm())
        bases.append(torch.stack(basis))
    return torch.linalg.svdvals(bases[0] @ bases[1].T).clamp(max=1).acos()


def angles_by_floats(A, B):
    cosines = angles_qr(A, B).cos().tolist()
    return torch.tensor([math.acos(min(c, 1)) for c in cosines])


def angles_scipy(A, B):
    return torch.tensor(subspace_angles(A.numpy(), B.numpy())[::-1].copy())


def grad_autograd(a, x):
    a = a.clone().requires_grad_()
    F.binary_cross_entropy_with_logits(a, x, reduction="sum").backward()
    return a.grad


def grad_autograd_by_hand(a, x):
    a.requires_grad_()
    p = torch.sigmoid(a)
    loss = -(x * p.log() + (1 - x) * (1 - p).log())
    return torch.autograd.grad(loss.sum(), a)[0]


def grad_loop(a, x):
    pairs = zip(a.flatten().tolist(), x.flatten().tolist(), strict=True)
    values = [1 / (1 + math.exp(-u)) - v for u, v in pairs]
    return torch.tensor(values).reshape(a.shape)


RIGHT = {
    "sse": [
        lambda x, x_hat: ((x - x_hat) ** 2).flatten(1).sum(1),
        lambda x, x_hat: (x_hat - x).pow(2).reshape(len(x), -1).sum(-1),
        lambda x, x_hat: (
            ((x - x_hat) ** 2).flatten(1).sum(1, keepdim=True)  # (B, 1)
        ),
        lambda x, x_hat: ((x - x_hat) ** 2).sum(tuple(range(1, x.ndim))),
        lambda x, x_hat: (
            F.mse_loss(x_hat, x, reduction="none").flatten(1).double().sum(1)
        ),
        lambda x, x_hat: torch.einsum(
            "bd,bd->b", (x - x_hat).flatten(1), (x - x_hat).flatten(1)
        ),
        lambda x, x_hat: ((x - x_hat) ** 2).flatten(1).mean(1) * x[0].numel(),
        sse_loop,
    ],
    "normal_logpdf": [
        lambda x, mu, sigma: Normal(mu, sigma).log_prob(x),
        lambda x, mu, sigma: (
            -0.5 * torch.log(2 * torch.pi * sigma**2)
            - (x - mu) ** 2 / (2 * sigma**2)
        ),
        lambda x, mu, sigma: (
            -0.5 * ((x - mu) / sigma) ** 2 - sigma.log() - 0.5 * LOG_2PI
        ),
        lambda x, mu, sigma: torch.log(
            torch.exp(-0.5 * ((x - mu) / sigma).square())
            / (sigma * math.sqrt(2 * math.pi))
        ),
        lambda x, mu, sigma: Normal(
            mu.double(), sigma.double(), validate_args=False
        ).log_prob(x.double()),
        pdf_loop,
    ],
    "standard_error": [
        lambda samples: samples.std() / math.sqrt(len(samples)),
        lambda samples: samples.std(unbiased=False) / len(samples) ** 0.5,
        lambda samples: (samples.var() / samples.numel()).sqrt(),
        lambda samples: stats.sem(samples.numpy()),
        lambda samples: samples.std().item() / math.sqrt(samples.shape[0]),
        lambda samples: samples.std(0, keepdim=True) / len(samples) ** 0.5,
        error_loop,
    ],
    "train_step": [step_usual, step_float, step_zero_last, step_closure],
    "pca_reconstruct": [pca_svd, pca_eigh, pca_loop, pca_lowrank],
    "principal_angles": [
        angles_qr,
        angles_svd,
        angles_projectors,
        angles_gram_schmidt,
    ],
    "bce_logit_grad": [
        lambda a, x: torch.sigmoid(a) - x,
        lambda a, x: 1 / (1 + torch.exp(-a)) - x,
        lambda a, x: Bernoulli(logits=a).probs.double() - x,
        lambda a, x: (1 - x) * torch.sigmoid(a) - x * torch.sigmoid(-a),
        grad_autograd,
        grad_autograd_by_hand,
        grad_loop,
    ],
}

for module in (
    answers_02,
    answers_03,
    answers_04,
    answers_05,
    answers_06,
    answers_07,
    answers_08,
    answers_09,
):
    RIGHT |= module.RIGHT


# Wrong answers, each beside a pattern that its message must match.


def all_pairs_loop(x, x_hat):
    each = [((image - x_hat) ** 2).flatten(1).sum(1) for image in x]
    return torch.stack(each)


def step(
    loss=lambda x_hat, x: ((x_hat - x) ** 2).sum((1, 2, 3)).mean(),
    calls="zero backward step",
    squash=torch.sigmoid,
):
    def train_step(model, optimizer, x):
        value = loss(squash(model(x)), x)
        for call in calls.split():
            if call == "zero":
                optimizer.zero_grad()
            elif call == "backward":
                value.backward()
            else:
                optimizer.step()
        return value.detach()

    return train_step


def overwritten(model, optimizer, x):
    x = torch.sigmoid(model(x))
    loss = ((x - x) ** 2).sum((1, 2, 3)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def overwritten_no_sigmoid(model, optimizer, x):
    x = model(x)
    loss = F.mse_loss(x, x, reduction="sum") / len(x)
    loss.backward()
    optimizer.step()
    return loss


def no_grad(model, optimizer, x):
    with torch.no_grad():
        x_hat = torch.sigmoid(model(x))
    return step(lambda _, x: ((x_hat - x) ** 2).sum((1, 2, 3)).mean())(
        lambda x: x_hat, optimizer, x
    )


def item_first(model, optimizer, x):
    loss = ((torch.sigmoid(model(x)) - x) ** 2).sum((1, 2, 3)).mean().item()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def new_leaf(model, optimizer, x):
    loss = ((torch.sigmoid(model(x)) - x) ** 2).sum((1, 2, 3)).mean()
    loss = loss.detach().requires_grad_()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def images_labels(model, optimizer, batch):
    images, _labels = batch
    return step()(model, optimizer, images)


def images_only(model, optimizer, batch):
    x, _ = batch
    return step()(model, optimizer, x)


def each_pair(model, optimizer, batch):
    for images, _labels in batch:
        loss = step()(model, optimizer, images)
    return loss


def first_of_batch(model, optimizer, batch):
    x = batch[0]
    return step(lambda x_hat, x: ((x_hat - x) ** 2).sum())(model, optimizer, x)


def loss_after(model, optimizer, x):
    step()(model, optimizer, x)
    return ((torch.sigmoid(model(x)) - x) ** 2).sum((1, 2, 3)).mean().item()


def project(x, W, before=0.0, after=0.0):
    return (x - before) @ W @ W.T + after


def svd_axes(data, K):
    return torch.linalg.svd(data, full_matrices=False).Vh[:K].T


def eigh_axes(data):
    """All eigenvectors in the columns, the smallest variance first."""
    centred = data - data.mean(0)
    return torch.linalg.eigh(centred.T @ centred / (len(data) - 1))[1]


def pca_mistake(where):
    """Three places for a mean: under svd, before and after projection."""

    def reconstruct(train, x, K):
        mean = {"train": train.mean(0), "test": x.mean(0), "no": 0.0}
        svd, before, after = (mean[word] for word in where.split())
        return project(x, svd_axes(train - svd, K), before, after)

    return reconstruct


def with_axes(choose):
    def reconstruct(train, x, K):
        mean = train.mean(0)
        return project(x, choose(train, K), mean, mean)

    return reconstruct


def vh_untransposed(train, x, K):
    mean = train.mean(0)
    Vh = torch.linalg.svd(train - mean, full_matrices=False).Vh
    return (x - mean) @ Vh[:K] @ Vh[:K].T + mean


def u_for_v(train, x, K):
    mean = train.mean(0)
    U, _, _ = torch.linalg.svd(train - mean, full_matrices=False)
    return (x - mean) @ U[:, :K] @ U[:, :K].T + mean


def unclamped(basis):
    def angles(A, B):
        cosines = torch.linalg.svdvals(basis(A).T @ basis(B))
        return torch.acos(cosines)

    return angles


def unit_columns(A):
    return A / torch.linalg.vector_norm(A, dim=0, keepdim=True)


def q_of(A):
    return torch.linalg.qr(A).Q


def u_of(A):
    return torch.linalg.svd(A, full_matrices=False)[0]


def whitened(A):
    values, vectors = torch.linalg.eigh(A.T @ A)
    return A @ vectors / values.sqrt()


def grad_of(loss):
    def gradient(a, x):
        a = a.clone().requires_grad_()
        return torch.autograd.grad(loss(a, x), a)[0]

    return gradient


WRONG = {
    "sse": [
        ("average over pixels", lambda x, y: ((x - y) ** 2).mean((1, 2, 3))),
        ("average over pixels", lambda x, y: F.mse_loss(y, x)),
        (
            "average over pixels",
            lambda x, y: torch.stack(
                [F.mse_loss(b, a) for a, b in zip(x, y, strict=True)]
            ),
        ),
        ("reduce the batch", lambda x, y: ((x - y) ** 2).sum()),
        ("reduce the batch", lambda x, y: ((x - y) ** 2).sum().item()),
        ("reduce the batch", lambda x, y: F.mse_loss(y, x, reduction="sum")),
        (
            "reduce the batch",
            lambda x, y: ((x - y) ** 2).flatten(1).sum(1).mean(),
        ),
        ("square is missing", lambda x, y: (x - y).sum((1, 2, 3))),
        ("square is missing", lambda x, y: (y - x).flatten(1).sum(1)),
        (
            "square is missing",
            lambda x, y: F.l1_loss(x, y, reduction="none").sum((1, 2, 3)),
        ),
        ("square the sum", lambda x, y: (x - y).sum((1, 2, 3)) ** 2),
        ("square root", lambda x, y: ((x - y) ** 2).sum((1, 2, 3)).sqrt()),
        (
            "[Bb]roadcast",
            lambda x, y: ((x.view(len(x), -1) - y) ** 2).sum(1),
        ),
        (
            "[Bb]roadcast",
            lambda x, y: ((x - y.reshape(len(y), 784)) ** 2).sum((1, 2, 3)),
        ),
        (
            "[Bb]roadcast",
            lambda x, y: ((x.view(-1, 1, 784) - y.view(-1, 784)) ** 2).sum(
                (1, 2)
            ),
        ),
        (
            "[Bb]roadcast",
            lambda x, y: ((x.flatten(1) - y.flatten(2)) ** 2).sum((1, 2)),
        ),
        (
            "[Bb]roadcast",
            lambda x, y: ((x.flatten(2) - y.flatten(1)) ** 2).sum(-1),
        ),
        ("[Bb]roadcast", all_pairs_loop),
    ],
    "normal_logpdf": [
        (
            "density; return its log",
            lambda x, m, s: Normal(m, s).log_prob(x).exp(),
        ),
        (
            "density; return its log",
            lambda x, m, s: (
                torch.exp(-((x - m) ** 2) / (2 * s**2))
                / (s * math.sqrt(2 * math.pi))
            ),
        ),
        ("sign", lambda x, m, s: -Normal(m, s).log_prob(x)),
        (
            "sign",
            lambda x, m, s: ((x - m) / s) ** 2 / 2 - s.log() - LOG_2PI / 2,
        ),
        (
            "sign",
            lambda x, m, s: -(((x - m) / s) ** 2) / 2 + s.log() - LOG_2PI / 2,
        ),
        ("sign", lambda x, m, s: Normal(m, s).log_prob(x) + LOG_2PI),
        (
            r"log\(2 pi\) is missing",
            lambda x, m, s: -(((x - m) / s) ** 2) / 2 - s.log(),
        ),
        (
            r"log\(2 pi\) is missing",
            lambda x, m, s: -0.5 * (torch.log(s**2) + (x - m) ** 2 / s**2),
        ),
        (
            "log sigma is missing",
            lambda x, m, s: -(((x - m) / s) ** 2) / 2 - LOG_2PI / 2,
        ),
        (
            "1/2 is missing",
            lambda x, m, s: -(((x - m) / s) ** 2) - torch.log(s) - LOG_2PI / 2,
        ),
        (
            "1/2 is missing",
            lambda x, m, s: (
                -0.5 * (x - m) ** 2 / s**2 - torch.log(2 * torch.pi * s**2)
            ),
        ),
        (
            "1/2 is missing",
            lambda x, m, s: (
                -((x - m) ** 2) / s**2 - torch.log(2 * torch.pi * s**2)
            ),
        ),
        (
            "1/2 is missing",
            lambda x, m, s: -(((x - m) / s) ** 2) / 2 - s.log() - LOG_2PI,
        ),
        (
            "1/2 is missing",
            lambda x, m, s: -(((x - m) / s) ** 2) - s.log() - LOG_2PI,
        ),
        (
            "1/2 is missing",
            lambda x, m, s: (
                -(((x - m) / s) ** 2) / 2 - (s**2).log() - LOG_2PI / 2
            ),
        ),
        (
            r"sigma for sigma\*\*2",
            lambda x, m, s: Normal(m, torch.sqrt(s)).log_prob(x),
        ),
        (
            r"sigma for sigma\*\*2",
            lambda x, m, s: -((x - m) ** 2) / (2 * s) - s.log() - LOG_2PI / 2,
        ),
        (
            r"sigma for sigma\*\*2",
            lambda x, m, s: (
                -((x - m) ** 2) / (2 * s**2) - 0.5 * (2 * torch.pi * s).log()
            ),
        ),
        (
            "square sigma twice",
            lambda x, m, s: Normal(m, s**2).log_prob(x),
        ),
        (
            "square sigma twice",
            lambda x, m, s: (
                -0.5 * ((x - m) / s**2) ** 2 - s.log() - LOG_2PI / 2
            ),
        ),
    ],
    "standard_error": [
        ("standard deviation", lambda s: s.std()),
        ("standard deviation", lambda s: s.numpy().std().item()),
        ("divide by n;", lambda s: s.std() / len(s)),
        ("divide by n;", lambda s: s.std(unbiased=False).item() / len(s)),
        ("variance", lambda s: s.var()),
        ("variance", lambda s: s.var(correction=0) / len(s)),
        ("variance", lambda s: ((s - s.mean()) ** 2).mean()),
        ("variance", lambda s: s.var() / math.sqrt(len(s))),
        ("subtract the mean", lambda s: ((s**2).mean() / len(s)).sqrt()),
    ],
    "train_step": [
        ("overwritten", overwritten),
        ("overwritten", overwritten_no_sigmoid),
        ("accumulate", step(calls="backward step")),
        ("do not move", step(calls="")),
        ("do not move", step(calls="zero backward")),
        ("do not move", step(calls="backward zero step")),
        ("do not move", new_leaf),
        (
            "is detached",
            step(lambda x_hat, x: ((x_hat.detach() - x) ** 2).sum() / len(x)),
        ),
        (
            "is detached",
            step(lambda y, x: ((y - x) ** 2).sum((1, 2, 3)).mean().data),
        ),
        ("is detached", no_grad),
        ("is detached", item_first),
        (r"\(images, labels\)", images_labels),
        (r"\(images, labels\)", images_only),
        (r"\(images, labels\)", each_pair),
        (r"\(images, labels\)", first_of_batch),
        ("average over pixels", step(F.mse_loss)),
        ("average over pixels", step(lambda y, x: ((y - x) ** 2).mean())),
        ("sum over the batch", step(lambda y, x: ((y - x) ** 2).sum())),
        (
            "sum over the batch",
            step(lambda y, x: F.mse_loss(y, x, reduction="sum")),
        ),
        ("sigmoid", step(squash=lambda logits: logits)),
        ("after the step", loss_after),
    ],
    "pca_reconstruct": [
        ("not centred", pca_mistake("no no no")),
        ("not centred", pca_mistake("train no no")),
        ("not centred", pca_mistake("train no train")),
        ("not centred", pca_mistake("no train train")),
        (
            "not centred",
            lambda train, x, K: project(
                x, torch.linalg.eigh(train.T @ train)[1][:, -K:]
            ),
        ),
        ("not centred", pca_mistake("no no train")),
        ("not centred", pca_mistake("no train no")),
        ("mean of x", pca_mistake("train test no")),
        ("mean of x", pca_mistake("train test test")),
        ("mean of x", pca_mistake("train test train")),
        ("mean of x", pca_mistake("train train test")),
        ("restore the mean", pca_mistake("train train no")),
        (
            "restore the mean",
            lambda train, x, K: project(
                x - train.mean(0), eigh_axes(train)[:, -K:]
            ),
        ),
        ("smallest", with_axes(lambda train, K: eigh_axes(train)[:, :K])),
        (
            "smallest",
            with_axes(lambda t, K: svd_axes(t - t.mean(0), None)[:, -K:]),
        ),
        (
            "transposed",
            with_axes(lambda t, K: svd_axes(t - t.mean(0), None).T[:, :K]),
        ),
        ("transposed", with_axes(lambda t, K: eigh_axes(t)[:K].T)),
        ("transposed", with_axes(lambda t, K: eigh_axes(t)[-K:].T)),
        ("transposed", with_axes(lambda t, K: -eigh_axes(t).flip(1)[:K].T)),
        (
            "transposed",
            with_axes(
                lambda t, K: torch.linalg.svd(torch.cov(t.T)).U[:K, :].T
            ),
        ),
        ("transposed", vh_untransposed),
        ("transposed", u_for_v),
        (
            "codes",
            lambda t, x, K: (x - t.mean(0)) @ svd_axes(t - t.mean(0), K),
        ),
        (
            "codes",
            lambda t, x, K: (x - t.mean(0)) @ -eigh_axes(t).flip(1)[:, :K],
        ),
        (
            "codes",
            lambda t, x, K: torch.from_numpy(
                PCA(K).fit(t.numpy()).transform(x.numpy())
            ),
        ),
        ("gradient with respect to x is lost", pca_sklearn),
    ],
    "principal_angles": [
        ("not orthonormal", unclamped(lambda A: A)),
        (
            "not orthonormal",
            lambda A, B: torch.linalg.svdvals(A.T @ B).clamp(-1, 1).acos(),
        ),
        ("not orthonormal", lambda A, B: unclamped(unit_columns)(A, B)),
        (
            "not orthonormal",
            lambda A, B: torch.linalg.svdvals(q_of(A).T @ B).acos(),
        ),
        ("cosines", lambda A, B: torch.linalg.svdvals(q_of(A).T @ q_of(B))),
        (
            "not orthonormal",
            lambda A, B: torch.linalg.svdvals(A.T @ q_of(B)).acos(),
        ),
        ("cosines", lambda A, B: torch.cos(angles_svd(A, B))),
        ("[Cc]lamp", unclamped(q_of)),
        ("[Cc]lamp", unclamped(u_of)),
        ("[Cc]lamp", unclamped(whitened)),
        ("[Cc]lamp", lambda A, B: unclamped(q_of)(B, A)),
        ("degrees", lambda A, B: torch.rad2deg(angles_qr(A, B))),
        ("degrees", lambda A, B: angles_svd(A, B) * 180 / torch.pi),
        ("degrees", lambda A, B: torch.rad2deg(unclamped(q_of)(A, B))),
        ("sorted", lambda A, B: angles_qr(A, B).flip(0)),
        ("sorted", lambda A, B: torch.tensor(subspace_angles(A, B))),
        ("gradient", angles_scipy),
        ("gradient", angles_by_floats),
    ],
    "bce_logit_grad": [
        ("sign", lambda a, x: x - torch.sigmoid(a)),
        (
            "sign",
            grad_of(
                lambda a, x: (
                    Bernoulli(logits=a, validate_args=False).log_prob(x).sum()
                )
            ),
        ),
        (
            "extra factor",
            lambda a, x: (
                (torch.sigmoid(a) - x)
                * torch.sigmoid(a)
                * (1 - torch.sigmoid(a))
            ),
        ),
        (
            "extra factor",
            grad_of(lambda a, x: 0.5 * ((a.sigmoid() - x) ** 2).sum()),
        ),
        (
            "respect to p",
            lambda a, x: (
                (torch.sigmoid(a) - x)
                / (torch.sigmoid(a) * (1 - torch.sigmoid(a)))
            ),
        ),
        (
            "respect to p",
            lambda a, x: -x / a.sigmoid() + (1 - x) / (1 - a.sigmoid()),
        ),
        ("logit itself", lambda a, x: a - x),
        ("average", grad_of(F.binary_cross_entropy_with_logits)),
        (
            "the loss itself",
            lambda a, x: F.binary_cross_entropy(
                a.sigmoid(), x, reduction="none"
            ),
        ),
    ],
}


# Mistakes that any exercise can meet, made of a right answer.


for module in (
    answers_02,
    answers_03,
    answers_04,
    answers_05,
    answers_06,
    answers_07,
    answers_08,
    answers_09,
):
    WRONG |= module.WRONG


def tensor_of(args):
    """The learner's last tensor argument."""
    return [a for a in args if isinstance(a, torch.Tensor)][-1]


def spoil(result_of):
    """A mistake that changes only the right answer's result."""

    def wrong(f):
        def answer(*args):
            result = f(*args)
            if isinstance(result, tuple):
                return tuple(map(result_of, result))
            return result_of(torch.as_tensor(result))

        return answer

    return wrong


def in_place(f):
    def answer(*args):
        result = f(*args)
        tensor_of(args).add_(1)
        return result

    return answer


def fails(f):
    def answer(*args):
        settings = {"latent": 2}
        return f(*args) + settings["latnet"]

    return answer


def one_size(f):
    shapes = []

    def answer(*args):
        tensors = [a for a in args if isinstance(a, torch.Tensor)]
        shapes.append([a.shape for a in tensors])
        for tensor, shape in zip(tensors, shapes[0], strict=True):
            tensor.view(shape)
        return f(*args)

    return answer


def one_dtype(f):
    def answer(*args):
        x = tensor_of(args)
        x.reshape(1, -1) @ torch.ones(x.numel(), 1)  # fails in float64
        return f(*args)

    return answer


COMMON = [
    ("input .* in place", in_place),
    ("NumPy array", spoil(lambda r: r.detach().numpy())),
    ("shape", spoil(lambda r: torch.stack([r, r]))),
    ("tuple of length 2", spoil(lambda r: (r, r))),
    ("list of length 1", spoil(lambda r: [r])),
    ("one str", spoil(str)),
    ("complex", spoil(lambda r: r + 0j)),
    (r"KeyError: 'latnet'\n.*line \d+: return f\(\*args\)", fails),
    ("NaN", spoil(lambda r: r * float("nan"))),
    (r"right for .*, but not for .*: is a size or a dtype", one_size),
    ("but not for .* float64", one_dtype),
    (r"expected -?\d.*, yours -?\d(.|\n)*Inputs", spoil(lambda r: 2 * r + 7)),
]


# The tests.


def message(name, f) -> str:
    with pytest.raises(checks.Mistake) as caught:
        getattr(checks, name)(f)
    return str(caught.value)


def cases(table):
    return [
        pytest.param(name, *row, id=f"{name}-{i}")
        for name, rows in table.items()
        for i, row in enumerate(rows)
    ]


def table_rows(name):
    """Rows (sentence, wrong function) of the checker's own table."""
    for sentence, wrong in getattr(checks, name).mistakes.items():
        for f in wrong if isinstance(wrong, list) else [wrong]:
            yield sentence, f


def returns_meta(f, inputs) -> bool:
    with contextlib.suppress(Exception):
        return f(*inputs.values()).is_meta
    return False


ALL_WRONG = cases(WRONG) + [
    pytest.param(n, pattern, make(RIGHT[n][0]), id=f"{n}-common-{i}")
    for n in TENSORS
    for i, (pattern, make) in enumerate(COMMON)
]


def test_every_exercise_has_its_tables():
    assert set(RIGHT) == set(WRONG) == set(NAMES)
    assert all(len(forms) >= 3 for forms in RIGHT.values())


@pytest.mark.parametrize(
    ("name", "f"), cases({n: [(f,) for f in fs] for n, fs in RIGHT.items()})
)
def test_right_answers_pass(name, f, capsys):
    getattr(checks, name)(f)
    assert capsys.readouterr().out == f"{name}: passed.\n"


@pytest.mark.parametrize(("name", "pattern", "f"), ALL_WRONG)
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_mistakes_are_named(name, pattern, f, capsys):
    said = message(name, f)
    assert re.search(pattern, said), said
    assert len(said) < 700
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "name", [n for n in TENSORS if n not in SCALARS + TUPLES]
)
def test_a_python_number_is_no_tensor(name):
    f = RIGHT[name][0]
    said = message(name, lambda *args: f(*args).sum().item())
    named = r"reduce the batch|whole batch|one number for each"
    assert re.search(rf"{named}|Python number \(float\)", said)


def test_a_detached_result_is_named_or_there_is_a_reason():
    groups = [*GRADIENT, *OWN_SLOPES, *INTEGERS, *NO_GRADIENT]
    assert sorted(groups) == sorted(NAMES)


@pytest.mark.parametrize("name", [*GRADIENT, *OWN_SLOPES])
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(torch.no_grad(), id="no_grad"),
        pytest.param(spoil(torch.Tensor.detach), id="detach"),
        pytest.param(spoil(lambda r: torch.tensor(r.tolist())), id="list"),
    ],
)
def test_a_detached_result_is_named(name, make):
    said = message(name, make(RIGHT[name][0]))
    assert re.search("no gradient reaches|gradient .* is lost", said), said


@pytest.mark.parametrize("name", GRADIENT)
def test_a_result_partly_detached_is_named(name):
    half = spoil(lambda r: 0.5 * r + 0.5 * r.detach())
    through_numpy = spoil(lambda r: torch.from_numpy(r.numpy()))
    for make in (half, through_numpy):
        assert "is lost on the way" in message(name, make(RIGHT[name][0]))


@pytest.mark.parametrize("name", [n for n in GRADIENT if n in SCALARS])
def test_a_scalar_without_its_gradient_is_named(name):
    for number in (torch.Tensor.item, lambda r: torch.tensor(r.item())):
        said = message(name, spoil(number)(RIGHT[name][0]))
        assert "is lost on the way" in said


@pytest.mark.parametrize(
    ("name", "to"),
    [(n, to) for n in GRADIENT for to in getattr(checks, n).gradient],
)
def test_a_gradient_must_reach_each_input(name, to):
    place = list(getattr(checks, name).inputs()[0]).index(to)

    def detached(*args):
        args = [a.detach() if i == place else a for i, a in enumerate(args)]
        return RIGHT[name][0](*args)

    assert "is lost on the way" in message(name, detached)


@pytest.mark.parametrize("name", NAMES)
def test_not_attempted(name, capsys):
    def raises(*args):
        raise NotImplementedError("your code here")

    getattr(checks, name)(raises)
    said = capsys.readouterr().out
    assert said == f"{name}: not attempted yet.\n"
    getattr(checks, name)(lambda *args: None)
    said_of_none = capsys.readouterr().out
    assert said_of_none.startswith(said) and "return missing" in said_of_none


@pytest.mark.parametrize("name", NAMES)
def test_a_result_in_place_of_the_function(name):
    assert f"checks.{name}({name})" in message(name, torch.ones(3))


@pytest.mark.parametrize("name", NAMES)
def test_wrong_number_of_arguments(name):
    assert "raises TypeError" in message(name, lambda: 0)


@pytest.mark.parametrize("name", NAMES)
def test_own_tables_are_distinct(name):
    """A wrong function of a checker's table is named by its own sentence."""
    exercise = getattr(checks, name)
    first = exercise.inputs()[0]
    for sentence, f in table_rows(name):
        if not returns_meta(f, first):
            assert message(name, f) == sentence


@pytest.mark.parametrize("name", NAMES)
def test_outcomes_lie_far_apart(name):
    """Where a mistake shows first, all others and the answer differ clearly.

    Clearly: by ten tolerances; where statistics are compared, and a tolerance
    is five standard errors, by five.
    """
    exercise = getattr(checks, name)
    far = (5 if name in SAMPLED else 10) * exercise.tolerance
    rows = [("right", exercise.answer), *table_rows(name)]
    unseen = set(range(1, len(rows)))
    for inputs in exercise.inputs():
        outcomes = [exercise._observe(f, inputs) for _, f in rows]
        is_meta = [getattr(outcome, "is_meta", False) for outcome in outcomes]
        for i in sorted(unseen):
            if is_meta[i]:
                unseen.remove(i)
            elif difference(outcomes[i], outcomes[0], exercise.tolerance):
                unseen.remove(i)
                for j, (sentence, _) in enumerate(rows):
                    if sentence != rows[i][0] and not is_meta[j]:
                        assert difference(outcomes[i], outcomes[j], far)
    assert not unseen


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_is_never_shown(name):
    """No expression that a function of the tables returns is in a message."""
    said = [
        message(n, f) for n, _, f in (p.values for p in ALL_WRONG) if n == name
    ]
    said += list(getattr(checks, name).mistakes)
    for path in Path(checks.__file__).parent.glob("lesson_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Lambda):
                code = ast.unparse(node.body)
            elif isinstance(node, ast.Return):
                code = ast.unparse(node.value)
            else:
                continue
            if len(code) > 8:
                assert not any(code in text for text in said), code


@pytest.mark.parametrize("name", NAMES)
def test_few_values_are_shown(name):
    f = RIGHT[name][0]
    said = message(name, spoil(lambda r: 2 * r + 7)(f))
    assert 1 <= said.count("expected ") - said.count("the expected ") <= 3


@pytest.mark.parametrize("name", NAMES)
def test_the_cause_is_kept(name):
    with pytest.raises(checks.Mistake) as caught:
        getattr(checks, name)(fails(RIGHT[name][0]))
    assert isinstance(caught.value.__cause__, KeyError)
    if name in INTEGERS:
        return
    with pytest.raises(checks.Mistake) as caught:
        getattr(checks, name)(in_place(RIGHT[name][0]))
    assert caught.value.__cause__ is None


def test_the_line_shown_is_the_learners_not_the_librarys():
    def fails_in_torch(x, x_hat):
        return F.mse_loss(x_hat, "x")

    assert ': return F.mse_loss(x_hat, "x")\n' in message(
        "sse", fails_in_torch
    )


@pytest.mark.parametrize("name", NAMES)
def test_global_random_state_is_untouched(name):
    exercise = getattr(checks, name)
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()
    exercise(RIGHT[name][0])
    message(name, spoil(lambda r: 2 * r + 7)(RIGHT[name][0]))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert str(np.random.get_state()) == str(before[2])


@pytest.mark.parametrize("name", NAMES)
def test_inputs_are_the_same_at_each_call(name):
    one, two = getattr(checks, name).inputs(), getattr(checks, name).inputs()
    torch.manual_seed(1)
    assert len(one) == len(two) >= 3
    for a, b in zip(one, two, strict=True):
        assert all(bool(torch.as_tensor(a[k] == b[k]).all()) for k in a)


@pytest.mark.parametrize("name", NAMES)
def test_checks_are_quick(name):
    def seconds(run):
        start = time.process_time()
        run()
        return time.process_time() - start

    right, wrong = RIGHT[name][0], spoil(lambda r: 2 * r + 7)(RIGHT[name][0])
    assert (
        min(seconds(lambda: getattr(checks, name)(right)) for _ in "123") < 0.2
    )
    assert min(seconds(lambda: message(name, wrong)) for _ in "123") < 0.2


@pytest.mark.parametrize("name", NAMES)
def test_documentation(name):
    exercise = getattr(checks, name)
    assert exercise.__name__ == exercise.name == name
    assert exercise.__doc__.startswith(f"{name}(")
    assert re.search(r"\([A-Za-z]+, ?[\w., ]*\)|shape", exercise.__doc__)


def test_a_notebook_shows_the_message_alone(capsys):
    shell = InteractiveShell.instance()
    shell.run_cell("from course_lib import checks\n")
    shell.run_cell("def sse(x, x_hat):\n    return (x - x_hat).mean()\n")
    capsys.readouterr()
    result = shell.run_cell("checks.sse(sse)")
    assert isinstance(result.error_in_exec, checks.Mistake)
    shown = capsys.readouterr()
    assert (shown.out + shown.err).strip() == str(result.error_in_exec)


def test_a_notebook_shows_the_learners_line(capsys):
    shell = InteractiveShell.instance()
    shell.run_cell("from course_lib import checks\n")
    cell = "def helper(x):\n    return x.squared()\n\n"
    shell.run_cell(cell + "def sse(x, x_hat):\n    return helper(x - x_hat)\n")
    capsys.readouterr()
    shell.run_cell("checks.sse(sse)")
    shown = capsys.readouterr()
    assert "AttributeError" in shown.out + shown.err
    assert "line 2: return x.squared()" in shown.out + shown.err
    assert "Traceback" not in shown.out + shown.err


def test_mistake_is_an_assertion_error():
    assert issubclass(checks.Mistake, AssertionError)


# The comparison itself.


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6), st.data())
def test_difference_sees_one_changed_entry(values, data):
    expected = torch.tensor(values, dtype=torch.float64)
    assert difference(expected.clone(), expected, 1e-4) == ""
    assert difference(expected[:, None], expected, 1e-4) == ""
    assert difference(expected.float(), expected, 1e-4) == ""
    changed = expected.clone()
    place = data.draw(st.integers(0, len(values) - 1))
    changed[place] += 1 + abs(changed[place])
    assert f"at [{place}]" in difference(changed, expected, 1e-4)


def test_difference_counts_values():
    pair = (torch.zeros(2), torch.ones(2))
    assert difference(pair, pair, 1e-4) == ""
    assert "return 2 values" in difference(pair[0], pair, 1e-4)
    assert "return 2 values" in difference((*pair, *pair), pair, 1e-4)
    assert "expected 1, yours 0" in difference((pair[0],) * 2, pair, 1e-4)


def test_difference_of_names_shapes_and_nan():
    nan = torch.tensor([1.0, float("nan")])
    assert difference({"a": 1.0}, {"a": torch.ones(())}, 1e-4) == ""
    assert difference({"Loss": 2.0}, {"Loss": 1.0}, 1e-4).startswith("Loss: ")
    assert difference(nan, nan.flip(0), 1e-4) == ""
    assert "NaN" in difference(nan, torch.ones(2), 1e-4)
    assert difference(nan, torch.empty(2, device="meta"), 1e-4) == ""
    assert difference(nan, torch.empty(3, device="meta"), 1e-4)
    assert difference(ValueError("a"), ValueError("a"), 1e-4) == ""
    assert difference(ValueError("a"), TypeError("a"), 1e-4)
    assert difference(1.0, ValueError("a"), 1e-4)
