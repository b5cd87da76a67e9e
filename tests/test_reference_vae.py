"""The reference VAE's command, end to end on little data, and its file."""

import math
import os
import re
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.distributions import Bernoulli

import reference_training
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
    """Let the command find few images, take few samples, and write here."""
    digits = data.load("digits")
    few = digits.train_images[:300], digits.train_labels[:300]
    test = digits.test_images[:20], digits.test_labels[:20]
    dataset = data.ImageDataset("digits", *few, *test)
    monkeypatch.setattr(data, "load", lambda name: dataset)

    def fewer(model, x, k, **kwargs):
        samples = {100: 10, 5000: 50}[k]
        return evaluation.log_likelihood(model, x, samples, **kwargs)

    monkeypatch.setattr(train_reference, "log_likelihood", fewer)
    monkeypatch.setattr(train_reference, "HELD_OUT", 100)
    monkeypatch.setattr(reference_training, "BATCH_SIZE", 64)
    monkeypatch.chdir(tmp_path)
    return dataset


def run(steps, *arguments):
    main(["--steps", str(steps), "--dtype", "float32", *arguments])


def loss(model, images):
    torch.manual_seed(0)
    with torch.no_grad():
        x = torch.bernoulli(images)
        return float(losses.negative_elbo(model, x)["loss"].mean())


def weights(path="reference_vae.pt"):
    return checkpoint.load(path)["weights"]


def are_equal(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def test_end_to_end(little, capsys):
    run(150)
    said = " ".join(capsys.readouterr().out.split())
    assert os.listdir() == ["reference_vae.pt"]
    contents = checkpoint.load("reference_vae.pt")
    stated = contents["steps"], contents["seed"], contents["dtype"]
    assert stated == (150, 0, "float32")
    assert {w.dtype for w in contents["weights"].values()} == {torch.float16}
    nll, error = re.search(
        r"Test NLL (\S+) nats per image, standard error (\S+) ", said
    ).groups()
    assert 50 < float(nll) < 784 * math.log(2) and 0 < float(error) < 50
    for text in (
        "importance sampling",
        "k = 100 samples for each of the 20 test images",
        "L5000 - L100 over 20 random",
        "from 300 training images",
        "dynamic binarisation",
        "1,009,684 parameters",
        "VAE 86.76",
        "k = 5 85.54",
        "k = 50 84.78",
        "steps 150, seed 0, dtype float32, images 300, data digits, "
        "processes 1, threads 1, device cpu, torch ",
    ):
        assert text in said, text
    # it has learned: better than the mean image, with which it began
    torch.manual_seed(0)
    start = reference_vae.build()
    models.start_at_mean(start.decoder, little.train_images)
    trained = load("reference_vae.pt")
    before, after = (loss(m, little.train_images) for m in (start, trained))
    assert after < 0.9 * before


def test_the_same_command_gives_the_same_weights(little):
    for out in "a.pt", "b.pt":
        run(6, "--out", out)
    run(6, "--out", "c.pt", "--seed", "1")
    run(7, "--out", "d.pt")
    assert are_equal(weights("a.pt"), weights("b.pt"))
    assert not are_equal(weights("a.pt"), weights("c.pt"))
    assert not are_equal(weights("a.pt"), weights("d.pt"))


def test_minutes_become_steps_that_are_told_and_stored(
    little, monkeypatch, capsys
):
    asked = []

    def count(seconds, *rest):
        asked.append(seconds)
        return 9

    monkeypatch.setattr(train_reference, "steps_in", count)
    main(["--minutes", "2.5"])
    assert asked == [150]
    assert "2.5 minutes are 9 steps: --steps 9" in capsys.readouterr().out
    assert checkpoint.load("reference_vae.pt")["steps"] == 9


def test_held_out_images_are_measured_and_not_trained_on(
    little, monkeypatch, capsys
):
    little.train_images[-100:] = torch.nan  # training would fail on these
    little.test_images[:] = torch.nan
    seen = []

    def tell(model, images):
        seen.append(images)
        return 90.0, 1.0, 0.5

    monkeypatch.setattr(train_reference, "measure", tell)
    run(3, "--hold-out")
    assert seen[0].shape == (100, 1, 28, 28) and seen[0].isnan().all()
    said = capsys.readouterr().out
    assert "Held-out NLL 89.00" in said and "images 200" in said


def stop_at(monkeypatch, number, error):
    """Let the training's nth step fail."""
    forward, calls = reference_training.NegativeBound.forward, []

    def failing(self, *inputs):
        calls.append(inputs)
        if len(calls) == number:
            if error is None:
                return forward(self, *inputs) * math.nan
            raise error
        return forward(self, *inputs)

    monkeypatch.setattr(reference_training.NegativeBound, "forward", failing)


def test_a_broken_training_goes_on_as_if_nothing_had_happened(
    little, monkeypatch, capsys
):
    run(20, "--out", "whole.pt")
    with monkeypatch.context() as patch:
        stop_at(patch, 9, KeyboardInterrupt)
        with pytest.raises(SystemExit, match=r"--resume continues"):
            run(20)
    assert sorted(os.listdir()) == ["reference_vae.pt.training", "whole.pt"]
    with pytest.raises(SystemExit, match=r"broken off: add --resume"):
        run(20)
    with pytest.raises(SystemExit, match="with seed 0, not 1"):
        run(20, "--resume", "--seed", "1")
    with pytest.raises(SystemExit, match="with steps 20, not 30"):
        run(30, "--resume")
    with pytest.raises(SystemExit, match=r"a\.pt\.training is not there"):
        run(20, "--resume", "--out", "a.pt")
    main(["--dtype", "float32", "--resume"])  # its steps are the file's
    assert "goes on from step 8 of 20" in capsys.readouterr().out
    assert sorted(os.listdir()) == ["reference_vae.pt", "whole.pt"]
    assert are_equal(weights(), weights("whole.pt"))


def test_a_loss_that_is_not_finite_is_not_saved(little, monkeypatch):
    stop_at(monkeypatch, 9, None)
    with pytest.raises(SystemExit, match="the loss is nan before step 9"):
        run(20)
    contents = checkpoint.load("reference_vae.pt.training")
    assert contents["step"] == 8
    assert all(w.isfinite().all() for w in contents["model"].values())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--minutes", "0"], "--minutes must be above 0"),
        (["--minutes", "-1"], "--minutes must be above 0"),
        (["--minutes", "nan"], "--minutes must be above 0"),
        (["--minutes", "inf"], "--minutes must be above 0"),
        (["--steps", "0"], "--steps must be 1 or more"),
        (["--steps", "3", "--minutes", "1"], "not allowed with argument"),
        (["--dtype", "float16"], "invalid choice"),
    ],
)
def test_options_that_make_no_sense(arguments, message, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert message in capsys.readouterr().err


def test_a_file_that_exists_is_not_overwritten(little):
    Path("reference_vae.pt").write_text("mine")
    with pytest.raises(SystemExit, match="exists: delete it, or name"):
        run(1)
    assert Path("reference_vae.pt").read_text() == "mine"


def test_a_folder_that_is_not_there_is_told_after_one_step(
    little, monkeypatch
):
    stop_at(monkeypatch, 2, AssertionError("a second step"))
    with pytest.raises(SystemExit, match="No such file or directory"):
        run(600, "--out", "nowhere/a.pt")


def test_without_mnist_it_says_what_to_do(little, monkeypatch):
    def fail(folder):
        raise OSError("MNIST could not be downloaded")

    monkeypatch.setattr(data, "load", load_data)
    monkeypatch.delenv("COURSE_DATASET", raising=False)
    monkeypatch.setattr(mnist, "tensors", fail)
    with pytest.raises(SystemExit, match="Connect to the internet, or set"):
        run(1)
    assert os.listdir() == []


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
