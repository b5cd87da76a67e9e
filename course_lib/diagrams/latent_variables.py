"""Models with latent variables: the graph, the decoder, the evidence."""

import math

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

from course_lib.diagrams.canvas import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    SIZE,
    arrow,
    box,
    canvas,
    label,
    network,
    node,
    picture,
)


def latent_variable_model(*, guess=False):
    """Draw z -> x for each of N images, with the parameters outside.

    guess: draw the approximate posterior too, from x back to z
    """
    ax = canvas(7, 2.6)
    ax.add_patch(Rectangle((1.6, 0.4), 3.8, 1.9, fill=False, ec=INK, lw=1.5))
    label(ax, 4.72, 0.66, "$N$ images")
    node(ax, 2.3, 1.5, "$z$")
    node(ax, 4.6, 1.5, "$x$", kind="observed")
    arrow(ax, (2.7, 1.5), (4.2, 1.5))
    label(ax, 3.45, 1.78, r"$p_\theta(x \mid z)$")
    label(ax, 0.7, 1.75, "$p(z)$")
    arrow(ax, (0.3, 1.5), (1.9, 1.5))
    label(ax, 6.35, 1.5, r"$\theta$", size=SIZE + 2)
    arrow(ax, (6.15, 1.5), (5.0, 1.5))
    if guess:
        arrow(ax, (4.3, 1.24), (2.6, 1.24), color=BLUE, bend=0.3, dashed=True)
        label(ax, 2.95, 0.68, r"$q_\phi(z \mid x)$", color=BLUE)
    return ax


def decoder_distribution(z, probabilities, draws):
    """Draw how a decoder makes of a code a distribution, and then images.

    z: (K,); probabilities: (1, H, W) in [0, 1]; draws: (n, 1, H, W)
    """
    ax = canvas(10.6, 2.5)
    numbers = "\n".join(f"{value:.1f}".replace("-", "−") for value in z[:4])
    more = "\n⋮" if len(z) > 4 else ""
    box(ax, 0.55, 1.4, 0.8, 1.5, numbers + more)
    label(ax, 0.55, 0.4, "code $z$")
    arrow(ax, (1.0, 1.4), (1.45, 1.4))
    network(
        ax, 2.3, 1.4, 1.6, (0.9, 1.7), "decoder\n" r"$\theta$", color=GREEN
    )
    arrow(ax, (3.15, 1.4), (3.6, 1.4))
    picture(ax, 4.3, 1.4, probabilities)
    label(ax, 4.3, 0.4, "mean of each pixel")
    for i, image in enumerate(draws[:3]):
        place = 6.9 + 1.3 * i
        picture(ax, place, 1.4, image)
    arrow(ax, (5.0, 1.4), (6.2, 1.4), color=ORANGE)
    label(ax, 5.6, 1.65, "draw", color=ORANGE)
    label(ax, 8.2, 0.45, "images drawn\nfrom " r"$p_\theta(x \mid z)$")
    return ax


def evidence_bars(elbos, log_evidence):
    """Draw for several guesses how ELBO and gap add up to log p(x).

    elbos: {"name of the guess": its ELBO in nats, ...}
    log_evidence: log p(x) in nats

    Raises ValueError for an ELBO above log p(x), which is none.
    """
    if not elbos:
        raise ValueError("name at least one guess and its ELBO")
    for name, elbo in elbos.items():
        if not elbo <= log_evidence + 1e-6 * max(1, abs(log_evidence)):
            raise ValueError(
                f"the ELBO of {name!r} is {elbo:.6g}, which is above "
                f"log p(x) = {log_evidence:.6g}; no ELBO can be"
            )
    _, ax = plt.subplots(figsize=(8, 0.9 + 0.7 * len(elbos)))
    lowest = min(elbos.values())
    width = max(log_evidence - lowest, 1e-12)
    start = lowest - 0.9 * width
    for row, elbo in enumerate(elbos.values()):
        gap = log_evidence - elbo
        ax.barh(row, elbo - start, left=start, color=BLUE, height=0.6)
        ax.barh(
            row, gap, left=elbo, color=ORANGE, height=0.6, hatch="//", ec="w"
        )
        text, of_gap = f"ELBO {_number(elbo)}", f"gap {_number(gap)}"
        if gap < 0.3 * width:  # no room for its own text
            text, of_gap = f"{text}, {of_gap}", ""
        place = start + 0.03 * width
        ax.text(place, row, text, color="white", va="center")
        middle, paper = elbo + gap / 2, {"fc": "white", "ec": "none", "pad": 2}
        if of_gap:
            ax.text(middle, row, of_gap, ha="center", va="center", bbox=paper)
    ax.axvline(log_evidence, color=INK, lw=2)
    top = f"$\\log p(x)$ = {_number(log_evidence)}"
    ax.text(log_evidence, -0.75, top, ha="right", va="bottom")
    ax.set(yticks=range(len(elbos)), yticklabels=list(elbos), xlabel="nats")
    ax.set(xlim=(start, log_evidence + 0.02 * width))
    ax.invert_yaxis()
    ax.grid(False, axis="y")
    return ax


def _number(value):
    """Return a number to three decimals, with a true minus sign."""
    return f"{value:.3f}".replace("-", "−") if math.isfinite(value) else "−∞"
