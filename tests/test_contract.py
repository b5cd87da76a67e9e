"""What a loss may be and return, for `fit` and for `evaluate`."""

import re
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib import contract, losses, models
from course_lib.evaluation import evaluate
from course_lib.training import fit

CALLERS = {"fit": partial(fit, steps=2, device="cpu"), "evaluate": evaluate}


@pytest.fixture(params=CALLERS)
def call(request):
    """Return `fit` or `evaluate`, called as call(model, loss, images)."""
    return CALLERS[request.param]


@pytest.fixture
def images():
    return torch.rand(10, 3, generator=torch.Generator().manual_seed(0))


def squared(model, x):
    return {"loss": (model(x) - x).square().sum(1)}


def with_term(term):
    """Return a loss with a term of one's own."""

    def loss(model, x):
        return squared(model, x) | {"own": term(model(x))}

    return loss


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        ({"loss": torch.zeros(3)}, "must be a function; got dict: def loss"),
        (nn.MSELoss(), "must take a model and a batch; MSELoss.*: def loss"),
        (F.mse_loss, "must take a model and a batch; .*mse_loss.*: def loss"),
        (lambda x: {"loss": x}, r"called as loss\(model, batch\): too many"),
        (
            lambda model, x, beta: {"loss": x},
            r"called as loss\(model, batch\): missing.*'beta'.*beta=1\.0\):",
        ),
        (losses.squared_error, "x_hat must be a tensor.*Linear.*def loss"),
        (losses.bernoulli_nll, "logits must be a tensor.*Linear.*def loss"),
        (lambda model, x: model(x).sum(1), "must return a dict.*Tensor"),
        (lambda model, x: {"mse": x.sum(1)}, r'key "loss".*\[\'mse\'\]'),
        (
            lambda model, x: {"loss": (model(x) - x).square()},
            r"'loss' has shape \(10, 3\); expected one number an image, "
            r"\(10,\), or a scalar\. Sum",
        ),
        (with_term(lambda y: y[:1, 0]), r"'own' has shape \(1,\)"),
        (with_term(lambda y: y.sum().item()), r"'own' is of type float.*item"),
        (with_term(lambda y: 0), "'own' is of type int; expected a tensor"),
        (
            with_term(lambda y: (y > 0).sum(1)),
            r"'own' is torch.int64; expected floating point: \.float\(\)",
        ),
    ],
)
def test_both_callers_refuse_what_breaks_the_contract(
    call, images, loss, message
):
    model = nn.Linear(3, 3)
    before = model.weight.detach().clone()
    with pytest.raises(ValueError, match=message):
        call(model, loss, images)
    assert torch.equal(model.weight, before)


def test_a_mean_in_place_of_a_sum_is_no_number(images):
    """As a mean over the batch this is 784 times too small."""
    x = torch.rand(99, 1, 28, 28)
    model = models.Autoencoder(
        models.mlp_encoder(784, 4), models.mlp_decoder(4, 784)
    )
    with pytest.raises(ValueError, match=r"shape \(99, 1, 28, 28\)"):
        evaluate(model, lambda m, x: {"loss": (m.reconstruct(x) - x) ** 2}, x)


class Callable:
    """A loss may be an object, a method or a partial function."""

    def __call__(self, model, x):
        return squared(model, x)

    def method(self, model, x):
        return squared(model, x)


@pytest.mark.parametrize(
    "loss",
    [
        squared,
        Callable(),
        Callable().method,
        partial(lambda model, x, beta: squared(model, x), beta=1.0),
        lambda *arguments: squared(*arguments),
        with_term(lambda y: torch.tensor(0.5)),
        with_term(lambda y: y.sum(1).detach().double()),
        with_term(lambda y: y.sum(1).half()),
    ],
)
def test_losses_that_keep_the_contract(call, images, loss):
    call(nn.Linear(3, 3), loss, images)


def test_a_callable_without_a_signature_is_called(call, images):
    class Opaque(Callable):
        __signature__ = "none"  # inspect.signature raises TypeError

    call(nn.Linear(3, 3), Opaque(), images)


def test_scheduled_arguments():
    def loss(model, x, beta):
        pass

    contract.check_loss(loss, ["beta"])
    with pytest.raises(ValueError) as error:
        contract.check_loss(loss, ["gamma"])
    message = str(error.value)
    assert "loss(model, batch, gamma=...): missing" in message
    assert "def loss(model, x, gamma=1.0):" in message


def changing(*terms):
    """Return a loss that gives other terms at each call."""
    calls = iter(terms)

    def loss(model, x):
        error = squared(model, x)["loss"]
        return {name: error for name in next(calls)}

    return loss


@pytest.mark.parametrize("second", [["loss"], ["loss", "a", "b"]])
def test_terms_must_stay_the_same(images, second):
    message = r"same terms.*at first they were \['loss', 'a'\], now \['loss'"
    with pytest.raises(ValueError, match=message):
        fit(nn.Linear(3, 3), changing(["loss", "a"], second), images, steps=2)
    with pytest.raises(ValueError, match=message):
        loss = changing(["loss", "a"], second)
        evaluate(nn.Linear(3, 3), loss, images, batch_size=5)


def test_terms_in_another_order_are_told_apart_by_name(images):
    """In the order of the first step the second would have swapped them."""
    orders = iter([("loss", "half"), ("half", "loss")])

    def loss(model, x):
        error = squared(model, x)["loss"]
        terms = {"loss": error, "half": error / 2}
        return {name: terms[name] for name in next(orders)}

    terms = fit(nn.Linear(3, 3), loss, images, steps=2).terms
    torch.testing.assert_close(terms["half"], terms["loss"] / 2)


def test_the_last_batch_shows_a_mean_over_images(images):
    """A shape (K,) passes for (B,) while B is K, here 3."""

    def loss(model, x):
        return {"loss": (model(x) - x).square().mean(0)}

    with pytest.raises(ValueError, match=r"shape \(3,\); .*\(1,\)"):
        fit(nn.Linear(3, 3), loss, images, steps=4, batch_size=3)
    with pytest.raises(ValueError, match=r"shape \(3,\); .*\(1,\)"):
        evaluate(nn.Linear(3, 3), loss, images, batch_size=3)


def test_a_loss_without_gradient(images):
    def loss(model, x):
        return {"loss": squared(model, x)["loss"].detach()}

    model = nn.Linear(3, 3)
    with pytest.raises(ValueError, match=r'"loss" has no gradient.*detach'):
        fit(model, loss, images, steps=2)
    evaluate(model, loss, images)  # needs none


def test_a_loss_of_another_model(images):
    """A cell that uses the name of an earlier model trains nothing."""
    model, other = nn.Linear(3, 3), nn.Linear(3, 3)
    model.weight.grad = torch.ones(3, 3)  # of an earlier backward
    with pytest.raises(ValueError, match="does not depend on the model"):
        fit(model, lambda _, x: squared(other, x), images, steps=2)


def test_a_part_of_the_model_may_be_left_out(images):
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    fit(model, lambda m, x: squared(m[1], x), images, steps=2)


def squashed(model, x):
    return {"loss": losses.squared_error(model.reconstruct(x), x)}


def plain(model, x):
    """The decoder's output as it is, the mean of a Gaussian."""
    output = model(x)
    x_hat = output[0] if isinstance(output, tuple) else output
    return {"loss": losses.squared_error(x_hat, x)}


def autoencoder(kind=models.Autoencoder):
    torch.manual_seed(0)
    heads = 2 if kind is models.Autoencoder else 4
    return kind(models.mlp_encoder(784, heads), models.mlp_decoder(2, 784))


@pytest.fixture
def grey():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(9, 1, 28, 28, generator=generator)
    images.view(-1)[:2] = torch.tensor([0.0, 1])  # the range is all of [0, 1]
    return images


@pytest.mark.parametrize("kind", [models.Autoencoder, models.VAE])
@pytest.mark.parametrize(
    ("change", "reach"),
    [
        (lambda x: 255 * x, "from 0 to 255"),
        (lambda x: 4 * x - 2, "from -2 to 2"),
        (lambda x: x - 0.1, r"from -0.1 to 0.9\D"),
        (lambda x: x + 0.1, r"from 0.1 to 1.1\D"),
    ],
)
def test_squashed_pixels_are_not_compared_with_others(
    call, grey, kind, change, reach
):
    model = autoencoder(kind)
    before = model.decoder[0].weight.detach().clone()
    with pytest.raises(ValueError, match=f"model.reconstruct.*{reach}.*255"):
        call(model, squashed, change(grey))
    assert torch.equal(model.decoder[0].weight, before)
    model.reconstruct(change(grey))  # by itself it takes any image
    call(model, squashed, grey)  # and the model is as it was


def test_a_part_of_a_model_may_not_squash_either(call, grey):
    model = nn.Sequential(autoencoder())
    with pytest.raises(ValueError, match=r"model\.reconstruct"):
        call(model, lambda m, x: squashed(m[0], x), 2 * grey)


@pytest.mark.parametrize("kind", [models.Autoencoder, models.VAE])
def test_standardised_images_go_with_the_decoders_output(call, grey, kind):
    call(autoencoder(kind), plain, 4 * grey - 2)


def test_standardised_images_go_with_a_model_of_ones_own(call, grey):
    class Linear(models.Autoencoder):
        def reconstruct(self, x):
            return self(x)

    model = Linear(autoencoder().encoder, autoencoder().decoder)
    call(model, squashed, 4 * grey - 2)
    plain_model = nn.Sequential(*autoencoder().children())
    call(plain_model, plain, 4 * grey - 2)


def test_noise_is_no_target(call, grey):
    """A denoiser's input may leave [0, 1], its target does not."""

    def denoising(model, x):
        x_hat = model.reconstruct(x + torch.randn_like(x))
        return {"loss": losses.squared_error(x_hat, x)}

    call(autoencoder(), denoising, grey)


def test_gaps_are_the_losss_own_affair(call, grey):
    """NaN marks pixels that were not seen."""

    def masked(model, x):
        x_hat, seen = model.reconstruct(x.nan_to_num()), ~x.isnan()
        return {"loss": (x_hat - x)[seen].square().sum()}

    call(autoencoder(), masked, grey.where(grey > 0.5, torch.nan))


def test_a_method_that_an_object_was_given_stays(call, grey):
    model = autoencoder()
    model.reconstruct = own = model.forward
    call(model, squashed, 4 * grey - 2)
    assert model.reconstruct is own


def test_rounding_is_no_leaving_of_the_range(call, grey):
    call(autoencoder(), squashed, grey * (1 + 1e-6))
    with pytest.raises(ValueError, match=r"to 1\.01"):
        call(autoencoder(), squashed, grey * 1.01)


def test_parts_of_what_fit_takes_may_be_reconstructed(call, grey):
    """Noisy and clean images side by side; the noise leaves [0, 1]."""
    pairs = torch.cat([3 * grey - 1, grey], 1)

    def denoising(model, x):
        noisy, clean = x.chunk(2, 1)
        return {"loss": losses.squared_error(model.reconstruct(noisy), clean)}

    call(autoencoder(), denoising, pairs)


@pytest.mark.parametrize("kind", [models.Autoencoder, models.VAE])
def test_the_advice_for_standardised_images_works(call, grey, kind):
    model, images = autoencoder(kind), 4 * grey - 2
    with pytest.raises(
        ValueError, match=r"as it is, (model\(x\)\S*),"
    ) as told:
        call(model, squashed, images)
    line = re.search(r"as it is, (model\(x\)\S*),", str(told.value))[1]

    def advised(model, x):
        return {"loss": losses.squared_error(eval(line), x)}

    call(model, advised, images)
