"""`evaluate`, the principal angles and the probe, against known answers."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course_lib.evaluation import evaluate, linear_probe, principal_angles


def noisy(model, x):
    error = (model(x) - x).square().sum(1) + torch.rand(len(x))
    return {"loss": error, "scalar": error.mean()}


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 3), nn.Dropout())


def test_mean_over_images_whatever_the_batch_size(model):
    """The last batch is shorter and must not weigh more."""
    images = torch.rand(10, 3)

    def loss(model, x):
        error = (model(x) - x).square().sum(1)
        return {"loss": error, "scalar": error.mean()}

    model.eval()
    expected = loss(model, images)["loss"].mean().item()
    for batch_size in (1, 3, 4, 10, 1000):
        result = evaluate(model, loss, images, batch_size=batch_size)
        assert result["loss"] == pytest.approx(expected, rel=1e-6)
        assert result["scalar"] == pytest.approx(expected, rel=1e-6)


def test_repeatable_and_leaves_no_trace(model):
    images = torch.rand(10, 3)
    torch.manual_seed(1)
    expected = torch.rand(2)
    torch.manual_seed(1)
    first = evaluate(model, noisy, images)
    assert torch.equal(torch.rand(2), expected)
    assert evaluate(model, noisy, images) == first
    assert evaluate(model, noisy, images, seed=1) != first
    assert model.training  # as it was
    assert model[0].weight.grad is None


def test_in_evaluation_mode_without_gradients(model):
    """The model has dropout, which must be off."""
    images = torch.rand(10, 3)

    def loss(model, x):
        assert not model.training and not torch.is_grad_enabled()
        return {"loss": (model(x) - x).square().sum(1)}

    first = model[0](images)  # without the dropout
    expected = (first - images).square().sum(1).mean().item()
    assert evaluate(model, loss, images)["loss"] == pytest.approx(expected)


def test_the_mode_comes_back_after_an_error(model):
    def broken(model, x):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        evaluate(model, broken, torch.rand(4, 3))
    assert model.training


@given(st.floats(0, math.pi / 2), st.integers(0, 1000))
@settings(max_examples=30)
def test_angles_of_two_planes_that_we_know(theta, seed):
    """Planes that share a direction and open by theta in a random frame."""
    generator = torch.Generator().manual_seed(seed)
    random = torch.randn(5, 5, generator=generator, dtype=torch.float64)
    frame = torch.linalg.qr(random).Q
    A = frame[:, :2]
    tilted = math.cos(theta) * frame[:, 1] + math.sin(theta) * frame[:, 2]
    B = torch.stack([frame[:, 0], tilted], 1)
    mix = torch.tensor([[2.0, 1.0], [-1.0, 3.0]], dtype=torch.float64)
    result = principal_angles(A @ mix, B @ mix.T)
    expected = torch.tensor([0, theta], dtype=torch.float64)
    torch.testing.assert_close(result, expected, rtol=0, atol=1e-6)


def test_angles_match_scipy():
    """scipy computes small angles from sines, so this is independent."""
    scipy_linalg = pytest.importorskip("scipy.linalg")
    generator = torch.Generator().manual_seed(0)
    A = torch.randn(20, 4, generator=generator, dtype=torch.float64)
    B = A + 0.3 * torch.randn(20, 4, generator=generator, dtype=torch.float64)
    expected = torch.from_numpy(scipy_linalg.subspace_angles(A, B)).flip(0)
    torch.testing.assert_close(principal_angles(A, B), expected)


def test_same_space_in_float32_is_no_nan():
    generator = torch.Generator().manual_seed(0)
    A = torch.randn(50, 6, generator=generator)
    assert principal_angles(A, A).isfinite().all()
    assert principal_angles(A, A).max() < 2e-3


CENTRES = torch.tensor([[0.0, 2], [2, -1], [-2, -1]])


def clusters(n, seed):
    """Codes (n, 2) around three centres, and which centre each is from."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(3, (n,), generator=generator)
    noise = torch.randn(n, 2, generator=generator)
    return CENTRES[labels] + noise, labels


@pytest.mark.parametrize("scale", [1e-3, 1, 1e3])
def test_probe_comes_near_the_best_classifier(scale):
    """The best classifier takes the nearest centre, a linear rule."""
    codes, labels = clusters(3000, 0)
    new, new_labels = clusters(3000, 1)
    nearest = torch.cdist(new, CENTRES).argmin(1)
    best = (nearest == new_labels).double().mean().item()
    given = linear_probe(scale * codes, labels, scale * new, new_labels)
    assert abs(given - best) < 4 * (best * (1 - best) / 3000) ** 0.5


def test_probe_of_codes_unrelated_to_labels_is_chance():
    codes, labels = clusters(3000, 0)
    order = torch.randperm(3000, generator=torch.Generator().manual_seed(0))
    unrelated = linear_probe(
        codes[:2000], labels[order[:2000]], codes[2000:], labels[order[2000:]]
    )
    assert abs(unrelated - 1 / 3) < 4 * (2 / 9 / 1000) ** 0.5


def test_probe_refuses_codes_that_say_nothing():
    codes, labels = clusters(60, 0)
    with pytest.raises(ValueError, match="all codes are 0"):
        linear_probe(0 * codes, labels, codes, labels)
    with pytest.raises(ValueError, match="NaN"):
        linear_probe(codes.log(), labels, codes, labels)
