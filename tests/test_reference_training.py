"""The reference VAE's training: its bound, its schedule, its processes."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import torch

import processes
import reference_training
from course_lib import checkpoint, losses, models, reference_vae
from reference_training import NegativeBound, schedule, share_of


@pytest.fixture
def alone():
    with processes.group() as device:
        assert device.type == "cpu" or torch.cuda.is_available()
        yield


@pytest.fixture
def small(monkeypatch):
    """Let a batch have 16 images, two a place."""
    monkeypatch.setattr(reference_training, "BATCH_SIZE", 16)


def few_images(count=40):
    """Return images of one pixel, each another: (N, 1, 1, 1)."""
    return torch.arange(count).div(count).view(-1, 1, 1, 1)


# The bound


def tiny():
    """Return a VAE of 3 pixels and 2 latents in float64, and images."""
    torch.manual_seed(0)
    vae = models.VAE(models.mlp(3, 8, 4), models.mlp(2, 8, 3)).double()
    return vae, torch.tensor([[0.0, 1, 1], [1, 0, 1]], dtype=torch.float64)


def test_one_sample_gives_the_elbo():
    vae, x = tiny()
    eps = torch.randn(1, 2, 2, dtype=torch.float64)
    loss = NegativeBound(vae, torch.float32).double()(x, eps, 0.3)
    mu, logvar = vae.encode(x)
    nll = losses.bernoulli_nll(
        vae.decoder(mu + torch.exp(0.5 * logvar) * eps[0]), x
    )
    expected = (nll + 0.3 * losses.gaussian_kl(mu, logvar)).mean()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)


def gradients(vae, loss):
    return dict(
        zip(
            dict(vae.named_parameters()),
            torch.autograd.grad(loss, list(vae.parameters())),
            strict=True,
        )
    )


def weighted_bound(vae, x, eps):
    """Return minus the importance-weighted bound, with its own gradient."""
    mu, logvar = vae.encode(x)
    z = mu + torch.exp(0.5 * logvar) * eps
    copies = x.expand(len(eps), *x.shape).flatten(0, 1)
    log_w = losses.log_weights(vae, copies, z, mu, logvar)
    return -(log_w.logsumexp(0) - torch.tensor(len(eps)).log()).mean()


def test_more_samples_give_the_weighted_bound():
    vae, x = tiny()
    eps = torch.randn(5, 2, 2, dtype=torch.float64)
    loss = NegativeBound(vae, torch.float32)(x, eps, 0.3)
    expected = weighted_bound(vae, x, eps)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    # the decoder's gradient is that of the bound, sample by sample
    ours, plain = gradients(vae, loss), gradients(vae, expected)
    for name in ours:
        if name.startswith("decoder"):
            torch.testing.assert_close(
                ours[name], plain[name], rtol=1e-4, atol=1e-6
            )


def test_the_encoders_gradient_is_the_bounds_on_average():
    """Doubly reparameterised or not: one mean, and here less noise."""
    vae, x = tiny()
    copies = x.repeat(250, 1)
    rows = {"ours": [], "plain": []}
    for _ in range(60):
        eps = torch.randn(5, len(copies), 2, dtype=torch.float64)
        both = {
            "ours": NegativeBound(vae, torch.float32)(copies, eps, 1.0),
            "plain": weighted_bound(vae, copies, eps),
        }
        for name, loss in both.items():
            of = gradients(vae, loss)
            encoder = [g.flatten() for n, g in of.items() if "encoder" in n]
            rows[name].append(torch.cat(encoder).double())
    ours, plain = (torch.stack(row) for row in rows.values())
    error = (ours - plain).std(0) / 60**0.5
    live = error > 0
    assert ((ours - plain).mean(0)[live].abs() < 5 * error[live]).all()
    assert ours.var(0).sum() < plain.var(0).sum()


@pytest.mark.parametrize("k", [1, 5])
def test_half_precision_is_near(k):
    torch.manual_seed(0)
    model = reference_vae.build()
    x = torch.bernoulli(torch.full((50, 1, 28, 28), 0.3))
    eps = torch.randn(k, 50, 50)
    bounds = [
        NegativeBound(model, dtype)(x, eps, 0.3)
        for dtype in (torch.float32, torch.bfloat16)
    ]
    # bfloat16 has 8 bits: 784 pixels' errors of 2^-9 average out
    assert bounds[1].item() == pytest.approx(bounds[0].item(), rel=2**-9)
    assert bounds[1].dtype == torch.float32


# The schedule


def test_the_rate_warms_up_then_falls_to_0():
    rates = [schedule(step, 400)[0] for step in range(400)]
    assert rates == pytest.approx(
        [4e-3 * min(1, (i + 1) / 100) * (1 - i / 400) for i in range(400)]
    )


def test_the_bound_has_one_sample_at_first_then_five():
    _, betas, ks = zip(*(schedule(i, 20) for i in range(20)), strict=True)
    assert ks == (1,) * 14 + (5,) * 6  # from step 14 of 20
    # the KL's weight is 1 after 6 steps
    assert betas == pytest.approx([min(1, i / 6) for i in range(20)])


def test_steps_in_counts_both_kinds_of_steps(alone, monkeypatch):
    """By this clock a step with one sample takes 1 s, with five 3 s."""
    now, forward = [0.0], NegativeBound.forward

    def slow(self, x, eps, beta):
        now[0] += 1.0 if len(eps) == 1 else 3.0
        return forward(self, x, eps, beta)

    monkeypatch.setattr(NegativeBound, "forward", slow)
    monkeypatch.setattr(
        reference_training.time, "perf_counter", lambda: now[0]
    )
    monkeypatch.setattr(reference_training, "BATCH_SIZE", 8)
    model, images = reference_vae.build(), torch.rand(40, 1, 28, 28)
    before = [p.clone() for p in model.parameters()]
    steps = reference_training.steps_in(1840, model, images, "float32")
    # 60 of each were tried: 240 s; the others take 0.7 * 1 + 0.3 * 3
    assert steps == 1600 / 1.6
    after = model.parameters()
    assert all(map(torch.equal, before, after))


# Shares of a batch


def test_an_epoch_shows_each_image_once(alone, small, monkeypatch):
    monkeypatch.setattr(torch, "bernoulli", lambda x, generator: x)
    shown = [share_of(few_images(), step, 0, 1)[0] for step in range(4)]
    for epoch in torch.cat(shown[:2]), torch.cat(shown[2:]):
        assert len(epoch.unique()) == len(epoch) == 32  # 8 of 40 stay out
    assert not torch.equal(torch.cat(shown[:2]), torch.cat(shown[2:]))


def test_images_are_binarised_anew(alone, small):
    grey = torch.full((40, 1, 28, 28), 0.3)
    drawn = torch.stack([share_of(grey, step, 0, 1)[0] for step in range(40)])
    assert set(drawn.unique().tolist()) == {0, 1}
    assert not torch.equal(drawn[0], drawn[1])
    spread = (0.3 * 0.7 / drawn.numel()) ** 0.5
    assert abs(float(drawn.mean()) - 0.3) < 4 * spread


def test_noise_is_standard_normal_and_new_everywhere(alone, small):
    grey = torch.full((40, 1, 1, 1), 0.3)
    noise = torch.stack([share_of(grey, step, 0, 5)[1] for step in range(40)])
    assert noise.shape == (40, 5, 16, 50)
    assert len(noise.unique()) > 0.99 * noise.numel()
    assert abs(float(noise.mean())) < 4 / noise.numel() ** 0.5
    assert abs(float(noise.var()) - 1) < 4 * (2 / noise.numel()) ** 0.5
    other = share_of(grey, 0, 1, 5)[1]
    assert not torch.equal(other, noise[0])


@pytest.mark.parametrize("count", [2, 4, 8])
def test_shares_make_up_the_batch(alone, small, monkeypatch, count):
    whole = share_of(few_images(), 3, 0, 5)
    shares = []
    for rank in range(count):
        patch = {"get_world_size": lambda: count, "get_rank": lambda r=rank: r}
        for name, value in patch.items():
            monkeypatch.setattr(torch.distributed, name, value)
        shares.append(share_of(few_images(), 3, 0, 5))
    monkeypatch.undo()
    x, eps = zip(*shares, strict=True)
    assert torch.equal(torch.cat(x), whole[0])
    assert torch.equal(torch.cat(eps, 1), whole[1])


@pytest.mark.parametrize("count", [3, 5, 16])
def test_processes_that_cannot_share_a_batch(count):
    with pytest.raises(ValueError, match=f"{count} processes can't share"):
        processes.check_share(count)


# Two processes, for real


def command(folder, *options, workers=2):
    """Return how torchrun starts the tool, without measuring, in a folder."""
    driver = folder / "driver.py"
    driver.write_text(
        "import sys, torch, processes, train_reference\n"
        "train = train_reference.train\n"
        "def keep(model, *rest):\n"
        "    train(model, *rest)\n"
        "    if processes.is_first():\n"
        "        torch.save(model.state_dict(), 'float32.pt')\n"
        "train_reference.train = keep\n"
        "train_reference.measure = lambda *given: (0.0, 0.0, 0.0)\n"
        "train_reference.main(sys.argv[1:])\n"
    )
    line = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    line += [f"--nproc-per-node={workers}", "--max-restarts=1", str(driver)]
    tools = Path(reference_training.__file__).parent
    environment = os.environ | {
        "COURSE_DATASET": "digits",
        "OMP_NUM_THREADS": "1",
        "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1",
        "PYTHONPATH": os.pathsep.join(map(str, (tools, tools.parent))),
    }
    return {
        "args": [*line, "--dtype", "float32", *options],
        "cwd": folder,
        "env": environment,
        "text": True,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
    }


def trained(folder, steps, workers):
    """Return the weights of a training by so many processes."""
    folder.mkdir()
    start = command(folder, "--steps", str(steps), workers=workers)
    done = subprocess.run(**start, check=False)
    assert done.returncode == 0, done.stdout
    stored = checkpoint.load(folder / "reference_vae.pt")
    assert stored["processes"] == workers
    return torch.load(folder / "float32.pt")


def test_two_processes_compute_what_one_computes(tmp_path):
    one, two = (trained(tmp_path / str(n), 6, n) for n in (1, 2))
    for name, weight in one.items():
        assert (two[name] - weight).norm() <= 1e-6 * weight.norm(), name


def test_a_killed_worker_starts_again_from_the_last_checkpoint(tmp_path):
    folder = tmp_path / "killed"
    folder.mkdir()
    with subprocess.Popen(**command(folder, "--steps", "60")) as agent:
        said = []
        for text in agent.stdout:
            said.append(text)
            if " 9 steps" in text:  # the checkpoint of step 6 is written
                psutil.Process(agent.pid).children()[-1].kill()
                break
        said = "".join(said + list(agent.stdout))
    assert agent.returncode == 0, said
    assert "goes on from step" in said
    killed = torch.load(folder / "float32.pt")
    whole = trained(tmp_path / "whole", 60, 2)
    assert all(torch.equal(killed[name], whole[name]) for name in whole)
