# %% [markdown]
# # 3. The denoising autoencoder
#
# After this lesson you can
#
# - train an autoencoder to undo noise, with fresh noise in every batch;
# - say what the best denoiser is, and derive the best *linear* one;
# - measure denoising in decibels, against rivals that were tuned or trained;
# - say where a network wins, where a classical method does, and find out why;
# - read a denoiser as a map of where data is likely: Tweedie's formula.
#
# **Builds on:** [lesson 1](01_basic_autoencoder.ipynb): autoencoders, `fit`, PCA.
# **You should know:** expectation, variance and independence; Bayes' theorem for
# densities; the normal distribution, also $\mathcal N(m, \sigma^2 I)$ in several
# dimensions; covariance matrices and their eigenvectors; gradients.
# **Time:** 90 minutes for the core, 30 for the exercises, 25 for what is headed
# *Further*. It runs in less than a minute.
#
# To predict in earnest, clear the stored outputs first: *Edit → Clear Outputs
# of All Cells*.

# %%
import matplotlib.pyplot as plt
import torch
from torch import nn

import course_lib

course_lib.start()

# %%
from course_lib import data, plotting

dataset = data.load()
x, test = dataset.train_images, dataset.test_images[:500]
on_mnist = dataset.name == "mnist"
print(dataset)

# %% [markdown]
# ## 1. Three ways to spoil an image
#
# A small code, or a sparse one, stops an autoencoder from copying its input. There
# is another way: make the *input* harder. Give the network a spoiled image $y$, and
# ask for the clean image $x$. Copying is no longer enough, since it keeps the
# damage. The network must learn what images look like.
#
# Three ways to spoil an image, or **corruptions**:
#
# - **Gaussian noise:** $y = x + \sigma \epsilon$ with $\epsilon \sim \mathcal N(0, I)$,
#   one independent number for each pixel. The result leaves [0, 1], and we let it.
# - **Salt and pepper:** each pixel is hit with probability $p$. A hit pixel
#   becomes 0 or 1, with equal probability.
# - **A masked block:** all pixels of a square become 0.


# %%
def add_gaussian(x, sigma=0.5):
    return x + sigma * torch.randn_like(x)


def add_salt_and_pepper(x, p=0.3):
    draw = torch.rand_like(x)  # below p/2: 0; above 1 - p/2: 1
    salted = torch.where(draw > 1 - p / 2, 1.0, x)
    return torch.where(draw < p / 2, 0.0, salted)


# %% [markdown]
# For the block, a mask says which pixels are in the square.


# %%
def block_mask(x, size=10):
    """Return a mask (B, 1, 28, 28) that is True in a random square."""
    at = torch.arange(28)
    corner = torch.randint(2, 27 - size, (2, len(x), 1))  # off the border
    rows, columns = (at >= corner) & (at < corner + size)  # (B, 28) each
    return (rows[:, :, None] & columns[:, None, :])[:, None]


def mask_block(x):
    return x.masked_fill(block_mask(x), 0.0)


# %% name="corruptions" tags=["slide-figure"] alt="Four rows of the same twelve digits: clean; with Gaussian noise, grey specks everywhere; with salt and pepper, scattered pixels turned black or white; with a masked block, a square erased, which cuts gaps into most digits' strokes."
few = test[:12]
rows = {"image": few, "Gaussian, σ = 0.5": add_gaussian(few).clamp(0, 1)}
rows |= {"salt and pepper, p = 0.3": add_salt_and_pepper(few)}
rows |= {"masked block": mask_block(few)}
plotting.show_rows(rows)
plt.show()

# %% [markdown]
# ## 2. The best denoiser
#
# Why should undoing noise teach anything? Images fill only a thin part of the space
# of all pixel values: move one in a random direction, and it stops looking like an
# image. In the picture below, a curve in the plane plays the part of the images.
# Noise with $\sigma = 0.4$ takes $x$ off the curve (left). To undo it, a denoiser must know where the
# curve is.
#
# It can't know which $x$ was the true one, because many could have become this $y$
# (right). The mean of these candidates, each weighted by its probability given $y$, is
# the **posterior mean** $\mathbb E[x \mid y]$. You can estimate it from samples: draw
# many pairs $(x, y)$, keep those with nearly this $y$, and average their $x$.

# %%
t = 5.2 * torch.rand(400_000) - 2.6
xs = torch.stack([t, torch.sin(1.3 * t)], dim=1)  # on the curve
ys = xs + 0.4 * torch.randn_like(xs)
near = (ys - torch.tensor([-1.2, -0.1])).norm(dim=1) < 0.1
mean = [round(number, 1) for number in xs[near].mean(0).tolist()]
print(f"{near.sum()} pairs have a y near (-1.2, -0.1); mean of x: {mean}")

# %% name="curve" tags=["slide-figure"] alt="Two planes with a wavy curve. Left: lines lead from points on the curve to noisy crosses around it. Right: arrows lead from three crosses to the mean of possible sources; inside a bend it misses the curve."
fig, panels = plt.subplots(1, 2, figsize=(9, 3), sharey=True)
for ax in panels:
    ax.plot(*xs[t.argsort()][::400].T, color="black", lw=1)
    ax.set(xlabel="first coordinate", aspect="equal", xlim=(-3.5, 3.5))
panels[0].set(title="noise: from x to y", ylabel="second coordinate")
both = torch.stack([xs[:40], ys[:40]])  # (2, 40, 2): starts and ends
panels[0].plot(both[:, :, 0], both[:, :, 1], color=plotting.COLORS[0])
panels[0].plot(*ys[:40].T, "x", color=plotting.COLORS[1])
panels[1].set_title("back: from y to E[x | y]")
places = torch.tensor([[-1.2, -0.1], [0.3, 1.4], [2.4, -1.2]])
for place, color in zip(places, plotting.COLORS):
    near = xs[(ys - place).norm(dim=1) < 0.1]  # may have become this y
    panels[1].plot(*near[:100].T, "o", color=color, alpha=0.15)
    panels[1].plot(*place, "x", color=color, ms=9, mew=2)
    arrow = {"arrowstyle": "->", "lw": 2, "color": color}
    panels[1].annotate("", near.mean(0), place, arrowprops=arrow)
plt.show()

# %% [markdown]
# Each arrow on the right leads from a noisy point to the mean of its candidates, the
# pale dots of its colour. The right-hand cross has its candidates on a nearly straight
# stretch, and their mean is on the curve. The left-hand cross lies inside a bend, and the
# mean lies *beside* the curve, where no $x$ is.

# %% [markdown]
# Which function $r(y)$ has the smallest squared error, on average over $x$ and the
# noise? Split the error at the posterior mean:
#
# $$\mathbb E \lVert x - r(y) \rVert^2
# = \mathbb E \lVert x - \mathbb E[x \mid y] \rVert^2
# + \mathbb E \lVert \mathbb E[x \mid y] - r(y) \rVert^2 . \tag{3.1}$$
#
# The first term does not depend on $r$. The second is 0 for
# $r(y) = \mathbb E[x \mid y]$. So *the posterior mean is the best denoiser*, and
# training on squared error looks for it.
#
# <details><summary>Why does the mixed term vanish?</summary>
#
# For a given $y$, $\mathbb E[x \mid y] - r(y)$ is a constant, and
# $x - \mathbb E[x \mid y]$ has mean 0. It is (1.1), once for every $y$.
#
# </details>
#
# Take the smallest example there is: one pixel, which is $-1$ or $1$ with equal
# probability. The next cell computes, on a fine grid of $y$, the joint density of each
# value and $y$; from it the density of $y$, and the posterior mean by Bayes' theorem.

# %%
from torch.distributions import Normal

sd = 0.8  # σ of the noise
y_grid = torch.linspace(-9, 9, 20_001, dtype=torch.float64)
signs = torch.tensor([-1.0, 1.0], dtype=torch.float64)  # values of x
joint = 0.5 * Normal(signs[:, None], sd).log_prob(y_grid).exp()  # (2, n)
p_noisy = joint.sum(0)  # density of y
posterior_mean = (signs @ joint) / p_noisy  # Bayes' theorem

# %% [markdown]
# The mean error is then an integral over $y$, for both values of $x$. The check compares
# both sides of (3.1) for another denoiser: $y$, cut off at $-1$ and 1.

# %%
# Check (3.1)
from course_lib import verify


def mean_error(r):
    """Return E (x - r(y))^2, integrated over y for both values of x."""
    squared = (signs[:, None] - r) ** 2
    return torch.trapezoid((joint * squared).sum(0), y_grid)


r = y_grid.clamp(-1, 1)
extra = torch.trapezoid(p_noisy * (posterior_mean - r) ** 2, y_grid)
verify.equal("3.1", mean_error(r), mean_error(posterior_mean) + extra)

# %% [markdown]
# **Predict:** this pixel with $\sigma = 0.8$. You see $y = 0.5$. The best denoiser
# answers (a) 0.5, because the noise is 0 on average; (b) 1, the likelier of the two
# values; (c) something between 0.5 and 1; (d) something below 0.5.
#
# <details><summary>Answer</summary>
#
# (c): 0.65, a value that $x$ never has. The posterior mean does not choose: it
# averages. For images this means *blur* where the noise leaves a stroke in doubt.
#
# </details>

# %% [markdown]
# By Bayes' theorem the two values of $x$ are weighted by the densities of the noise that
# leads to $y$. Expand the squares: the factor $e^{-(y^2 + 1) / 2\sigma^2}$ is common to all
# and cancels. What remains is $e^{\pm y / \sigma^2}$:
#
# $$\mathbb E[x \mid y]
# = \frac{e^{-(y-1)^2 / 2\sigma^2} - e^{-(y+1)^2 / 2\sigma^2}}
# {e^{-(y-1)^2 / 2\sigma^2} + e^{-(y+1)^2 / 2\sigma^2}}
# = \tanh \frac{y}{\sigma^2} . \tag{3.2}$$

# %%
# Check (3.2)
verify.equal("3.2", posterior_mean, torch.tanh(y_grid / sd**2))
print(f"At y = 0.5: {torch.tanh(torch.tensor(0.5 / sd**2)):.2f}")

# %% alt="Posterior mean of x against the noisy pixel y: three S-shaped curves through 0. With σ 0.3 it is almost a step from minus 1 to 1, with 0.8 smoother; with 1.5 it only reaches 0.87 at y = 3."
for noise, dashes in (0.3, "-"), (0.8, "--"), (1.5, ":"):
    label = f"σ = {noise}"
    plt.plot(y_grid, torch.tanh(y_grid / noise**2), dashes, label=label)
plt.xlim(-3, 3)
plt.xlabel("noisy pixel y")
plt.ylabel("E[x | y]")
plt.legend()
plt.show()

# %% [markdown]
# With little noise the curve is steep, almost a decision. With much noise the best
# denoiser stays nearer to 0, the mean of all $x$.
#
# ## 3. Train one
#
# The network is an autoencoder of lesson 1 with a wider code. Only one line is new:
# **corrupt inside the loss.** Then every batch gets fresh noise, and the network never
# sees the same noisy image twice. The target is the clean image.

# %%
from course_lib import losses, models, training


def denoising_loss(corrupt):
    """Return a loss for `fit`: the squared error to the *clean* image."""

    def loss(model, x):
        x_hat = model.reconstruct(corrupt(x))
        return {"loss": losses.squared_error(x_hat, x)}

    return loss


# %% [markdown]
# All networks for images are built and trained by one function. The output starts at
# the mean image, as in lesson 1, which saves steps.


# %%
def train(corrupt, steps=700):
    """Return an autoencoder 784-256-128-256-784, trained to undo corrupt."""
    torch.manual_seed(0)
    encoder = models.mlp_encoder(784, 256, 128)
    decoder = models.mlp_decoder(128, 256, 784)
    model = models.Autoencoder(encoder, decoder)
    models.start_at_mean(decoder, x)
    options = {"lr": 2e-3, "lr_schedule": training.cosine}
    training.fit(model, denoising_loss(corrupt), x, steps=steps, **options)
    return model


# %% [markdown]
# Train it for $\sigma = 0.5$, and see what goes through it:

# %%
denoiser = train(add_gaussian)  # σ = 0.5
noisy = add_gaussian(test)
with torch.no_grad():
    denoised = denoiser.reconstruct(noisy)

# %% name="diagram" tags=["slide-figure"] alt="Diagram: noise turns the clean image x into the noisy image y; the encoder makes a code z of it, the decoder the reconstruction. The loss compares the reconstruction with the clean image, not with the noisy one."
from course_lib import diagrams

diagrams.denoising_autoencoder(test[0], noisy[0].clamp(0, 1), denoised[0])
plt.show()

# %% [markdown]
# The loss compares the outer two images: the reconstruction and the *clean* image. The
# noisy one is seen by the encoder only. (A common slip is to make one noisy copy of the
# data set before training. In a long training, which shows each image many times, the
# network then learns that noise by heart.)

# %% name="denoised" tags=["slide-figure"] alt="Three rows of the same ten digits: clean, under noise with σ 0.5, and denoised. The denoised digits stand on white and all can be read; they are softer than the clean ones, most where strokes are thin."
rows = {"image": test[:10], "noisy, σ = 0.5": noisy[:10].clamp(0, 1)}
plotting.show_rows(rows | {"denoised": denoised[:10]})
plt.show()

# %% [markdown]
# Move the noise level yourself: the clean image, the noisy one, and what the
# network makes of it. (The slider needs a running notebook: run the cell.) The
# network has seen only $\sigma = 0.5$. The figure below shows the same for eight
# levels.

# %%
from course_lib import widgets

eps = torch.randn(1, 1, 28, 28)  # one noise, made larger or smaller


def three_images(sigma, image=test[:1]):
    """Return clean, noisy and denoised side by side, (1, 28, 84)."""
    y = image + sigma * eps
    shown = [image, y.clamp(0, 1), denoiser.reconstruct(y)]
    return torch.cat(shown, dim=3)[0]


widgets.explorer(three_images, {"noise σ": (0.0, 1.5)})

# %% alt="Eight images of one 7 in each row. Above, noise σ grows from 0 to 1.5, and the 7 disappears among black specks; below, the denoised images show a 7 for long, then bend and blur into another shape."
levels = torch.tensor([0, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5])
y = test[:1] + levels.view(-1, 1, 1, 1) * eps
with torch.no_grad():
    rows = {"noisy": y.clamp(0, 1), "denoised": denoiser.reconstruct(y)}
bottom = plotting.show_rows(rows)[-1]
centres = 29 * torch.arange(8) + 15  # 28 pixels and a gap each
bottom.set_xticks(centres, [f"{level:g}" for level in levels])
bottom.set_xlabel("noise level σ (trained at 0.5)")
plt.show()

# %% [markdown]
# Below its training level the network still draws a clean digit, but does not copy the
# sharp one that it was given. Above 0.75 the digit bends, then turns into something else.
#
# ## 4. Rivals
#
# The usual measure is the **peak signal-to-noise ratio** of an image, PSNR
# $= 10 \log_{10} (1 / \mathrm{MSE})$ **decibels** (dB). MSE is the mean squared error over
# the pixels of *that* image, and the 1 is the largest value that a pixel can have. Ten decibels more mean a tenth of the error, one decibel
# more a fifth less. We report the mean of the images' PSNRs, and clip all outputs to
# [0, 1] first.


# %%
def mean_psnr(x_hat, x):
    """Return the mean PSNR of images in decibels."""
    mse = (x_hat.clamp(0, 1) - x).square().flatten(1).mean(1)
    return -10 * mse.log10().mean().item()


print(f"noisy {mean_psnr(noisy, test):.1f} dB, ", end="")
print(f"denoised {mean_psnr(denoised, test):.1f} dB")

# %% [markdown]
# (Without the clipping, the noisy images would have 6.0 dB, from an MSE of $\sigma^2 =
# 0.25$.) Is the denoised value good? Compare it with classical filters, which look at a small square around
# each pixel:
#
# - **Gaussian filter:** a weighted mean of the square.
# - **Median filter:** its median.
# - **Wiener filter** (in Lim's local form): the mean as well, but where the square
#   varies more than the noise alone would, the pixel is left nearer to what it was. Its
#   parameters are the side of the square and the variance of the noise.

# %%
import numpy as np
from scipy import ndimage, signal


def gaussian_filter(y, width):
    return ndimage.gaussian_filter(y, (0, 0, width, width))


def median_filter(y, size):
    return ndimage.median_filter(y, (1, 1, size, size))


# %%
def wiener_filter(y, parameter):
    size, noise = parameter
    images = y[:, 0].astype(float)
    with np.errstate(all="ignore"):  # where a square is flat: 0 / 0, unused
        return np.stack([[signal.wiener(im, size, noise)] for im in images])


# %% [markdown]
# Each has a parameter or two. For each noise level we take the best from a list, on
# 200 *training* images. The test images decide nothing.

# %%
squares = [(k, v) for k in (3, 5, 7) for v in (0.01, 0.0625, 0.25, 1.0)]
filters = {
    "Gaussian filter": (gaussian_filter, (0.3, 0.5, 0.7, 1.0, 1.4, 2.0)),
    "median filter": (median_filter, (1, 3, 5, 7)),
    "Wiener filter": (wiener_filter, squares),
}


# %%
def best_filter(name, corrupt, y):
    """Apply a filter, tuned on 200 training images, to noisy images y."""
    apply, parameters = filters[name]
    clean = x[-200:]
    spoiled = corrupt(clean).numpy()

    def quality(parameter):
        return mean_psnr(torch.from_numpy(apply(spoiled, parameter)), clean)

    best = max(parameters, key=quality)
    return torch.from_numpy(apply(y.numpy(), best))


# %% [markdown]
# ### The best linear denoiser
#
# Filters know nothing about digits. A fairer rival has learned from digits too: the
# best *linear* map of the whole image.
#
# Look at one direction of PCA: along eigenvector $i$ of the covariance $C$, images have
# the variance $\lambda_i$. The noise has the variance $\sigma^2$ along every
# direction. Let $u$ be the image's component along eigenvector $i$, less its mean. We
# see $u + \sigma \epsilon$, and multiply by a factor $a$. The error is
# $u - a (u + \sigma \epsilon) = (1 - a)\, u - a \sigma \epsilon$. Its two parts
# are independent, so the expected squared error is $(1 - a)^2 \lambda_i + a^2 \sigma^2$:
# what the factor takes from the image, plus what it lets through of the noise. Set the
# derivative $-2 (1 - a) \lambda_i + 2 a \sigma^2$ to 0: the best factor is
# $\lambda_i / (\lambda_i + \sigma^2)$.

# %% [markdown]
# Directions are uncorrelated: adding $b$ times component $j$ of $y$ to this estimate of
# $u$ would only add $b^2 (\lambda_j + \sigma^2)$ to the error. For all directions at once, with the eigenvectors as the columns of $V$ and the
# mean image $\bar x$ (the second form holds because $C = V \operatorname{diag}(\lambda_i)
# V^\top$):
#
# $$A = V \operatorname{diag}\!\left(
# \frac{\lambda_i}{\lambda_i + \sigma^2} \right) V^\top
# = C\,(C + \sigma^2 I)^{-1}, \qquad
# r(y) = \bar x + A\,(y - \bar x) . \tag{3.3}$$
#
# It keeps the directions in which images vary more than the noise: PCA with soft
# weights, and Wiener's filter in its original sense.
#
# The check lets least squares find the whole map from 40 pixels of 500 images. A column of
# ones lets it fit the constant $\bar x - A \bar x$ too. Each image comes 80 times: the
# noise moves one pixel in 40, up or down. If it moves it by $\sigma \sqrt{40}$, each
# pixel's mean square is $\sigma^2$, and the covariance is *exactly* $\sigma^2 I$.

# %%
# Check (3.3)
level = 0.6  # σ
clean = x[:500].flatten(1).double()[:, 300:340]  # 40 pixels
C_small = clean.T.cov(correction=0)  # with 1/N
lam, V = torch.linalg.eigh(C_small)
eye = torch.eye(40, dtype=torch.float64)
noises = level * 40**0.5 * torch.cat([eye, -eye])  # (80, 40)
y = (clean[:, None] + noises).flatten(0, 1)  # (40000, 40)
y = torch.cat([y, torch.ones(len(y), 1)], dim=1)  # for the constant
fitted = torch.linalg.lstsq(y, clean.repeat_interleave(80, dim=0)).solution
by_directions = V @ torch.diag(lam / (lam + level**2)) @ V.T
by_inverse = C_small @ torch.linalg.inv(C_small + level**2 * eye)
for A in by_directions, by_inverse:
    constant = clean.mean(0) - A @ clean.mean(0)
    verify.equal("3.3", torch.cat([A.T, constant[None]]), fitted)

# %%
mean_image = x.mean(0).flatten()
C = x.flatten(1).T.cov()  # (784, 784)


def linear_denoiser(y, sigma):
    """Return the best linear reconstruction of y = x + sigma eps."""
    A = torch.linalg.solve(C + sigma**2 * torch.eye(784), C)  # symmetric
    return (mean_image + (y.flatten(1) - mean_image) @ A.T).view_as(y)


# %% [markdown]
# Now the contest. The rivals are tuned, or computed, for each level. **Predict:** at
# which levels does the network, trained at 0.5, have the highest PSNR?
#
# (a) at 0.1 and 0.25, where it can see the digit well; (b) at 0.5 alone, its training
# level; (c) at 0.5 and 1; (d) at all four.

# %%
from functools import partial

sigmas = [0.1, 0.25, 0.5, 1.0]
table = {name: [] for name in ("noisy", *filters, "best linear", "network")}
for level in sigmas:
    corrupt = partial(add_gaussian, sigma=level)
    y = corrupt(test)
    outputs = {name: best_filter(name, corrupt, y) for name in filters}
    outputs |= {"noisy": y, "best linear": linear_denoiser(y, level)}
    outputs["network"] = denoiser.reconstruct(y).detach()
    for name, x_hat in outputs.items():
        table[name].append(mean_psnr(x_hat, test))

# %%
print("PSNR in dB     σ = " + "".join(f"{sigma:7}" for sigma in sigmas))
for name, values in table.items():
    print(f"{name:19}" + "".join(f"{value:7.1f}" for value in values))

# %% [markdown]
# The same as a picture, filters dashed. (At 0.5 the noise was drawn anew, so the first
# decimal may differ from above.)

# %% name="psnr-and-noise" tags=["slide-figure"] alt="PSNR in decibels against test noise σ. At 0.1 the network is worst, 20, and the noisy image has 23. At its training level, 0.5, it leads with 18.1, just above the best linear denoiser; filters have 14 to 16."
plt.figure(figsize=(6, 3.2))
for (name, values), mark in zip(table.items(), "x^sv*o"):
    line = "--" if name in filters else "-"
    plt.plot(sigmas, values, mark + line, label=name)
plt.axvline(0.5, color="gray", ls=":")
plt.xscale("log")
plt.xticks(sigmas, sigmas)
plt.minorticks_off()
plt.xlabel("noise level σ in the test (dotted: trained at 0.5)")
plt.ylabel("PSNR (dB)")
plt.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% tags=["claims"]
by_level = {name: dict(zip(sigmas, values)) for name, values in table.items()}
network, linear = by_level["network"], by_level["best linear"]
classical = {s: max(by_level[name][s] for name in filters) for s in sigmas}
assert network[0.1] < classical[0.1] - 1 and network[0.1] < linear[0.1] - 3
assert network[0.25] < linear[0.25] - 0.5
margin = 0.4 if on_mnist else 0.1
assert network[0.5] > max(classical[0.5], linear[0.5]) + margin
assert network[1.0] > max(classical[1.0] + 1.5, linear[1.0] + 0.1)
lead = {s: network[s] - linear[s] for s in (0.5, 1.0)}
assert not on_mnist or max(lead.values()) < 0.7
by_noise = by_level["noisy"][0.1] - network[0.1]
assert by_noise > 1 if on_mnist else by_noise < 0
assert all(linear[s] > classical[s] for s in (0.25, 0.5, 1.0))

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - (c): the network wins at its training level and at 1, clearly over the filters,
#   narrowly over the linear map. (The mean difference has a standard error below 0.1 dB:
#   both had the same images. Other seeds are not in it.)
# - Why at 1 too, where it has never trained? The linear map is the best *linear* one, but
#   the posterior mean is not linear. A network that was made for another level can still
#   come nearer to it.
# - *At low noise a classical method wins.* At 0.1 the Wiener filter does. It knows nothing
#   about digits, and leads the network by more than 6 dB on MNIST. Even the untouched
#   image is better than the network there.
# - From 0.25 on, the hardest rival is the linear one, which has seen digits too.
#   Compare a network that has learned with a classical method that has learned.
#
# </details>

# %% [markdown]
# How can Wiener's filter be ahead of the best *linear* map at 0.1? It is not linear: how
# much it smooths depends on the square that it looks at. (And the map is best in mean
# squared error before clipping; we report the mean PSNR after it.)

# %% [markdown]
# ### Why does the network lose at low noise?
#
# There are two suspects. It was trained at another **level**, 0.5. And its training was
# **short**, 700 steps. So train networks *at the test's level*, with 700 steps and
# with 1,600.
#
# **Predict:** what makes a network beat the best linear map at 0.25, and at 0.1?
# (a) the right level is enough, at both; (b) the right level and more steps together are
# enough, at both; (c) together they are enough at 0.25, and not at 0.1.

# %%
by_steps = {700: [], 1600: []}  # PSNR at each level
matched = {}  # (level, steps) -> network
for level in 0.1, 0.25:
    corrupt = partial(add_gaussian, sigma=level)
    y = corrupt(test)
    for steps, values in by_steps.items():
        matched[level, steps] = train(corrupt, steps)
        x_hat = matched[level, steps].reconstruct(y).detach()
        values.append(mean_psnr(x_hat, test))

# %%
rivals = {"trained at 0.5, 700 steps": table["network"]}
rivals |= {f"trained at σ, {n:,} steps": v for n, v in by_steps.items()}
rivals["best linear"] = table["best linear"]
print("PSNR in dB               σ =    0.1   0.25")
for name, values in rivals.items():
    print(f"{name:28}{values[0]:7.1f}{values[1]:7.1f}")

# %% tags=["claims"]
other, short, long, best_linear = rivals.values()
for i in range(2):
    assert other[i] < short[i] < min(long[i], best_linear[i] - 0.5)
    assert not on_mnist or long[i] - short[i] > short[i] - other[i]
assert long[0] < best_linear[0] - 1
assert not on_mnist or long[1] > best_linear[1] + 0.1

# %% [markdown]
# On MNIST the answer is (c). At the right level, 900 more steps bring more than
# the right level had brought at 700: 1.9 against 1.3 dB, and 1.3 against 0.5. At 0.25
# they take the network past the linear map, by 0.2 dB in this run (with four other seeds
# it was ahead as well). At 0.1 it still loses by more than 3 dB.
#
# One more suspect is the code of 128 numbers. It must hold all that is drawn, and the
# linear map has no such bottleneck:

# %%
_, axes = torch.linalg.eigh(C)  # ascending
top = axes[:, -128:]
rows = test.flatten(1) - mean_image
by_pca = mean_psnr((mean_image + rows @ top @ top.T).view_as(test), test)
print(f"A clean image through 128 numbers of PCA: {by_pca:.1f} dB,")
print(f"best linear denoiser at σ = 0.1: {table['best linear'][0]:.1f} dB")

# %% [markdown]
# On MNIST, PCA with 128 numbers loses more of a *clean* image than the best linear denoiser
# of an image with noise of 0.1. A linear decoder's outputs lie in 128 directions too, and
# PCA's are the best 128, even for a clean input. So no *linear* encoder and decoder with 128
# numbers could win. A network's code may hold more, as in lesson 1. So the code stays a
# suspect; a wider one would test it. (The scikit-learn digits are enlarged from 64 pixels:
# PCA with 128 numbers loses nothing.)

# %% [markdown]
#
# ## 5. Salt and pepper
#
# The linear rival exists for every corruption. Least squares finds it from pairs: with
# the covariance $C_{xy}$ between clean and spoiled images, and $C_{yy}$ of the spoiled
# ones, it is $r(y) = \bar x + A\,(y - \bar y)$ with $A = C_{xy} C_{yy}^{-1}$, where
# $\bar y$ is the mean spoiled image. (Set the derivative of
# $\mathbb E \lVert (x - \bar x) - A (y - \bar y) \rVert^2$ with respect to $A$ to 0:
# $A\, C_{yy} = C_{xy}$.) For Gaussian noise $C_{xy} = C$ and $C_{yy} = C + \sigma^2 I$,
# which gives (3.3).

# %%
import math

impulse_denoiser = train(add_salt_and_pepper)  # p = 0.3
copies = math.ceil(20_000 / len(x))  # 1 on MNIST: it has enough
clean_images = x.repeat(copies, 1, 1, 1)[:20_000]


def fit_linear(corrupt):
    """Return the best linear denoiser for a corruption, from 20,000 pairs."""
    y = corrupt(clean_images).flatten(1)  # (20000, 784)
    y_mean = y.mean(0)
    C_xy = (clean_images.flatten(1) - mean_image).T @ (y - y_mean) / len(y)
    A = torch.linalg.solve(y.T.cov(), C_xy.T).T
    return lambda y: mean_image + (y.flatten(1) - y_mean) @ A.T


# %% [markdown]
# **Predict:** the network was trained with 30% of the pixels hit. Which is best there,
# and which at 10%? (a) the network at both; (b) the network at 30%, clearly, a filter at
# 10%; (c) a filter at both; (d) the median filter and the linear map level at 10%,
# network and linear map level at 30%. (The linear map is fitted to each $p$.)

# %%
impulse = {}
for p in 0.1, 0.3:
    corrupt = partial(add_salt_and_pepper, p=p)
    spoiled = corrupt(test)
    outputs = {name: best_filter(name, corrupt, spoiled) for name in filters}
    outputs["best linear"] = fit_linear(corrupt)(spoiled).view_as(test)
    outputs["network"] = impulse_denoiser.reconstruct(spoiled).detach()
    impulse[p] = {k: mean_psnr(x_hat, test) for k, x_hat in outputs.items()}

# %%
print("PSNR in dB     p = " + "".join(f"{p:7}" for p in impulse))
for name in impulse[0.1]:
    print(f"{name:19}" + "".join(f"{impulse[p][name]:7.1f}" for p in impulse))

# %% tags=["claims"]
ours, median, linear = (
    {p: impulse[p][name] for p in impulse}
    for name in ("network", "median filter", "best linear")
)
assert ours[0.1] < median[0.1] - 1
lead = ours[0.3] - median[0.3]
assert lead > 1 if on_mnist else abs(lead) < 1
assert not on_mnist or abs(ours[0.3] - linear[0.3]) < 0.4
assert not on_mnist or abs(median[0.1] - linear[0.1]) < 0.4
for name in "Gaussian filter", "Wiener filter":
    assert all(impulse[p][name] < median[p] for p in impulse)

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - Of the filters the median is best: a single wild value spoils a mean, not a median.
# - On MNIST the answer is (d). At 10% the median filter has 20.9 dB and the linear map
#   20.8. At 30% the network has 17.7 and the linear map 17.6.
# - At 10% the network is hardly better than at 30%: it has trained at 30% only, as in
#   section 4. The linear map was fitted anew.
# - So after 700 steps the network's error is hardly lower than that of least squares.
#   Without the linear rival, its 1.9 dB over the median would have looked like a success.
#   (On the digits, the median is on a level with the network at 30% too.)
#
# </details>

# %% [markdown]
# ## 6. A denoiser knows where data is
#
# A denoiser moves $y$ to $r(y)$. Where does it move it? Back to the single pixel, and
# to $p_\sigma$, the density of the *noisy* $y$: two hills, around $-1$ and 1. The arrows
# lead from $y$ to the best denoiser's answer.

# %% name="pixel" tags=["slide-figure"] alt="A density with two hills at minus 1 and 1. Arrows lead from points on it to the best denoiser's answers: uphill from both flanks and out of the valley, long far outside, almost none at the tops."
plt.plot(y_grid, p_noisy, color="black")
for i in range(5500, 15_000, 500):  # y from -4 to 4
    height = p_noisy[i].item()
    ends = (posterior_mean[i], height), (y_grid[i], height)
    arrow = {"arrowstyle": "->", "color": plotting.COLORS[0], "lw": 1.5}
    plt.annotate("", *ends, arrowprops=arrow)
plt.xlim(-4.2, 4.2)
plt.xlabel("noisy pixel y (σ = 0.8)")
plt.ylabel(r"density $p_\sigma(y)$")
plt.show()

# %% [markdown]
# All arrows point *uphill*, to where noisy data is likelier. They are longest far outside.
# At the tops, and in the valley at 0, the slope is 0, and so is the step.
#
# This can be made exact. The **score** of $p_\sigma$ is the gradient of its logarithm,
# $\nabla_y \log p_\sigma(y)$: the direction uphill, and the steepness relative to the
# height. **Tweedie's formula** says
#
# $$\mathbb E[x \mid y] = y + \sigma^2\, \nabla_y \log p_\sigma(y) . \tag{3.4}$$
#
# So the best denoiser takes a step of $\sigma^2$ times the score.
#
# <details><summary>Derivation</summary>
#
# $p_\sigma(y) = \int p(x)\, \mathcal N(y; x, \sigma^2 I)\, dx$. Differentiate
# under the integral: $\nabla_y \mathcal N(y; x, \sigma^2 I) = \frac{x - y}
# {\sigma^2} \mathcal N(y; x, \sigma^2 I)$. Divide by $p_\sigma(y)$: by Bayes' theorem
# $p(x)\, \mathcal N(y; x, \sigma^2 I) / p_\sigma(y) = p(x \mid y)$, so
# $\nabla_y \log p_\sigma(y) = (\mathbb E[x \mid y] - y) / \sigma^2$.
#
# </details>

# %%
# Check (3.4)
y = y_grid.clone().requires_grad_()
log_density = 0.5 * Normal(signs[:, None], sd).log_prob(y).exp()
log_density = log_density.sum(0).log()
(pixel_score,) = torch.autograd.grad(log_density.sum(), y)
verify.equal("3.4", y + sd**2 * pixel_score, posterior_mean)

# %% [markdown]
# ### Training a denoiser fits the score
#
# Nobody knows the density of images, so nobody can tell a network its score. But any
# denoiser can be written as $r(y) = y + \sigma^2 s(y)$: then
# $s(y) = (r(y) - y) / \sigma^2$ is its guess at the score. Put this and (3.4) into (3.1):
#
# $$\mathbb E \lVert x - r(y) \rVert^2
# = \mathbb E \lVert x - \mathbb E[x \mid y] \rVert^2 + \sigma^4\,
# \mathbb E \lVert \nabla_y \log p_\sigma(y) - s(y) \rVert^2 . \tag{3.5}$$
#
# The left side is the loss of a denoiser, and needs only pairs $(x, y)$. The right side is
# the error of the score, up to a constant and a factor, and would need the unknown
# density. To lower one is to lower the other. Vincent called this *denoising score
# matching*.
#
# The first term on the right is the variance of $x$ given $y$, averaged over $y$. For the
# pixel this variance is $1 - \mathbb E[x \mid y]^2$, since $x^2 = 1$. The check takes the
# pixel and a bad guess: $-y$, cut off at $-1$ and 1.

# %%
# Check (3.5)
guess = -y_grid.clamp(-1, 1)  # s(y)
constant = torch.trapezoid(p_noisy * (1 - posterior_mean**2), y_grid)
score_error = torch.trapezoid(p_noisy * (pixel_score - guess) ** 2, y_grid)
loss_of_guess = mean_error(y_grid + sd**2 * guess)
verify.equal("3.5", loss_of_guess, constant + sd**4 * score_error)

# %% [markdown]
# ### In the plane
#
# Does a *trained* network know the score? Try it where the score is known: three
# Gaussian clouds in the plane, with means $m_j$ and standard deviation $s_0$. Independent
# noise adds its variance, so the noisy density is
#
# $$p_\sigma(y) = \frac13 \sum_{j=1}^{3}
# \mathcal N\!\left(y;\; m_j,\; (s_0^2 + \sigma^2) I\right) . \tag{3.6}$$

# %%
from torch.distributions import Categorical, Independent, MixtureSameFamily


def mixture(means, scale):
    """Return the equal mixture of round Gaussians around the means."""
    scale = torch.full_like(means, scale)
    clouds = Independent(Normal(means, scale), 1)
    return MixtureSameFamily(Categorical(means.new_ones(3)), clouds)


# %%
means = torch.tensor([[-1.5, -1.0], [1.5, -1.0], [0.0, 1.6]])
s0, sigma = 0.3, 0.5
clean_density = mixture(means, s0)
noisy_density = mixture(means, (s0**2 + sigma**2) ** 0.5)

# %% [markdown]
# The check computes $\int p(x)\, \mathcal N(y; x, \sigma^2 I)\, dx$ at one $y$ as a sum
# over a fine grid of $x$.

# %%
# Check (3.6)
point = torch.tensor([0.4, 0.2], dtype=torch.float64)  # y
side = torch.linspace(-6, 6, 601, dtype=torch.float64)
log_p = mixture(means.double(), s0).log_prob(torch.cartesian_prod(side, side))
to_point = Normal(torch.cartesian_prod(side, side), sigma).log_prob(point)
joint_density = (log_p + to_point.sum(1)).exp()  # of each x and this y
by_sum = joint_density.sum() * (side[1] - side[0]) ** 2
v = s0**2 + sigma**2
squared = (point - means.double()).square().sum(1)  # to each mean
exact = ((-squared / (2 * v)).exp() / (2 * math.pi * v)).mean()
verify.equal("3.6", by_sum, exact)

# %% [markdown]
# Now forget the formula. Train a small network on *samples* from the clouds, by
# the same loss as before, and read the score off it.


# %%
def point_loss(model, x):
    y = x + sigma * torch.randn_like(x)
    return {"loss": losses.squared_error(model(y), x)}


# %%
torch.manual_seed(0)
points = clean_density.sample((20_000,))  # (20000, 2)
field_net = nn.Sequential(*models.mlp(2, 128, 128, 2))
options = {"steps": 1500, "lr": 5e-3, "lr_schedule": training.cosine}
options["batch_size"] = 512
training.fit(field_net, point_loss, points, **options)

# %% [markdown]
# Compare the learned score with the exact ones, by autograd, of the noisy density
# *and* of the clean one:


# %%
def score_of(density, y):
    """Return the gradient of the log density at the points y (B, 2)."""
    y = y.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(density.log_prob(y).sum(), y)
    return gradient


# %%
y = noisy_density.sample((5000,))
with torch.no_grad():
    learned = (field_net(y) - y) / sigma**2
for name, density in ("noisy", noisy_density), ("clean", clean_density):
    exact = score_of(density, y)
    squared = (learned - exact).square().sum() / exact.square().sum()
    print(f"from the score of the {name} density: {squared.sqrt():.0%}")

# %% tags=["claims"]
difference = {}
for name, density in ("noisy", noisy_density), ("clean", clean_density):
    exact = score_of(density, y)
    squared = (learned - exact).square().sum() / exact.square().sum()
    difference[name] = squared.sqrt().item()
assert difference["noisy"] < 0.12
assert difference["clean"] > 4 * difference["noisy"]

# %% [markdown]
# (The root of the mean squared difference at 5,000 noisy points, relative to the
# exact score's own root mean square.) The network has learned the score of the
# **noisy** density, up to about 6%. It is often said that a denoiser learns the score of
# the *data*. It does not: from the clean density's score it is off by about 75%. The noise
# level is part of what a denoiser knows. (As $\sigma$ goes to 0, the two scores meet:
# Alain and Bengio, 2014.)

# %% [markdown]
# In the picture the learned score is black, over an exact one in wide orange. All arrows
# have the same scale. Left, the two part only at the rim, where hardly a noisy point fell.

# %% name="score-field" tags=["slide-figure"] alt="Learned arrows over wide exact ones, in the plane with three clouds. Left, score of the noisy density: they coincide but at the rim. Right, of the clean density: exact arrows are four times as long."
lattice = plotting.plane((-2.6, 2.6), (-2.2, 2.8), size=9)
with torch.no_grad():
    learned = (field_net(lattice) - lattice) / sigma**2
fig, panels = plt.subplots(1, 2, figsize=(7.2, 3.2), sharey=True)
exact = {"noisy": noisy_density, "clean": clean_density}
for ax, (name, density) in zip(panels, exact.items()):
    ax.plot(*points[:400].T, ".", color="#bbbbbb", markersize=2)
    same = {"angles": "xy", "scale_units": "xy", "scale": 17}
    wide = {"color": plotting.COLORS[4], "width": 0.016, "headwidth": 2}
    ax.quiver(*lattice.T, *score_of(density, lattice).T, **wide, **same)
    ax.quiver(*lattice.T, *learned.T, color="black", width=0.005, **same)
    ax.set(title=f"score of the {name} density", aspect="equal")
    ax.set_xlabel("$y_1$")
panels[0].set_ylabel("$y_2$")
plt.show()

# %% [markdown]
# ## Further: a walk along the field
#
# Start anywhere in the plane of section 6, and follow the learned arrows in small steps. **Predict:** where do the
# walks end? (a) spread over the clouds like the data; (b) at three points; (c) each at
# the point of the data nearest to its start.

# %%
path = [plotting.plane((-3, 3), (-2.6, 3.2), size=8)]
with torch.no_grad():
    for step in range(150):
        y = path[-1]
        path.append(y + 0.1 * (field_net(y) - y))
path = torch.stack(path)  # (151, 64, 2)

# %% alt="Paths in the plane that start on a regular lattice, over three clouds of data points. All of them run inwards, some along curves, and end at only three points, the centres of the clouds."
plt.figure(figsize=(7, 4.1))
plt.plot(*points[:400].T, ".", color="#bbbbbb", markersize=2)
plt.plot(path[:, :, 0], path[:, :, 1], color=plotting.COLORS[0], lw=0.7)
plt.plot(*path[-1].T, "o", color=plotting.COLORS[1], label="end of a walk")
plt.axis("equal")
plt.xlabel("$y_1$")
plt.ylabel("$y_2$")
plt.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# How close are the ends to the tops of the noisy density? And how much of the data is so
# close?

# %%
tops = means
for _ in range(200):  # uphill from the means, along the exact score
    tops = tops + 0.1 * sigma**2 * score_of(noisy_density, tops)
for name, places in {"walks' ends": path[-1], "data": points}.items():
    close = torch.cdist(places, tops).amin(1) < s0 / 2
    print(
        f"{close.float().mean():.0%} of the {name} lie within s0 / 2 of a top"
    )

# %% tags=["claims"]
near_tops = [
    (torch.cdist(places, tops).amin(1) < s0 / 2).float().mean()
    for places in (path[-1], points)
]
assert near_tops[0] > 0.9 and near_tops[1] < 0.2

# %% [markdown]
# (b): all of them end at the tops of the noisy density. Going uphill finds *peaks*.
# Only about 12% of the data lies so near to one: the ends are not a fair sample of the
# data. To draw a fair one, add fresh noise at each step, and lower $\sigma$ on the way.
# Diffusion models do so, and their network is a denoiser.

# %% [markdown]
# ## Further: robust features
#
# Vincent and others had another use in mind: features that survive noise. Sections 3 and 4
# have trained three networks for 700 steps, each with another level of noise. Here are
# features of their first layers: the weights of six hidden units, those with the largest
# weights at 0.5. All three networks started from the same weights, so each column is one
# unit.

# %% alt="Three rows of six grainy patterns of weights, one column a unit. At σ 0.1 they hold many small dark and light spots; at 0.5 some have fewer and larger ones, others hardly change."
networks = {0.1: matched[0.1, 700], 0.25: matched[0.25, 700], 0.5: denoiser}
rows = {}
norms = denoiser.encoder[1].weight.norm(dim=1)
largest = norms.argsort(descending=True)[:6]
for level, model in networks.items():
    weights = model.encoder[1].weight.detach()  # (256, 784)
    pictures = plotting.signed(weights[largest].view(-1, 1, 28, 28))
    rows[f"σ = {level}"] = pictures
plotting.show_rows(rows)
plt.show()

# %% [markdown]
# The grain is left over from the random start. On MNIST some units (the first, second and
# fourth) have fewer and larger spots at 0.5 than at 0.1; others hardly change. Larger spots
# make sense: under much noise, a feature must collect evidence from many pixels. But six
# units, chosen by their weights at 0.5, prove little. (Each picture is scaled by its own
# largest weight, so their contrasts can't be compared.)
#
# Do the codes help a classifier? Train a **linear probe** on them, a linear classifier of
# the digit's label, with 1,000 labelled images. Rivals: the pixels, PCA with as many
# numbers, and the encoder before any training.
#
# **Predict:** which code is best on images with $\sigma = 0.5$, for a probe that has
# learned from such images? (a) The one trained at 0.1; (b) the one trained at 0.5; (c) PCA;
# (d) the pixels, where nothing is lost.

# %%
from course_lib.evaluation import linear_probe

torch.manual_seed(0)
encoders = {
    "pixels": lambda y: y.flatten(1),
    "PCA": lambda y: (y.flatten(1) - mean_image) @ top,
    "untrained": models.mlp_encoder(784, 256, 128),
    "trained at 0.1": networks[0.1].encoder,
    "trained at 0.5": networks[0.5].encoder,
}
labels, test_labels = dataset.train_labels[:1000], dataset.test_labels


# %%
accuracy = {name: [] for name in encoders}
for level in 0.0, 0.5:
    few, all_tests = x[:1000], dataset.test_images
    few, all_tests = add_gaussian(few, level), add_gaussian(all_tests, level)
    for name, encode in encoders.items():
        with torch.no_grad():
            codes = encode(few), labels, encode(all_tests), test_labels
        accuracy[name].append(linear_probe(*codes))

# %% [markdown]
# The accuracy on all test images. In each column, the probe has learned from images as
# clean or noisy as those of the test.

# %%
print("accuracy         clean   σ = 0.5")
for name, values in accuracy.items():
    print(f"{name:14}{values[0]:8.1%}{values[1]:10.1%}")

# %% tags=["claims"]
on_noisy = {name: values[1] for name, values in accuracy.items()}
best = on_noisy.pop("trained at 0.5")
assert not on_mnist or best > max(on_noisy.values())
assert best > on_noisy["untrained"] + 0.01

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - On MNIST the answer is (b), in this run. All probes have seen noisy codes; what differs
#   is the encoder, and 0.5 is the level that this one was trained for. Whether it would
#   lead at other levels is not tested here.
# - On clean images it is ahead of the one trained at 0.1 by 0.8 points on MNIST, two
#   standard errors of one accuracy, with one training run and one set of labels. That is too little to say
#   that denoising learns better features of clean images.
# - PCA is robust too: 128 directions of large variance leave most of the noise
#   outside. The same network before training is worse than the pixels.
# - Standard errors of an accuracy: 0.4 points on MNIST, up to 1.5 on the digits, where the
#   first four differ by little more.
#
# </details>

# %% [markdown]
# ## Further: fill in what is missing
#
# A masked block is a corruption as well. The network sees an empty square and must
# say what was there. It is not told where the hole is. Its answer is pasted into it.
#
# Rivals, which are told: the mean image, and a classical method, **harmonic inpainting**.
# It fills the hole with the smoothest surface that fits its rim: replace every missing pixel
# by the mean of its four neighbours, again and again until nothing moves.


# %%
def harmonic(y, mask, steps=300):
    """Replace masked pixels of y by their neighbours' mean, many times."""
    for step in range(steps):
        sides = [y.roll(1, 2), y.roll(-1, 2), y.roll(1, 3), y.roll(-1, 3)]
        y = torch.where(mask, sum(sides) / 4, y)
    return y


# %% [markdown]
# And again the linear rival. Suppose that images had a normal distribution with covariance
# $C$. Write $d = x - \bar x$ and $P = C^{-1}$: the density is proportional to
# $e^{-d^\top P d / 2}$. Let $h$ be the pixels of the hole, $v$ the visible ones, and
# $P_{hv}$ the rows $h$ and columns $v$ of $P$. For given $d_v$, the density is largest, and
# has its mean, where $P_{hh}\, d_h + P_{hv}\, d_v = 0$. Solve for $d_h$: this is linear in
# $d_v$, and by (3.1) nothing beats it there. The best linear guess depends only on mean and
# covariance, as in section 5. So for other distributions with this $C$, it is still the
# best *linear* guess. (The small multiple of $I$ makes $C$
# invertible: some pixels are always 0.)

# %%
P = torch.linalg.inv(C.double() + 1e-3 * torch.eye(784))


def linear_fill(y, mask):
    """Fill the masked pixels of y by the best linear guess from the rest."""
    rows = y.flatten(1).double() - mean_image
    for row, hole in zip(rows, mask.flatten(1)):
        from_rest = P[hole][:, ~hole] @ row[~hole]
        row[hole] = -torch.linalg.solve(P[hole][:, hole], from_rest)
    return (rows + mean_image).clamp(0, 1).float().view_as(y)


# %% [markdown]
# Train the network on blocks, for 500 steps, and let all of them fill the same holes:

# %%
block_filler = train(mask_block, steps=500)
mask = block_mask(test)
holed = test.masked_fill(mask, 0.0)
with torch.no_grad():
    pasted = torch.where(mask, block_filler.reconstruct(holed), holed)
filled = {"masked": holed, "harmonic": harmonic(holed, mask)}
filled["linear"] = linear_fill(holed, mask)

# %% [markdown]
# The first eight test images, each with its own hole:

# %% alt="Five rows of eight digits: whole; with a square masked; the hole filled harmonically, with grey smears; by the linear guess, with faint shadows of strokes; by the network, which continues strokes and closes the 0."
filled["network"] = pasted
rows = {name: images[:8] for name, images in filled.items()}
plotting.show_rows({"image": test[:8]} | rows)
plt.show()

# %%
mean_picture = mean_image.view(1, 1, 28, 28)
mean_fill = torch.where(mask, mean_picture, holed)
for name, images in (filled | {"mean image": mean_fill}).items():
    in_hole = losses.squared_error(images, test).mean()
    print(f"{name:10} squared error in the hole {in_hole:5.1f}")

# %% tags=["claims"]
in_hole = {
    name: losses.squared_error(images, test).mean()
    for name, images in (filled | {"mean image": mean_fill}).items()
}
rival = min(in_hole["harmonic"], in_hole["mean image"])
assert in_hole["network"] < 0.75 * rival
assert in_hole["linear"] < 0.95 * in_hole["network"]

# %% [markdown]
# A smooth surface knows nothing of strokes: the network wins against it by far. But it
# loses against the linear guess, which has learned from the same images, and is told
# where the hole is. Whether that or the short training decides is not tested.
#
# **Predict:** who wins if single pixels are missing, one in ten? (The same network. It was
# trained on blocks, not on specks.) (a) the network; (b) the linear guess, then the
# network; (c) the linear guess, then the smooth surface.

# %%
specks = torch.zeros_like(mask)
specks[..., 1:-1, 1:-1] = torch.rand(len(test), 1, 26, 26) < 0.1  # no rim
speckled = test.masked_fill(specks, 0.0)
with torch.no_grad():
    drawn = block_filler.reconstruct(speckled)
guessed = torch.where(specks, drawn, speckled)

# %%
guesses = {"network": guessed, "harmonic": harmonic(speckled, specks)}
guesses["linear"] = linear_fill(speckled, specks)
guesses["mean image"] = torch.where(specks, mean_picture, speckled)
for name, images in guesses.items():
    in_specks = losses.squared_error(images, test).mean()
    print(f"{name:10} squared error in single pixels {in_specks:.2f}")

# %% tags=["claims"]
errors = {
    name: losses.squared_error(images, test).mean()
    for name, images in guesses.items()
}
assert errors["linear"] < errors["harmonic"] < 0.8 * errors["network"]

# %% [markdown]
# (c). Around a single pixel, its neighbours say most of what there is to know. The network
# draws the whole image through 128 numbers, and no pixel comes out exactly. And it has
# never seen specks. (Which of the two costs more is not tested.) Only the mean image is
# worse.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: measure without the clean image
#
# Outside of lessons, the clean image is not at hand. Yet the squared error of a
# *linear* denoiser $r(y) = \bar x + A\,(y - \bar x)$ can be estimated from $y$ alone.
#
# Write $x = y - \sigma \epsilon$, and expand $\lVert r(y) - x \rVert^2
# = \lVert (r(y) - y) + \sigma \epsilon \rVert^2$ on paper. Replace by its expectation
# over $\epsilon$ what you can't compute from $y$. (For a matrix, $\mathbb E[\epsilon^\top M
# \epsilon] = \operatorname{tr} M$, the sum of its diagonal.) Return what is left. Its
# expectation is the expected squared error.
#
# Then try it on `noisy`, flattened to rows of 784 numbers, with the map of (3.3) for
# $\sigma = 0.5$: is the mean of the estimates near the mean squared error to the clean
# images? (`A` is made in the first line of `linear_denoiser`.)

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Only the mixed term and $\sigma^2 \lVert \epsilon \rVert^2$ hold $\epsilon$. In the mixed
# term, $r(y) - y$ depends on $\epsilon$ too: its noisy part is
# $\sigma (A - I)\, \epsilon$.
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# The answer can be negative for a single image. What is
# $\mathbb E \lVert \epsilon \rVert^2$, and the trace of $A - I$?
#
# </details>

# %%
from course_lib import checks


def unseen_error(y, A, mean, sigma):
    """Estimate the squared error of r(y) = mean + A (y - mean).

    y: (B, D) noisy, x + sigma eps with an x that you don't have
    A: (D, D), not always symmetric; mean: (D,)
    returns: (B,), one estimate of the squared error to x for each y
    """
    # BEGIN SOLUTION
    r = mean + (y - mean) @ A.T  # (B, D)
    residual = (r - y).square().sum(1)
    return residual + sigma**2 * (2 * A.trace() - y.shape[1])
    # END SOLUTION


checks.unseen_error(unseen_error)

# %% tags=["solution"]
A_half = torch.linalg.solve(C + 0.25 * torch.eye(784), C)  # for σ = 0.5
y_rows = noisy.flatten(1)
estimate = unseen_error(y_rows, A_half, mean_image, 0.5).mean()
truth = losses.squared_error(linear_denoiser(noisy, 0.5), test).mean()
print(f"squared error per test image: {truth:.1f}, unseen {estimate:.1f}")

# %% [markdown]
# ### Exercise 2: PSNR
#
# One number for each image. With it, find the five test images that `denoised` spoils
# most, and draw them. What do they have in common?
#
# <details><summary>Hint</summary>
#
# First the mean squared error of each image, (B,). Then the logarithm to base 10.
#
# </details>


# %%
def psnr(x, x_hat):
    """Return the peak signal-to-noise ratio of each image in decibels.

    x, x_hat: (B, 1, H, W), image and reconstruction, in [0, 1]; returns (B,)
    """
    # BEGIN SOLUTION
    mse = (x - x_hat).square().flatten(1).mean(1)
    return 10 * torch.log10(1 / mse)
    # END SOLUTION


checks.psnr(psnr)

# %% tags=["solution"] alt="Two rows of five digits, the clean images and what the network made of them under noise: 8, 8, 3, a 2 with a loop, and 3. Denoised, they are blurred, with gaps in their curves."
# On MNIST mostly 8s, 3s and 2s: curves that lie close together.
worst = psnr(test, denoised).argsort()[:5]
rows = {"image": test[worst], "denoised": denoised[worst]}
plotting.show_rows(rows)
plt.show()

# %% [markdown]
# ### Exercise 3: the score of a mixture
#
# Derive the gradient of the logarithm of (3.6) on paper. Then write it without
# autograd.
#
# <details><summary>Hint 1</summary>
#
# The gradient of a logarithm of a sum: each term's gradient, weighted by the
# term's share of the sum.
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# The shares are a `softmax` over components of
# $-\lVert y - m_j \rVert^2 / 2v$. Which variance is $v$?
#
# </details>


# %%
def mixture_score(y, means, s0, sigma):
    """Return the score of the noisy density at y.

    y: (B, 2); means: (M, 2) of the clean clouds, all equally probable
    s0: standard deviation of a clean cloud; sigma: that of the noise
    returns: (B, 2)
    """
    # BEGIN SOLUTION
    v = s0**2 + sigma**2
    away = y[:, None] - means  # (B, M, 2)
    share = (-away.square().sum(2) / (2 * v)).softmax(1)  # (B, M)
    return -(share[:, :, None] * away).sum(1) / v
    # END SOLUTION


checks.mixture_score(mixture_score)

# %% [markdown]
# ### Exercise 4: Tweedie's formula
#
# From the score back to the denoiser. Join it with exercise 3: you have the best
# possible denoiser of the clouds. How much larger is the error of `field_net`, on fresh
# samples of `clean_density` to which you add noise with `sigma`? By (3.5), the difference
# is on average $\sigma^4$ times the mean squared error of its score.


# %%
def tweedie(y, score, sigma):
    """Return the mean of the clean x, given y.

    y: (B, D) noisy; score: (B, D), of the noisy density at y
    sigma: standard deviation of the noise
    """
    # BEGIN SOLUTION
    return y + sigma**2 * score
    # END SOLUTION


checks.tweedie(tweedie)

# %% tags=["solution"]
fresh = clean_density.sample((20_000,))
y = fresh + sigma * torch.randn_like(fresh)
by_formula = tweedie(y, mixture_score(y, means, s0, sigma), sigma)
with torch.no_grad():
    answers = {"the best possible": by_formula, "field_net": field_net(y)}
for name, answer in answers.items():
    missed = losses.squared_error(answer, fresh).mean()
    print(f"{name}: squared error {missed:.4f}")

# %% [markdown]
# ## Summary
#
# - A denoising autoencoder gets a spoiled image and must return the clean one.
#   Draw the noise inside the loss, so that it is fresh for each batch.
# - The best denoiser is the posterior mean. It averages over what is possible:
#   hence blur.
# - The best linear denoiser is $C (C + \sigma^2 I)^{-1}$, PCA with soft weights. It is the
#   rival that counts, since it has learned from the same images.
# - Trained at 0.5 for 700 steps, the network beat it at 0.5 and 1, and lost below. On
#   MNIST, more steps at the right level were enough at 0.25, and not enough at 0.1.
# - The best denoiser's step is $\sigma^2$ times the score of the *noisy* density, and
#   training a denoiser fits that score.
#
# **Next:** [lesson 4](04_convolutional_autoencoder.ipynb), networks that know that
# pixels have neighbours.

# %% [markdown]
# ## References
#
# - P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol. *Extracting and composing
#   robust features with denoising autoencoders.* ICML 2008, 1096–1103.
# - P. Vincent. *A connection between score matching and denoising autoencoders.*
#   Neural Computation 23 (2011), 1661–1674.
# - G. Alain, Y. Bengio. *What regularized auto-encoders learn from the
#   data-generating distribution.* JMLR 15 (2014), 3743–3773.
# - B. Efron. *Tweedie's formula and selection bias.* Journal of the American
#   Statistical Association 106 (2011), 1602–1614.
# - N. Wiener. *Extrapolation, interpolation, and smoothing of stationary time
#   series.* MIT Press 1949.
# - J. S. Lim. *Two-dimensional signal and image processing.* Prentice Hall 1990.
#   The local Wiener filter.
# - C. M. Stein. *Estimation of the mean of a multivariate normal distribution.* Annals of
#   Statistics 9 (1981), 1135–1151. Exercise 1, for any denoiser.
# - Y. Song, S. Ermon. *Generative modeling by estimating gradients of the data
#   distribution.* NeurIPS 2019. From denoisers to samples.
