"""Diagrams of convolutions: what they count, and labels that can be read."""

from itertools import combinations

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest
import torch
import torch.nn.functional as F
from matplotlib.colors import to_hex

from course_lib import plotting
from course_lib.diagrams import canvas, convolutions

PAIR = torch.rand(2, 1, 28, 28, generator=torch.Generator().manual_seed(0))
ONE = torch.eye(5)
KERNEL = torch.tensor([[-1.0, 0.0, 1.0]]).repeat(3, 1)
MAP = F.conv2d(ONE[None, None], KERNEL[None, None])[0, 0]

DRAWN = {
    "kernel_window": lambda: convolutions.kernel_window(ONE, KERNEL, MAP),
    "sliding_windows": lambda: convolutions.sliding_windows(8, 3, 2, 1),
    "shift_and_convolve": lambda: convolutions.shift_and_convolve(
        PAIR, PAIR, ["$T_4$", "$T_2$", "$F$"]
    ),
    "receptive_field": lambda: convolutions.receptive_field([(3, 2), (3, 2)]),
    "painting": lambda: convolutions.painting(5, 2, [3, 4]),
}


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        plotting.use_style()
        yield
    plt.close("all")


@pytest.mark.parametrize("name", DRAWN)
def test_labels_are_whole_apart_and_large_enough(name):
    ax = DRAWN[name]()
    ax.figure.canvas.draw()
    texts = [text for text in ax.texts if text.get_text()]
    boxes = [text.get_window_extent() for text in texts]
    figure = ax.figure.bbox.padded(1)
    for text, box in zip(texts, boxes, strict=True):
        assert figure.contains(*box.min) and figure.contains(*box.max), text
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    width = ax.figure.get_size_inches()[0] * 72  # points
    assert 1136 * min(text.get_fontsize() for text in texts) / width >= 20


@pytest.mark.parametrize("n, k, s, p", [(8, 3, 2, 1), (7, 4, 1, 0)])
def test_there_are_as_many_windows_as_outputs(n, k, s, p):
    ax = convolutions.sliding_windows(n, k, s, p)
    windows = [t for t in ax.texts if t.get_text().startswith("window")]
    signal, taps = torch.zeros(1, 1, n), torch.zeros(1, 1, k)
    size = F.conv1d(signal, taps, stride=s, padding=p).shape[-1]
    assert len(windows) == size
    assert sum(t.get_text() == "0" for t in ax.texts) == 2 * p
    rest = n + 2 * p - (size - 1) * s - k
    assert sum(box.get_hatch() == "//" for box in ax.patches) == rest
    assert ("left over" in [t.get_text() for t in ax.texts]) == bool(rest)


@pytest.mark.parametrize(
    "layers, width",
    [([(3, 2), (3, 2)], 7), ([(3, 1), (5, 1)], 7), ([(5, 2)], 5)],
)
def test_the_pixels_of_a_receptive_field_are_filled(layers, width):
    ax = convolutions.receptive_field(layers)
    pixels = [
        line
        for line in ax.lines
        if line.get_marker() == "o" and line.get_ydata()[0] == 0.45
    ]
    filled = [to_hex(line.get_markerfacecolor()) for line in pixels]
    assert len(pixels) == 17
    assert filled.count(canvas.ORANGE.lower()) == width


def test_the_numbers_of_a_window_are_the_matrices():
    ax = convolutions.kernel_window(ONE, KERNEL, MAP)
    texts = [t.get_text().replace("−", "-") for t in ax.texts]
    numbers = [float(t) for t in texts if t.lstrip("-").isdigit()]
    matrices = [m.flatten() for m in (ONE, KERNEL, MAP)]
    assert numbers == torch.cat(matrices).tolist()


def test_bars_are_as_long_as_the_kernel_and_a_stride_apart():
    ax = convolutions.painting(5, 2, [3, 4])
    bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert len(bars) == 10
    unit = bars[0][1] / 3
    for k, row in ((3, bars[:5]), (4, bars[5:])):
        for i, (left, width) in enumerate(row):
            assert left == pytest.approx(bars[0][0] + 2 * i * unit)
            assert width == pytest.approx(k * unit)
