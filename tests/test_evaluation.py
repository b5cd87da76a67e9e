"""`evaluate`, log-likelihoods and the probe, against known answers."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.distributions import Bernoulli, Normal

from course_lib.evaluation import (
    active_units,
    evaluate,
    linear_probe,
    log_likelihood,
    principal_angles,
)
from course_lib.models import VAE


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


@pytest.mark.parametrize("batch_size", [0, 2.5, True])
def test_evaluate_refuses_what_it_can_not_use(model, batch_size):
    def loss(model, x):
        return {"loss": (model(x) - x).square().sum(1)}

    images = torch.rand(10, 3)
    with pytest.raises(
        ValueError, match=f"batch_size must .*got {batch_size}"
    ):
        evaluate(model, loss, images, batch_size=batch_size)
    for bad, message in (
        (images.numpy(), r"images = data\.from_arrays\(images\)"),
        (images.double(), r"images = images\.float\(\)"),
        (images[:0], "no images"),
    ):
        with pytest.raises(ValueError, match=message):
            evaluate(model, loss, bad)
    with pytest.raises(ValueError, match=r"nn\.Module"):
        evaluate(loss, model, images)
    with pytest.raises(ValueError, match="no parameters"):
        evaluate(nn.Flatten(), loss, images)


class Counting(nn.Module):
    """A decoder that remembers how many codes it got at once."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.sizes = []

    def forward(self, z):
        self.sizes.append(len(z))
        return self.layers(z)


def small_vae(K=2, seed=0):
    """Return a VAE of images of 3 x 4 pixels in float64."""
    torch.manual_seed(seed)
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(12, 2 * K))
    unflatten = nn.Unflatten(1, (1, 3, 4))
    decoder = Counting(nn.Linear(K, 8), nn.Tanh(), nn.Linear(8, 12), unflatten)
    return VAE(encoder, decoder).double()


def binary_images(n, seed=0):
    generator = torch.Generator().manual_seed(seed)
    halves = torch.full((n, 1, 3, 4), 0.5, dtype=torch.float64)
    return torch.bernoulli(halves, generator=generator)


@torch.no_grad()
def by_quadrature(vae, images):
    """Return log p(x) for two latents by a sum over a fine grid: (N,)."""
    axis = torch.linspace(-8, 8, 161, dtype=torch.float64)
    z = torch.cartesian_prod(axis, axis)
    p = Bernoulli(logits=vae.decoder(z))  # (161 * 161, 1, 3, 4)
    log_p = [p.log_prob(x).flatten(1).sum(1) for x in images]
    prior = Normal(torch.tensor(0.0).double(), 1).log_prob(z).sum(1)
    return (torch.stack(log_p) + prior).logsumexp(1) + 2 * math.log(0.1)


def test_log_likelihood_is_that_of_quadrature():
    """The log of k weights errs by Var/2k below, and spreads by Var/k."""
    vae, images = small_vae(), binary_images(20)
    # many pixels say much about the code: make the decoder's layer steep
    vae.decoder.layers[0].weight.data *= 3
    truth = by_quadrature(vae, images)
    given = [
        log_likelihood(vae, images, 4000, seed=seed) for seed in range(20)
    ]
    means, spread = torch.stack(given).mean(0), torch.stack(given).std(0)
    assert (spread > 1e-4).all() and spread.max() < 0.2
    bias = spread.square() / 2
    z_scores = (means + bias - truth) / (spread / 20**0.5)
    assert z_scores.abs().max() < 5  # t-distributed, 19 degrees, 20 values
    # what a missing log k, prior or q would do is far from that
    assert spread.max() < 0.05 * truth.abs().min()


def test_the_posterior_as_encoder_leaves_no_error():
    """Then each weight is p(x) itself, for each code and any k.

    The decoder ignores z, so that the posterior is the prior.
    """
    vae, images = small_vae(), binary_images(6)
    for p in (*vae.encoder.parameters(), vae.decoder.layers[0].weight):
        p.data.zero_()
    logits = vae.decoder(torch.zeros(1, 2).double())
    truth = Bernoulli(logits=logits).log_prob(images).flatten(1).sum(1)
    for k in (1, 7, 100):
        estimate = log_likelihood(vae, images, k, batch_size=10)
        torch.testing.assert_close(estimate, truth.detach())


def test_more_samples_raise_the_mean():
    """A poor encoder: k = 1 is the ELBO, and the mean rises with k."""
    vae, images = small_vae(), binary_images(200)
    vae.encoder[1].bias.data += 1
    means = [log_likelihood(vae, images, k).mean() for k in (1, 10, 100, 1000)]
    assert all(low < high for low, high in pairwise(means))
    assert means[-1] < by_quadrature(vae, images).mean()
    assert means[0] < means[-1] - 0.1


@pytest.mark.parametrize("k", [1, 5, 48])
def test_log_likelihood_whatever_the_batch_size(k):
    """16 latents: of these the CPU draws the same numbers in any parts."""
    vae, images = small_vae(K=16), binary_images(7)
    expected = log_likelihood(vae, images, k, batch_size=7 * k)
    for batch_size in (1, 2, 5, 7, 50, 10_000):
        vae.decoder.sizes.clear()
        given = log_likelihood(vae, images, k, batch_size=batch_size)
        torch.testing.assert_close(given, expected)
        assert max(vae.decoder.sizes) <= batch_size
        assert sum(vae.decoder.sizes) == 7 * k


def test_log_likelihood_is_repeatable_and_leaves_no_trace():
    vae, images = small_vae(), binary_images(5)
    vae.train()
    torch.manual_seed(1)
    expected = torch.rand(2)
    torch.manual_seed(1)
    first = log_likelihood(vae, images, 10)
    assert torch.equal(torch.rand(2), expected)
    assert torch.equal(log_likelihood(vae, images, 10), first)
    assert not torch.equal(log_likelihood(vae, images, 10, seed=1), first)
    assert vae.training and not first.requires_grad
    assert log_likelihood(vae.float(), images.float(), 10).shape == (5,)


def test_log_likelihood_does_not_underflow():
    """exp(-2000) is 0 in any precision of ours."""
    vae, images = small_vae(), torch.ones(2, 1, 3, 4).double()
    vae.decoder.layers[2].weight.data.zero_()
    vae.decoder.layers[2].bias.data.fill_(-200)
    estimate = log_likelihood(vae, images, 3)
    assert (estimate < -2000).all() and estimate.isfinite().all()


def test_log_likelihood_refuses_what_makes_no_sense():
    vae, images = small_vae(), binary_images(4)
    for bad in 0, 1.5, True:
        with pytest.raises(ValueError, match=f"^k must .*; got {bad}"):
            log_likelihood(vae, images, bad)
        with pytest.raises(ValueError, match=f"^batch_size must .*got {bad}"):
            log_likelihood(vae, images, 5, batch_size=bad)
    with pytest.raises(ValueError, match="no images"):
        log_likelihood(vae, images[:0], 5)
    with pytest.raises(ValueError, match=r"data\.from_arrays\(images\)"):
        log_likelihood(vae, images.numpy(), 5)
    with pytest.raises(ValueError, match=r"images\.double\(\)"):
        log_likelihood(vae, images.float(), 5)
    with pytest.raises(ValueError, match=r"nn\.Module"):
        log_likelihood(lambda x: x, images, 5)
    with pytest.raises(ValueError, match=r"models\.VAE.*got Sequential"):
        log_likelihood(nn.Sequential(vae), images, 5)
    vae.train()
    for bad in (0.5 * images, images + 1, images.log()):
        with pytest.raises(ValueError, match=r"0 or 1.*bernoulli"):
            log_likelihood(vae, bad, 5)
    vae.decoder.sizes.clear()
    last = torch.cat([images, 0.5 * images[:1] + 0.1])
    with pytest.raises(ValueError, match=r"0 or 1.*bernoulli"):
        log_likelihood(vae, last, 5, batch_size=5)
    assert not vae.decoder.sizes  # it is seen before the work
    assert vae.training  # the mode comes back
    with pytest.raises(ValueError, match="batch of one"):
        log_likelihood(vae, images[0], 5)


def test_active_units_counts_means_that_vary():
    """Variances by hand: 0, 0.005, 0.02, 2; a constant mean is inactive."""
    signs = torch.tensor([[-1.0], [1.0]])
    spread = torch.tensor([0.0, 0.05, 0.1, 1.0])
    mu = 3 + signs * spread
    assert active_units(mu) == 2
    assert active_units(mu, threshold=0.001) == 3
    assert active_units(mu[:, :1]) == 0
    with pytest.raises(ValueError, match="two images or more"):
        active_units(mu[:1])
    with pytest.raises(ValueError, match=r"\(N, K\)"):
        active_units(mu[0])
    with pytest.raises(ValueError, match=r"\(N, K\)"):
        active_units(mu[None])
    with pytest.raises(ValueError, match="mu must be finite"):
        active_units((mu - 3).log())
    with pytest.raises(ValueError, match=r"got list: torch\.as_tensor\(mu\)"):
        active_units(mu.tolist())
    with pytest.raises(ValueError, match=r"got torch\.int64: .*\.float\(\)"):
        active_units(mu.long())


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


def test_angles_of_spaces_of_two_sizes():
    """A line in a plane, and one at 30 degrees to it."""
    plane = torch.eye(4)[:, :2]
    line = torch.tensor([[1.0], [1], [0], [0]])
    torch.testing.assert_close(principal_angles(plane, line), torch.zeros(1))
    line = torch.tensor([[3**0.5], [0], [0], [1]])
    for pair in (plane, line), (line, plane):
        angle = principal_angles(*pair)
        torch.testing.assert_close(angle, torch.tensor([math.pi / 6]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_columns_that_depend_on_each_other_span_no_plane(dtype):
    """The directions that QR makes up for them would give any angle."""
    A = torch.randn(784, 3, generator=torch.Generator().manual_seed(0))
    A, eps = A.to(dtype), torch.finfo(dtype).eps
    for column in A[:, 0] + A[:, 1], 0 * A[:, 0]:
        bad = torch.stack([A[:, 0], A[:, 1], column], 1)
        for pair in (bad, A), (A, bad):
            name = "A" if pair[0] is bad else "B"
            message = rf"columns of {name}, \(784, 3\), depend on each"
            with pytest.raises(ValueError, match=message):
                principal_angles(*pair)
    with pytest.raises(ValueError, match="columns of A"):
        principal_angles(A.T, A.T)
    near = torch.stack([A[:, 0], A[:, 0] + 1e4 * eps * A[:, 1]], 1)
    assert principal_angles(near, near).isfinite().all()


def test_angles_refuse_what_is_no_matrix():
    A = torch.eye(3)
    with pytest.raises(ValueError, match=r"^B must be a matrix.*\(3,\)"):
        principal_angles(A, A[0])
    with pytest.raises(ValueError, match=r"^A must be finite"):
        principal_angles(A.log(), A)
    with pytest.raises(
        ValueError, match=r"^B must be a tensor of floating.*int"
    ):
        principal_angles(A, A.long())
    with pytest.raises(ValueError, match=r"as many rows.*\(3, 3\).*\(2, 2\)"):
        principal_angles(A, A[:2, :2])
    with pytest.raises(ValueError, match=r"dtype.*float32.*float64"):
        principal_angles(A, A.double())


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


def test_probe_refuses_what_does_not_match():
    codes, labels = clusters(60, 0)
    good = (codes, labels, codes, labels)

    def refused(message, **changes):
        names = "codes", "labels", "test_codes", "test_labels"
        arguments = dict(zip(names, good, strict=True)) | changes
        with pytest.raises(ValueError, match=message):
            linear_probe(**arguments)

    refused(r"^codes .*\(59, 2\) and \(60,\)", codes=codes[:59])
    refused(r"^test_codes .*\(60, 2\) and \(1,\)", test_labels=labels[:1])
    refused(r"^codes .*N > 0", codes=codes[:0], labels=labels[:0])
    refused(r"^codes .*\(60,\) and \(60,\)", codes=codes[:, 0])
    refused(r"labels \(N,\).*\(60, 1\)", labels=labels[:, None])
    refused(
        r"^codes must be a tensor; got ndarray: torch.as_tensor\(codes\)",
        codes=codes.numpy(),
    )
    refused(
        r"^test_labels must be a tensor; got list: .*\(test_labels\)",
        test_labels=labels.tolist(),
    )
    refused("^test_codes must be finite", test_codes=codes.log())
    refused("^codes must be a tensor of floating", codes=codes.long())
    refused("codes have 2 numbers .* test_codes 1", test_codes=codes[:, :1])
    refused("two classes or more.*got 1, of 60", labels=0 * labels)


def test_probe_of_few_labels():
    """Cross-validation in three parts needs three codes of one class."""
    codes, _ = clusters(6, 0)
    twos = torch.tensor([0, 1, 0, 1, 2, 2])
    with pytest.raises(ValueError, match=r"one with three.*got 3, of 2 codes"):
        linear_probe(codes, twos, codes, twos)
    threes = torch.tensor([0, 1, 0, 1, 0, 1])
    far = codes + 100 * threes[:, None]
    assert linear_probe(far, threes, far, threes) == 1
    alone = torch.tensor([0, 1, 0, 0, 0, 0])  # one part has but one class
    with pytest.warns(UserWarning), pytest.raises(ValueError):
        linear_probe(codes, alone, codes, alone)


def test_probe_takes_images_as_codes():
    codes, labels = clusters(60, 0)
    images = codes.view(60, 1, 2, 1)
    given = linear_probe(images, labels, images, labels)
    assert given == linear_probe(codes, labels, codes, labels)


def test_the_random_numbers_are_those_of_the_seed_plus_a_constant():
    """Stored outputs depend on it."""

    def drawing(model, x):
        return {"loss": torch.rand(len(x))}

    images = torch.zeros(5, 3)
    result = evaluate(nn.Linear(3, 3), drawing, images, seed=7)
    torch.manual_seed(7 + 2_000_003)
    assert result["loss"] == pytest.approx(torch.rand(5).mean().item())
