"""The reference VAE's command, end to end on little data, and its file."""

import itertools
import math
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.distributions import Bernoulli

import train_reference
from course_lib import (
    checkpoint,
    data,
    evaluation,
    losses,
    mnist,
    models,
    reference_vae,
)
from course_lib.reference_vae import PACKAGED, load
from train_reference import main

load_data = data.load


@pytest.fixture
def little(monkeypatch, tmp_path):
    """Let the command find few images, take few samples, and write here.

    By its clock each step takes a second, whatever the machine is doing.
    """
    digits = data.load("digits")
    few = digits.train_images[:300], digits.train_labels[:300]
    test = digits.test_images[:20], digits.test_labels[:20]
    dataset = data.ImageDataset("mnist", *few, *test)
    monkeypatch.setattr(data, "load", lambda name: dataset)

    def fewer(model, x, k, **kwargs):
        samples = {100: 10, 5000: 50}[k]
        return evaluation.log_likelihood(model, x, samples, **kwargs)

    monkeypatch.setattr(train_reference, "log_likelihood", fewer)
    clock = SimpleNamespace(perf_counter=itertools.count().__next__)
    monkeypatch.setattr(train_reference, "BATCH_SIZE", 64)
    monkeypatch.setattr(train_reference, "time", clock)
    monkeypatch.chdir(tmp_path)
    return dataset


def run(steps, *arguments):
    main(["--minutes", str(steps / 60), *arguments])


def loss(model, images):
    torch.manual_seed(0)
    with torch.no_grad():
        x = torch.bernoulli(images)
        bound = train_reference.negative_bound(model, x, 1, 1.0, torch.float32)
        return float(bound)


def test_end_to_end(little, capsys):
    run(150)
    said = " ".join(capsys.readouterr().out.split())
    assert os.listdir() == ["reference_vae.pt"]
    contents = checkpoint.load("reference_vae.pt")
    assert contents["steps"] == contents["seconds"] == 150
    assert {w.dtype for w in contents["weights"].values()} == {torch.float16}
    nll, error = re.search(
        r"Test NLL (\S+) nats per image, standard error (\S+) ", said
    ).groups()
    assert 50 < float(nll) < 784 * math.log(2) and 0 < float(error) < 50
    for text in (
        "importance sampling",
        "k = 100 samples for each of the 10,000 test images",
        "L5000 - L100",
        "500 random",
        "dynamic binarisation",
        "VAE 86.76",
        "k = 5 85.54",
        "k = 50 84.78",
    ):
        assert text in said, text
    # it has learned: better than the mean image, with which it began
    torch.manual_seed(0)
    start = reference_vae.build()
    models.start_at_mean(start.decoder, little.train_images)
    trained = load("reference_vae.pt")
    before, after = (loss(m, little.train_images) for m in (start, trained))
    assert after < 0.9 * before


def test_resume_continues(little):
    run(100, "--out", "a.pt")
    first = loss(load("a.pt"), little.train_images)
    run(150, "--out", "a.pt", "--resume")
    contents = checkpoint.load("a.pt")
    assert contents["steps"] == contents["seconds"] == 150
    assert loss(load("a.pt"), little.train_images) < first
    # no time is left: the weights are measured and stay as they are
    run(150, "--out", "a.pt", "--resume")
    again = checkpoint.load("a.pt")
    assert again["steps"] == 150
    assert all(
        torch.equal(w, again["weights"][name])
        for name, w in contents["weights"].items()
    )


def test_a_resumed_training_starts_from_the_weights_of_the_file(
    little, monkeypatch
):
    run(1)
    stored, seen = load("reference_vae.pt").state_dict(), []

    def spy(model, images, seconds, save, *, before, steps):
        seen.append((model.state_dict(), before, steps))

    monkeypatch.setattr(train_reference, "train", spy)
    run(9, "--resume")
    weights, before, steps = seen[0]
    contents = checkpoint.load("reference_vae.pt")
    assert (before, steps) == (contents["seconds"], contents["steps"])
    assert all(torch.equal(w, stored[name]) for name, w in weights.items())


def stop_at(monkeypatch, step, error):
    """Let the training's nth step fail."""
    bound, calls = train_reference.negative_bound, []

    def failing(model, x, *rest):
        calls.append(x)
        if len(calls) == 10 + step:  # ten measure the precisions' speed
            if error is None:
                return bound(model, x, *rest) * math.nan
            raise error
        return bound(model, x, *rest)

    monkeypatch.setattr(train_reference, "negative_bound", failing)
    return calls


def test_an_interrupt_keeps_what_was_trained(little, monkeypatch):
    stop_at(monkeypatch, 5, KeyboardInterrupt)
    with pytest.raises(SystemExit, match=r"--resume continues"):
        run(60)
    assert checkpoint.load("reference_vae.pt")["steps"] == 4
    assert os.listdir() == ["reference_vae.pt"]
    monkeypatch.undo()


def test_a_loss_that_is_not_finite_is_not_saved(little, monkeypatch):
    stop_at(monkeypatch, 3, None)
    with pytest.raises(SystemExit, match="the loss is nan at step"):
        run(20)
    contents = checkpoint.load("reference_vae.pt")
    assert contents["steps"] == 1  # the first step's
    assert all(w.isfinite().all() for w in contents["weights"].values())


def test_training_sees_new_binary_images_at_each_step(little, monkeypatch):
    calls = stop_at(monkeypatch, 31, KeyboardInterrupt)
    little.train_images[:] = 0.3  # all are alike, so the order is no matter
    with pytest.raises(SystemExit):
        run(60)
    drawn = torch.stack([x[:40] for x in calls[10:40]])
    assert set(drawn.unique().tolist()) == {0, 1}
    assert not torch.equal(drawn[0], drawn[1])
    spread = (0.3 * 0.7 / drawn.numel()) ** 0.5
    assert abs(float(drawn.mean()) - 0.3) < 4 * spread


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("k", [1, 5])
def test_the_bound_is_that_of_the_losses(k, dtype):
    torch.manual_seed(0)
    model = reference_vae.build()
    x = torch.bernoulli(torch.full((50, 1, 28, 28), 0.3))
    torch.manual_seed(1)
    bound = train_reference.negative_bound(model, x, k, 0.3, dtype)
    torch.manual_seed(1)
    if k == 1:
        expected = losses.negative_elbo(model, x, 0.3)["loss"].mean()
    else:
        expected = -losses.iwae_bound(model, x, k).mean()
    # bfloat16 has 8 bits: 784 pixels' errors of 2^-9 average out
    rtol = 1e-6 if dtype == torch.float32 else 2**-9
    assert bound.item() == pytest.approx(expected.item(), rel=rtol)
    assert bound.dtype == torch.float32


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_share_a_step(threads, monkeypatch):
    """The gradient is that of the mean over all threads' batches."""

    def error(model, x, *rest):
        return (model.reconstruct(x) - x).square().flatten(1).sum(1).mean()

    monkeypatch.setattr(train_reference, "negative_bound", error)
    torch.manual_seed(0)
    model = reference_vae.build().double()
    x = torch.rand(10 * threads, 1, 28, 28).double()
    streams = [iter([part]) for part in x.split(10)]
    with ThreadPoolExecutor(threads) as pool:
        bound = train_reference.backward(model, streams, 1, 1.0, None, pool)
    given = [p.grad for p in model.parameters()]
    model.zero_grad()
    expected = error(model, x)
    expected.backward()
    assert bound == pytest.approx(expected.item())
    for gradient, p in zip(given, model.parameters(), strict=True):
        torch.testing.assert_close(gradient, p.grad)


def test_the_bound_has_one_sample_at_first_then_five(little, monkeypatch):
    seen = []

    def spy(model, x, k, beta, dtype):
        seen.append((k, beta))
        return sum(p.sum() for p in model.parameters())

    monkeypatch.setattr(train_reference, "negative_bound", spy)
    run(20)
    ks, betas = zip(*seen[10:], strict=True)
    assert ks == (1,) * 15 + (5,) * 5  # from 15 s of 20
    # the KL's weight is 1 after 6 s
    assert betas == pytest.approx([min(1, i / 6) for i in range(20)])


def test_the_rate_warms_up_then_falls_to_0(little, monkeypatch):
    rates = []

    class Spy(torch.optim.Adam):
        def step(self):
            rates.append(self.param_groups[0]["lr"])

    monkeypatch.setattr(torch.optim, "Adam", Spy)
    monkeypatch.setattr(train_reference, "WARM_UP", 10)
    run(40)
    assert rates == pytest.approx(
        [4e-3 * min(1, (i + 1) / 10) * (1 - i / 40) for i in range(40)]
    )
    rates.clear()
    run(80, "--resume")  # as if it had been 80 from the start, but warm
    assert rates == pytest.approx(
        [4e-3 * min(1, (i + 1) / 10) * (0.5 - i / 80) for i in range(40)]
    )


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "inf"])
def test_minutes_that_make_no_sense(minutes, capsys):
    with pytest.raises(SystemExit):
        main(["--minutes", minutes])
    assert "--minutes must be above 0" in capsys.readouterr().err


def test_a_file_that_exists_is_not_overwritten(little, capsys):
    Path("reference_vae.pt").write_text("mine")
    with pytest.raises(SystemExit):
        run(1)
    assert "add --resume" in capsys.readouterr().err
    assert Path("reference_vae.pt").read_text() == "mine"


def test_a_folder_that_is_not_there_is_told_before_the_training(little):
    with pytest.raises(SystemExit, match="No such file or directory"):
        run(600, "--out", "nowhere/a.pt")


def test_resume_needs_a_checkpoint(little):
    with pytest.raises(SystemExit, match=r"reference_vae\.pt"):
        run(1, "--resume")
    Path("reference_vae.pt").write_text("mine")
    with pytest.raises(SystemExit, match="damaged, or is no checkpoint"):
        run(1, "--resume")
    assert Path("reference_vae.pt").read_text() == "mine"


@pytest.mark.parametrize(
    "contents",
    [
        {"weights": nn.Linear(2, 2).state_dict(), "seconds": 1.0, "steps": 1},
        {"model": 3},
        [1, 2],
    ],
)
def test_another_models_file_is_refused(contents, tmp_path):
    checkpoint.save(contents, tmp_path / "a.pt")
    with pytest.raises(ValueError, match=r"a\.pt holds no reference VAE"):
        load(tmp_path / "a.pt")


def test_without_mnist_it_says_what_to_do(little, monkeypatch):
    def fail(folder):
        raise OSError("MNIST could not be downloaded")

    monkeypatch.setattr(data, "load", load_data)
    monkeypatch.setattr(mnist, "tensors", fail)
    with pytest.raises(SystemExit, match="Connect to the internet, or set"):
        run(1)
    assert os.listdir() == []


def test_the_nll_of_known_likelihoods(monkeypatch):
    """Where all images are among the 500, it is that of k = 5,000 alone."""
    generator = torch.Generator().manual_seed(0)
    known = {k: torch.randn(60, generator=generator) for k in (100, 5000)}

    def tell(model, x, k, seed):
        return known[k][x[:, 0, 0, 0].long()]

    monkeypatch.setattr(train_reference, "log_likelihood", tell)
    monkeypatch.setattr(torch, "bernoulli", lambda x, generator: x)
    images = torch.arange(60.0).view(-1, 1, 1, 1)
    nll, gain, error = train_reference.measure(None, images)
    assert nll == pytest.approx(-known[100].mean().item())
    assert nll - gain == pytest.approx(-known[5000].mean().item())
    assert error == pytest.approx(known[5000].std().item() / 60**0.5)


def test_the_nll_of_a_model_without_latents():
    """The decoder ignores z and q is the prior: log p(x) is known."""
    model, images = reference_vae.build(), torch.full((6, 1, 28, 28), 0.3)
    for p in model.parameters():
        nn.init.zeros_(p)
    models.start_at_mean(model.decoder, images)
    nll, gain, error = train_reference.measure(model, images, seed=1)
    generator = torch.Generator().manual_seed(1)
    x = torch.bernoulli(images, generator=generator)
    truth = -Bernoulli(0.3).log_prob(x).flatten(1).sum(1)
    assert nll == pytest.approx(truth.mean().item(), abs=1e-2)
    assert gain == pytest.approx(0, abs=1e-2)
    assert error == pytest.approx(truth.std().item() / 6**0.5, rel=1e-2)


def test_the_file_of_the_course_is_small_and_comes_with_it():
    assert PACKAGED.stat().st_size <= 3_000_000
    assert PACKAGED.parent == Path(reference_vae.__file__).parent


def test_loading_leaves_the_callers_random_numbers_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    model = load()
    assert torch.equal(torch.rand(3), expected)
    assert not model.training
    assert {w.dtype for w in model.parameters()} == {torch.float32}


def test_the_file_of_the_course_explains_test_images():
    """MNIST's where they lie on this machine, else the model's own."""
    model = load()
    torch.manual_seed(0)
    raw = data.folder() / "MNIST" / "raw"
    if all((raw / file).exists() for file in mnist.RAW_MD5):
        x = torch.bernoulli(load_data("mnist").test_images[:200])
    else:
        with torch.no_grad():
            p = torch.sigmoid(model.decoder(torch.randn(200, 50)))
        x = torch.bernoulli(p)
    nll = -evaluation.log_likelihood(model, x, 100)
    # without training it is above 200; four standard errors are 8
    assert 70 < nll.mean() < 130
