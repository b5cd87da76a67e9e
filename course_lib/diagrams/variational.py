"""The variational autoencoder: how gradients pass, and what is lost."""

from course_lib.diagrams.canvas import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    arrow,
    box,
    canvas,
    label,
    network,
    node,
    picture,
)


def sampling_graphs():
    """Draw two graphs: sampling z cuts the gradient, the trick keeps it.

    Squares are computed, circles are drawn at random. Solid arrows are the
    forward pass; dashed ones, the gradient on its way back.
    """
    ax = canvas(10, 3.4)
    for left, heading in (0, "$z$ is drawn"), (5.1, r"$z$ is computed"):
        label(ax, left + 2.4, 3.15, heading)
    for left, kind in (0, "latent"), (5.1, "computed"):
        node(ax, left + 0.6, 2.1, r"$\mu$", kind="computed")
        node(ax, left + 0.6, 0.7, r"$\sigma$", kind="computed")
        node(ax, left + 2.4, 1.4, "$z$", kind=kind)
        node(ax, left + 4.3, 1.4, "$f(z)$", kind="computed")
        for y, end in (2.1, 1.55), (0.7, 1.25):
            arrow(ax, (left + 1.0, y), (left + 2.0, end))
        arrow(ax, (left + 2.8, 1.4), (left + 3.9, 1.4))
        arrow(
            ax,
            (left + 4.1, 0.95),
            (left + 2.6, 0.95),
            color=ORANGE,
            bend=0.25,
            dashed=True,
        )
    for y in 1.83, 0.97:
        label(ax, 1.5, y, "✗", color=ORANGE, size=26)
    label(ax, 2.4, 0.3, "no gradient\nbefore the draw", color=ORANGE)
    node(ax, 7.5, 2.6, r"$\epsilon$", radius=0.3)
    arrow(ax, (7.5, 2.28), (7.5, 1.82))
    label(ax, 8.75, 2.6, r"$\epsilon \sim \mathcal{N}(0, 1)$")
    for y, end in (2.25, 1.75), (0.45, 1.05):
        arrow(ax, (7.05, end), (6.15, y), color=ORANGE, dashed=True)
    label(ax, 8.0, 0.3, r"$z = \mu + \sigma \epsilon$")
    ax.plot([4.95, 4.95], [0.1, 3.3], color=INK, lw=0.8, alpha=0.4)
    return ax


def variational_autoencoder(x, x_hat):
    """Draw a whole VAE, from an image to both terms of its loss.

    x, x_hat: (1, H, W) in [0, 1]
    """
    ax = canvas(10.9, 3.95)
    y = 2.5
    picture(ax, 0.8, y, x)
    label(ax, 0.8, y + 0.85, "image $x$")
    network(ax, 2.5, y, 1.6, (1.9, 1.1), "encoder\n" r"$\phi$", color=BLUE)
    node(ax, 4.2, y + 0.5, r"$\mu$", kind="computed", radius=0.34)
    node(ax, 4.2, y - 0.5, r"$\sigma$", kind="computed", radius=0.34)
    node(ax, 5.9, y, "$z$", kind="computed", radius=0.36)
    node(ax, 5.9, y + 1.1, r"$\epsilon$", radius=0.28)
    label(ax, 7.1, y + 1.1, r"$\epsilon \sim \mathcal{N}(0, I)$")
    network(ax, 7.75, y, 1.6, (1.1, 1.9), "decoder\n" r"$\theta$", color=GREEN)
    picture(ax, 9.7, y, x_hat)
    label(ax, 9.75, y + 0.85, r"$p_\theta(x \mid z)$")
    arrow(ax, (1.45, y), (1.65, y))
    for offset in 0.5, -0.5:
        arrow(ax, (3.35, y + offset / 2), (3.8, y + offset))
        arrow(ax, (4.58, y + offset), (5.5, y + offset / 5))
    arrow(ax, (5.9, y + 0.8), (5.9, y + 0.4))
    arrow(ax, (6.3, y), (6.9, y))
    arrow(ax, (8.6, y), (9.05, y))
    rate = r"$\mathrm{KL}(q_\phi(z \mid x)\,\Vert\,p(z))$"
    box(ax, 3.6, 0.55, 3.4, 0.6, rate, color=ORANGE)
    sides = [3.75, 4.65, 4.65, 3.75, 3.75], [1.52, 1.52, 3.48, 3.48, 1.52]
    ax.plot(*sides, color=ORANGE, lw=1.8, ls=":")  # round both heads
    arrow(ax, (4.2, 1.5), (4.2, 0.9), color=ORANGE)
    reconstruction = r"$-\mathbb{E}_q[\log p_\theta(x \mid z)]$"
    box(ax, 9.0, 0.55, 3.2, 0.6, reconstruction, color=ORANGE)
    arrow(ax, (9.7, y - 0.65), (9.7, 0.9), color=ORANGE)
    ax.plot([0.8, 0.8, 1.1], [y - 0.65, 1.25, 1.25], color=ORANGE, lw=1.8)
    ax.plot([1.1, 8.4], [1.25, 1.25], color=ORANGE, lw=1.8)
    arrow(ax, (8.4, 1.25), (8.4, 0.9), color=ORANGE)
    label(ax, 6.35, 0.55, "+", color=ORANGE, size=20)
    return ax
