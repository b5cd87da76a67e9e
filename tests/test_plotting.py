"""What is drawn, pixel by pixel, and what is refused."""

import matplotlib
import numpy as np
import pytest
import torch

matplotlib.use("Agg")

import matplotlib.pyplot as plt

from course_lib import plotting


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def rand(*shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


# --- show_grid --------------------------------------------------------------


def test_colour_is_drawn_as_it_is():
    images = rand(5, 3, 4, 6)
    drawn = plotting.show_grid(images, columns=3).images[0].get_array()
    assert drawn.shape == (2 * 5 + 1, 3 * 7 + 1, 3)
    for n in range(5):
        i, j = 1 + 5 * (n // 3), 1 + 7 * (n % 3)
        place = torch.tensor(np.asarray(drawn[i : i + 4, j : j + 6]))
        assert torch.equal(place, images[n].permute(1, 2, 0))
    assert (drawn[0] == 1).all() and (drawn[-4:, -4:] == 1).all()  # paper


def test_grey_is_drawn_like_ink():
    """0 as white, 1 as black, whatever the images' own extremes."""
    plotting.use_style()
    ax = plotting.show_grid(torch.full((3, 1, 4, 4), 0.5))
    picture = ax.images[0]
    shown = picture.to_rgba(np.array([[0.0, 0.5, 1.0]]))[0, :, 0]
    assert shown.tolist() == pytest.approx([1, 0.5, 0], abs=0.01)
    drawn = picture.get_array()
    assert (drawn[0] == 0).all() and drawn[1, 1] == 0.5


def test_the_style_of_a_plot():
    """Two sides, a faint grid, colours that colour-blind readers can tell."""
    plotting.use_style()
    figure, ax = plt.subplots()
    shown = [side for side in ax.spines if ax.spines[side].get_visible()]
    assert shown == ["left", "bottom"]
    lines = [ax.plot([0, 1])[0].get_color() for _ in range(6)]
    assert lines == plotting.COLORS and len(set(lines)) == 6
    (grid, *_) = ax.get_xgridlines()
    assert grid.get_visible() and grid.get_alpha() == 0.3
    assert not ax.legend(["a"]).get_frame_on()
    assert (figure.get_dpi(), *figure.get_size_inches()) == (80, 8, 3.6)
    assert figure.get_constrained_layout()
    picture = ax.imshow([[0, 1]])
    assert picture.get_interpolation() == "nearest"


def test_the_axes_are_bare_and_titled():
    ax = plotting.show_grid(rand(2, 1, 3, 3), title="two")
    assert ax is plt.gca()
    assert ax.get_title() == "two"
    assert len(ax.get_xticks()) == len(ax.get_yticks()) == 0
    assert not any(spine.get_visible() for spine in ax.spines.values())
    _, (_, right) = plt.subplots(1, 2)
    assert plotting.show_grid(rand(2, 1, 3, 3), ax=right) is right


def test_images_with_a_gradient_and_halves_are_drawn():
    images = rand(2, 1, 3, 3).requires_grad_()
    one = plotting.show_grid(images).images[0].get_array()
    two = plotting.show_grid(images.bfloat16()).images[-1].get_array()
    assert np.abs(one - two).max() < 0.01


def test_rounding_is_no_error():
    edge = torch.tensor([-1e-6, 1 + 1e-6]).view(2, 1, 1, 1)
    drawn = plotting.show_grid(edge).images[0].get_array()
    assert drawn.min() == 0 and drawn.max() == 1
    for value in (-1 / 512, 1 + 1 / 512):
        plotting.show_grid(torch.full((1, 1, 2, 2), value))
    for value in (-0.003, 1.003):
        with pytest.raises(ValueError, match=r"images.clamp\(0, 1\)"):
            plotting.show_grid(torch.full((1, 1, 2, 2), value))


X = rand(9, 1, 28, 28)
REFUSED = {
    "bytes": ((255 * X).byte(), r"got torch.uint8.*data.from_arrays\(images"),
    "an array": (X.numpy(), "float tensor; got an object of type ndarray"),
    "a list": ([X], "float tensor; got an object of type list"),
    "no channel": (X[:, 0], r"images.unsqueeze\(1\)"),
    "one image": (X[0], r"images\[None\]"),
    "one colour image": (rand(3, 8, 8), r"images\[None\]"),
    "rows": (X.flatten(1), r"images.reshape\(-1, 1, height, width\)"),
    "videos": (rand(2, 3, 4, 5, 6), r"images.reshape\(-1, 1, height"),
    "channels last": (rand(9, 8, 7, 3), r"images.permute\(0, 3, 1, 2\)"),
    "two channels": (rand(9, 2, 8, 8), r"images\[:, :1\]"),
    "four channels": (rand(9, 4, 8, 8), r"images\[:, :1\]"),
    "none": (X[:0], "There is nothing to draw"),
    "no pixels": (X[:, :, :0], "There is nothing to draw"),
    "0 to 255": (255 * X, "images / 255"),
    "noisy": (X + torch.randn_like(X), r"images.clamp\(0, 1\)"),
    "signed": (X - 0.5, r"plotting.signed\(images\)"),
    "NaN": (X * torch.nan, "images must be finite"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_drawn_gets_the_line_that_mends_it(case):
    images, line = REFUSED[case]
    with pytest.raises(ValueError, match=line):
        plotting.show_grid(images)
    with pytest.raises(ValueError, match=r"rows\['x'\] must"):
        plotting.show_rows({"image": X, "x": images})
    assert plt.get_fignums() == []  # no empty figure is left


@pytest.mark.parametrize("columns", [0, -1, 2.0, None, True])
def test_columns_are_a_number(columns):
    with pytest.raises(ValueError, match="columns must be 1, 2, 3"):
        plotting.show_grid(X, columns=columns)


# --- show_rows --------------------------------------------------------------


def test_rows_of_grey_and_colour():
    rows = {"grey = 1": rand(2, 1, 4, 4), "colour": rand(4, 3, 4, 4)}
    axes = plotting.show_rows(rows)
    assert axes[0].images[0].get_array().shape == (6, 11)
    assert axes[1].images[0].get_array().shape == (6, 21, 3)
    assert axes[0].get_ylabel() == "grey\u00a0=\u00a01"
    width, height = axes[0].figure.get_size_inches()
    assert (width, height) == pytest.approx((9, 9 / 4 * 2))


def test_long_names_are_wrapped():
    (ax,) = plotting.show_rows({"a name of four words": rand(1, 1, 4, 4)})
    assert ax.get_ylabel() == "a name of four\nwords"


@pytest.mark.parametrize("rows", [{}, X, [X], None])
def test_rows_have_names(rows):
    with pytest.raises(ValueError, match=r'in \{"image": x\[:12\]\}; got'):
        plotting.show_rows(rows)


# --- signed -----------------------------------------------------------------


def test_signed_images_can_be_drawn():
    images = torch.randn(4, 3, 5, 5, generator=torch.Generator())
    grey = plotting.signed(images)
    for one, given in zip(images, grey, strict=True):
        expected = 0.5 + 0.5 * one / one.abs().max()
        torch.testing.assert_close(given, expected)
    plotting.show_grid(grey)
    torch.testing.assert_close(plotting.signed(images / 1000), grey)


def test_signed_wants_finite_images():
    for wrong, line in (
        (rand(4, 28), r"W.reshape\(-1, 1, height, width\)"),
        (rand(4, 8, 8), r"got \(4, 8, 8\)"),
        (X[:0], r"got \(0, 1, 28, 28\)"),
        (X * torch.nan, "finite"),
        (X / 0, "finite"),
        ((255 * X).byte(), "float tensor"),
        (X.numpy(), "float tensor"),
    ):
        with pytest.raises(ValueError, match=line):
            plotting.signed(wrong)


# --- show_codes and plane ---------------------------------------------------


def test_labels_beyond_the_digits_are_drawn_too():
    codes, labels = rand(3, 2), torch.tensor([12, -1, 2])
    ax = plotting.show_codes(codes, labels)
    assert ax is plt.gca() and ax.get_xlabel() == "$z_1$"
    assert ax.get_ylabel() == "$z_2$"
    digits = ax.collections[1::2]  # the others are dots
    places = [drawn.get_offsets()[0].tolist() for drawn in digits]
    expected = codes[[1, 2, 0]].numpy()  # in the order of the labels
    assert np.array(places) == pytest.approx(expected)
    colors = [drawn.get_facecolor()[0, :3] for drawn in digits]
    tab10 = plotting.CLASS_COLORS
    for color, place in zip(colors, (9, 2, 2), strict=True):
        assert tuple(color) == pytest.approx(tab10[place])


def test_codes_and_labels_must_fit():
    codes, labels = rand(9, 2), torch.arange(9)
    for wrong, line in (
        ((rand(9, 3), labels), r"got \(9, 3\)\. .*codes\[:, :2\]"),
        ((rand(9), labels), r"shape \(N, 2\)"),
        ((codes[:0], labels[:0]), r"N at least 1; got \(0, 2\)"),
        ((codes.numpy(), labels), "codes must be a float tensor"),
        ((codes * torch.nan, labels), "codes must be finite"),
        ((codes, labels[:8]), r"\(9,\); got torch.int64 \(8,\)"),
        ((codes, labels[:, None]), r"\(9,\); got torch.int64 \(9, 1\)"),
        ((codes, labels.float()), r"float32.*torch.as_tensor\(labels\)"),
        ((codes, labels > 3), "torch.bool"),
        ((codes, labels.numpy()), r"got ndarray.*torch.as_tensor\(labels\)"),
        ((codes, list(range(9))), r"got list.*torch.as_tensor\(labels\)"),
    ):
        with pytest.raises(ValueError, match=line):
            plotting.show_codes(*wrong)


def test_plane_takes_any_numbers():
    low, high = torch.tensor(-1.5), np.float64(2)
    points = plotting.plane((low, high), [0, 1], size=2)
    assert points.tolist() == [[-1.5, 1], [2, 1], [-1.5, 0], [2, 0]]
    assert plotting.plane((0, 1), (0, 1)).shape == (400, 2)


@pytest.mark.parametrize(
    "pair", [(1, 0), (1, 1), (0,), (0, 1, 2), 3, None, (0, torch.nan)]
)
def test_ranges_are_pairs(pair):
    with pytest.raises(ValueError, match=r"x_range must be a pair .* \(-3, 3"):
        plotting.plane(pair, (0, 1))
    with pytest.raises(ValueError, match="y_range must be a pair"):
        plotting.plane((0, 1), pair)


@pytest.mark.parametrize("pair", [(-torch.inf, 0), (0, torch.inf)])
def test_ranges_are_finite(pair):
    with pytest.raises(ValueError, match="finite"):
        plotting.plane(pair, (0, 1))


@pytest.mark.parametrize("size", [1, 0, 2.0, None])
def test_planes_have_two_points_a_side_at_least(size):
    with pytest.raises(ValueError, match="size must be 2, 3, 4"):
        plotting.plane((0, 1), (0, 1), size=size)


def test_a_grid_has_twelve_columns():
    ax = plotting.show_grid(torch.zeros(13, 1, 2, 2))
    assert ax.images[0].get_array().shape[:2] == (2 * 3 + 1, 12 * 3 + 1)
