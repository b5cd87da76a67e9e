# %% [markdown]
# # 3. The denoising autoencoder
#
# After this lesson you can
#
# - train an autoencoder to undo noise, with fresh noise in every batch;
# - say what the best denoiser is, and derive the best *linear* one;
# - measure denoising in decibels, against filters that are well tuned;
# - say where a network wins and where a classical method does;
# - read a denoiser as a map of where data is likely: Tweedie's formula.
#
# **Builds on:** [lesson 1](01_basic_autoencoder.ipynb): autoencoders, `fit`, PCA;
# [lesson 2](02_sparse_autoencoder.ipynb): the linear probe.
# **Time:** 75 minutes to read and work, half a minute to run.
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
# Lesson 2 restricted the code, so that copying became impossible. Here the
# *input* is made harder. Give the network a spoiled image $y$, and ask for the
# clean $x$. Copying is no longer enough: it keeps what is spoiled. The network must
# know what images look like.
#
# Three **corruptions**:
#
# - **Gaussian:** $y = x + \sigma \epsilon$ with $\epsilon \sim \mathcal N(0, I)$.
#   The result leaves [0, 1], and we let it.
# - **Salt and pepper:** each pixel is hit with probability $p$; a hit pixel
#   becomes 0 or 1.
# - **A masked block:** a square is set to 0.


# %%
def add_gaussian(x, sigma=0.5):
    return x + sigma * torch.randn_like(x)


def add_salt_and_pepper(x, p=0.3):
    u = torch.rand_like(x)  # below p/2: pepper; above 1 - p/2: salt
    return torch.where(u < p / 2, 0.0, torch.where(u > 1 - p / 2, 1.0, x))


# %%
def block_mask(x, size=10):
    """Return a mask (B, 1, 28, 28) that is True in a random square."""
    at = torch.arange(28)
    corner = torch.randint(2, 27 - size, (2, len(x), 1))  # off the border
    rows, columns = (at >= corner) & (at < corner + size)  # (B, 28) each
    return (rows[:, :, None] & columns[:, None, :])[:, None]


# %%
def mask_block(x):
    return x.masked_fill(block_mask(x), 0.0)


# %% name="corruptions" tags=["slide-figure"] alt="Four rows of the same ten digits: clean; with Gaussian noise, grey specks everywhere; with salt and pepper, scattered pixels turned black or white; with a masked block, a square erased, which cuts gaps into most digits' strokes."
few = test[:10]
rows = {"image": few, "Gaussian, σ = 0.5": add_gaussian(few).clamp(0, 1)}
rows |= {"salt and pepper, p = 0.3": add_salt_and_pepper(few)}
rows |= {"masked block": mask_block(few)}
plotting.show_rows(rows)
plt.show()

# %% [markdown]
# ## 2. The best denoiser
#
# Which function $r(y)$ has the smallest squared error, on average over images and
# noise? Split the error at the **posterior mean** $\mathbb E[x \mid y]$, the mean
# of all images that could have become $y$:
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
# The smallest example: one pixel, which is $-1$ or $1$ with equal probability. By
# Bayes' theorem the two answers are weighted by their densities at $y$:
#
# $$\mathbb E[x \mid y]
# = \frac{e^{-(y-1)^2 / 2\sigma^2} - e^{-(y+1)^2 / 2\sigma^2}}
# {e^{-(y-1)^2 / 2\sigma^2} + e^{-(y+1)^2 / 2\sigma^2}}
# = \tanh \frac{y}{\sigma^2} . \tag{3.2}$$

# %%
# Check (3.1)
from torch.distributions import Normal

y_grid = torch.linspace(-9, 9, 20_001, dtype=torch.float64)
sd = 0.8
signs = torch.tensor([-1.0, 1.0], dtype=torch.float64)  # values of x
densities = 0.5 * Normal(signs[:, None], sd).log_prob(y_grid).exp()  # (2, n)
posterior_mean = (signs @ densities) / densities.sum(0)


# %%
def mean_error(r):
    """Return E (x - r(y))^2, integrated over y for both values of x."""
    squared = (signs[:, None] - r) ** 2
    return torch.trapezoid((densities * squared).sum(0), y_grid)


r = 0.7 * y_grid  # some other denoiser
extra = torch.trapezoid(densities.sum(0) * (posterior_mean - r) ** 2, y_grid)

# %%
assert abs(mean_error(r) - mean_error(posterior_mean) - extra) < 1e-8

# %%
# Check (3.2)
tanh = torch.tanh(y_grid / sd**2)
torch.testing.assert_close(posterior_mean, tanh, rtol=0, atol=1e-8)

# %% [markdown]
# **Predict:** what does the best denoiser answer at $y = 0$, where both answers are
# equally likely?
#
# <details><summary>Answer</summary>
#
# 0, a value that $x$ never has. The posterior mean does not choose: it averages.
# For images this means *blur* where the noise leaves a stroke in doubt.
#
# </details>

# %% alt="Posterior mean of x against the noisy pixel y: three S-shaped curves through 0. With σ 0.3 it is almost a step from minus 1 to 1, with 0.8 smoother; with 1.5 it only reaches 0.87 at y = 3."
for noise in 0.3, 0.8, 1.5:
    plt.plot(y_grid, torch.tanh(y_grid / noise**2), label=f"σ = {noise}")
plt.xlim(-3, 3)
plt.xlabel("noisy pixel y")
plt.ylabel("E[x | y]")
plt.legend()
plt.show()

# %% [markdown]
# ## 3. Train one
#
# The network is an autoencoder of lesson 1 with a wider code. Nothing else is
# new, but for one line: **corrupt inside the loss.** Then every batch gets fresh
# noise, and the network never sees the same noisy image twice. The target is the
# clean image.

# %%
from course_lib import losses, models, training


def denoising_loss(corrupt):
    """Return a loss for `fit`: the squared error to the *clean* image."""

    def loss(model, x):
        x_hat = model.reconstruct(corrupt(x))
        return {"loss": losses.squared_error(x_hat, x)}

    return loss


# %%
def train(corrupt, sizes=(256, 128)):
    """Train an encoder of these sizes and its mirror for 700 steps."""
    torch.manual_seed(0)
    encoder = models.mlp_encoder(784, *sizes)
    decoder = models.mlp_decoder(*reversed(sizes), 784)
    model = models.Autoencoder(encoder, decoder)
    models.start_at_mean(decoder, x)
    options = {"steps": 700, "lr": 2e-3, "lr_schedule": training.cosine}
    training.fit(model, denoising_loss(corrupt), x, **options)
    return model


# %%
denoiser = train(add_gaussian)  # σ = 0.5
noisy = add_gaussian(test)
with torch.no_grad():
    denoised = denoiser.reconstruct(noisy)

# %% alt="Three rows of the same ten digits: clean, under noise with σ 0.5, and denoised. The denoised digits stand on white and all can be read; they are softer than the clean ones, most where strokes are thin."
rows = {"image": test[:10], "noisy, σ = 0.5": noisy[:10].clamp(0, 1)}
plotting.show_rows(rows | {"denoised": denoised[:10]})
plt.show()

# %% [markdown]
# Move the noise level yourself: the clean image, the noisy one, and what the
# network makes of it. (The slider needs a running notebook: run the cell.) The
# network has seen only $\sigma = 0.5$.

# %%
from course_lib import widgets

eps = torch.randn(1, 1, 28, 28)  # one noise, made larger or smaller


def three_images(sigma, image=test[:1]):
    """Return clean, noisy and denoised side by side, (1, 28, 84)."""
    y = image + sigma * eps
    shown = [image, y.clamp(0, 1), denoiser.reconstruct(y)]
    return torch.cat(shown, dim=3)[0]


widgets.explorer(three_images, {"noise σ": (0.0, 1.5)})

# %% name="noise-levels" tags=["slide-figure"] alt="Ten images of one 7 in each row. Above, noise σ grows from 0 to 1.5, and the 7 disappears among black specks; below, the denoised images show a 7 for long, then bend and blur into another shape."
levels = torch.linspace(0, 1.5, 10)[:, None, None, None]
y = test[:1] + levels * eps
with torch.no_grad():
    rows = {"σ = 0 … 1.5": y.clamp(0, 1), "denoised": denoiser.reconstruct(y)}
plotting.show_rows(rows)
plt.show()

# %% [markdown]
# ## 4. What must be beaten
#
# The customary measure is the **peak signal-to-noise ratio** of an image,
#
# $$\mathrm{PSNR}(x, \hat x) = 10 \log_{10} \frac{1}{\mathrm{MSE}}
# \text{ decibels},$$
#
# with the mean squared error over the pixels of *that* image, whose largest value
# is 1. Ten decibels more are a tenth of the error. We report the mean of the
# images' PSNRs. (The PSNR of the mean error would be another number.) All outputs
# are clipped to [0, 1] first.


# %%
def mean_psnr(x_hat, x):
    """Return the mean PSNR of images in decibels."""
    mse = (x_hat.clamp(0, 1) - x).square().flatten(1).mean(1)
    return -10 * mse.log10().mean().item()


print(f"noisy {mean_psnr(noisy, test):.1f} dB, ", end="")
print(f"denoised {mean_psnr(denoised, test):.1f} dB")

# %% [markdown]
# Is that good? Compare with the classical filters:
#
# - **Gaussian filter:** a weighted mean of the neighbourhood.
# - **Median filter:** the median of the neighbourhood.
# - **Wiener filter:** a local mean, but where the picture varies more than the
#   noise, less of it. (Wiener's idea, in Lim's local form.)
#
# Each has a parameter or two. For each noise level we take the best of a list, on
# 200 *training* images, never on the test images. (A median of size 1 changes
# nothing. At low noise that can be the best choice.)

# %%
import numpy as np
from scipy import ndimage, signal


# %%
def gaussian_filter(y, width):
    return ndimage.gaussian_filter(y, (0, 0, width, width))


def median_filter(y, size):
    return ndimage.median_filter(y, (1, 1, size, size))


# %%
def wiener_filter(y, parameter):
    size, noise = parameter
    images = y[:, 0].astype(float)
    with np.errstate(all="ignore"):  # where a window is flat: 0 / 0, unused
        return np.stack([[signal.wiener(im, size, noise)] for im in images])


# %%
widths = 0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 2.5
sizes_and_noises = (
    *((3, 0.015), (3, 0.04), (3, 0.1), (3, 1.0)),
    *((5, 0.1), (5, 1.0), (7, 1.0), (7, 3.0)),
)
filters = {
    "Gaussian filter": (gaussian_filter, widths),
    "median filter": (median_filter, (1, 3, 5, 7)),
    "Wiener filter": (wiener_filter, sizes_and_noises),
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
# Filters know nothing about digits. A fairer rival does: the best *linear* map of
# the whole image, an autoencoder without a non-linearity. It needs no training.
# Let $\bar x$ and $C$ be mean and covariance of the images. Among all
# $r(y) = \bar x + A (y - \bar x)$ the expected squared error is
#
# $$J(A) = \operatorname{tr}\!\left[(I - A)\, C\, (I - A)^\top\right]
# + \sigma^2 \operatorname{tr}\!\left[A A^\top\right] ,$$
#
# what $A$ takes from the image plus what it lets through of the noise. (For
# $x - r(y) = (I - A)(x - \bar x) - \sigma A \epsilon$, and the two terms are
# independent.) The gradient is $-2 (I - A)\, C + 2 \sigma^2 A$, since $C$ is
# symmetric. Set it to 0:
#
# $$A\,(C + \sigma^2 I) = C, \qquad A = C\,(C + \sigma^2 I)^{-1} . \tag{3.3}$$
#
# In PCA's coordinates it multiplies component $i$ by
# $\lambda_i / (\lambda_i + \sigma^2)$: it trusts directions in which images vary
# more than the noise. This is Wiener's filter in its original sense.

# %%
# Check (3.3)
X_small = x[:500].flatten(1).double()[:, 300:340]  # 40 pixels
C_small = torch.cov(X_small.T)
eye = torch.eye(40, dtype=torch.float64)
A = torch.linalg.solve(C_small + 0.25 * eye, C_small).T.requires_grad_()
J = ((eye - A) @ C_small @ (eye - A).T).trace() + 0.25 * (A @ A.T).trace()
(gradient,) = torch.autograd.grad(J, A)
assert gradient.abs().max() < 1e-8  # and J is convex in A

# %%
B = 0.3 * torch.randn(40, 40, dtype=torch.float64)  # some other map
J_of_B = ((eye - B) @ C_small @ (eye - B).T).trace() + 0.25 * (B @ B.T).trace()
many_eps = torch.randn(200, 500, 40, dtype=torch.float64)
X_centred = X_small - X_small.mean(0)
X_centred = X_centred * (500 / 499) ** 0.5  # the covariance divides by 499
missed = X_centred - (X_centred + 0.5 * many_eps) @ B.T
draws = missed.square().sum(2).mean(1)  # 200 estimates
assert abs(draws.mean() - J_of_B) < 4 * draws.std() / 200**0.5

# %%
mean_image = x.mean(0).flatten()
C = torch.cov(x.flatten(1).T)  # (784, 784)


def linear_denoiser(y, sigma):
    """Return the best linear reconstruction of y = x + sigma eps."""
    A = torch.linalg.solve(C + sigma**2 * torch.eye(784), C)  # symmetric
    return (mean_image + (y.flatten(1) - mean_image) @ A.T).view_as(y)


# %% [markdown]
# **Predict:** noise levels 0.1, 0.25, 0.5, 1. The network was trained at 0.5. Where
# does it win?

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

# %% name="psnr-and-noise" tags=["slide-figure"] alt="PSNR in decibels against test noise σ. At 0.1 the network is worst, 20, and the noisy image has 23. At its training level, 0.5, it leads with 18.1, just above the best linear denoiser; filters have 14 to 16."
for (name, values), mark in zip(table.items(), "x^sv*o"):
    plt.plot(sigmas, values, f"{mark}-", label=name)
plt.axvline(0.5, color="gray", ls=":")
plt.xscale("log")
plt.xticks(sigmas, sigmas)
plt.xlabel("noise level σ in the test (the network's training level: 0.5)")
plt.ylabel("PSNR (dB)")
plt.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %%
by_level = {name: dict(zip(sigmas, values)) for name, values in table.items()}
network, linear = by_level["network"], by_level["best linear"]
classical = {s: max(by_level[name][s] for name in filters) for s in sigmas}

# %%
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
# - *At low noise the classical methods win*, and by a lot. At 0.1 even the filters
#   do, which know nothing about digits. On MNIST even the untouched image is better.
# - *At its training level and above, the network wins*: clearly over the filters, on
#   MNIST by little over the linear map.
# - The crossing, for a network of 700 steps, lies between 0.25 and 0.5.
# - From 0.25 on, the hardest rival is the linear one, which has seen digits too.
#   Compare a network that has learned with a classical method that has learned.
#
# </details>
#
# Why does the network stay behind at low noise? **Predict:** give it a *clean*
# image. How many decibels? And the linear denoiser for $\sigma = 0.5$?

# %%
with torch.no_grad():
    on_clean = mean_psnr(denoiser.reconstruct(test), test)
print(f"clean image in: {on_clean:.1f} dB out; at σ = 0.1: {network[0.1]:.1f}")
by_linear = mean_psnr(linear_denoiser(test, 0.5), test)
print(f"the best linear denoiser for σ = 0.5: {by_linear:.1f} dB")
assert abs(on_clean - network[0.1]) < 1 and on_clean < linear[0.1]
assert abs(by_linear - on_clean) < 1.5

# %%
_, axes = torch.linalg.eigh(C)  # ascending
top = axes[:, -128:]
rows = test.flatten(1) - mean_image
by_pca = mean_psnr((mean_image + rows @ top @ top.T).view_as(test), test)
print(f"clean image through 128 numbers of PCA: {by_pca:.1f} dB")

# %%
plain = train(lambda x: x)  # no noise, else the same
with torch.no_grad():
    of_plain = mean_psnr(plain.reconstruct(test), test)
print(f"through the same network, trained without noise: {of_plain:.1f} dB")
assert by_pca > of_plain + 2 and of_plain > on_clean + 0.5

# %% [markdown]
# A denoiser for $\sigma = 0.5$ smooths whatever comes. The best *linear* one does so
# too, and comes no nearer to a clean image. In the table, the rivals were told each
# noise level. The network was not: it knows 0.5 alone.
#
# The rest is training. Without noise the same network copies better, and PCA, with as
# many numbers, better still. So train a denoiser for the noise that it will meet, and
# for longer than 700 steps. (Modern denoisers are told $\sigma$.)
#
# ## 5. Salt and pepper
#
# Now impulses: 30 % of the pixels are hit. **Predict:** which filter is best, and
# where does the network beat it: at 10 %, at 30 %?

# %%
impulse_denoiser = train(add_salt_and_pepper)  # p = 0.3

# %%
impulse = {}
for p in 0.1, 0.3:
    corrupt = partial(add_salt_and_pepper, p=p)
    spoiled = corrupt(test)
    outputs = {name: best_filter(name, corrupt, spoiled) for name in filters}
    outputs["network"] = impulse_denoiser.reconstruct(spoiled).detach()
    impulse[p] = {k: mean_psnr(x_hat, test) for k, x_hat in outputs.items()}

# %%
print("PSNR in dB     p = " + "".join(f"{p:7}" for p in impulse))
for name in impulse[0.1]:
    print(f"{name:19}" + "".join(f"{impulse[p][name]:7.1f}" for p in impulse))

# %%
ours, median = (
    {p: impulse[p][name] for p in impulse}
    for name in ("network", "median filter")
)
assert ours[0.1] < median[0.1] - 1
lead = ours[0.3] - median[0.3]
assert lead > 1 if on_mnist else abs(lead) < 1
for name in "Gaussian filter", "Wiener filter":
    assert all(impulse[p][name] < median[p] for p in impulse)

# %%
filtered = torch.from_numpy(median_filter(spoiled.numpy(), 3))  # at 30 %
wrong = (filtered - test).abs() > 0.5
near_ink = nn.functional.max_pool2d(test, 3, stride=1, padding=1) > 0.5
shares = {}
was_wrong = (spoiled - test).abs() > 0.5
for name, mask in {"noisy": was_wrong, "median": wrong}.items():
    near, away = mask[near_ink], mask[~near_ink]
    shares[name] = near.float().mean(), away.float().mean()
    print(
        f"{name:6} wrong: {shares[name][0]:.1%} of pixels near strokes, ",
        end="",
    )
    print(f"{shares[name][1]:.1%} elsewhere")

# %%
near, away = shares["median"]
assert away < 0.02
assert not on_mnist or near > 0.6 * shares["noisy"][0]

# %% [markdown]
# Of the filters the median is best: a mean is spoiled by a single wild value, and a
# median is not. Against the network it is the same picture as before: at 10 % the
# median wins, at 30 %, on MNIST, the network. The median clears nearly all of the
# background. But near MNIST's thin strokes, where half of its window is ink, it
# leaves over 60 % as many wrong pixels as there were. (The scikit-learn digits have
# wider strokes, and there the two are about level at 30 %.)

# %% [markdown]
# ## 6. A denoiser knows where data is
#
# A denoiser moves $y$ to $r(y)$. Where does it move it? Towards where data is
# likely. This can be made exact. Let $p_\sigma$ be the density of the *noisy* $y$.
# Its **score** is the gradient of its logarithm, an arrow that points uphill.
# **Tweedie's formula** says
#
# $$\mathbb E[x \mid y] = y + \sigma^2\, \nabla_y \log p_\sigma(y) . \tag{3.4}$$
#
# So the best denoiser takes a step of $\sigma^2$ times the score. And a *trained*
# denoiser gives us the score, although nobody knows the density:
# $(r(y) - y) / \sigma^2$.
#
# <details><summary>Derivation</summary>
#
# $p_\sigma(y) = \int p(x)\, \mathcal N(y; x, \sigma^2 I)\, dx$. Differentiate
# under the integral: $\nabla_y \mathcal N(y; x, \sigma^2 I) = \frac{x - y}
# {\sigma^2} \mathcal N(y; x, \sigma^2 I)$. Divide by $p_\sigma(y)$. What stands
# under the integral is then $p(x \mid y)$ by Bayes' theorem, so
# $\nabla_y \log p_\sigma(y) = (\mathbb E[x \mid y] - y) / \sigma^2$.
#
# </details>

# %% [markdown]
# Check it where everything is known: three Gaussian clouds in the plane, with
# means $m_j$ and standard deviation $s_0$. Independent noise adds its variance.
# So the noisy density is
#
# $$p_\sigma(y) = \frac13 \sum_{j=1}^{3}
# \mathcal N\!\left(y;\; m_j,\; (s_0^2 + \sigma^2) I\right) . \tag{3.5}$$

# %%
from torch.distributions import Categorical, Independent, MixtureSameFamily

means = torch.tensor([[-1.5, -1.0], [1.5, -1.0], [0.0, 1.6]])
s0, sigma = 0.3, 0.5


def mixture(means, scale):
    """Return the equal mixture of round Gaussians around the means."""
    scale = torch.full_like(means, scale)
    clouds = Independent(Normal(means, scale), 1)
    return MixtureSameFamily(Categorical(means.new_ones(3)), clouds)


# %%
def score_of(density, y):
    """Return the gradient of the log density at the points y (B, 2)."""
    y = y.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(density.log_prob(y).sum(), y)
    return gradient


# %%
# Check (3.4)
exact_means = means.double()
exact_noised = mixture(exact_means, (s0**2 + sigma**2) ** 0.5)
y = exact_noised.sample((1000,))
logits = exact_noised.component_distribution.log_prob(y[:, None])  # (1000, 3)
share = logits.softmax(1)  # which cloud made y
# Given its cloud, x lies between m and y, weighted by precision.
inside = (exact_means / s0**2 + y[:, None] / sigma**2) / (s0**-2 + sigma**-2)
by_bayes = (share[:, :, None] * inside).sum(1)  # (1000, 2)
by_tweedie = y + sigma**2 * score_of(exact_noised, y)
torch.testing.assert_close(by_tweedie, by_bayes, rtol=0, atol=1e-8)

# %%
# Check (3.5)
point = torch.tensor([0.4, 0.2], dtype=torch.float64)
side = torch.linspace(-6, 6, 601, dtype=torch.float64)
plane = torch.cartesian_prod(side, side)  # x, on a fine grid
joint = mixture(exact_means, s0).log_prob(plane)
joint = joint + Normal(plane, sigma).log_prob(point).sum(1)
by_quadrature = joint.exp().sum() * (side[1] - side[0]) ** 2
assert abs(by_quadrature - exact_noised.log_prob(point).exp()) < 1e-8

# %% [markdown]
# Now forget the formula. Train a small network on *samples* from the clouds, by
# the same loss as before, and read the score off it.

# %%
clean = mixture(means, s0)


def point_loss(model, x):
    y = x + sigma * torch.randn_like(x)
    return {"loss": losses.squared_error(model(y), x)}


# %%
torch.manual_seed(0)
points = clean.sample((20_000,))  # (20000, 2)
field_net = nn.Sequential(
    nn.Linear(2, 128),
    nn.GELU(),
    nn.Linear(128, 128),
    nn.GELU(),
    nn.Linear(128, 2),
)
options = {"steps": 1500, "batch_size": 512, "lr": 5e-3}
options["lr_schedule"] = training.cosine
training.fit(field_net, point_loss, points, **options)

# %%
noised = mixture(means, (s0**2 + sigma**2) ** 0.5)

# %%
y = noised.sample((5000,))
with torch.no_grad():
    learned = (field_net(y) - y) / sigma**2
difference = {}
for name, density in {"noisy": noised, "clean": clean}.items():
    exact = score_of(density, y)
    squared = (learned - exact).square().sum() / exact.square().sum()
    difference[name] = squared.sqrt().item()
    print(f"from the score of the {name} density: {difference[name]:.0%}")

# %%
assert difference["noisy"] < 0.12
assert difference["clean"] > 4 * difference["noisy"]

# %% [markdown]
# (The root of the mean squared error, relative to the score's own root mean
# square, at 5,000 noisy points.) The network has learned the score of the
# **noisy** density, with an error below 12 %. It is *not* the score of the clean
# density, as is often said: that one is more than four times as far off. The noise
# level is part of what a denoiser knows.

# %% name="score-field" tags=["slide-figure"] alt="Two nearly identical fields of arrows over the plane, learned and exact, with three clouds of data points. Arrows point to the nearest cloud: long far outside, shrinking to nothing near the clouds' centres and midway between the clouds."
lattice = plotting.plane((-3, 3), (-2.6, 3.2), size=22)
with torch.no_grad():
    fields = {"learned": (field_net(lattice) - lattice) / sigma**2}
fields["exact, noisy density"] = score_of(noised, lattice)
fig, panels = plt.subplots(1, 2, figsize=(9, 4.2), sharey=True)
for ax, (name, arrows) in zip(panels, fields.items()):
    ax.plot(*points[:1500].T, ".", color="#bbbbbb", markersize=2)
    ax.quiver(*lattice.T, *arrows.T, color=plotting.COLORS[0])
    ax.set(title=name, xlabel="$y_1$", aspect="equal")
panels[0].set_ylabel("$y_2$")
plt.show()

# %% [markdown]
# ### A walk along the field
#
# Start anywhere and follow the arrows in small steps. **Predict:** where do the
# walks end: on all the data, or on a few points?

# %%
starts = plotting.plane((-3, 3), (-2.6, 3.2), size=12)

# %%
path = [starts]
with torch.no_grad():
    for step in range(150):
        y = path[-1]
        path.append(y + 0.1 * (field_net(y) - y))
path = torch.stack(path)  # (151, 144, 2)

# %% name="walk" tags=["slide-figure"] alt="Paths in the plane that start on a regular lattice, over three clouds of data points. All of them run inwards, some along curves, and end at only three points, the centres of the clouds."
plt.figure(figsize=(6.5, 4.5))
plt.plot(*points[:1500].T, ".", color="#bbbbbb", markersize=2)
plt.plot(path[:, :, 0], path[:, :, 1], color=plotting.COLORS[0], lw=0.7)
plt.plot(*path[-1].T, "o", color=plotting.COLORS[1], label="end of a walk")
plt.axis("equal")
plt.xlabel("$y_1$")
plt.ylabel("$y_2$")
plt.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %%
tops = means
for _ in range(200):  # uphill from the means, along the exact score
    tops = tops + 0.1 * sigma**2 * score_of(noised, tops)
near_tops = {}
for name, places in {"walks' ends": path[-1], "data": points}.items():
    close = torch.cdist(places, tops).amin(1) < s0 / 2
    near_tops[name] = close.float().mean().item()
    print(f"{near_tops[name]:.0%} of the {name} lie within s0 / 2 of a top.")
assert near_tops["walks' ends"] > 0.9 and near_tops["data"] < 0.2

# %% [markdown]
# They land where data is, but nearly all in the same few places: the tops of the noisy
# density. Going uphill finds *peaks*. Few data points lie so near to one, so the ends
# are no fair sample. One way to sample is to add fresh noise at each step, and to
# lower $\sigma$ on the way. Diffusion models go such ways, and their network is a
# denoiser.
#
# ## 7. Robust features
#
# Vincent and others had another use in mind: features that survive noise. So probe
# the code, as in lesson 2, on 1,000 labelled images. Rivals: noisy pixels, PCA, the
# same network trained *without* noise, and lesson 1's network, 784-128-64-32.
#
# **Predict:** on clean images, and on noisy ones, does training with noise help
# the code?

# %%
from sklearn.decomposition import PCA

pca = PCA(64, svd_solver="covariance_eigh").fit(x.flatten(1).numpy())
first_network = train(lambda x: x, (128, 64, 32))
probed = dataset.test_images[:3000]
inputs = {
    level: (add_gaussian(x[:1000], level), add_gaussian(probed, level))
    for level in (0.0, 0.5)
}

# %%
encoders = {
    "pixels": lambda y: y.flatten(1),
    "PCA, 64": lambda y: torch.from_numpy(pca.transform(y.flatten(1))),
    "lesson 1's code": first_network.encoder,
    "plain code": plain.encoder,
    "denoiser's code": denoiser.encoder,
}

# %%
from course_lib.evaluation import linear_probe

labels, probed_labels = dataset.train_labels[:1000], dataset.test_labels[:3000]
accuracy = {}
for level, (y_train, y_test) in inputs.items():
    for name, encode in encoders.items():
        with torch.no_grad():
            codes = encode(y_train), labels, encode(y_test), probed_labels
        accuracy[name, level] = linear_probe(*codes)

# %%
print("accuracy            clean   σ = 0.5")
for name in encoders:
    values = [accuracy[name, sigma] for sigma in (0.0, 0.5)]
    print(f"{name:17}" + "".join(f"{value:9.1%}" for value in values))

# %%
gain = {
    sigma: accuracy["denoiser's code", sigma] - accuracy["plain code", sigma]
    for sigma in (0.0, 0.5)
}
assert gain[0.5] > 0.02 and gain[0.5] > gain[0.0] + 0.01
assert abs(gain[0.0]) < 0.03
best = accuracy["denoiser's code", 0.5]
assert best == max(accuracy[name, 0.5] for name in encoders)
assert best > accuracy["lesson 1's code", 0.5] + 0.02
assert best > accuracy["pixels", 0.5] + 0.01
margin = 0.01 if on_mnist else 0  # the digits are few
assert accuracy["PCA, 64", 0.5] > accuracy["pixels", 0.5] + margin
worst = max((a * (1 - a) / len(probed)) ** 0.5 for a in accuracy.values())
assert worst < (0.01 if on_mnist else 0.02)  # standard errors

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - On *noisy* images the denoiser's code is the best, by several points over the
#   plain one, and over lesson 1's. The probe itself was trained on noisy images, so
#   this is not mere familiarity with noise.
# - On *clean* images the two differ by less than three points. "Denoising learns
#   better features" is true where there is noise.
# - PCA is robust too: 64 directions of large variance leave most of the noise
#   outside. (Standard errors: under one point on MNIST, up to two on the digits.)
#
# </details>

# %% [markdown]
# ## Further: fill in what is missing
#
# A masked block is a corruption as well. The network sees an empty square and must
# say what was there. Rivals: the mean image, and a classical method, **harmonic
# inpainting**. It fills the hole with the smoothest surface that fits its rim:
# every missing pixel becomes the mean of its four neighbours. (The network is not
# told where the hole is. Its answer is pasted into the hole, as the others' are.)


# %%
def harmonic(y, mask, steps=300):
    """Fill the masked pixels of y by Jacobi steps of Laplace's equation."""
    for step in range(steps):
        sides = [y.roll(1, 2), y.roll(-1, 2), y.roll(1, 3), y.roll(-1, 3)]
        y = torch.where(mask, sum(sides) / 4, y)
    return y


# %%
block_filler = train(mask_block)

# %%
mask = block_mask(test)
y = test.masked_fill(mask, 0.0)
with torch.no_grad():
    pasted = torch.where(mask, block_filler.reconstruct(y), y)
filled = {"masked": y, "harmonic": harmonic(y, mask), "network": pasted}
mean_fill = torch.where(mask, mean_image.view(1, 1, 28, 28), y)

# %% name="inpainting" tags=["slide-figure"] alt="Four rows of ten digits: whole; with a square masked; the hole filled harmonically, with grey smears; filled by the network, which continues strokes, and closes the 0. It makes the last digit, a 9, look like a 7."
rows = {name: images[:10] for name, images in filled.items()}
plotting.show_rows({"image": test[:10]} | rows)
plt.show()

# %%
hole = {}
for name, images in (filled | {"mean image": mean_fill}).items():
    hole[name] = losses.squared_error(images, test).mean().item()
    print(f"{name:10} squared error in the hole {hole[name]:5.1f}")
assert hole["network"] < 0.75 * min(hole["harmonic"], hole["mean image"])

# %% [markdown]
# Here the network wins by far. A smooth surface knows nothing of strokes. **Predict:**
# who wins if only single pixels are missing? (The same network. It was trained on
# blocks, not on specks.)

# %%
small = torch.rand(test.shape) < 0.1  # single missing pixels, ...
small = nn.functional.pad(
    small[..., 1:-1, 1:-1], (1, 1, 1, 1)
)  # none at the rim
speckled = test.masked_fill(small, 0.0)
with torch.no_grad():
    guessed = torch.where(small, block_filler.reconstruct(speckled), speckled)

# %%
specks = {"network": guessed, "harmonic": harmonic(speckled, small)}
for name, images in specks.items():
    specks[name] = losses.squared_error(images, test).mean().item()
    print(f"{name:10} squared error in single pixels {specks[name]:5.2f}")

# %%
assert specks["harmonic"] < 0.8 * specks["network"]

# %% [markdown]
# The smooth surface. Around a single pixel the rim says nearly all.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: salt and pepper from a generator
#
# As in section 1, but with all random numbers from a generator, so that a result
# can be repeated.
#
# <details><summary>Hint</summary>
#
# `torch.rand(x.shape, generator=generator)`; `rand_like` knows no generator on
# older versions of PyTorch. One uniform number a pixel is enough.
#
# </details>

# %%
from course_lib import checks


def salt_pepper(x, p, generator):
    """Set each pixel, with probability p, to 0 or 1 (each half of the time).

    x: (B, 1, H, W) in [0, 1]; p: probability that a pixel is hit
    generator: all random numbers come from it
    returns: a new tensor of x's shape
    """
    # BEGIN SOLUTION
    u = torch.rand(x.shape, generator=generator)
    noisy = torch.where(u < p / 2, torch.zeros_like(x), x)
    return torch.where(u > 1 - p / 2, torch.ones_like(x), noisy)
    # END SOLUTION


checks.salt_pepper(salt_pepper)

# %% [markdown]
# ### Exercise 2: PSNR
#
# One number for each image.
#
# <details><summary>Hint</summary>
#
# First the mean squared error of each image, (B,). Then the logarithm to base 10.
#
# </details>


# %%
def psnr(x, y):
    """Return the peak signal-to-noise ratio of each image in decibels.

    x, y: (B, 1, H, W) with values in [0, 1]
    returns: (B,)
    """
    # BEGIN SOLUTION
    mse = (x - y).square().flatten(1).mean(1)
    return 10 * torch.log10(1 / mse)
    # END SOLUTION


checks.psnr(psnr)

# %% [markdown]
# ### Exercise 3: the score of a mixture
#
# Derive the gradient of the logarithm of (3.5) on paper. Then write it without
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
# From the score back to the denoiser.


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

# %% [markdown]
# ## Summary
#
# - A denoising autoencoder gets a spoiled image and must return the clean one.
#   Draw the noise inside the loss, so that it is fresh for each batch.
# - The best denoiser is the posterior mean. It averages over what is possible:
#   hence blur.
# - The best linear denoiser is $C (C + \sigma^2 I)^{-1}$, PCA with soft weights. At
#   low noise it, and even simple filters, beat a network trained for strong noise.
# - At its training level and above, the network wins.
# - $(r(y) - y) / \sigma^2$ estimates the score of the *noisy* density.
# - Codes trained with noise are much better for noisy inputs, hardly for clean ones.
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
# - Y. Song, S. Ermon. *Generative modeling by estimating gradients of the data
#   distribution.* NeurIPS 2019. From denoisers to samples.
