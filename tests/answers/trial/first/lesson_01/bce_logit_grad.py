"""Answers to bce_logit_grad, written blind."""

import torch
import torch.nn.functional as F

# ---- right -----------------------------------------------------------------


def one_line(a, x):
    return torch.sigmoid(a) - x


def by_autograd(logits, pixels):
    def loss(a):
        return F.binary_cross_entropy_with_logits(a, pixels, reduction="sum")

    return torch.func.grad(loss)(logits)


def entry_by_entry(a, x):
    slopes = []
    for logit, pixel in zip(a.flatten(), x.flatten()):
        coin = torch.distributions.Bernoulli(logits=logit)
        slopes.append(-(pixel - coin.mean))
    return torch.stack(slopes).view(a.shape)


def by_tanh(a, x):
    p = 0.5 * (1 + torch.tanh(a.double() / 2))
    return (p - x.double()).to(a.dtype)


def term_by_term(a, x):
    """-x log s(a) has slope -x s(-a), -(1 - x) log s(-a) has (1 - x) s(a)."""
    ink = x * F.logsigmoid(-a).exp()
    paper = (1 - x) * F.logsigmoid(a).exp()
    return paper - ink


# ---- wrong -----------------------------------------------------------------


def wrong_sign(a, x):
    y_pred = torch.sigmoid(a)
    error = x - y_pred
    return error


def logit_minus_pixel(a, x):
    return a - x


def by_p(a, x):
    p = torch.sigmoid(a)
    return (p - x) / (p * (1 - p))


def chain_not_simplified(a, x):
    p = torch.sigmoid(a)
    dl_dp = (p - x) / (p * (1 - p))
    dp_da = p * (1 - p)
    return dl_dp * dp_da


def squared_error(a, x):
    p = torch.sigmoid(a)
    return 2 * (p - x) * p * (1 - p)


def the_loss(a, x):
    loss = torch.nn.BCEWithLogitsLoss(reduction="none")
    return loss(a, x)


def of_the_mean(a, x):
    a = a.detach().clone().requires_grad_(True)
    loss = F.binary_cross_entropy_with_logits(a, x)
    (grad,) = torch.autograd.grad(loss, a)
    return grad


def black_or_white(a, x):
    p = torch.sigmoid(a)
    return torch.where(x > 0.5, p - 1, p)


def first_term_only(a, x):
    # l = -x log p
    p = torch.sigmoid(a)
    dl_dp = -x
    dp_da = 1 - p  # p (1 - p), the p cancels
    return dl_dp * dp_da


def backward_on_input(a, x):
    a.requires_grad_(True)
    loss = F.binary_cross_entropy_with_logits(a, x, reduction="sum")
    loss.backward()
    return a.grad


def softmax(a, x):
    # gradient of the cross-entropy: softmax minus target
    probs = torch.softmax(a, dim=-1)
    return probs - x


def exp_plus_a(a, x):
    p = 1 / (1 + torch.exp(a))
    return p - x


RIGHT = [
    one_line,
    by_autograd,
    entry_by_entry,
    by_tanh,
    term_by_term,
]

WRONG = [
    ("has the wrong sign: x - p", "The sign is turned: where p", wrong_sign),
    (
        "takes the logit for the probability: a - x",
        "You compare the logit itself with",
        logit_minus_pixel,
    ),
    (
        "stops at the derivative by p",
        "That is the derivative with respect",
        by_p,
    ),
    (
        "divides and multiplies by p (1 - p): NaN where p is 0 or 1",
        "NaN where a logit is large:",
        chain_not_simplified,
    ),
    (
        "returns the gradient of the squared error, (1.4)",
        "That is the gradient of the",
        squared_error,
    ),
    (
        "returns the loss, not its derivative",
        "That is the loss itself; return",
        the_loss,
    ),
    (
        "differentiates the mean: divided by the number of entries",
        "You average over the entries: each",
        of_the_mean,
    ),
    (
        "rounds the pixels to 0 or 1: wrong for grey ones",
        "You take x for",
        black_or_white,
    ),
    (
        "derives -x log p only, without the second term",
        "You derive -x log p only:",
        first_term_only,
    ),
    (
        "calls backward on the argument: it requires gradients afterwards",
        r"You call backward\(\) with the input",
        backward_on_input,
    ),
    ("takes a softmax for the sigmoid", "That is the gradient of a", softmax),
    ("writes the sigmoid with exp(+a)", "You have", exp_plus_a),
]
