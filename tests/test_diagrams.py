"""Diagrams: every label is whole, readable and where it belongs."""

from itertools import combinations

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest
import torch

from course_lib import diagrams, plotting

X = torch.rand(1, 28, 28, generator=torch.Generator().manual_seed(0))
SHAPES = [(1, 28, 28), (16, 14, 14), (32,), (16, 14, 14), (1, 28, 28)]
BARS = {"a guess": -3.5, "a better one": -2.6, "the posterior": -2.42}

DRAWN = {
    "autoencoder": lambda: diagrams.autoencoder(X, X),
    "sparse_autoencoder": lambda: diagrams.sparse_autoencoder(
        X, X, torch.tensor([0, 0.5, 0, 2, 0])
    ),
    "denoising_autoencoder": lambda: diagrams.denoising_autoencoder(X, X, X),
    "convolutional_autoencoder": lambda: diagrams.convolutional_autoencoder(
        X, X, SHAPES
    ),
    "latent_variable_model": lambda: diagrams.latent_variable_model(
        guess=True
    ),
    "decoder_distribution": lambda: diagrams.decoder_distribution(
        torch.tensor([0.3, -1.2]), X, X.expand(3, 1, 28, 28)
    ),
    "evidence_bars": lambda: diagrams.evidence_bars(BARS, -2.42),
    "sampling_graphs": diagrams.sampling_graphs,
    "variational_autoencoder": lambda: diagrams.variational_autoencoder(X, X),
}


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        plotting.use_style()
        yield
    plt.close("all")


def test_every_diagram_is_drawn_here():
    assert set(DRAWN) == set(diagrams.__all__)


def labels(ax):
    """Return the boxes of all texts of a drawn figure, in pixels, by text."""
    ax.figure.canvas.draw()
    texts = [text for text in ax.texts if text.get_text()]
    return {text.get_text(): text.get_window_extent() for text in texts}


def test_the_noisy_image_has_the_name_of_lesson_3():
    assert "noisy\nimage $y$" in labels(DRAWN["denoising_autoencoder"]())


@pytest.mark.parametrize("name", DRAWN)
def test_no_label_is_cut_or_covers_another(name):
    ax = DRAWN[name]()
    boxes = labels(ax)
    assert boxes
    figure = ax.figure.bbox.padded(1)
    for text, box in boxes.items():
        assert figure.contains(*box.min) and figure.contains(*box.max), text
    for (one, box), (other, second) in combinations(boxes.items(), 2):
        assert not box.overlaps(second), f"{one!r} covers {other!r}"


@pytest.mark.parametrize("name", DRAWN)
def test_labels_can_be_read_from_the_last_row(name):
    """On a slide, 1136 pixels wide, no label is smaller than 20 pixels."""
    ax = DRAWN[name]()
    width = ax.figure.get_size_inches()[0] * 72  # points
    sizes = [t.get_fontsize() for t in ax.texts if t.get_text()]
    assert 1136 * min(sizes) / width >= 20


def test_pictures_are_the_images_and_lie_in_order():
    x_hat = 1 - X
    images = diagrams.autoencoder(X, x_hat).images
    for image, expected in zip(images, (X, x_hat), strict=True):
        assert torch.equal(torch.as_tensor(image.get_array()), expected[0])
    assert images[0].get_extent()[1] < images[1].get_extent()[0]


def test_bars_add_up_to_the_log_evidence():
    bars = diagrams.evidence_bars(BARS, -2.42).patches
    for elbo, (of_elbo, of_gap) in zip(
        BARS.values(), zip(bars[::2], bars[1::2], strict=True), strict=True
    ):
        assert of_elbo.get_x() + of_elbo.get_width() == pytest.approx(elbo)
        assert of_gap.get_x() == pytest.approx(elbo)
        assert of_gap.get_width() == pytest.approx(-2.42 - elbo)


def test_active_units_are_counted():
    ax = diagrams.sparse_autoencoder(X, X, torch.tensor([0, 3.0, 0, 0, 1]))
    assert any("2 of\n5 units active" in text for text in labels(ax))


def test_units_of_a_wide_code_are_squares_filled_where_active():
    z = torch.zeros(392)
    z[[3, 200]] = torch.tensor([1e-4, 5.0])
    ax = diagrams.sparse_autoencoder(X, X, z)
    filled = [p for p in ax.patches if p.get_fill() and p.get_alpha()]
    assert len(filled) == 2
    for square in filled:
        assert square.get_alpha() > 0.2
        assert 0.05 < square.get_width() == square.get_height()


def test_layers_are_named_by_their_shapes():
    boxes = labels(diagrams.convolutional_autoencoder(X, X, SHAPES))
    assert "16×14×14" in boxes and "32" in boxes


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: diagrams.evidence_bars({"q": -1.0}, -2), "ELBO of 'q' is -1"),
        (lambda: diagrams.evidence_bars({}, -2), "name at least one guess"),
        (lambda: diagrams.sparse_autoencoder(X, X, X), r"one code, \(K,\)"),
        (lambda: diagrams.sparse_autoencoder(X, X, -X[0, 0]), "no negative"),
        (lambda: diagrams.convolutional_autoencoder(X, X, []), "three layers"),
        (
            lambda: diagrams.autoencoder(X[0], X),
            r"single one, \(1, H, W\)",
        ),
    ],
)
def test_bad_input_is_named(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
