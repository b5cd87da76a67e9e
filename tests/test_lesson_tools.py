"""Set-up, plots and widgets: what lessons show and touch."""

import contextlib
import io
from pathlib import Path

import matplotlib
import pytest
import torch
from PIL import Image

matplotlib.use("Agg")

import matplotlib.pyplot as plt

import course_lib
from course_lib import data, environment, plotting, widgets


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("cores", "threads"),
    [(1, 1), (2, 1), (3, 1), (4, 2), (7, 3), (8, 4), (64, 4), (None, 1)],
)
def test_half_of_the_cores_four_at_most(monkeypatch, cores, threads):
    chosen = []
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(environment.os, "cpu_count", lambda: cores)
    monkeypatch.setattr(torch, "set_num_threads", chosen.append)
    environment.set_threads()
    assert chosen == [threads] and type(chosen[0]) is int


def test_omp_num_threads_overrules(monkeypatch):
    chosen = []
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setattr(torch, "set_num_threads", chosen.append)
    environment.set_threads()
    assert chosen == []


def test_start_seeds_and_says_where_it_runs(capsys):
    torch.manual_seed(0)
    first = torch.rand(3)  # what the stored outputs begin with
    course_lib.start()
    assert torch.equal(torch.rand(3), first)
    line = capsys.readouterr().out.splitlines()[0]
    threads = torch.get_num_threads()
    assert line.endswith(f", {threads} thread{'s' if threads > 1 else ''}.")
    assert torch.__version__.split("+")[0] in line
    assert environment.best_device().type in line
    assert plt.rcParams["image.cmap"] == "gray_r"


def test_start_sets_the_threads(monkeypatch):
    chosen = []
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(environment.os, "cpu_count", lambda: 6)
    monkeypatch.setattr(torch, "set_num_threads", chosen.append)
    course_lib.start()
    assert chosen == [3]


@pytest.fixture
def another_copy(tmp_path):
    """A folder that looks like a copy of the course."""
    for name in ("course_lib", "notebooks/solutions"):
        (tmp_path / "copy" / name).mkdir(parents=True)
    (tmp_path / "copy" / "course_lib" / "__init__.py").write_text("")
    return tmp_path / "copy"


def test_data_sets_are_compared_by_identity():
    """Not by their tensors, whose == has no single truth."""
    digits = data.load("digits")
    assert digits == digits and digits != data.load("digits")


@pytest.mark.parametrize("place", ["notebooks", "notebooks/solutions", "."])
def test_start_warns_in_another_copy(place, another_copy, monkeypatch, capsys):
    """One line that names both copies and what mends it."""
    monkeypatch.chdir(another_copy / place)
    course_lib.start()
    _, line = capsys.readouterr().out.splitlines()
    library = Path(course_lib.__file__).resolve().parents[1]
    assert line == (
        f"Note: course_lib comes from {library}, and this notebook lies "
        f"in {another_copy}. To use the library there, run %pip install "
        f'--no-deps -e "{another_copy}" and restart the '
        f"kernel."
    )


def test_start_does_not_warn_elsewhere(another_copy, monkeypatch, capsys):
    library = Path(course_lib.__file__).resolve().parents[1]
    link = another_copy / "link"
    with contextlib.suppress(OSError):  # Windows asks for special rights
        link.symlink_to(library)
    incomplete = another_copy.parent / "notebooks"  # a copy of lessons alone
    incomplete.mkdir()
    places = [library / "notebooks", incomplete]
    places += [link / "notebooks"] if link.exists() else []
    for place in places:
        monkeypatch.chdir(place)
        course_lib.start()
    # the library of a notebook that runs alone lies in no copy
    monkeypatch.setattr(environment, "__file__", "/tmp/x/course_lib/e.py")
    monkeypatch.chdir(another_copy)
    course_lib.start()
    assert len(capsys.readouterr().out.splitlines()) == len(places) + 1


def test_best_device_is_one_that_works():
    assert torch.ones(1, device=environment.best_device()).sum() == 1


def test_seeded_restores_the_state():
    state = torch.get_rng_state()
    with environment.seeded(3, torch.device("cpu")):
        inside = torch.rand(2)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(3)
    assert torch.equal(torch.rand(2), inside)


def test_show_grid_puts_each_image_in_its_place():
    images = torch.arange(6.0).reshape(6, 1, 1, 1) / 6
    ax = plotting.show_grid(images, columns=3)
    drawn = ax.images[0].get_array()
    assert drawn.shape == (5, 7)  # 2 x 3 pixels, one of padding around each
    places = drawn[1::2, 1::2]
    assert places.ravel().tolist() == pytest.approx([i / 6 for i in range(6)])


def test_show_rows_names_its_rows():
    axes = plotting.show_rows(
        {
            "image": torch.rand(5, 1, 4, 4),
            "a longer name": torch.rand(3, 1, 4, 4),
        }
    )
    assert [ax.get_ylabel() for ax in axes] == ["image", "a longer name"]


def test_show_codes_draws_each_digit_at_its_code():
    codes = torch.tensor([[0.0, 0], [2, 2], [1, 1], [10, 10]])
    labels = torch.tensor([3, 3, 3, 7])
    _, ax = plt.subplots()
    drawn = plotting.show_codes(codes, labels, ax=ax).collections
    _, threes, _, sevens = drawn  # for each label its dots, then its digits
    for dots_or_digits in drawn[:2]:
        assert dots_or_digits.get_offsets().tolist() == codes[:3].tolist()
    for dots_or_digits in drawn[2:]:
        assert dots_or_digits.get_offsets().tolist() == codes[3:].tolist()
    shapes = [path.get_paths()[0].vertices for path in (threes, sevens)]
    assert shapes[0].shape != shapes[1].shape  # a 3 is no 7


def test_show_codes_draws_no_digit_over_another():
    codes = torch.tensor([[0.0, 0], [0.1, 0], [0, 5], [0, 5.1], [10, 10]])
    labels = torch.tensor([3, 3, 3, 7, 7])
    _, ax = plt.subplots()
    drawn = plotting.show_codes(codes, labels, ax=ax).collections
    places = [each.get_offsets()[:, 1].tolist() for each in drawn]
    dots, digits = places[::2], places[1::2]
    assert [len(d) for d in dots] == [3, 2]  # all codes
    assert digits == [[0, 5], [10]]  # one of two that are near each other


def test_signed_images_have_zero_in_the_middle():
    images = torch.tensor([[-2.0, 0, 1], [0, 0, 0]]).reshape(2, 1, 1, 3)
    expected = torch.tensor([[0, 0.5, 0.75], [0.5, 0.5, 0.5]])
    assert torch.equal(plotting.signed(images).flatten(1), expected)


def test_plane_starts_at_the_top_left():
    points = plotting.plane((0, 1), (5, 7), size=3)
    assert points[0].tolist() == [0, 7]
    assert points[2].tolist() == [1, 7]
    assert points[-1].tolist() == [1, 5]


def explorer():
    """An explorer whose image is white at z1 = -1 and black at z1 = 1."""

    def decode(z):
        assert z.shape == (1, 2)
        return ((z[:, 0] + 1) / 2).reshape(1, 1, 1, 1).expand(1, 1, 4, 4)

    box = widgets.latent_explorer(decode, [(-1.0, 1.0), (0.0, 10.0)])
    sliders, image = box.children
    return sliders.children, image


def brightness(image):
    return Image.open(io.BytesIO(image.value)).convert("L").getpixel((0, 0))


def test_explorer_starts_in_the_middle():
    sliders, image = explorer()
    assert [s.value for s in sliders] == [0, 5]
    assert [s.description for s in sliders] == ["z1", "z2"]
    assert brightness(image) == pytest.approx(127, abs=1)


def test_moving_a_slider_changes_the_image():
    sliders, image = explorer()
    sliders[0].value = 1
    assert brightness(image) == 0  # 1 is black, like ink
    sliders[0].value = -1
    assert brightness(image) == 255


def test_explorer_draws_from_named_numbers():
    """The picture is wide: two images beside each other."""
    seen = []

    def draw(noise):
        seen.append(noise)
        return torch.full((1, 4, 8), noise)

    box = widgets.explorer(draw, {"noise": (0.0, 1.0)})
    (slider,), image = box.children[0].children, box.children[1]
    assert (slider.description, seen) == ("noise", [0.5])
    slider.value = 1
    assert seen == [0.5, 1] and brightness(image) == 0
    assert Image.open(io.BytesIO(image.value)).size == (448, 224)


def test_explorer_draws_figures_too():
    def draw(level):
        figure = plt.figure(figsize=(2, 1))
        figure.set_facecolor(str(level))
        return figure

    box = widgets.explorer(draw, {"level": (0.0, 1.0)})
    (slider,), image = box.children[0].children, box.children[1]
    slider.value = 1
    assert brightness(image) == 255
    slider.value = 0
    assert brightness(image) == 0
    assert plt.get_fignums() == []  # no figure is left to be shown
