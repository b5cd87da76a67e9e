"""The autoencoder's shapes, structure and start."""

import itertools
import math

import pytest
import torch
from torch import nn

from course_lib import models


@pytest.fixture
def images():
    return torch.rand(9, 1, 28, 28, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def model():
    torch.manual_seed(0)
    return models.Autoencoder(
        models.mlp_encoder(784, 128, 64, 32),
        models.mlp_decoder(32, 64, 128, 784),
    )


def test_shapes(model, images):
    assert model.encoder(images).shape == (9, 32)
    assert model.decoder(torch.zeros(4, 32)).shape == (4, 1, 28, 28)
    assert model(images).shape == images.shape


def test_number_of_parameters(model):
    def count(*sizes):
        return sum(a * b + b for a, b in itertools.pairwise(sizes))

    expected = count(784, 128, 64, 32) + count(32, 64, 128, 784)
    assert sum(p.numel() for p in model.parameters()) == expected


def test_forward_is_decoder_after_encoder(model, images):
    """Against the matrix products written out, with erf for the GELU."""

    def gelu(h):
        return h * 0.5 * (1 + torch.erf(h / 2**0.5))

    h = images.reshape(9, 784)
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    for position, linear in enumerate(linears):
        h = h @ linear.weight.T + linear.bias
        if position not in (2, 5):  # the code and the logits
            h = gelu(h)
    expected = h.reshape(9, 1, 28, 28)
    torch.testing.assert_close(model(images), expected, rtol=0, atol=1e-5)


def test_reconstruct_is_the_sigmoid_of_the_logits(model, images):
    logits = model(images)
    expected = 1 / (1 + torch.exp(-logits))
    torch.testing.assert_close(model.reconstruct(images), expected)


def test_no_activation_after_the_last_layer():
    layers = models.mlp(784, 10, 2, activation=nn.ReLU)
    assert [type(m) for m in layers] == [nn.Linear, nn.ReLU, nn.Linear]


def test_code_can_take_any_sign(model, images):
    z = model.encoder(images)
    assert (z > 0).any() and (z < 0).any()


def test_start_at_mean(images):
    """With zero weights before it, the decoder draws the mean image."""
    images = images.clone()
    images[:, 0, 0, 0], images[:, 0, 0, 1] = 0, 1  # constant pixels
    decoder = models.mlp_decoder(2, 784)
    models.start_at_mean(decoder, images)
    nn.init.zeros_(decoder[0].weight)
    drawn = torch.sigmoid(decoder(torch.randn(1, 2)))[0]
    expected = images.mean(0).clamp(1e-3, 1 - 1e-3)
    torch.testing.assert_close(drawn, expected)
    assert all(p.requires_grad for p in decoder.parameters())


def test_start_at_mean_rejects_another_size(images):
    with pytest.raises(ValueError, match="784 pixels"):
        models.start_at_mean(models.mlp(2, 10, 100), images)


@pytest.fixture
def convolutional():
    torch.manual_seed(0)
    return models.Autoencoder(models.conv_encoder(5), models.conv_decoder(5))


def test_convolutional_shapes(convolutional, images):
    assert convolutional.encoder(images).shape == (9, 5)
    assert convolutional(images).shape == images.shape
    sides = [
        tuple(convolutional.encoder[:n](images).shape[1:]) for n in (1, 3)
    ]
    assert sides == [(16, 14, 14), (32, 7, 7)]


def test_convolutional_number_of_parameters(convolutional):
    down = (9 * 16 + 16) + (9 * 16 * 32 + 32) + (1568 * 5 + 5)
    up = (5 * 1568 + 1568) + (16 * 32 * 16 + 16) + (16 * 16 + 1)
    assert sum(p.numel() for p in convolutional.parameters()) == down + up


def test_convolutions_against_sums_over_windows(convolutional, images):
    """The first layer down and the last one up, pixel by pixel."""
    first, last = convolutional.encoder[0], convolutional.decoder[-1]
    padded = torch.nn.functional.pad(images, (1, 1, 1, 1))
    for i, j in [(0, 0), (5, 9), (13, 13)]:
        window = padded[:, 0, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
        expected = torch.einsum("bij,cij->bc", window, first.weight[:, 0])
        given = first(images)[:, :, i, j]
        torch.testing.assert_close(given, expected + first.bias)
    h = torch.rand(2, 16, 14, 14)
    painted = torch.zeros(2, 1, 30, 30)  # each pixel paints a 4x4 square
    for i in range(14):
        for j in range(14):
            square = torch.einsum("bc,cokl->bokl", h[:, :, i, j], last.weight)
            painted[:, :, 2 * i : 2 * i + 4, 2 * j : 2 * j + 4] += square
    expected = painted[:, :, 1:-1, 1:-1] + last.bias.view(1, 1, 1, 1)
    torch.testing.assert_close(last(h), expected, rtol=1e-4, atol=1e-5)


def test_every_parameter_gets_a_gradient(convolutional, images):
    convolutional(images).square().sum().backward()
    for name, parameter in convolutional.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


def test_convolutional_start_at_mean(convolutional, images):
    """With zero weights before it, every pixel is the mean pixel."""
    models.start_at_mean(convolutional.decoder, images)
    nn.init.zeros_(convolutional.decoder[-1].weight)
    drawn = convolutional.reconstruct(images)
    torch.testing.assert_close(
        drawn, images.mean().expand_as(drawn), rtol=0, atol=1e-6
    )


def test_convolutional_start_at_mean_rejects_other_channels(images):
    decoder = nn.Sequential(nn.Linear(2, 4), nn.Conv2d(4, 3, 1))
    with pytest.raises(ValueError, match=r"784 pixels in 1 channel"):
        models.start_at_mean(decoder, images)


@pytest.mark.parametrize("shape", [(1, 28, 28), (784,), (9, 784)])
def test_images_of_a_wrong_shape_are_named(model, shape):
    with pytest.raises(ValueError, match=r"\(B, 1, 28, 28\)"):
        model(torch.rand(shape))


def test_mlp_needs_two_sizes():
    with pytest.raises(ValueError, match="at least two sizes"):
        models.mlp(784)


@pytest.fixture(params=["mlp", "conv"])
def vae(request):
    torch.manual_seed(0)
    if request.param == "mlp":
        encoder = models.mlp_encoder(784, 50, 2 * 3)
        return models.VAE(encoder, models.mlp_decoder(3, 50, 784))
    return models.VAE(models.conv_encoder(2 * 3), models.conv_decoder(3))


def test_vae_shapes(vae, images):
    logits, mu, logvar = vae(images)
    assert logits.shape == vae.reconstruct(images).shape == images.shape
    assert mu.shape == logvar.shape == (9, 3)


def test_vae_samples_its_codes_and_reconstructs_from_the_mean(vae, images):
    torch.manual_seed(1)
    one, two = vae(images)[0], vae(images)[0]
    assert not torch.allclose(one, two)
    torch.manual_seed(1)
    assert torch.equal(vae(images)[0], one)  # seeds reproduce
    mean = vae.decoder(vae.encode(images)[0])
    assert torch.equal(vae.reconstruct(images), torch.sigmoid(mean))


def test_vae_takes_mu_from_the_first_half(images):
    encoder = models.mlp_encoder(784, 4)
    torch.nn.init.zeros_(encoder[-1].weight)
    with torch.no_grad():
        encoder[-1].bias.copy_(torch.tensor([1.0, 2.0, -3.0, -4.0]))
    vae = models.VAE(encoder, models.mlp_decoder(2, 784))
    for mu, logvar in (vae.encode(images), vae(images)[1:]):
        assert mu[0].tolist() == [1, 2] and logvar[0].tolist() == [-3, -4]


def test_vae_gradients_reach_both_heads(vae, images):
    logits, *heads = vae(images)
    slopes = torch.autograd.grad(logits.square().sum(), heads)
    assert all(slope.abs().max() > 0 for slope in slopes)


def test_reparameterize_has_the_right_distribution():
    """Against the normal distribution's cdf, and a slope known exactly."""
    torch.manual_seed(0)
    mu = torch.full((100_000, 1), 0.7, dtype=torch.float64)
    logvar = torch.full_like(mu, -1.2).requires_grad_()
    z = models.reparameterize(mu, logvar)
    u = torch.distributions.Normal(0.7, math.exp(-0.6)).cdf(z.detach())
    u, steps = u.flatten().sort().values, torch.linspace(0, 1, 100_001)
    kolmogorov = torch.maximum((steps[1:] - u).abs(), (u - steps[:-1]).abs())
    assert kolmogorov.max() < 2.23 / 100_000**0.5  # exceeded once in 10,000
    (slope,) = torch.autograd.grad(z.sum(), logvar)
    torch.testing.assert_close(slope, (z - mu) / 2)


def test_reparameterize_draws_anew_for_each_copy():
    z = models.reparameterize(torch.zeros(1, 2).expand(4, 5, 2), torch.ones(2))
    assert len(z.flatten().unique()) == 40


def test_vae_wants_two_heads_and_a_batch(images):
    vae = models.VAE(models.mlp_encoder(784, 3), models.mlp_decoder(3, 784))
    with pytest.raises(ValueError, match="it gives 3"):
        vae(images)
    with pytest.raises(ValueError, match=r"x\[None\]"):
        vae(images[0])
