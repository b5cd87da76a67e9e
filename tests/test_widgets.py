"""The sliders, what they draw, and what is refused at the door."""

import io

import matplotlib
import numpy as np
import pytest
import torch
from PIL import Image

matplotlib.use("Agg")

from course_lib import widgets


def parts(box):
    sliders, picture = box.children
    return sliders.children, picture


def opened(picture):
    return Image.open(io.BytesIO(picture.value))


def test_sliders_have_their_range_and_fifty_steps():
    box = widgets.explorer(
        lambda *numbers: torch.zeros(1, 4, 4),
        {"a": (-1, 3), "b": (torch.tensor(0.0), np.float32(0.5))},
    )
    a, b = parts(box)[0]
    assert (a.description, a.min, a.max, a.value) == ("a", -1, 3, 1)
    assert a.step == pytest.approx(4 / 50)
    assert (b.description, b.min, b.max, b.value) == ("b", 0, 0.5, 0.25)
    assert b.step == pytest.approx(0.01)
    assert a.continuous_update is True and b.continuous_update is True
    assert box.layout.flex_flow == "row wrap"
    assert box.layout.align_items == "center"


def test_colours_are_not_inverted():
    def draw(red):
        color = torch.tensor([red, 0.2, 1.0])
        return color.view(3, 1, 1).expand(3, 4, 4)

    (slider,), picture = parts(widgets.explorer(draw, {"red": (0, 1)}))
    assert opened(picture).mode == "RGB"
    assert opened(picture).size == (224, 224)
    assert opened(picture).getpixel((9, 9)) == (127, 51, 255)
    slider.value = 1
    assert opened(picture).getpixel((9, 9)) == (255, 51, 255)


def test_grey_is_inverted_like_ink():
    def draw(ink):
        return torch.tensor([[[ink, 0.0]]])

    (slider,), picture = parts(widgets.explorer(draw, {"ink": (0, 1)}))
    slider.value = 1
    row = np.asarray(opened(picture))[100]
    assert row[0] == 0 and row[-1] == 255


def test_later_pictures_are_cut_off_at_0_and_1():
    def draw(level):
        return torch.full((1, 4, 4), level)

    (slider,), picture = parts(widgets.explorer(draw, {"level": (-2, 3)}))
    for level, grey in ((-2, 255), (3, 0), (0.2, 204)):
        slider.value = level
        assert opened(picture).getpixel((9, 9)) == grey


def test_no_gradient_is_recorded():
    seen = []

    def draw(level):
        seen.append(torch.is_grad_enabled())
        return torch.zeros(1, 4, 4)

    widgets.explorer(draw, {"level": (0, 1)})
    assert seen == [False]


X = torch.rand(5, 1, 4, 4)
WRONG = {
    "a batch": (X, r"got Tensor \(5, 1, 4, 4\)\. .* images\[0\]$"),
    "a matrix": (X[0, 0], r"one image \(C, H, W\).* got Tensor \(4, 4\)"),
    "nothing": (None, "got NoneType"),
    "an array": (X[0].numpy(), r"got ndarray \(1, 4, 4\)"),
    "bytes": ((255 * X[0]).byte(), "float tensor; got torch.uint8"),
    "two channels": (X[:2, 0], r"got \(1, 2, 4, 4\)"),
    "channels last": (torch.rand(4, 4, 3), r"images.permute\(0, 3, 1, 2\)"),
    "no pixels": (X[0, :, :0], "nothing to draw"),
    "0 to 255": (255 * X[0], "images / 255"),
    "NaN": (X[0] * torch.nan, "images must be finite"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_picture(case):
    drawn, line = WRONG[case]
    with pytest.raises(ValueError, match=line):
        widgets.explorer(lambda level: drawn, {"level": (0, 1)})


@pytest.mark.parametrize("ranges", [{}, [], [(0, 1)], None, {"a"}])
def test_ranges_have_names(ranges):
    with pytest.raises(ValueError, match=r'in \{"noise": \(0, 1\)\}; got'):
        widgets.explorer(lambda: X[0], ranges)


@pytest.mark.parametrize("pair", [(1, 0), (1, 1), 3, (0,), (0, torch.inf)])
def test_ranges_are_pairs(pair):
    with pytest.raises(ValueError, match="range of 'a' must be a pair"):
        widgets.explorer(lambda a: X[0], {"a": pair})
    with pytest.raises(ValueError, match="range of 'z2' must be a pair"):
        widgets.latent_explorer(lambda z: X[:1], [(0, 1), pair])


def test_latent_explorer_decodes_one_code():
    seen = []

    def decode(z):
        seen.append(z)
        return torch.zeros(1, 3, 4, 4)

    sliders, picture = parts(
        widgets.latent_explorer(decode, [(-3, 3), (0, 1), (2, 4)])
    )
    assert [slider.description for slider in sliders] == ["z1", "z2", "z3"]
    assert seen[0].tolist() == [[0, 0.5, 3]]
    assert opened(picture).mode == "RGB"


@pytest.mark.parametrize("wrong", [X, X[0], X[:0], None])
def test_latent_explorer_wants_one_image(wrong):
    line = r"\(1, C, H, W\), for codes \(1, 2\); got"
    with pytest.raises(ValueError, match=line):
        widgets.latent_explorer(lambda z: wrong, [(0, 1)] * 2)


def test_sliders_start_where_they_are_told():
    seen = []

    def decode(z):
        seen.append(z.tolist())
        return torch.zeros(1, 1, 4, 4)

    ranges = [(-3, 3), (0, 1)]
    code = torch.tensor([2.0, 7.0], requires_grad=True)
    (a, b), _ = parts(widgets.latent_explorer(decode, ranges, start=code))
    assert (a.value, b.value) == (2, 1)  # 7 is out of range
    assert seen == [[[2, 1]]]


@pytest.mark.parametrize("start", [0.5, [1], [1, 2, 3], [0, torch.nan], "ab"])
def test_a_start_that_does_not_fit_is_refused(start):
    ranges = {"a": (0, 1), "b": (0, 1)}
    with pytest.raises(ValueError, match="start must be 2 finite numbers"):
        widgets.explorer(lambda a, b: X[0], ranges, start=start)
