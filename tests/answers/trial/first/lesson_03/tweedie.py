"""Answers to tweedie, written blind."""

import torch

# ---------------------------------------------------------------- right ones


def one_line(y, score, sigma):
    return y + sigma**2 * score


def library_add(y, score, sigma):
    return torch.add(input=y, other=score, alpha=sigma * sigma)


def entry_loop(noisy, gradient, sd):
    rows = []
    for row, slope in zip(noisy, gradient):
        rows.append(torch.stack([a + sd * b * sd for a, b in zip(row, slope)]))
    return torch.stack(rows)


def matrix_form(y, score, sigma):
    covariance = sigma**2 * torch.eye(y.shape[1], dtype=y.dtype)
    return y + torch.einsum("bd,de->be", score, covariance)


def double_detour(y, score, sigma):
    # r(y) = y - E[noise | y], and E[noise | y] = -sigma^2 score
    variance = torch.square(torch.tensor(sigma, dtype=torch.float64))
    expected_noise = -variance * score.double()
    return (y.double() - expected_noise).to(y.dtype)


# ---------------------------------------------------------------- wrong ones


def not_squared(y, score, sigma):
    step = sigma * score
    return y + step


def minus(y, score, sigma):
    variance = sigma**2
    return y - variance * score


def divides(y, score, sigma):
    return y + score / sigma**2


def step_only(y, score, sigma):
    x_hat = sigma**2 * score
    return x_hat


s0 = 0.3  # the notebook's


def with_cloud_variance(y, score, sigma):
    v = s0**2 + sigma**2
    return y + v * score


def caret(y, score, sigma):
    return y + sigma ^ 2 * score


def in_place(y, score, sigma):
    y += sigma**2 * score
    return y


def fresh_noise(y, score, sigma):
    # a Langevin step
    x = y + sigma**2 * score
    x = x + sigma * torch.randn_like(y)
    return x


def score_as_denoiser(y, score, sigma):
    direction = score - y
    return y + sigma**2 * direction


def clipped(y, score, sigma):
    x_hat = y + sigma**2 * score
    return x_hat.clamp(0, 1)


@torch.no_grad()
def no_gradient(y, score, sigma):
    mean = y + sigma**2 * score
    return mean


def mean_over_batch(y, score, sigma):
    x = y + sigma**2 * score
    return x.mean(0)


RIGHT = [
    one_line,
    library_add,
    entry_loop,
    matrix_form,
    double_detour,
]

WRONG = [
    (
        "sigma instead of its square",
        r"You take sigma for sigma\^",
        not_squared,
    ),
    ("wrong sign: steps downhill", "The sign of the step is", minus),
    (
        "divides by sigma^2: the formula for the score, turned round badly",
        "You divide by the variance: large",
        divides,
    ),
    (
        "returns the step alone, without y",
        "y is missing: this is the",
        step_only,
    ),
    (
        "uses s0^2 + sigma^2, the noisy cloud's variance",
        "Your function reads s",
        with_cloud_variance,
    ),
    (
        "^ for the power, as in MATLAB and R",
        'Your function raises NotImplementedError: "bitwise_xor_cpu" not',
        caret,
    ),
    ("changes y in place", "You change the input y in", in_place),
    (
        "adds fresh noise, as a sampler does",
        "Your result is another at each",
        fresh_noise,
    ),
    (
        "takes the score for the denoiser and steps towards it",
        "You subtract y from the score:",
        score_as_denoiser,
    ),
    (
        "clips to [0, 1], as for images",
        "Your result is what is asked",
        clipped,
    ),
    (
        "computes under no_grad: no gradient",
        "The values are right, but the",
        no_gradient,
    ),
    (
        "returns the mean over the batch",
        r"Your result has shape \(",
        mean_over_batch,
    ),
]
