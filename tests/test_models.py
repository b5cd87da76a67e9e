"""The autoencoder's shapes, structure and start."""

import itertools

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
        models.start_at_mean(models.mlp_decoder(2, 10, 100), images)


@pytest.mark.parametrize("shape", [(1, 28, 28), (784,), (9, 784)])
def test_images_of_a_wrong_shape_are_named(model, shape):
    with pytest.raises(ValueError, match=r"\(B, 1, 28, 28\)"):
        model(torch.rand(shape))


def test_mlp_needs_two_sizes():
    with pytest.raises(ValueError, match="at least two sizes"):
        models.mlp(784)
