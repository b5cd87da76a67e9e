"""The losses against torch.distributions, PyTorch and hand computation."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib import losses


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
