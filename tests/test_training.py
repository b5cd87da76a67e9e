"""`fit`: the loop, its errors, its seeds, its history."""

import inspect
import math
import signal
import time
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from tqdm import notebook

from course_lib import training
from course_lib.evaluation import evaluate


@pytest.fixture
def images():
    return torch.rand(50, 3, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def interrupts():
    """Let SIGINT interrupt, as in a kernel: CI may start tests without it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def linear(seed=0):
    torch.manual_seed(seed)
    return nn.Linear(3, 3)


def squared(model, x):
    return {"loss": (model(x) - x).square().sum(1)}


def noisy(model, x, beta=1.0):
    """A loss with random numbers and a scheduled weight."""
    error = (model(x + 0.1 * torch.randn_like(x)) - x).square().sum(1)
    weight = model.weight.square().sum()  # a scalar term
    return {"loss": error + beta * weight, "error": error, "weight": weight}


def test_same_as_a_loop_written_by_hand(images):
    model, twin = linear(), linear()
    history = training.fit(
        model, squared, images, steps=40, batch_size=16, lr=1e-2, device="cpu"
    )
    optimizer = torch.optim.Adam(twin.parameters(), lr=1e-2)
    generator = torch.Generator().manual_seed(0)
    seen = []
    while len(seen) < 40:
        for index in torch.randperm(50, generator=generator).split(16):
            loss = (twin(images[index]) - images[index]).square().sum(1).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            seen.append(loss.item())
    expected = torch.tensor(seen[:40])
    torch.testing.assert_close(history.terms["loss"], expected)


def test_a_second_call_starts_anew_from_the_weights(images):
    """Order, noise and Adam are those of a first call."""
    model, twin, seen = linear(), linear(1), []

    def loss(model, x):
        seen.append((x, torch.rand(3)))
        return noisy(model, x)

    training.fit(model, loss, images, steps=6, batch_size=16)
    twin.load_state_dict(model.state_dict())
    for network in model, twin:
        training.fit(network, loss, images, steps=6, batch_size=16)
    assert torch.equal(model.weight, twin.weight)
    for first, second in zip(seen[:6], seen[6:12], strict=True):
        assert torch.equal(first[0], second[0])
        assert torch.equal(first[1], second[1])


def test_each_image_once_an_epoch(images):
    stream = training.batches(torch.arange(50), 16, seed=3)
    epochs = [torch.cat([next(stream) for _ in range(4)]) for _ in range(3)]
    for epoch in epochs:
        assert sorted(epoch.tolist()) == list(range(50))
    assert not torch.equal(epochs[0], epochs[1])


def test_same_seed_same_numbers(images):
    runs = []
    for seed in (1, 1, 2):
        model = linear()
        history = training.fit(
            model, noisy, images, steps=30, seed=seed, device="cpu"
        )
        runs.append((history.terms["loss"], model.weight.detach()))
    assert torch.equal(runs[0][0], runs[1][0])
    assert torch.equal(runs[0][1], runs[1][1])
    assert not torch.equal(runs[0][0], runs[2][0])


@pytest.mark.parametrize("where", ["order", "noise", "validation"])
def test_the_seed_reaches_every_source_of_randomness(images, where):
    def run(seed):
        seen = {}

        def loss(model, x):
            noise = torch.rand(len(x))
            if model.training:
                seen.update(order=x, noise=noise)
            else:
                seen["validation"] = noise
            return squared(model, x)

        training.fit(
            linear(), loss, images, steps=1, validation=images, seed=seed
        )
        return seen[where]

    first, again, other = run(0), run(0), run(1)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_noise_is_not_that_of_the_models_start(images):
    """A model and a training with the same seed must not share numbers."""
    drawn = []

    def loss(model, x):
        drawn.append(torch.rand(50))
        return squared(model, x)

    torch.manual_seed(0)
    start = torch.rand(50)
    training.fit(
        linear(), loss, images, steps=1, batch_size=50, validation=images
    )
    # the first of its calls tries the validation, with the last one's numbers
    drawn = [start, *drawn[1:]]
    correlations = torch.corrcoef(torch.stack(drawn)).fill_diagonal_(0)
    # 1 / sqrt(50) is the standard error of the correlation of 50 pairs
    assert correlations.abs().max() < 4 / 50**0.5


def test_the_model_is_in_training_mode_while_it_trains(images):
    model = linear()

    def loss(model, x):
        assert model.training
        return squared(model, x)

    training.fit(model, loss, images, steps=2)
    training.fit(model, loss, images, steps=2)  # it was left in eval mode


def test_defaults_are_those_of_the_lessons():
    defaults = inspect.signature(training.fit).parameters
    assert defaults["lr"].default == 1e-3
    assert defaults["batch_size"].default == 128


def test_the_schedule_multiplies_the_rate(images):
    model, twin = linear(), linear()
    training.fit(
        model,
        squared,
        images,
        steps=5,
        lr=1e-2,
        lr_schedule=lambda fraction: 0.5,
        device="cpu",
    )
    training.fit(twin, squared, images, steps=5, lr=5e-3, device="cpu")
    assert torch.equal(model.weight, twin.weight)


def test_validation_does_not_change_the_training(images):
    runs = []
    for validation in (None, images[:7]):
        model = linear()
        history = training.fit(
            model, noisy, images, steps=30, validation=validation, device="cpu"
        )
        runs.append((history, model.weight.detach()))
    without, with_ = runs
    assert torch.equal(without[1], with_[1])
    for term in ("loss", "error", "weight"):
        assert torch.equal(without[0].terms[term], with_[0].terms[term])


def test_validation_ten_times_with_the_loss_default(images):
    model = linear()
    history = training.fit(
        model,
        noisy,
        images,
        steps=25,
        schedules={"beta": lambda step: 0.0},
        validation=images[:7],
        device="cpu",
    )
    steps = [step for step, _ in history.validation]
    assert len(steps) == 10 and steps[-1] == 25
    last = history.validation[-1][1]
    # beta is 1 in validation, though it was 0 in training
    assert last["loss"] == pytest.approx(last["error"] + last["weight"])
    assert last == evaluate(model, noisy, images[:7])


def test_the_callers_random_numbers_are_left_alone(images):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    model = nn.Linear(3, 3, device="meta").to_empty(device="cpu")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    training.fit(model, noisy, images, steps=3, validation=images)
    assert torch.equal(torch.rand(3), expected)


def test_schedules_and_learning_rate(images):
    betas, rates = [], []

    def loss(model, x, beta=None):
        betas.append(beta)
        return squared(model, x)

    def schedule(fraction):
        rates.append(fraction)
        return 0.0 if fraction >= 0.5 else 1.0

    model, frozen_at = linear(), {}

    def spy(step):
        frozen_at[step] = model.weight.detach().clone()
        return step / 10

    training.fit(
        model,
        loss,
        images,
        steps=10,
        lr_schedule=schedule,
        schedules={"beta": spy},
    )
    assert betas == [step / 10 for step in range(10)]
    assert rates == [step / 10 for step in range(10)]
    assert torch.equal(frozen_at[5], frozen_at[9])  # the rate is 0 from 5 on
    assert not torch.equal(frozen_at[4], frozen_at[5])


def test_cosine():
    assert training.cosine(0) == 1
    assert training.cosine(1 / 3) == pytest.approx(0.75)
    assert training.cosine(1 / 2) == pytest.approx(0.5)
    assert training.cosine(1) == pytest.approx(0)


def test_history_records_the_mean_over_the_batch(images):
    history = training.fit(linear(), noisy, images, steps=1, batch_size=50)
    terms = history.terms
    assert set(terms) == {"loss", "error", "weight"}
    expected = terms["error"] + terms["weight"]
    torch.testing.assert_close(terms["loss"], expected)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_names_step_and_term(images, bad):
    calls = 0

    def loss(model, x):
        nonlocal calls
        calls += 1
        error = (model(x) - x).square().sum(1)
        penalty = error.new_tensor(bad if calls == 4 else 0.0)
        return {"loss": error + 0 * penalty.nan_to_num(), "penalty": penalty}

    with pytest.raises(FloatingPointError) as error:
        training.fit(linear(), loss, images, steps=9)
    message = str(error.value)
    assert "step 4" in message and f"penalty = {bad:g}" in message
    assert "loss =" not in message and "lr" in message


def test_a_long_run_stops_soon_after_the_loss_is_nan(images, monkeypatch):
    """The check is made twice a second, not only at the end."""
    steps = 0

    def loss(model, x):
        nonlocal steps
        steps += 1
        return {"loss": (model(x) - x).square().sum(1) * math.nan}

    clock = SimpleNamespace(perf_counter=lambda: steps / 8)  # in seconds
    monkeypatch.setattr(training, "time", clock)
    with pytest.raises(FloatingPointError, match="step 1:"):
        training.fit(linear(), loss, images, steps=10_000)
    assert steps == 5  # the first after half a second


def test_interrupt_keeps_model_and_history(images, capsys, interrupts):
    calls = 0

    def loss(model, x):
        nonlocal calls
        calls += 1
        if calls == 41:
            signal.raise_signal(signal.SIGINT)
        return squared(model, x)

    model = linear()
    before = model.weight.detach().clone()
    history = training.fit(model, loss, images, steps=5_000)
    assert history.interrupted
    assert len(history) == calls - 1 == 40
    assert len(history.terms["loss"]) == len(history)
    assert not torch.equal(model.weight, before)
    assert not model.training
    assert "Interrupted after 40 of 5000" in capsys.readouterr().out


def test_leaves_the_model_where_it_was_in_evaluation_mode(images):
    model = linear().train()
    training.fit(model, squared, images, steps=2)
    assert model.weight.device.type == "cpu" and not model.training


def test_the_model_goes_to_the_device_and_home_again(images):
    """On a machine with one device, too, it is sent both ways."""
    moves = []

    class Spy(nn.Linear):
        def to(self, device):
            moves.append(str(device))
            return super().to(device)

    model = Spy(3, 3)
    training.fit(model, squared, images, steps=2, device="cpu")
    assert moves == ["cpu", "cpu"]
    with pytest.raises(FloatingPointError):
        training.fit(model, squared, images * math.nan, steps=2, device="cpu")
    assert moves == ["cpu"] * 4 and not model.training


def test_any_shape_and_dtype_of_images():
    images = torch.rand(8, 2, 2, 2, dtype=torch.float64)
    model = nn.Conv2d(2, 2, 1).double()

    def loss(model, x):
        return {"loss": (model(x) - x).square().flatten(1).sum(1)}

    history = training.fit(model, loss, images, steps=3, device="cpu")
    assert history.terms["loss"].dtype == torch.float64


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (lambda error: error, "must return a dict"),
        (lambda error: {"mse": error}, 'key "loss"'),
        (lambda error: {"loss": error[:, None]}, "one number an image"),
        (lambda error: {"loss": error[:2]}, "one number an image"),
    ],
)
def test_a_loss_of_a_wrong_form_is_explained(images, returned, message):
    def loss(model, x):
        return returned((model(x) - x).square().sum(1))

    with pytest.raises(ValueError, match=message):
        training.fit(linear(), loss, images, steps=1)


@pytest.mark.skipif(
    not torch.accelerator.is_available(), reason="no accelerator here"
)
def test_trains_on_the_accelerator_and_comes_back(images):
    model, twin = linear(), linear()
    here = training.fit(model, squared, images, steps=20, device="cpu")
    there = training.fit(twin, squared, images, steps=20)
    assert twin.weight.device.type == "cpu"
    torch.testing.assert_close(
        here.terms["loss"], there.terms["loss"], rtol=1e-3, atol=1e-4
    )


@pytest.fixture
def bars(monkeypatch):
    """Return the bars that `fit` makes, as a notebook shows them."""
    made = []

    class Bar(notebook.tqdm):
        def __init__(self, **options):
            super().__init__(disable=False, display=False, **options)
            self.amounts = []
            made.append(self)

        def update(self, amount):
            self.amounts.append(amount)
            return super().update(amount)

    monkeypatch.setattr(training, "tqdm", Bar)
    return made


class Clock:
    """A clock that moves on by so many seconds whenever it is read."""

    def __init__(self, seconds):
        self.now, self.seconds = 0.0, seconds

    def perf_counter(self):
        self.now += self.seconds
        return self.now


def is_red(bar):
    return bar.container.children[1].bar_style == "danger"


def is_gone(bar):
    return bar.container.layout.visibility == "hidden"


@pytest.mark.parametrize(
    ("seconds", "amounts"),
    [
        (0.0, [7]),  # no half second goes by
        (0.3, [2, 2, 2, 1]),  # the clock is read once more at each report
        (0.6, [1] * 7),
    ],
)
def test_the_bar_counts_all_steps_and_goes(
    images, bars, monkeypatch, seconds, amounts
):
    monkeypatch.setattr(training, "time", Clock(seconds))
    training.fit(linear(), squared, images, steps=7, validation=images)
    (bar,) = bars
    assert bar.amounts == amounts
    assert bar.total == bar.n == 7 and bar.unit == "step"
    assert is_gone(bar) and not is_red(bar)


def test_the_bar_of_an_interrupted_training_stays_red(images, bars):
    def loss(model, x):
        if next(steps) == 3:
            raise KeyboardInterrupt
        return squared(model, x)

    steps = iter(range(9))
    history = training.fit(linear(), loss, images, steps=9)
    assert len(history) == 3
    assert is_red(bars[0]) and not is_gone(bars[0])


@pytest.mark.parametrize("failing", [0, 4, 8])
@pytest.mark.parametrize("seconds", [0.0, 0.6])
def test_the_bar_of_a_training_that_fails_stays_red(
    images, bars, monkeypatch, failing, seconds
):
    """Also where the last step, or the validation after it, fails."""

    def loss(model, x):
        factor = math.nan if next(steps) == failing else 1.0
        return {"loss": factor * squared(model, x)["loss"]}

    def broken(model, x):
        if not model.training:
            raise RuntimeError
        return squared(model, x)

    monkeypatch.setattr(training, "time", Clock(seconds))
    steps = iter(range(9))
    with pytest.raises(FloatingPointError, match=f"step {failing + 1}:"):
        training.fit(linear(), loss, images, steps=9)
    with pytest.raises(RuntimeError):
        training.fit(linear(), broken, images, steps=1, validation=images)
    for bar in bars:
        assert is_red(bar) and not is_gone(bar)


def test_an_interrupted_training_that_had_failed_says_so(images):
    """The record since the last look at it is looked at."""

    def loss(model, x):
        step = next(steps)
        if step == 3:
            raise KeyboardInterrupt
        factor = math.nan if step == 2 else 1.0
        return {"loss": factor * squared(model, x)["loss"]}

    steps = iter(range(9))
    with pytest.raises(FloatingPointError, match="step 3:"):
        training.fit(linear(), loss, images, steps=9)


def test_ctrl_c_before_the_first_step(images, interrupts):
    def loss(model, x):
        signal.raise_signal(signal.SIGINT)

    history = training.fit(linear(), loss, images, steps=5)
    assert history.interrupted and len(history) == 0
    assert "0 steps" in repr(history)


@pytest.mark.parametrize(
    ("later", "message"),
    [
        (lambda term: 1.5, "of type float"),
        (lambda term: term[:, None].expand(-1, 9), r"has shape \(4, 9\)"),
        (lambda term: term.new_ones(3), r"has shape \(3,\)"),
    ],
)
def test_terms_that_go_wrong_later_are_named(later, message):
    calls = []

    def loss(model, x):
        calls.append(x)
        term = model(x).square().sum(1)
        extra = later(term) if len(calls) == 3 else term
        return {"loss": term, "extra": extra}

    with pytest.raises(ValueError, match=message):
        training.fit(
            nn.Linear(3, 3), loss, torch.rand(8, 3), steps=9, batch_size=4
        )
    assert len(calls) == 3


def test_the_seconds_are_those_of_the_call(images):
    begin = time.perf_counter()
    history = training.fit(linear(), squared, images, steps=2)
    assert 0 < history.seconds < time.perf_counter() - begin
