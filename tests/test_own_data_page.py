"""Lesson 07's page "your own data", on a folder of colour pictures."""

import re
from pathlib import Path

import jupytext
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from PIL import Image

import lesson_source
from course_lib import data, evaluation, losses, models, plotting, training

SOURCE = (
    Path(__file__).parents[1]
    / "notebooks"
    / "source"
    / "07_variational_autoencoder.py"
)


def page():
    """Return the code of the page, from its heading to the next."""
    cells = jupytext.read(SOURCE, fmt=lesson_source.SOURCE_FORMAT).cells
    code, inside = [], False
    for cell in cells:
        if heading := re.match(r"#+ (.*)", cell.source):
            inside = "your own data" in heading[1]
        elif inside and cell.cell_type == "code":
            code.append(cell.source)
    return code


@pytest.fixture
def pictures(tmp_path):
    """Return a folder of 40 pictures: a coloured square, of several sizes."""
    rng = np.random.default_rng(0)
    for number in range(40):
        height, width = rng.integers(30, 60, 2)
        pixels = np.full((height, width, 3), 255, np.uint8)
        pixels[8:20, 8:20] = rng.integers(0, 200, 3)
        kind = ("png", "jpg")[number % 2]
        folder = tmp_path / "shells" / f"class {number % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{number:02}.{kind}")
    return tmp_path / "shells"


def test_the_page_trains_on_a_folder_of_colour_pictures(
    pictures, monkeypatch, capsys
):
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf()))
    names = {"data": data, "evaluation": evaluation, "losses": losses}
    names |= {"models": models, "plotting": plotting, "training": training}
    names |= {"plt": plt, "torch": torch, "K": 20, "x": torch.rand(9, 1, 9, 9)}
    first, *others = page()
    assert 'folder = ""' in first
    first = first.replace('folder = ""', f"folder = {str(pictures)!r}")
    for source in [first, *others]:
        exec(source, names)
    said = capsys.readouterr().out
    assert "40 pictures" in said and "(40, 3, 32, 32)" in said
    assert "32 images to learn from, 8 held out" in said
    vae, constant = re.search(
        r"VAE (\d+) nats .* constant (\d+)", said
    ).groups()
    assert int(vae) < int(constant)  # it has seen the colours
    (figure,) = shown
    (ax,) = figure.axes
    assert ax.images[0].get_array().shape[2] == 3  # in colour
    plt.close(figure)
