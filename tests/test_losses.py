"""The losses against torch.distributions, PyTorch and hand computation."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.distributions import Bernoulli, Normal, kl_divergence

from course_lib import losses, models


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def test_squared_error_of_a_hand_computed_example():
    x = torch.tensor([[[[0.0, 1.0]]], [[[0.5, 0.5]]]])  # (2, 1, 1, 2)
    x_hat = torch.tensor([[[[0.5, 1.0]]], [[[0.5, 0.0]]]])
    result = losses.squared_error(x_hat, x)
    assert result.tolist() == [0.25, 0.25]


def test_squared_error_sums_over_pixels(generator):
    x = torch.rand(5, 1, 28, 28, generator=generator)
    x_hat = torch.rand(5, 1, 28, 28, generator=generator)
    mse = torch.nn.functional.mse_loss(x_hat, x)  # mean over pixels as well
    expected = 784 * mse
    torch.testing.assert_close(losses.squared_error(x_hat, x).mean(), expected)


def test_bernoulli_nll_is_minus_log_prob_of_binary_pixels(generator):
    logits = 4 * torch.randn(6, 1, 5, 5, generator=generator).double()
    x = torch.rand(6, 1, 5, 5, generator=generator).double().round()
    bernoulli = torch.distributions.Bernoulli(logits=logits)
    expected = -bernoulli.log_prob(x).flatten(1).sum(1)
    result = losses.bernoulli_nll(logits, x)
    torch.testing.assert_close(result, expected, rtol=0, atol=1e-10)


@given(logit=st.floats(-60, 60), x=st.floats(0, 1), pixels=st.integers(1, 20))
def test_bernoulli_nll_of_grey_pixels(logit, x, pixels):
    """-x log p - (1-x) log(1-p), summed over equal pixels, in float64."""
    a = torch.full((1, pixels), logit, dtype=torch.float64)
    grey = torch.full_like(a, x)
    log_p = torch.nn.functional.logsigmoid(a[0, 0])
    log_1p = torch.nn.functional.logsigmoid(-a[0, 0])
    expected = -pixels * (x * log_p + (1 - x) * log_1p)
    result = losses.bernoulli_nll(a, grey)
    torch.testing.assert_close(result[0], expected, rtol=1e-9, atol=1e-9)


def test_bernoulli_nll_survives_extreme_logits():
    logits = torch.tensor([[1e4, -1e4]])
    right = losses.bernoulli_nll(logits, torch.tensor([[1.0, 0.0]]))
    wrong = losses.bernoulli_nll(logits, torch.tensor([[0.0, 1.0]]))
    assert right.item() == 0
    assert wrong.item() == 2e4


def test_bernoulli_gradient_is_p_minus_x(generator):
    logits = torch.randn(3, 7, generator=generator, requires_grad=True)
    x = torch.rand(3, 7, generator=generator)
    losses.bernoulli_nll(logits, x).sum().backward()
    expected = torch.sigmoid(logits.detach()) - x
    torch.testing.assert_close(logits.grad, expected)


@pytest.mark.parametrize("bad", [-0.001, 1.001, 255.0, float("nan")])
def test_bernoulli_nll_rejects_pixels_outside_0_1(bad):
    x = torch.tensor([[0.0, bad]])
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
        losses.bernoulli_nll(torch.zeros(1, 2), x)


@pytest.mark.parametrize("loss", [losses.squared_error, losses.bernoulli_nll])
@pytest.mark.parametrize(
    "shapes",
    [((4, 1, 2, 2), (4, 4)), ((1, 1, 2, 2), (4, 1, 2, 2)), ((4,), (4,))],
)
def test_shapes_that_would_broadcast_are_rejected(loss, shapes):
    with pytest.raises(ValueError, match="same shape"):
        loss(torch.zeros(shapes[0]), torch.zeros(shapes[1]))


PAIRS = {
    losses.squared_error: ("x_hat", "x"),
    losses.bernoulli_nll: ("logits", "x"),
    losses.gaussian_kl: ("mu", "logvar"),
}


@pytest.mark.parametrize("loss", PAIRS)
@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda x: x.numpy(),
            r"must be a tensor \(B, ...\); got ndarray.*as_tensor",
        ),
        (
            lambda x: x.tolist(),
            r"must be a tensor \(B, ...\); got list.*as_tensor",
        ),
        (
            lambda x: x.byte(),
            r"must be floating point; got torch.uint8: .*\.float\(\)",
        ),
        (
            lambda x: x > 0,
            r"must be floating point; got torch.bool: .*\.float\(\)",
        ),
    ],
)
def test_pairs_that_are_no_float_tensors(loss, which, make, message):
    """Bytes would wrap round: 0 - 1 is 255."""
    pair = [torch.rand(2, 3), torch.rand(2, 3)]
    pair[which] = make(pair[which])
    with pytest.raises(ValueError, match=f"^{PAIRS[loss][which]} {message}"):
        loss(*pair)


@pytest.mark.parametrize("loss", PAIRS)
def test_no_digit_is_lost_where_precisions_are_mixed(loss, generator):
    """PyTorch's cross-entropy takes the precision of its targets."""
    coarse = torch.rand(3, 784, generator=generator).bfloat16()
    fine = torch.rand(3, 784, generator=generator).double()
    for pair in (coarse, fine), (fine, coarse):
        expected = loss(pair[0].double(), pair[1].double())
        torch.testing.assert_close(loss(*pair), expected, rtol=0, atol=0)


def doubles(*numbers):
    return torch.tensor([numbers], dtype=torch.float64)


def test_gaussian_kl_of_a_hand_computed_example():
    """1/2 (mu^2 + s2 - 1 - log s2), summed over two latents, two images."""
    mu = torch.tensor([[1.0, 2.0], [0.0, 0.0]])
    logvar = torch.tensor([[0.0, math.log(4)], [0.0, 0.0]])
    by_hand = [0.5 + 0.5 * (4 + 4 - 1 - math.log(4)), 0.0]
    assert losses.gaussian_kl(mu, logvar).tolist() == pytest.approx(by_hand)


@given(
    st.lists(
        st.tuples(st.floats(-30, 30), st.floats(-40, 40)),
        min_size=1,
        max_size=5,
    )
)
def test_gaussian_kl_is_the_one_of_distributions(pairs):
    """Values and gradients, for ordinary and extreme inputs, in float64."""
    mu, logvar = torch.tensor(pairs, dtype=torch.float64).T[:, None]
    mu.requires_grad_()
    logvar.requires_grad_()
    zero = torch.zeros((), dtype=torch.float64)
    oracle = kl_divergence(
        Normal(mu, (0.5 * logvar).exp()), Normal(zero, zero + 1)
    ).sum(1)
    result = losses.gaussian_kl(mu, logvar)
    torch.testing.assert_close(result, oracle, rtol=1e-9, atol=1e-9)
    slopes = torch.autograd.grad(result.sum(), [mu, logvar])
    expected = torch.autograd.grad(oracle.sum(), [mu, logvar])
    torch.testing.assert_close(slopes, expected, rtol=1e-9, atol=1e-9)


@given(mu=st.floats(-5, 5), sigma=st.floats(0.05, 5))
def test_gaussian_kl_by_quadrature(mu, sigma):
    """The definition, with no formula of a KL: 4,001 points, 12 sigma wide."""
    t = torch.linspace(-12, 12, 4001, dtype=torch.float64)
    z = mu + sigma * t
    log_q = -0.5 * t**2 - math.log(sigma)
    log_p = -0.5 * z**2
    q = (-0.5 * t**2).exp() / math.sqrt(2 * math.pi)
    expected = torch.trapezoid(q * (log_q - log_p), t)
    result = losses.gaussian_kl(doubles(mu), doubles(2 * math.log(sigma)))
    assert result.item() == pytest.approx(expected.item(), abs=1e-8)


def test_gaussian_kl_keeps_its_digits_near_the_prior():
    """In float32 exp(logvar) - 1 - logvar would be off by half or more."""
    logvar = torch.full((1, 1), 1e-4)
    exact = losses.gaussian_kl(doubles(0.0), logvar.double())
    result = losses.gaussian_kl(torch.zeros(1, 1), logvar)
    assert result.item() == pytest.approx(exact.item(), rel=0.01)


def test_gaussian_kl_of_codes_that_are_maps(generator):
    mu, logvar = torch.randn(2, 3, 4, 5, 6, generator=generator)
    expected = losses.gaussian_kl(mu.flatten(1), logvar.flatten(1))
    torch.testing.assert_close(losses.gaussian_kl(mu, logvar), expected)


def test_gaussian_kl_wants_equal_shapes():
    with pytest.raises(ValueError, match="mu and logvar must have the same"):
        losses.gaussian_kl(torch.zeros(3, 2), torch.zeros(3, 1))


@pytest.fixture
def vae():
    """A VAE of 4 pixels and 1 latent, whose evidence quadrature can give."""
    torch.manual_seed(0)
    encoder = models.mlp_encoder(4, 2)
    decoder = nn.Sequential(nn.Linear(1, 4), nn.Unflatten(1, (1, 2, 2)))
    return models.VAE(encoder, decoder).double()


@pytest.fixture
def images(generator):
    grey = torch.rand(3, 1, 2, 2, generator=generator)
    return grey.round().double()


def log_evidence(vae, images):
    """log of the integral of p(x | z) p(z), on 4,001 points."""
    z = torch.linspace(-10, 10, 4001, dtype=torch.float64)
    logits = vae.decoder(z[:, None])[:, None]  # (4001, 1, 1, 2, 2)
    log_joint = Bernoulli(logits=logits).log_prob(images).flatten(2).sum(2)
    log_joint = log_joint + Normal(0, 1).log_prob(z)[:, None]
    return torch.trapezoid(log_joint.exp(), z, dim=0).log()


class Fixed(nn.Module):
    """A model whose outputs are given: a sampled code would hide a digit."""

    def forward(self, x):
        mu, logvar = torch.ones(2, 2), torch.zeros(2, 2)
        return torch.zeros(2, 1, 1, 3), mu, logvar


def test_negative_elbo_of_a_hand_computed_example():
    """3 pixels at probability 1/2, 2 latents with mu = 1: sums, no means."""
    terms = losses.negative_elbo(Fixed(), torch.ones(2, 1, 1, 3), beta=0.5)
    assert terms["reconstruction"].tolist() == pytest.approx(
        [3 * math.log(2)] * 2
    )
    assert terms["kl"].tolist() == [1.0, 1.0]
    assert terms["loss"].tolist() == pytest.approx([3 * math.log(2) + 0.5] * 2)


def test_negative_elbo_is_an_unbiased_bound(vae, images):
    """Its mean is -log p(x) + KL(q || posterior), both by quadrature."""
    with torch.no_grad():
        mu, logvar = vae.encode(images)
        log_p = log_evidence(vae, images)
        z = torch.linspace(-10, 10, 4001, dtype=torch.float64)
        q = Normal(mu, (0.5 * logvar).exp()).log_prob(z)  # (3, 4001)
        logits = vae.decoder(z[:, None])[:, None]
        log_joint = Bernoulli(logits=logits).log_prob(images).flatten(2).sum(2)
        log_joint = log_joint.T + Normal(0, 1).log_prob(z)
        gap = torch.trapezoid(
            q.exp() * (q - log_joint + log_p[:, None]), z, dim=1
        )
        torch.manual_seed(1)
        many = images.repeat(20_000, 1, 1, 1)
        values = losses.negative_elbo(vae, many)["loss"].view(-1, 3)
        at_mu = losses.bernoulli_nll(vae.decoder(mu), images)
        at_mu = at_mu + losses.gaussian_kl(mu, logvar)
    error = values.std(0) / len(values) ** 0.5
    assert ((values.mean(0) - (gap - log_p)).abs() < 4 * error).all()
    # decoding mu, without a sample, would be seen
    assert ((at_mu - (gap - log_p)).abs() > 10 * error).all()


def test_iwae_bound_with_one_sample_is_the_elbo_on_average(vae, images):
    torch.manual_seed(1)
    many = images[:1].repeat(50_000, 1, 1, 1)
    with torch.no_grad():
        one = losses.iwae_bound(vae, many, 1)
        elbo = -losses.negative_elbo(vae, many)["loss"]
    error = (one.var() + elbo.var()).sqrt() / 50_000**0.5
    assert abs(one.mean() - elbo.mean()) < 4 * error


def test_iwae_bounds_are_ordered_and_reach_the_evidence(vae, images):
    torch.manual_seed(1)
    with torch.no_grad():
        log_p = log_evidence(vae, images)
        bounds, errors = [], []
        for k, repeats in (1, 16_384), (4, 4096), (16, 1024), (4096, 64):
            many = images.repeat(repeats, 1, 1, 1)
            values = losses.iwae_bound(vae, many, k).view(-1, 3)
            bounds.append(values.mean(0))
            errors.append(values.std(0) / len(values) ** 0.5)
    for i in range(3):
        spread = (errors[i] ** 2 + errors[i + 1] ** 2).sqrt()
        assert (bounds[i] < bounds[i + 1] + 4 * spread).all()
    assert (bounds[0] + 4 * errors[0] < log_p).all()
    # what is left of the bias, var / (2 k), is 32 squared errors, about 1e-4
    assert ((bounds[3] - log_p).abs() < 4 * errors[3] + 1e-4).all()
    assert (errors[3] < 2e-3).all()


@pytest.mark.parametrize("shape", [(4,), (1, 2, 2), (1, 2, 1, 2)])
def test_bounds_of_vectors_and_other_shapes(vae, images, shape):
    """What counts is the pixels, not how they are arranged."""
    decoder = nn.Sequential(vae.decoder, nn.Flatten(), nn.Unflatten(1, shape))
    other = models.VAE(vae.encoder, decoder)
    other.encode = lambda x: vae.encode(x.reshape(images.shape))
    for bound in (
        lambda model, x: losses.negative_elbo(model, x)["loss"],
        lambda model, x: losses.iwae_bound(model, x, 7),
    ):
        torch.manual_seed(1)
        expected = bound(vae, images)
        torch.manual_seed(1)
        given = bound(other, images.view(-1, *shape))
        torch.testing.assert_close(given, expected)


def test_the_elbo_of_what_is_no_vae(images):
    model = models.Autoencoder(nn.Flatten(), nn.Unflatten(1, (1, 2, 2)))
    with pytest.raises(ValueError, match=r"models\.VAE.*Autoencoder returns"):
        losses.negative_elbo(model, images)
    with pytest.raises(ValueError, match=r"models\.VAE.*Fixed2 returns"):
        losses.negative_elbo(Fixed2(), images)


class Fixed2(Fixed):
    """A model that returns two of the three."""

    def forward(self, x):
        return super().forward(x)[:2]

    def encode(self, x):
        return [torch.ones(len(x), 2), torch.zeros(len(x), 1)]


def test_log_p_of_what_is_no_vae(images):
    """Two images' codes, unpacked, would pass for mu and logvar."""
    model = models.Autoencoder(nn.Flatten(), nn.Unflatten(1, (1, 2, 2)))
    message = r"has encode\(x\) and a decoder; got Autoencoder"
    with pytest.raises(ValueError, match=message):
        losses.iwae_bound(model, images, 2)
    model = Fixed2()
    with pytest.raises(ValueError, match="decoder; got Fixed2"):
        losses.iwae_bound(model, images, 2)
    model.decoder = nn.Linear(2, 4)
    message = r"encode\(x\) of this Fixed2 must return mu and logvar"
    with pytest.raises(ValueError, match=message):
        losses.iwae_bound(model, images, 2)
    for heads in (
        torch.zeros(2, 3),
        (torch.zeros(2, 3),) * 3,
        (torch.zeros(2, 3, 1),) * 2,
    ):
        model.encode = lambda x, heads=heads: heads
        with pytest.raises(ValueError, match=message):
            losses.iwae_bound(model, images[:2], 2)


@pytest.mark.parametrize("k", [0, 1.0, True])
def test_the_samples_of_a_bound_are_counted(vae, images, k):
    with pytest.raises(ValueError, match=f"k must .*; got {k}"):
        losses.iwae_bound(vae, images, k)
