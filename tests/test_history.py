"""`History`: numbers, plot, table, TensorBoard."""

import builtins

import matplotlib
import pytest
import torch

matplotlib.use("Agg")

from matplotlib.figure import Figure

from course_lib.history import History


@pytest.fixture
def history():
    loss = torch.arange(1.0, 101.0)  # 1 to 100
    validation = [(50, {"loss": 7.0}), (90, {"loss": 5.0})]
    validation.append((100, {"loss": 3.0}))
    return History({"loss": loss}, validation, seconds=2.0)


def test_last_is_the_mean_of_the_last_steps(history):
    assert history.last() == 50.5
    assert history.last("loss", steps=10) == 95.5
    assert repr(history) == "History(100 steps, loss 50.50)"


def test_table_means_each_part(history):
    lines = history.table(rows=2).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["1-50", "25.50", "7.00"],
        ["51-100", "75.50", "3.00"],
    ]
    assert lines[0].split() == ["steps", "loss", "loss", "(val.)"]


def test_table_of_a_short_run():
    lines = History({"loss": torch.ones(2)}).table().splitlines()
    assert [line.split()[0] for line in lines] == ["steps", "1-1", "2-2"]


def test_plot_draws_the_running_mean_and_validation(history):
    ax = history.plot(ax=Figure().subplots())
    curve, dots = ax.lines
    x, y = curve.get_data()
    assert list(x) == list(range(2, 101))  # a window of 2 % of 100 steps
    assert y[0] == 1.5 and y[-1] == 99.5
    assert [list(values) for values in dots.get_data()] == [
        [50, 90, 100],
        [7, 5, 3],
    ]


@pytest.mark.parametrize(
    "use",
    [
        lambda history, folder: history.plot(ax=Figure().subplots()),
        lambda history, folder: history.last(),
        lambda history, folder: history.table(),
        lambda history, folder: history.to_tensorboard(folder / "runs"),
    ],
)
def test_a_history_of_nothing_says_so(use, tmp_path):
    with pytest.raises(ValueError, match=r"no steps.*nothing was trained"):
        use(History(interrupted=True), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_term_that_is_not_there_is_named(history):
    history.terms["kl"] = history.terms["loss"]
    message = "no term is called 'elbo'; the loss returned 'loss', 'kl'"
    with pytest.raises(ValueError, match=message):
        history.last("elbo")
    ax = Figure().subplots()
    with pytest.raises(ValueError, match=message):
        history.plot("loss", "elbo", ax=ax)
    assert not ax.lines


@pytest.mark.parametrize("value", [0, -1, 2.5])
def test_parts_and_steps_are_counts(history, value):
    with pytest.raises(ValueError, match=f"steps must .*; got {value}"):
        history.last(steps=value)
    with pytest.raises(ValueError, match=f"rows must .*; got {value}"):
        history.table(rows=value)


def test_terms_of_the_training_alone_have_no_validation(history):
    """A loss may return more where the model is in training mode."""
    history.terms = {"warm": 2 * history.terms["loss"], **history.terms}
    lines = history.table(rows=1).splitlines()
    assert [line.split() for line in lines] == [
        ["steps", "warm", "loss", "loss", "(val.)"],
        ["1-100", "101.00", "50.50", "3.00"],
    ]
    ax = history.plot("warm", "loss", ax=Figure().subplots())
    labels = [line.get_label() for line in ax.lines]
    assert labels == ["warm", "loss", "loss, validation"]


def test_tensorboard_log_holds_the_numbers(history, tmp_path):
    reader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator"
    )
    history.to_tensorboard(tmp_path)
    log = reader.EventAccumulator(str(tmp_path)).Reload()
    training = log.Scalars("training/loss")
    assert [e.value for e in training] == history.terms["loss"].tolist()
    assert [e.step for e in training] == list(range(1, 101))
    validation = log.Scalars("validation/loss")
    steps = [(e.step, e.value) for e in validation]
    assert steps == [(50, 7), (90, 5), (100, 3)]


def test_tensorboard_absent_says_what_to_install(
    history, tmp_path, monkeypatch
):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("torch.utils.tensorboard"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match="pip install tensorboard"):
        history.to_tensorboard(tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_axes_are_named():
    history = History(terms={"loss": torch.arange(9.0)})
    ax = Figure().subplots()
    assert history.plot(ax=ax) is ax
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "per image")
