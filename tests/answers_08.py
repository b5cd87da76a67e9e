"""Answers to lesson 08's exercises, in forms that learners write."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch.distributions import ContinuousBernoulli, Normal


def normaliser_usual(logits):
    small = logits.abs() < 1e-3
    safe = torch.where(small, torch.ones_like(logits), logits)
    return torch.where(small, 0.5, torch.tanh(safe / 2) / safe)


def normaliser_clamped(logits):
    size = logits.abs().clamp(min=1e-4)
    return torch.tanh(size / 2) / size


def normaliser_in_double(logits):
    a = logits.double()
    a = torch.where(a.abs() < 1e-6, 1e-6, a)
    return ((2 * torch.sigmoid(a) - 1) / a).to(logits.dtype)


def normaliser_quadrature(logits):
    nodes, weights = np.polynomial.legendre.leggauss(200)
    x = torch.tensor((nodes + 1) / 2)
    log_p = F.logsigmoid(logits.double()), F.logsigmoid(-logits.double())
    log_f = x * log_p[0][..., None] + (1 - x) * log_p[1][..., None]
    return log_f.exp() @ torch.tensor(weights / 2)


def normaliser_by_masking(logits):
    result = torch.full_like(logits, 0.5)
    big = logits.abs() > 1e-3
    result[big] = (torch.tanh(logits[big] / 2) / logits[big]).to(result)
    return result + 0 * logits


def mean_usual(logits):
    small = logits.abs() < 0.1
    safe = torch.where(small, torch.ones_like(logits), logits)
    exact = 1 / (1 - torch.exp(-safe)) - 1 / safe
    return torch.where(small, 0.5 + logits / 12, exact)


def mean_of_lambda(logits):
    lam = torch.sigmoid(logits.double())
    near = (lam - 0.5).abs() < 1e-4
    safe = torch.where(near, 0.3, lam)
    far = safe / (2 * safe - 1) - 1 / torch.log(safe / (1 - safe))
    far = torch.where(
        logits.abs() > 30, (logits > 0).float() - 1 / logits, far
    )
    return torch.where(near, 0.5, far).to(logits.dtype)


def mean_by_autograd(logits):
    a = logits.detach().clone().double()
    a = torch.where(a.abs() < 1e-4, 1e-4, a).requires_grad_()
    size = a.abs()
    log_sum = torch.where(a > 0, a, 0) + torch.log(-torch.expm1(-size) / size)
    return torch.autograd.grad(log_sum.sum(), a)[0].to(logits.dtype)


def mean_loop(logits):
    values = [
        0.5 + a / 12 if abs(a) < 0.01 else -1 / math.expm1(-a) - 1 / a
        for a in logits.flatten().tolist()
    ]
    return torch.tensor(values).reshape(logits.shape)


def nll_usual(x, mean, log_sigma2):
    scaled = (x - mean) ** 2 * torch.exp(-log_sigma2)
    each = 0.5 * (scaled + log_sigma2 + math.log(2 * math.pi))
    return each.flatten(1).sum(1)


def nll_by_distributions(x, mean, log_sigma2):
    p = Normal(mean, torch.exp(0.5 * log_sigma2))
    return -p.log_prob(x).sum(dim=(1, 2, 3))


def nll_by_loss(x, mean, log_sigma2):
    var = log_sigma2.exp().expand(x.shape)
    each = F.gaussian_nll_loss(mean, x, var, full=True, reduction="none")
    return each.sum((1, 2, 3))


def nll_per_image(x, mean, log_sigma2):
    D = x[0].numel()
    sse = F.mse_loss(mean, x, reduction="none").flatten(1).sum(1)
    constant = D / 2 * torch.log(2 * torch.pi * log_sigma2.exp())
    return sse / (2 * log_sigma2.exp()) + constant


def nll_of(x, mean, sigma):
    return -Normal(mean, sigma).log_prob(x).flatten(1).sum(1)


def beta_usual(rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B):
    r = k = 1.0
    if rec_pixels == "mean":
        r = r / D
    if rec_batch == "mean":
        r = r / B
    if kl_latents == "mean":
        k = k / K
    if kl_batch == "mean":
        k = k / B
    return weight * k / r


def beta_by_table(
    rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B
):
    rec = {"sum": 1, "mean": D}[rec_pixels] * {"sum": 1, "mean": B}[rec_batch]
    kl = {"sum": 1, "mean": K}[kl_latents] * {"sum": 1, "mean": B}[kl_batch]
    return torch.tensor(weight * rec / kl)


def beta_by_tensors(rec_pixels, rec_batch, kl_latents, kl_batch, weight, *n):
    """Reduce tensors of ones in the same way."""
    D, K, B = n
    rec = getattr(torch.ones(B, D), rec_pixels)(1)
    kl = getattr(torch.ones(B, K), kl_latents)(1)
    rec, kl = getattr(rec, rec_batch)(), getattr(kl, kl_batch)()
    return weight * (kl / (B * K)) / (rec / (B * D))


def beta_of(*inputs, D=1, K=1, B=1):
    """beta_usual with sizes raised to powers."""
    *reductions, weight, d, k, b = inputs
    return beta_usual(*reductions, weight, d**D, k**K, b**B)


def beta_inverted(*inputs):
    *reductions, weight, D, K, B = inputs
    return weight / beta_usual(*reductions, 1.0, D, K, B)


def beta_kl_batch_ignored(rp, rb, kl, kb, *rest):
    return beta_usual(rp, rb, kl, "sum", *rest)


def beta_rec_batch_ignored(rp, rb, kl, kb, *rest):
    return beta_usual(rp, "sum", kl, kb, *rest)


RIGHT = {
    "bce_normaliser": [
        normaliser_usual,
        normaliser_clamped,
        normaliser_in_double,
        normaliser_quadrature,
        normaliser_by_masking,
    ],
    "continuous_bernoulli_mean": [
        mean_usual,
        mean_of_lambda,
        mean_by_autograd,
        mean_loop,
    ],
    "gaussian_nll": [
        nll_usual,
        nll_by_distributions,
        nll_by_loss,
        nll_per_image,
    ],
    "effective_beta": [beta_usual, beta_by_table, beta_by_tensors],
}

WRONG = {
    "bce_normaliser": [
        ("0/0", lambda a: (2 * a.sigmoid() - 1) / a),
        ("0/0", lambda a: (torch.exp(a) - 1) / (1 + torch.exp(a)) / a),
        ("0/0", lambda a: (2 * a.sigmoid() - 1) / torch.logit(a.sigmoid())),
        (
            "gradient is NaN",
            lambda a: torch.where(
                a.abs() < 1e-3, torch.tensor(0.5), torch.tanh(a / 2) / a
            ),
        ),
        (
            "no digits",
            lambda a: (
                (2 * (a + 1e-8 * (a == 0)).sigmoid() - 1)
                / (a + 1e-8 * (a == 0))
            ),
        ),
        (
            "no digits",
            lambda a: torch.nan_to_num((2 * a.sigmoid() - 1) / a, nan=0.5),
        ),
        ("reciprocal", lambda a: 1 / normaliser_usual(a)),
        ("reciprocal", lambda a: a / (2 * a.sigmoid() - 1)),
        ("logarithm", lambda a: normaliser_usual(a).log()),
        ("logarithm", lambda a: a.abs().log() - torch.tanh(a.abs() / 2).log()),
        ("input is the logit", lambda a: (2 * a - 1) / (a / (1 - a)).log()),
        ("half the logit", lambda a: torch.tanh(a) / a),
        ("division by the logit", lambda a: 2 * a.sigmoid() - 1),
        ("sign", lambda a: (1 - 2 * a.sigmoid()) / a),
        (
            "overflows",
            lambda a: torch.where(
                a.abs() < 1e-3,
                0.5,
                (a.exp() - 1)
                / (1 + a.exp())
                / torch.where(a.abs() < 1e-3, 1.0, a),
            ),
        ),
        ("no gradient", lambda a: normaliser_usual(a).detach()),
        (
            r"numpy\(\)",
            lambda a: torch.from_numpy(normaliser_usual(a).numpy()),
        ),
    ],
    "continuous_bernoulli_mean": [
        ("lambda itself", lambda a: torch.sigmoid(a)),
        ("0/0", lambda a: 1 / (1 - torch.exp(-a)) - 1 / a),
        (
            "0/0",
            lambda a: (
                (p := a.sigmoid()) / (2 * p - 1)
                + 1 / (2 * torch.atanh(1 - 2 * p))
            ),
        ),
        (
            "no digits",
            lambda a: torch.where(
                a == 0, 0.5, 1 / (1 - torch.exp(-a)) - 1 / a
            ),
        ),
        (
            "sign of 1/a",
            lambda a: (
                (p := a.sigmoid()) / (2 * p - 1)
                + 1 / (2 * torch.atanh(2 * p - 1))
            ),
        ),
        ("for large logits", lambda a: ContinuousBernoulli(logits=a).mean),
        ("1/a is missing", lambda a: 1 / (1 - torch.exp(-a))),
        (
            "factor 2",
            lambda a: (
                (p := a.sigmoid()) / (2 * p - 1) + 1 / torch.atanh(1 - 2 * p)
            ),
        ),
        ("1 minus the mean", lambda a: mean_usual(-a)),
        ("no mean", lambda a: a.sigmoid() * a / torch.tanh(a / 2)),
        ("not divided", lambda a: mean_usual(a) * normaliser_usual(a)),
        (
            "input is the logit",
            lambda a: a / (2 * a - 1) + 1 / (2 * torch.atanh(1 - 2 * a)),
        ),
        (
            "overflows",
            lambda a: torch.where(
                a.abs() < 0.01,
                0.5 + a / 12,
                a.exp() / (a.exp() - 1) - 1 / a,
            ),
        ),
    ],
    "gaussian_nll": [
        ("log of sigma", lambda x, m, v: nll_of(x, m, v.exp())),
        (
            "log of sigma",
            lambda x, m, v: (
                (
                    0.5 * (x - m) ** 2 / v
                    + 0.5 * v.log()
                    + 0.5 * math.log(2 * math.pi)
                )
                .flatten(1)
                .sum(1)
            ),
        ),
        (
            "in place of sigma",
            lambda x, m, v: (
                ((x - m) ** 2 / (v / 2).exp() + v + math.log(2 * math.pi)) / 2
            ).sum((1, 2, 3)),
        ),
        (
            "not divided",
            lambda x, m, v: (
                ((x - m) ** 2 + v + math.log(2 * math.pi)) / 2
            ).sum((1, 2, 3)),
        ),
        (
            r"log\(2 pi\) is missing",
            lambda x, m, v: (((x - m) ** 2 / v.exp() + v) / 2).sum((1, 2, 3)),
        ),
        (
            r"log\(2 pi\) is missing",
            lambda x, m, v: F.gaussian_nll_loss(
                m, x, v.exp().expand(x.shape), reduction="none"
            ).sum((1, 2, 3)),
        ),
        (
            "log sigma.2 is missing",
            lambda x, m, v: ((x - m) ** 2 / (2 * v.exp())).sum((1, 2, 3)),
        ),
        (
            "1/2",
            lambda x, m, v: (
                (x - m) ** 2 / v.exp() + v + math.log(2 * math.pi)
            ).sum((1, 2, 3)),
        ),
        (
            "1/2",
            lambda x, m, v: (
                (x - m) ** 2 / v.exp() + 0.5 * v + 0.5 * math.log(2 * math.pi)
            ).sum((1, 2, 3)),
        ),
        ("log-density", lambda x, m, v: -nll_usual(x, m, v)),
        (
            "sign is turned",
            lambda x, m, v: (
                ((x - m) ** 2 / v.exp() - v + math.log(2 * math.pi)) / 2
            ).sum((1, 2, 3)),
        ),
        (
            "mean over the pixels",
            lambda x, m, v: nll_usual(x, m, v) / x[0].numel(),
        ),
        (
            "once an image",
            lambda x, m, v: (
                ((x - m) ** 2).sum((1, 2, 3)) / (2 * v.exp())
                + 0.5 * (2 * math.pi * v.exp()).log()
            ),
        ),
        (
            "not squared",
            lambda x, m, v: (
                ((x - m).abs() / v.exp() + v + math.log(2 * math.pi)) / 2
            ).sum((1, 2, 3)),
        ),
        ("reduce the batch", lambda x, m, v: nll_usual(x, m, v).mean()),
        (
            "reduce the batch",
            lambda x, m, v: F.gaussian_nll_loss(
                m, x, v.exp().expand(x.shape), full=True
            ),
        ),
        (
            "gradient",
            lambda x, m, v: nll_usual(x, m, v.detach()),
        ),
    ],
    "effective_beta": [
        ("Inverted", beta_inverted),
        ("Inverted", lambda *inputs: 1 / beta_usual(*inputs)),
        ("weight is forgotten", lambda *i: beta_usual(*i[:4], 1.0, *i[5:])),
        ("1/2", lambda *inputs: beta_usual(*inputs) / 2),
        ("1/2", lambda *inputs: 2 * beta_usual(*inputs)),
        ("D is forgotten", lambda *inputs: beta_of(*inputs, D=0)),
        ("K is forgotten", lambda *inputs: beta_of(*inputs, K=0)),
        ("B is forgotten", lambda *inputs: beta_of(*inputs, B=0)),
        ("B is forgotten", beta_kl_batch_ignored),
        ("B is forgotten", beta_rec_batch_ignored),
        ("Inverted: a mean", lambda *inputs: beta_of(*inputs, D=-1)),
        ("Inverted: a mean", lambda *inputs: beta_of(*inputs, K=-1)),
    ],
}
