# %% [markdown]
# # 7. The variational autoencoder
#
# After this lesson you can
#
# - build a VAE from lessons 5 and 6 in ten lines, and train it;
# - read its two curves, and report its loss with a protocol;
# - draw samples, maps, interpolations and traversals, and say what each shows;
# - say what a VAE has that an autoencoder lacks, and what both lack;
# - tell whether code that is called a VAE is one.
#
# **Builds on:** [lesson 5](05_evidence_lower_bound.ipynb): the bound and its gap;
# [lesson 6](06_gaussian_kl_and_reparameterization.ipynb): the rate, the trick;
# [lesson 1](01_basic_autoencoder.ipynb): the autoencoder.
# **You should know:** expectation, variance and covariance matrix; the normal
# distribution, its density and its quantiles; classes in PyTorch (`nn.Module`).
# **Time:** 90 minutes for the core, 50 for the exercises, 60 for what is headed *Further*.
# It runs in a minute.
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
from course_lib import data

dataset = data.load()
x, test = dataset.train_images, dataset.test_images
on_mnist = dataset.name == "mnist"
print(dataset)

# %% [markdown]
# (Numbers and pictures in the text are those of MNIST. On the digits that come with
# the course, where MNIST could not be downloaded, they differ.)
#
# **What are VAEs used for?** Three examples, all with the model of this lesson at their
# core:
#
# - **A space to work in.** Latent diffusion, the method behind Stable Diffusion, trains
#   its generator on the codes of an autoencoder with a small rate term, and decodes what
#   it generates (Rombach et al., 2022).
# - **Anomalies.** Unusual data get a low reconstruction probability. Xu et al. (2018)
#   score the performance figures of an internet company that way.
# - **Search.** Molecules become codes, a search moves the code towards a wanted
#   property, and the decoder says which molecule that is (Gómez-Bombarelli et al., 2018).

# %% [markdown]
# ## 1. The parts, assembled
#
# What the last two lessons have given us:
#
# | part | where |
# | --- | --- |
# | a bound on $\log p(x)$, and its gap | (5.11) |
# | the bound is reconstruction minus rate | (5.13) |
# | the rate of a Gaussian in closed form | (6.6) |
# | a gradient through a sampled code | (6.9), (6.11) |
#
# Now neural networks take the place of lesson 5's small models.
#
# **The model.** A code $z$ of $K$ numbers is drawn from the prior
# $p(z) = \mathcal N(0, I)$, which *we* chose. The decoder turns it into one logit $a_i$
# for each of the $D$ pixels, and the sigmoid of that is a probability $p_i$. Each pixel
# is then a coin: black with probability $p_i$, white otherwise. A variable that is 1
# with probability $p$ and 0 otherwise is called a **Bernoulli** variable. Its
# probabilities, $p$ and $1 - p$, are both covered by $p^{x} (1 - p)^{1 - x}$.

# %% [markdown]
# Given $z$ the pixels are independent, so their probabilities multiply, and the logs
# add up:
#
# $$-\log p_\theta(x \mid z) = -\sum_{i=1}^{D} \big[ x_i \log p_i
# + (1 - x_i) \log (1 - p_i) \big]
# = \sum_{i=1}^{D} \big[ \log(1 + e^{a_i}) - x_i a_i \big] . \tag{7.1}$$
#
# This **negative log-likelihood**, `nll` in the code, is lesson 1's cross-entropy. (For
# the second form insert $\log p_i = a_i - \log(1 + e^{a_i})$ and
# $\log (1 - p_i) = -\log(1 + e^{a_i})$.)
#
# (Our pixels are grey, and a Bernoulli variable is 0 or 1. Read a grey value as the
# probability of black ink. Lesson 8 asks what that means.)

# %%
# Check (7.1)
import torch.nn.functional as F
from torch.distributions import Bernoulli

from course_lib import verify

a = 3 * torch.randn(784, dtype=torch.float64)  # logits
pixels = torch.bernoulli(test[0].flatten().double())
by_hand = (F.softplus(a) - pixels * a).sum()  # softplus(a) = log(1 + e^a)
verify.equal("7.1", by_hand, -Bernoulli(logits=a).log_prob(pixels).sum())

# %% [markdown]
# Is a normal prior too simple for digits? Codes need not look like images, because the
# decoder comes in between. One line of it can bend a normal distribution into a ring
# (an example by Doersch, 2016):

# %%
z = torch.randn(150, 2)
ring = z / 10 + z / z.norm(dim=1, keepdim=True)
print(f"lengths: z up to {z.norm(dim=1).max():.1f}, ", end="")
print(f"ring {ring.norm(dim=1).min():.1f} to {ring.norm(dim=1).max():.1f}")

# %% name="ring" tags=["slide-figure"] alt="Left, 150 points of a normal distribution, a round cloud; those with positive first coordinate are triangles. Right, the same points after the map: a thin ring, its right half made of the triangles."
with plt.rc_context({"font.size": 12}):
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.2))
    right = z[:, 0] > 0
    for ax, points in zip(axes, (z, ring), strict=True):
        ax.scatter(*points[right].T, s=14, marker="^")
        ax.scatter(*points[~right].T, s=8)
        ax.set_aspect("equal")
    axes[0].set(title="z, drawn from N(0, I)", xlabel="$z_1$", ylabel="$z_2$")
    axes[1].set(title="z / 10 + z / |z|", xlabel="$x_1$", ylabel="$x_2$")
    plt.show()

# %% [markdown]
# No ring was in the prior. So the prior can stay simple, and the decoder learns the
# shape of the data.
#
# **The guess.** To learn $\theta$ we need an approximate posterior,
# $q_\phi(z \mid x) = \mathcal N(\mu, \operatorname{diag} \sigma^2)$. The encoder makes
# it, with two outputs for each latent, called **heads**: $\mu$ and $\log \sigma^2$.
#
# **The loss** is minus the ELBO. Its rate has a formula (6.6). Its reconstruction term
# is estimated with one sample, made by the trick (6.9):
#
# $$\ell(x, \epsilon) = -\log p_\theta(x \mid \mu + \sigma \epsilon)
# + \mathrm{KL}\big(q_\phi(z \mid x) \,\Vert\, p(z)\big) , \qquad
# \mathbb E_\epsilon[\ell(x, \epsilon)] = -\mathcal L(x) . \tag{7.2}$$
#
# So for each image: cross-entropy plus
# $\frac12 \sum_k (\mu_k^2 + \sigma_k^2 - 1 - \log \sigma_k^2)$. Then the mean over the
# batch.
#
# Mind the sign. In lesson 5 the *reconstruction* was $\mathbb E_q[\log p(x \mid z)]$, and
# larger was better. The *reconstruction term* is the loss's first term, minus that: a cost
# in nats, and smaller is better. The bound is reconstruction *minus* rate, the loss
# reconstruction term *plus* rate.

# %% [markdown]
# For the check, a single latent and a decoder of random weights, $a_i = w_i z$. The
# ELBO comes from its definition, as an integral over a grid of codes (lesson 6 calls it
# quadrature). The loss comes from 10,000 draws of $\epsilon$.

# %%
from torch.distributions import Normal

w = 0.1 * torch.randn(1, 784, dtype=torch.float64)
mu, logvar = torch.tensor([0.7, -1.2], dtype=torch.float64)
line = torch.linspace(-8, 8, 2001, dtype=torch.float64)  # codes
log_q = Normal(mu, torch.exp(0.5 * logvar)).log_prob(line)
log_x = Bernoulli(logits=line[:, None] @ w).log_prob(pixels).sum(1)
log_joint = log_x + Normal(0.0, 1.0).log_prob(line)  # log p(x, z)
elbo = torch.trapezoid(log_q.exp() * (log_joint - log_q), line)
print(f"ELBO by the integral: {elbo:.3f} nats")

# %%
# Check (7.2)
z = mu + torch.exp(0.5 * logvar) * torch.randn(10_000).double()
a = z[:, None] @ w  # (10000, 784)
nll = (F.softplus(a) - pixels * a).sum(1)
rate = 0.5 * (mu**2 + logvar.exp() - 1 - logvar)
verify.sampled("7.2", nll + rate, -elbo)

# %% [markdown]
# In one picture (drawn with a model that was trained beforehand). Only $\epsilon$, the
# circle, is drawn at random; all else is computed from it and from $x$. The loss, in
# orange, is the sum of two terms.

# %% name="whole-vae" tags=["slide-figure"] alt="Diagram of a VAE: an image, the encoder, mu and sigma, which with the noise epsilon make the code z, the decoder, the image's probabilities. In orange the loss: the KL, from mu and sigma, plus the reconstruction term."
from course_lib import diagrams, reference_vae

with torch.no_grad():
    x_hat = reference_vae.load().reconstruct(test[:1])
diagrams.variational_autoencoder(test[0], x_hat[0])
plt.show()

# %% [markdown]
# You have met each part. Put them together yourself before you read on: the next two
# exercises are the heart of this lesson.
#
# ### Exercise 1: the forward pass
#
# `vae.encoder(x)` gives $2K$ numbers per image, $\mu$ and $\log \sigma^2$ side by side.
# `vae.decoder(z)` gives logits.
#
# <details><summary>Hint</summary>
#
# `tensor.chunk(2, dim=1)` halves the columns. Then (6.9) makes $z$.
#
# </details>

# %%
from course_lib import checks


def vae_forward(vae, x):
    """Return the logits of one sampled code per image, mu and logvar.

    x: (B, 1, H, W); logits: (B, 1, H, W); mu, logvar: (B, K)
    """
    # BEGIN SOLUTION
    mu, logvar = vae.encoder(x).chunk(2, dim=1)
    z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
    return vae.decoder(z), mu, logvar
    # END SOLUTION


checks.vae_forward(vae_forward)

# %% [markdown]
# ### Exercise 2: the loss
#
# One number for each image, in nats. Sum over pixels, sum over latents.
#
# <details><summary>Hint</summary>
#
# `F.binary_cross_entropy_with_logits` with `reduction="none"` is
# $-\log p(x_i \mid z)$ for each pixel.
#
# </details>


# %%
def negative_elbo(logits, x, mu, logvar):
    """Return the loss (7.2) of each image in nats: (B,).

    logits, x: (B, 1, H, W); mu, logvar: (B, K)
    """
    # BEGIN SOLUTION
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    rate = 0.5 * (mu**2 + logvar.exp() - 1 - logvar)
    return nll.flatten(1).sum(1) + rate.sum(1)
    # END SOLUTION


checks.negative_elbo(negative_elbo)

# %% [markdown]
# ### The whole VAE
#
# An autoencoder with two changes: noise in the code, and a price for it. When you have
# solved both exercises, or are stuck, compare with yours.
#
# <details><summary>Model and loss</summary>
#
# ```python
# class VAE(nn.Module):
#     def __init__(self, encoder, decoder):
#         super().__init__()
#         self.encoder, self.decoder = encoder, decoder
#
#     def forward(self, x):
#         mu, logvar = self.encoder(x).chunk(2, dim=1)  # (B, K) each
#         eps = torch.randn_like(mu)
#         z = mu + torch.exp(0.5 * logvar) * eps
#         return self.decoder(z), mu, logvar
#
#
# def vae_loss(model, x):
#     logits, mu, logvar = model(x)
#     nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
#     nll = nll.flatten(1).sum(1)  # over pixels: (B,)
#     kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)  # over latents
#     return {"loss": nll + kl, "reconstruction": nll, "kl": kl}
# ```
#
# </details>


# %% tags=["solution"]
class VAE(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x):
        mu, logvar = self.encoder(x).chunk(2, dim=1)  # (B, K) each
        eps = torch.randn_like(mu)
        z = mu + torch.exp(0.5 * logvar) * eps
        return self.decoder(z), mu, logvar


def vae_loss(model, x):
    logits, mu, logvar = model(x)
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    nll = nll.flatten(1).sum(1)  # over pixels: (B,)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)  # over latents
    return {"loss": nll + kl, "reconstruction": nll, "kl": kl}


# %% [markdown]
# `course_lib` has the same lines: the network is `models.VAE`, and
# `losses.negative_elbo(model, x)` is `vae_loss` above. (Yours takes the network's outputs;
# that one calls the network itself.) From here on the lesson uses those.

# %% tags=["claims"]
from course_lib import losses, models

pair = models.mlp_encoder(784, 9, 4), models.mlp_decoder(2, 9, 784)
torch.manual_seed(0)
ours = vae_loss(VAE(*pair), x[:100])
torch.manual_seed(0)
theirs = losses.negative_elbo(models.VAE(*pair), x[:100])
for name in ours:
    torch.testing.assert_close(ours[name], theirs[name])

# %% [markdown]
# ## 2. Training
#
# Two latents first, so that we can see all of them. The two terms of the loss are
# recorded apart. (In code and figures the reconstruction term is called `reconstruction`,
# the rate `kl`.)
#
# **Predict:** the rate is nearly 0 at the start: an untrained encoder's outputs are near
# 0, so $\mu \approx 0$ and $\sigma \approx 1$ for all images. The rate is part of a loss
# that is minimised. What happens to it in training?
#
# - (a) It stays near 0, since the loss punishes it.
# - (b) It rises by a few nats, and the reconstruction term falls by about as many.
# - (c) It rises by a few nats, and the reconstruction term falls by ten times as many.

# %%
from course_lib import losses, models, training

torch.manual_seed(0)
vae_2 = models.VAE(
    models.mlp_encoder(784, 400, 2 * 2),  # K = 2, two heads
    models.mlp_decoder(2, 400, 784),
)
models.start_at_mean(vae_2.decoder, x)
schedule = dict(lr=4e-3, lr_schedule=training.cosine)
history_2 = training.fit(vae_2, losses.negative_elbo, x, steps=800, **schedule)

# %%
terms = {"reconstruction": "reconstruction", "rate": "kl"}
for name, term in terms.items():
    first, last = history_2.terms[term][0], history_2.last(term)
    print(f"{name:14} step 1: {first:6.2f}, last 100: {last:6.2f} nats")

# %% [markdown]
# Here are all steps, from the first. (The axis of steps is logarithmic, so that the
# first hundred have room.)

# %% name="two-terms" tags=["slide-figure"] alt="Two line charts over 800 steps, drawn from the first step on a logarithmic axis, nats per image. The reconstruction term falls from 209 to 156. The rate starts at 0 and rises to about 5."
with plt.rc_context({"font.size": 12}):
    fig, axes = plt.subplots(1, 2, figsize=(7.2, 2.5))
    steps = torch.arange(1, len(history_2) + 1)
    for ax, (name, term) in zip(axes, terms.items(), strict=True):
        ax.semilogx(steps, history_2.terms[term], lw=1)
        ax.set(title=name, xlabel="step", ylabel="nats per image")
    axes[1].set_ylim(bottom=0)
    plt.show()

# %%
from copy import deepcopy

from course_lib import evaluation

result_2 = evaluation.evaluate(vae_2, losses.negative_elbo, test)
print("test:", ", ".join(f"{k} {v:.1f}" for k, v in result_2.items()), "nats")

# %% tags=["claims"]
rate_2, nll_2 = history_2.terms["kl"], history_2.terms["reconstruction"]
assert rate_2[0] < 0.1 and 3 < result_2["kl"] < 8
bought = nll_2[0] - history_2.last("reconstruction")
assert bought > 7 * history_2.last("kl")

# %% [markdown]
# <details><summary>What to notice</summary>
#
# It is (c): the rate *rises*, to about 5 nats, and the reconstruction term falls by about
# 50. The optimiser buys. At a rate of 0 the code says nothing, and the decoder can only
# draw the average training image. A nat of rate is spent where it saves more than a nat of
# reconstruction, and buying stops where the next nat would save less than one. (Ten is
# the average, one the margin.)
#
# Two curves that move against each other are the healthy picture. A rate that stays at 0
# is not (lesson 9).
#
# </details>

# %% [markdown]
# ## 3. How good is the bound?
#
# With two latents we can do what lesson 5 ruled out for ten: integrate over *all* codes,
# on a grid. So we know $\log p(x)$ and the exact posterior of a neural decoder.
# (What that means for grey $x$ is lesson 8's question; the identity holds anyway.) By
# (5.11) the gap is
#
# $$\log p_\theta(x) - \mathcal L(x)
# = \mathrm{KL}\big(q_\phi(z \mid x) \,\Vert\, p_\theta(z \mid x)\big) , \quad
# p_\theta(x) = \int p_\theta(x \mid z)\, \mathcal N(z; 0, I)\, dz . \tag{7.3}$$
#
# First $\log p(x)$ of 20 test images, as a sum over the cells of a grid.

# %%
exact = deepcopy(vae_2).double().requires_grad_(False)  # in float64
few = test[:20].double()


def log_likelihood(z):
    """Return log p(x | z) by (7.1), codes (n, 2), 20 images: (n, 20)."""
    a = exact.decoder(z).flatten(1)
    return a @ few.flatten(1).T - F.softplus(a).sum(1, keepdim=True)


# %%
axis = torch.linspace(-6, 6, 301, dtype=torch.float64)
grid = torch.cartesian_prod(axis, axis)  # (90601, 2)
log_cell = 2 * (axis[1] - axis[0]).log()  # of the area of a cell
log_prior = Normal(0.0, 1.0).log_prob(grid).sum(1, keepdim=True)
log_x = torch.cat([log_likelihood(z) for z in grid.split(5000)])
log_evidence = (log_x + log_prior).logsumexp(0) + log_cell  # (20,)
log_posterior = log_x + log_prior - log_evidence  # (90601, 20)
print(f"-log p(x), mean of 20 images: {-log_evidence.mean():.1f} nats")

# %% [markdown]
# The gap, the right side of (7.3), is a sum over the same grid.

# %%
mu, logvar = exact.encode(few)  # (20, 2) each
q = Normal(mu, torch.exp(0.5 * logvar))
log_q = q.log_prob(grid[:, None]).sum(2)  # (90601, 20)
gap = ((log_q + log_cell).exp() * (log_q - log_posterior)).sum(0)
print(f"gap, mean of 20 images: {gap.mean():.2f} nats")

# %% [markdown]
# The check of the gap takes as ELBO of each image the mean of 500 sampled losses (7.2),
# with the sign turned. It would not notice a wrong $p(x)$, which is on both sides: on the
# right it hides in the posterior, $p(x, z) / p(x)$. So a second one looks at $p(x)$. For codes drawn from any normal distribution $r$, the mean of
# $p(x, z) / r(z)$ is $p(x)$ as well, as in (5.9): it is
# $\int r(z) \frac{p(x, z)}{r(z)}\, dz = \int p(x, z)\, dz$. Take $r$ somewhat wider than the
# posterior, and divide by the grid's $p(x)$: the mean must be 1.

# %%
# Check (7.3)
copies = few.repeat(500, 1, 1, 1)
elbos = -losses.negative_elbo(exact, copies)["loss"].view(500, 20)
verify.sampled("7.3", log_evidence - elbos, gap)
share = (log_posterior + log_cell).exp()  # of each cell, (90601, 20)
centre = share.T @ grid  # of the posterior, (20, 2)
spread = (share.T @ grid**2 - centre**2).clamp(min=0.05**2).sqrt()
r = Normal(centre, 1.5 * spread)
z = r.sample((1000,))  # (1000, 20, 2)
log_x_z = torch.stack([log_likelihood(z[:, j])[:, j] for j in range(20)], 1)
log_ratio = log_x_z + (Normal(0.0, 1.0).log_prob(z) - r.log_prob(z)).sum(2)
verify.sampled("7.3", (log_ratio - log_evidence).exp(), torch.ones(20))

# %% [markdown]
# That is (5.11), for a neural network. How large are the gaps?

# %%
print("gap of the 20 test images, in nats, sorted:")
for ten in gap.sort().values.split(10):
    print("".join(f"{g:7.2f}" for g in ten))
elbo = log_evidence - gap  # without noise
print(f"means: -log p(x) {-log_evidence.mean():.1f}, -ELBO {-elbo.mean():.1f}")

# %% tags=["claims"]
assert (gap > 0).all() and gap.median() < 3 < gap.max() / gap.median()

# %% [markdown]
# The bound is nearly tight for most images, and loose for a few: here one image alone
# accounts for most of the mean. (Trained with four other seeds, the encoder failed on
# other images, and not so badly: the worst of the 20 always had less than half of the
# sum.) Look at the best, the middle and the worst: the exact posterior as shades, the
# encoder's $q$ as an ellipse, the image in the corner. Both are drawn out to two standard
# deviations, where a Gaussian's density is $e^{-2}$ of its peak.


# %%
def draw_posterior(i, ax):
    """Draw the exact posterior of image i, and q over it."""
    best = grid[log_posterior[:, i].argmax()]
    centre, width = (best + mu[i]) / 2, 0.75 * (best - mu[i]).norm() + 0.6
    side = torch.linspace(-1, 1, 81, dtype=torch.float64) * width
    patch = torch.cartesian_prod(side, side) + centre
    log_p = log_likelihood(patch)[:, i] - log_evidence[i]
    log_p = log_p + Normal(0.0, 1.0).log_prob(patch).sum(1)
    places = side + centre[0], side + centre[1]
    levels = [-2, -1.125, -0.5, -0.125, 0]  # at 2, 1.5, 1, 0.5 and 0 sigma
    height = (log_p - log_p.max()).view(81, 81).T
    ax.contourf(*places, height, levels, cmap="Blues", vmin=-2.5)
    angle = torch.linspace(0, 2 * torch.pi, 100)
    circle = torch.stack([angle.cos(), angle.sin()], 1)
    ax.plot(*(mu[i] + 2 * q.scale[i] * circle).T, color="C1", lw=2)
    ax.set(title=f"gap {gap[i]:.2f} nats", xlabel="$z_1$", aspect="equal")
    small = ax.inset_axes([0.68, 0.02, 0.3, 0.3])
    small.imshow(few[i, 0], cmap="gray_r")
    small.axis("off")


# %% name="posteriors" tags=["slide-figure"] alt="Posteriors of three images, shaded in the latent plane, with the encoder's q as an ellipse, and the image. Gap 0.04 nats: they agree. Gap 0.57: the ellipse is off-centre. Gap 67.89: it lies far beside."
with plt.rc_context({"font.size": 13}):
    fig, axes = plt.subplots(1, 3, figsize=(8, 3.1))
    order = gap.argsort()
    for ax, i in zip(axes, order[[0, 10, 19]].tolist(), strict=True):
        draw_posterior(i, ax)
    axes[0].set_ylabel("$z_2$")
    plt.show()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - The posterior is narrow: the image fixes its code to within a few tenths.
# - On the left $q$ fits. In the middle it has about the right shape, but is off-centre. On
#   the right it is in the wrong place altogether, and costs 68 nats.
# - So these $q$ aren't the best of their family. One encoder answers for all images, and
#   for a single image its answer can be off, in place or in width. That part of the gap is
#   lesson 5's **amortisation gap**.
#
# </details>

# %% [markdown]
# ### Further: is it the family or the encoder?
#
# Lesson 5 told the two apart. Leave the encoder's answer, and ascend the ELBO for one
# image alone. What remains is the family gap: $q$ can neither tilt nor bend. (The
# expectation is a weighted sum over 64 nodes, by Gauss-Hermite quadrature.)
#
# **Predict:** what remains of the worst gap?
# (a) Nearly all of it. (b) About half. (c) Hardly anything.


# %%
from numpy.polynomial.hermite_e import hermegauss


def ascend(i, nodes=8, steps=150):
    """Return the gap of image i at its own best mu and sigma."""
    places, weights = map(torch.tensor, hermegauss(nodes))
    eps = torch.cartesian_prod(places, places)
    weight = torch.outer(weights, weights).flatten() / (2 * torch.pi)
    heads = [h[i : i + 1].clone().requires_grad_() for h in (mu, logvar)]
    optimizer = torch.optim.Adam(heads, lr=0.05)
    for _ in range(steps):
        z = heads[0] + torch.exp(0.5 * heads[1]) * eps
        log_p = log_likelihood(z)[:, i]
        loss = losses.gaussian_kl(*heads) - weight @ log_p
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return (log_evidence[i] + loss).item()


# %%
remains = {i: ascend(i) for i in order[[10, 18, 19]].tolist()}
for i, left in remains.items():
    print(f"gap {gap[i]:5.2f} nats, of its own best q {left:5.2f} nats")

# %% tags=["claims"]
for i, left in remains.items():
    assert -1e-3 < left < gap[i]
assert left < 0.1 * gap[i] or not on_mnist  # of the worst
assert gap.max() > 0.15 * gap.sum() or not on_mnist

# %% [markdown]
# <details><summary>What to notice</summary>
#
# On MNIST hardly anything. A diagonal Gaussian suits that posterior; what was missing is a
# good answer of the encoder. (Of a small gap the family may hold more: with another seed,
# most of the middle one remained.) With more training images or a larger encoder, the
# amortisation gap can shrink. (On the digits the ascent may end on another hump of the
# posterior, and leave more: this direction of the KL settles on one hump.)
#
# </details>

# %% [markdown]
# ## 4. A map of the latent plane
#
# The prior says which codes the model's own images come from. We want a picture of all
# of them, in which each share of the prior gets the same space. So cut $(0, 1)$ into
# eight equal parts, and take the normal distribution's quantile of each part's middle,
# on both axes. Each of the $8 \times 8$ codes then stands for a cell that holds 1/64 of
# the prior.
#
# The outermost middles are the quantiles of $1/16$ and $15/16$, that is $\pm 1.53$. A
# square with these sides holds $(7/8)^2 = 77$% of the prior. (It ends at the middles of the
# outermost cells. Their outer parts, which reach to infinity, hold the rest.)
#
# **Predict:** which share of the training images' codes lies in the square?
# (a) About 55%. (b) About 75%. (c) Nearly all.


# %%
def draw(decoder, z):
    """Decode codes (B, K) to images (B, 1, 28, 28) in [0, 1]."""
    with torch.no_grad():
        return torch.sigmoid(decoder(z))


def codes_of(model, images):
    """Return one sampled code for each image, and mu and logvar."""
    with torch.no_grad():
        mu, logvar = model.encode(images)
        return models.reparameterize(mu, logvar), mu, logvar


# %%
z_2, mu_2, logvar_2 = codes_of(vae_2, x)
inside = {edge: (z_2.abs() < edge).all(1).float().mean() for edge in (1.53, 3)}
for edge, share in inside.items():
    print(f"sides at ±{edge}: {share:.0%} of the codes in the square")

# %% [markdown]
# It is (a): 54% on MNIST. The map shows where the others are. The solid square is that
# of ±1.53, the dashed one has its sides at ±3. (Dots are codes without room for a label.)

# %% name="codes" tags=["slide-figure"] alt="Sampled codes of training images in the latent plane, drawn as their digits: 1 in the upper left, 7 above, 9 and 4 on the right, 0 below. Nearly half lie outside the solid square of sides ±1.53."
from course_lib import plotting

with plt.rc_context({"font.size": 12}):
    fig, ax = plt.subplots(figsize=(5.2, 4.6))
    plotting.show_codes(z_2[:250], dataset.train_labels[:250], ax=ax)
    for edge, style in ((1.53, "-"), (3, "--")):
        corner = (-edge, -edge)
        square = plt.Rectangle(
            corner, 2 * edge, 2 * edge, fill=False, ls=style
        )
        ax.add_patch(square).set_linewidth(2)
    ax.set(aspect="equal", title="Sampled codes of training images")
    plt.show()

# %% [markdown]
# Now decode the two squares: left, the solid one at the prior's quantiles; right, the
# dashed one at even steps from −3 to 3.

# %% name="manifold" tags=["slide-figure"] alt="Two grids of eight by eight decoded images. Left, the solid square: smooth changes, but mostly blurred 8s and 9s. Right, the dashed square: clear 1s, 7s, 3s and 0s in the corners, the same blur in the middle."
squares = {
    "prior's quantiles, ±1.53": Normal(0.0, 1.0).icdf(
        plotting.plane((1 / 16, 15 / 16), (1 / 16, 15 / 16), size=8)
    ),
    "even steps, ±3": plotting.plane((-3, 3), (-3, 3), size=8),
}
with plt.rc_context({"font.size": 12}):
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.5))
    for ax, (name, codes) in zip(axes, squares.items(), strict=True):
        plotting.show_grid(draw(vae_2.decoder, codes), columns=8, ax=ax)
        ax.set_title(name)
    plt.show()

# %% tags=["claims"]
assert inside[1.53] < 0.7 and inside[3] > 0.85

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - Left: each image stands for 1/64 of the prior. Most are blurred, and on MNIST 8s and
#   9s take up most of the space. Lesson 1's map was no worse.
# - Right: clear 1s, 7s, 3s and 0s lie further out. Only 54% of the codes lie in the
#   solid square, which holds 77% of the prior: they spread more widely than it does.
# - So a code from the prior falls mostly into the crowded middle, where digits overlap
#   and the decoder can only average them. Two numbers are too few to keep ten digits
#   apart *and* within the prior.
# - But we knew *roughly* where to look before training: the prior keeps nearly everything
#   within ±3, and so do most of the codes. In lesson 1 we had to find the codes first.
#
# </details>

# %% [markdown]
# The distribution of *all* codes, $q(z) = \mathbb E_x[q(z \mid x)]$, is called the
# **aggregate posterior**. The rate pulls it towards the prior, image by image: to be far
# away costs nats. With two latents, telling images apart is worth more than that cost, and
# the aggregate stays wider than the prior. (Lesson 5's $q(z)$, the guess for one image, is
# now $q(z \mid x)$; $q(z)$ without $x$ is the average over the training images.)

# %% [markdown]
# Move through the plane yourself. The sliders start at the code of the first test image.
# Walk from it to another digit: what do you pass? (Without a running kernel there are no
# sliders; the right grid above covers the same plane.)

# %%
from course_lib import widgets

widgets.latent_explorer(
    lambda z: draw(vae_2.decoder, z), [(-3, 3)] * 2, start=mu[0]
)

# %% [markdown]
# ### Further: holes
#
# Are there **holes**, places that the prior visits and hardly any image? Let $u$ be
# uniform on $(0, 1)$, and $\Phi$ the distribution function of the standard normal. Then
#
# $$z = \Phi^{-1}(u) \sim \mathcal N(0, 1) , \qquad
# P\big(\Phi^{-1}(\tfrac{j}{n}) < z < \Phi^{-1}(\tfrac{j+1}{n})\big) = \tfrac1n ,
# \quad 0 \le j < n . \tag{7.4}$$
#
# So ten parts on each axis make 100 cells, each with 1% of the prior.

# %%
# Check (7.4)
from itertools import pairwise

shares = torch.linspace(0, 1, 16, dtype=torch.float64)[1:-1]
areas = []  # under the density, between neighbouring quantiles
for low, high in pairwise(Normal(0.0, 1.0).icdf(shares).tolist()):
    between = torch.linspace(low, high, 2001, dtype=torch.float64)
    density = torch.exp(-0.5 * between**2) / (2 * torch.pi) ** 0.5
    areas.append(torch.trapezoid(density, between))
verify.equal("7.4", torch.stack(areas), torch.full_like(shares[1:], 1 / 15))


# %%
def percentages(codes, n=10):
    """Return the percentage of codes (N, 2) in each of n * n cells."""
    places = (Normal(0.0, 1.0).cdf(codes) * n).long().clamp(0, n - 1)
    counts = torch.bincount(places @ torch.tensor([1, n]), minlength=n * n)
    return counts.view(n, n) / len(codes) * 100  # row: second coordinate


# %% [markdown]
# Before we count: how wide is the aggregate? A code is $z_k = \mu_k + \sigma_k \epsilon_k$,
# and $\epsilon_k$ has mean 0 whatever the image. So the two parts are uncorrelated, and
# their variances add up:
#
# $$\operatorname{Var}_{q(z)}[z_k] = \operatorname{Var}_x[\mu_k]
# + \mathbb E_x[\sigma_k^2] . \tag{7.5}$$
#
# **Predict:** if the aggregate were the prior, the sum would be 1. What is it here?
# (a) About 0.5. (b) About 1. (c) About 2. And which part is the larger?

# %% [markdown]
# The check draws many codes for each training image, and takes the variance of all of
# them together.

# %%
# Check (7.5)
of_means, by_noise = mu_2.var(0, correction=0), logvar_2.exp().mean(0)
eps_2 = torch.randn(3_000_000 // len(x), *mu_2.shape)
codes = (mu_2 + torch.exp(0.5 * logvar_2) * eps_2).flatten(0, 1)
squares_2 = (codes - codes.mean(0)) ** 2
verify.sampled("7.5", squares_2, of_means + by_noise)

# %% tags=["claims"]
standard_error = squares_2.std(0) / len(codes) ** 0.5
assert (by_noise > 6 * standard_error).all()  # else it isn't seen

# %%
for name, pair in {"of the means": of_means, "by the noise": by_noise}.items():
    print(f"variance {name}: " + ", ".join(f"{v:.3f}" for v in pair))

# %% [markdown]
# On MNIST the sum is about 2, and nearly all of it comes from the means: images keep their
# codes apart.
#
# Compare lesson 1's autoencoder: the same networks, trained with the same cross-entropy,
# but without noise and without a rate.


# %%
torch.manual_seed(0)
ae_2 = models.Autoencoder(
    models.mlp_encoder(784, 400, 2), models.mlp_decoder(2, 400, 784)
)
models.start_at_mean(ae_2.decoder, x)
training.fit(
    ae_2,
    lambda model, x: {"loss": losses.bernoulli_nll(model(x), x)},
    x,
    steps=800,
    **schedule,
)

# %%
with torch.no_grad():
    ae_codes = ae_2.encoder(x)  # (N, 2)
spread = ", ".join(f"{v:.1f}" for v in ae_codes.var(0))
print(f"autoencoder: its codes' variances are {spread}")

# %% [markdown]
# Its codes have no scale of their own. To compare shapes, both models' codes are
# **whitened**: moved and stretched to mean 0 and covariance $I$, like the prior.


# %%
def whiten(codes):
    """Return codes (N, K), moved and stretched to mean 0, covariance I."""
    root = torch.linalg.cholesky(codes.T.cov())
    centred = (codes - codes.mean(0)).T
    return torch.linalg.solve_triangular(root, centred, upper=False).T


# %% [markdown]
# Now count. The VAE's means, without noise, are counted too: the autoencoder's codes have
# no noise either.

# %%
counted = {
    "prior": percentages(torch.randn(len(x), 2)),
    "VAE": percentages(z_2),
    "VAE, whitened": percentages(whiten(z_2)),
    "its means, whitened": percentages(whiten(mu_2)),
    "autoencoder, whitened": percentages(whiten(ae_codes)),
}

# %% [markdown]
# A hole is a cell with less than a tenth of the prior's share.

# %%
holes = {name: (cells < 0.1).sum().item() for name, cells in counted.items()}
print("cells with less than a tenth of their share:")
for name, number in holes.items():
    print(f"  {name:22} {number:3} of 100")

# %% name="holes" tags=["slide-figure"] alt="Two heat maps of whitened codes, ten by ten cells of equal prior probability. Crosses mark nearly empty cells: the VAE has none; the autoencoder has nine, in several places."
with plt.rc_context({"font.size": 13}):
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.3))
    for ax, name in zip(axes, ("VAE", "autoencoder"), strict=True):
        cells = counted[f"{name}, whitened"]
        shown = ax.imshow(cells, origin="lower", vmin=0, vmax=3, cmap="Blues")
        for row, column in (cells < 0.1).nonzero().tolist():
            ax.plot(column, row, "kx", markersize=9, markeredgewidth=2)
        ax.set(title=f"{name}, whitened", xlabel="quantile of $z_1$")
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
    axes[0].set_ylabel("quantile of $z_2$")
    fig.colorbar(shown, ax=axes, label="% of the codes")
    plt.show()

# %% tags=["claims"]
if on_mnist:
    assert holes["VAE"] <= 2 and holes["VAE, whitened"] <= 2
    assert holes["its means, whitened"] <= 2
    assert holes["autoencoder, whitened"] > holes["VAE, whitened"] + 2
    assert 1.5 < (of_means + by_noise).mean() < 2.6

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - The crosses mark holes. On MNIST the autoencoder has nine, the VAE none, whitened or
#   not, and its means one: *training* with noise and a rate has filled them here. (On the
#   digits both have some.)
# - But the VAE's aggregate isn't the prior either: by (7.5) its variance is nearer 2 than
#   1.
#
# </details>

# %% [markdown]
# ## 5. Twenty latents
#
# Two numbers are too few. From here on $K = 20$, in networks of the size that the
# PyTorch project's VAE example uses: 784-400-20.

# %%
K = 20
torch.manual_seed(0)
vae = models.VAE(
    models.mlp_encoder(784, 400, 2 * K), models.mlp_decoder(K, 400, 784)
)
models.start_at_mean(vae.decoder, x)
history = training.fit(vae, losses.negative_elbo, x, steps=1500, **schedule)

# %%
result = evaluation.evaluate(vae, losses.negative_elbo, test)
print("test:", ", ".join(f"{k} {v:.1f}" for k, v in result.items()), "nats")

# %% [markdown]
# With two latents the loss was 161.1 on MNIST. The rate has risen from about 5 to 24.6
# nats, and has bought about 75 nats of reconstruction term. (This network also had 1,500
# steps, not 800.)
#
# ### Reconstructions
#
# **Predict:** the code is noisy. How does an image decoded from a sampled $z$ differ from
# the one decoded from $\mu$? (a) Hardly at all. (b) Its strokes are bent or broken.
# (c) Now and then it is another digit.

# %% name="reconstructions" tags=["slide-figure"] alt="Three rows of the same eight digits: images, decoded from the mean, decoded from a sampled code. The last two rows are slightly softer than the images, and hardly differ from each other."
z, mu_8, _ = codes_of(vae, test[:8])
rows = {
    "image": test[:8],
    "from the mean": draw(vae.decoder, mu_8),
    "from a sample": draw(vae.decoder, z),
}
plotting.show_rows(rows)
plt.show()

# %% [markdown]
# To the eye, hardly at all: on MNIST only the first 1 gets thinner, and nearly breaks near
# its foot. The encoder is precise where the decoder needs it, and noisy where the noise
# changes little. In nats it matters: section 8.
#
# ### Samples
#
# To make an image, draw $z$ from the prior and decode it. That gives a *probability* for
# each pixel: the **mean image** of this $z$. A sample of the model is one step further:
# draw the pixels too.
#
# And is it new? Below each is the training image nearest to the *mean image*, by squared
# error.

# %%
torch.manual_seed(1)
mean_images = draw(vae.decoder, torch.randn(12, K))
errors = torch.cdist(mean_images.flatten(1), x.flatten(1)) ** 2  # (12, N)
print(f"squared error to the nearest, mean: {errors.amin(1).mean():.1f}")

# %% name="samples" tags=["slide-figure"] alt="Three rows of twelve. Mean images of codes from the prior: soft, about half clearly digits. The same with sampled pixels: ragged and black. The nearest training images: sharp digits of similar outline, none of them a copy."
rows = {
    "mean image": mean_images,
    "sampled pixels": torch.bernoulli(mean_images),
    "nearest training image": x[errors.argmin(1)],
}
with plt.rc_context({"font.size": 15}):
    plotting.show_rows(rows)
    plt.show()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - Many samples are digits, others lie between two.
# - Given $z$, the pixels are drawn *independently*. So what the code doesn't say shows as
#   speckles, not as another stroke. Papers mostly print mean images, often without saying
#   so.
# - The neighbours are similar, not equal: none of the twelve is a copy of one. (Their mean
#   squared error, 21.8 on MNIST, is no smaller than that of real test images: section 6
#   finds about 21 for those.)
#
# </details>
#
# ### Further: how much does "nearest" mean?
#
# It is measured pixel by pixel. Damage an image, or shift it by two pixels.
#
# **Predict:** which has the larger squared error: (a) the image with five lines cut out of
# its middle, (b) the shifted image, (c) both about the same?

# %% name="neighbours" tags=["slide-figure"] alt="Three pictures of a handwritten 4: the image; the same with five lines cut out of its middle, squared error 26.1; the same shifted two pixels to the right, hard to tell from the first, squared error 83.8."
image = test[4]
damaged = image.clone()
damaged[:, 13:18] = 0  # five lines are lost
pictures = {
    "image": image,
    "damaged": damaged,
    "shifted": image.roll(2, dims=2),
}
with plt.rc_context({"font.size": 14}):
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.9))
    for ax, (name, other) in zip(axes, pictures.items(), strict=True):
        error = (other - image).square().sum()
        plotting.show_grid(other[None], title=f"{name}\n{error:.1f}", ax=ax)
    plt.show()

# %% tags=["claims"]
far = (pictures["shifted"] - image).square().sum()
assert not on_mnist or far > 3 * (damaged - image).square().sum()

# %% [markdown]
# On MNIST the shifted digit, which looks the same, is three times as far away as the broken
# one: 83.8 against 26.1 (after Doersch, 2016). So the squared error is a poor judge both
# ways: a broken digit can be near, and a shifted one far away. Only a tiny error says that
# two images are alike.

# %% [markdown]
# ### What each latent is worth
#
# The rate is a sum over latents (6.6). Averaged over the test set, each latent has a
# price.
#
# **Predict:** how many of the 20 carry more than 0.05 nats?
# (a) Three to five. (b) About half. (c) Nearly all.

# %%
_, mu_test, logvar_test = codes_of(vae, test)
each = 0.5 * (mu_test**2 + logvar_test.exp() - 1 - logvar_test)
rates = each.mean(0)  # (K,), nats
ranked = rates.argsort(descending=True)
print(f"{(rates > 0.05).sum()} of {K} latents carry more than 0.05 nats:")
for ten in rates[ranked].split(10):
    print("".join(f"{rate:6.2f}" for rate in ten))

# %% tags=["claims"]
assert abs(rates.sum() - result["kl"]) < 0.01
assert not on_mnist or (rates > 0.05).sum() >= 17

# %% [markdown]
# Now move one latent at a time from −2.5 to 2.5, and leave the others where a test image
# put them: the two most expensive, and the cheapest.

# %% name="traversals" tags=["slide-figure"] alt="Three rows of ten images of a 4 while one latent moves. The costliest closes it to a 9, the second turns a faint loop into the 4; the cheapest, 0.12 nats, changes nothing."
shown = 4  # which test image
steps = torch.linspace(-2.5, 2.5, 10)
rows = {}
for k in [*ranked[:2].tolist(), ranked[-1].item()]:
    moved = mu_test[shown].repeat(10, 1)
    moved[:, k] = steps
    rows[f"$z_{{{k + 1}}}$: {rates[k]:.2f}\u00a0nats"] = draw(
        vae.decoder, moved
    )
with plt.rc_context({"font.size": 15}):
    plotting.show_rows(rows)
    plt.show()

# %% [markdown]
# Sliders for the five most expensive. They start at the code of the same image.


# %%
def moved_by(*values):
    """Return the test image with its costliest latents replaced."""
    z = mu_test[shown].clone()
    z[ranked[: len(values)]] = torch.tensor(values)
    return draw(vae.decoder, z[None])[0]


# %%
costly = ranked[:5]
names = [f"z{k + 1}" for k in costly.tolist()]
ranges = {name: (-2.5, 2.5) for name in names}
widgets.explorer(moved_by, ranges, start=mu_test[shown, costly])

# %% [markdown]
# <details><summary>What to notice</summary>
#
# On MNIST nearly all twenty carry something (here all; with another seed one may stay at
# 0). On the digits about half of them carry nothing. The expensive latents change much,
# the cheap one little.
#
# But a latent rarely has a *name*: slant, width and kind of digit change together. Nothing
# in the loss asks for names.
#
# </details>

# %% [markdown]
# ## 6. What is the prior good for?
#
# Lesson 1 decoded random codes of an autoencoder, and was disappointed. Repeat it with
# networks of the VAE's size, trained on the reconstruction term alone (800 steps, where
# the VAE had 1,500), and with two sources of codes: $\mathcal N(0, I)$, and a normal
# distribution *fitted* to the codes of the training images. To be fair, fit one to the
# VAE's codes as well.


# %%
def cross_entropy(model, x):
    return {"loss": losses.bernoulli_nll(model(x), x)}


# %%
torch.manual_seed(0)
ae = models.Autoencoder(
    models.mlp_encoder(784, 400, K), models.mlp_decoder(K, 400, 784)
)
models.start_at_mean(ae.decoder, x)
training.fit(ae, cross_entropy, x, steps=800, **schedule)

# %% [markdown]
# It reconstructs better than the VAE, which has to pay for precise codes, and so decodes
# noisy ones. (Most of the difference below is that noise: section 8.)

# %%
with torch.no_grad():
    codes_20 = ae.encoder(x)
ae_nll = evaluation.evaluate(ae, cross_entropy, test)["loss"]
print(f"test: autoencoder {ae_nll:.1f} nats, ", end="")
print(f"VAE's reconstruction term {result['reconstruction']:.1f} nats")

# %% [markdown]
# Draw 2,000 mean images of each kind. (From here on they are called samples, as in
# papers.) The same noise serves all four.

# %%
noise = torch.randn(2000, K)


def like(codes):
    """Return noise with the mean and covariance of codes (N, K)."""
    root = torch.linalg.cholesky(codes.T.cov())
    return codes.mean(0) + noise @ root.T


samples = {
    "VAE, prior": draw(vae.decoder, noise),
    "VAE, fitted": draw(vae.decoder, like(codes_of(vae, x)[0])),
    "autoencoder, N(0, I)": draw(ae.decoder, noise),
    "autoencoder, fitted": draw(ae.decoder, like(codes_20)),
}

# %% name="side-by-side" tags=["slide-figure"] alt="Four rows of eight samples. VAE, from the prior and from a fitted normal: nearly the same images, some digits. Autoencoder, from standard normal codes: pale, blurred shapes; from fitted ones: dark strokes, a few digits."
with plt.rc_context({"font.size": 15}):
    plotting.show_rows({n: drawn[:8] for n, drawn in samples.items()})
    plt.show()

# %% [markdown]
# Two measures, both meant to be smaller for better samples:
#
# - **Distance**, lesson 1's: the squared error to the nearest training image, on average.
#   It looks at each image by itself. (To save time: the first 500 of the 2,000 images
#   against 30,000 training images.)
# - **Fréchet distance:** take the first 30 principal components, fit one Gaussian to
#   training images and one to samples, with means $m_1, m_2$ and covariances $C_1, C_2$.
#   Their distance is
#   $\lVert m_1 - m_2 \rVert^2 + \operatorname{tr}(C_1 + C_2 - 2 (C_1 C_2)^{1/2})$. In one
#   dimension this is $(m_1 - m_2)^2 + (s_1 - s_2)^2$, with standard deviations $s$: it is 0
#   only if centres and widths agree. It looks at all images together. (The trace of the
#   root is the sum of the roots of the eigenvalues. The FID of papers is the same in
#   features of a trained network.)

# %% [markdown]
# The table below has three more rows. Real *test images* show what a sampler that drew
# real digits would get. The two *rebuilt* rows, reconstructions of test images, show what
# each model's blur alone does to a measure. (All this is one training of each, seed 0.)
#
# **Predict:** which samples have the smallest Fréchet distance?
# (a) The VAE's from its prior. (b) The VAE's from the fitted normal.
# (c) The autoencoder's from the fitted normal. (d) Two of these are about equal.

# %%
_, _, V = torch.pca_lowrank(x.flatten(1), q=30)


def frechet(images, others):
    """Return the Fréchet distance between Gaussians in 30 components."""
    (m1, C1), (m2, C2) = (
        (features.mean(0), features.T.cov())
        for features in ((i.flatten(1) @ V).double() for i in (images, others))
    )
    roots = torch.linalg.eigvals(C1 @ C2).real.clamp(min=0).sqrt()
    return (m1 - m2).square().sum() + (C1 + C2).trace() - 2 * roots.sum()


# %%
def distance(images):
    """Return the mean squared error to the nearest training image."""
    nearest = torch.cdist(images.flatten(1), x[:30_000].flatten(1)).amin(1)
    return nearest.square().mean()


# %% [markdown]
# Now measure all of them:

# %%
generator = torch.Generator().manual_seed(0)
real = test[torch.randperm(len(test), generator=generator)[:2000]]
rebuilt = {
    "VAE, rebuilt": draw(vae.decoder, codes_of(vae, real)[1]),
    "autoencoder, rebuilt": draw(ae.decoder, ae.encoder(real)),
}
compared = {"test images": real} | rebuilt | samples
near, alike = {}, {}
print(f"{'':22}distance  Fréchet distance")
for name, images in compared.items():
    near[name] = distance(images[:500]).item()
    alike[name] = frechet(images, x).item()
    print(f"{name:22}{near[name]:8.1f}{alike[name]:18.2f}")

# %% tags=["claims"]
fitted = alike["VAE, fitted"], alike["autoencoder, fitted"]
assert alike["VAE, prior"] < alike["autoencoder, N(0, I)"]
assert max(fitted) < alike["VAE, prior"]
assert near["VAE, prior"] < 0.95 * near["autoencoder, fitted"]
assert near["VAE, fitted"] < 0.95 * near["autoencoder, fitted"]
assert near["VAE, prior"] > near["VAE, rebuilt"]
assert near["autoencoder, fitted"] > near["autoencoder, rebuilt"]
by_blur = near["autoencoder, rebuilt"] - near["VAE, rebuilt"]
lead = near["autoencoder, fitted"] - near["VAE, prior"]
assert 0 < by_blur < 0.5 * lead
if on_mnist:
    assert 0.7 < fitted[0] / fitted[1] < 1.4
    assert near["autoencoder, N(0, I)"] < near["test images"]

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - By the Fréchet distance it is (d) on MNIST: with a fitted normal, both models are about
#   equally good (1.51 and 1.49), and better than the VAE with its prior (2.34). The fit
#   removes the part of the gap between aggregate and prior that is in mean and covariance.
# - By distance the VAE's samples are better (25.3 and 24.7, against 30.0). The smaller part
#   of that is blur: its reconstructions are nearer, too (15.3 against 16.7).
# - The rest fits what lesson 1 said: two distributions can share mean and covariance, and
#   differ in all else. The autoencoder's samples have about the right mean and covariance
#   as a *collection* (1.49, against 26.50 without the fit). But a normal distribution also
#   visits places between the codes, where the decoder was never trained. (And 1.49 is
#   still six times the 0.23 of test images.)
#
# </details>

# %% [markdown]
# Neither measure is a judge. By distance, pale blots from $\mathcal N(0, I)$ beat real
# images on MNIST, as blur is near to everything. And had the decoder stored the training
# set, samples would lie very near to it. They lie further away than even reconstructions
# of *unseen* images do: nothing suggests that it is stored. (A shifted copy would escape
# this test.)

# %% [markdown]
# So "a VAE can sample, an autoencoder can't" is too simple. (Ghosh et al., 2020, report
# samples comparable to VAEs', or better, for regularised autoencoders with a density
# fitted afterwards.) What the VAE does have:
#
# - The prior is known *before* training. Nothing has to be fitted, and the loss works
#   against a gap between aggregate and prior.
# - Its loss is a **bound on $\log p(x)$**. Two VAEs with the same *kind* of likelihood
#   (say, both Bernoulli) can be compared by it on unseen images, as far as their gaps are
#   alike. An autoencoder's loss falls as $K$ grows, whatever its samples look like.
# - Its codes have a **price** in nats. It uses as many latents as pay for themselves.
#
# Both lack latents with names (section 5), and a guarantee that the way between two codes
# passes through digits (section 7).

# %% [markdown]
# Be careful with words, too. $p(z)$ is *not* the distribution that the encoder learned:
# it was chosen before. What the encoder learned is the aggregate $q(z)$.

# %% [markdown]
# ## 7. Between two images
#
# Encode two images, walk in a straight line from one $\mu$ to the other, and decode on
# the way. For comparison, the same walk in pixels.
#
# **Predict:** what will be half-way between two different digits?
# (a) Always a digit, perhaps a third one. (b) One digit faded into the other, as in
# pixels. (c) That depends on the two digits.

# %% name="interpolation" tags=["slide-figure"] alt="Two walks of ten steps, each in codes and in pixels. In codes a 1 becomes a 3, nearly every step a digit; between a 7 and a 2 the middle is a grey blur. In pixels images just fade."
times = torch.linspace(0, 1, 10)
rows = {}
for start, end in ((14, 93), (0, 1)):  # pairs of test images
    pair = " to ".join(
        str(dataset.test_labels[i].item()) for i in (start, end)
    )
    codes = torch.lerp(mu_test[start], mu_test[end], times[:, None])
    rows[f"{pair}: codes"] = draw(vae.decoder, codes)
    images = torch.lerp(test[start], test[end], times[:, None, None, None])
    rows[f"{pair}: pixels"] = images
with plt.rc_context({"font.size": 15}):
    plotting.show_rows(rows)
    plt.show()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# It is (c). In pixels, one image always fades while the other appears. In codes, the 1
# *turns into* the 3: each step is a digit, or nearly. Between the 7 and the 2 there is a
# stretch of grey. Nothing in the loss asks the straight line between two codes to pass
# through digits. Try your own pairs.
#
# </details>
#
# ### Further: round the shell
#
# A straight line has another weakness. How long are codes? For independent
# $z, z' \sim \mathcal N(0, I)$ the squares add up:
#
# $$\mathbb E \lVert z \rVert^2 = K , \qquad
# \mathbb E \big\lVert \tfrac12 (z + z') \big\rVert^2 = \tfrac{K}{2} . \tag{7.6}$$

# %%
# Check (7.6)
one, two = torch.randn(2, 100_000, K)
lengths = torch.stack([one, (one + two) / 2], 1).square().sum(2)
verify.sampled("7.6", lengths, torch.tensor([K, K / 2]))

# %% [markdown]
# So random codes lie in a shell of radius about $\sqrt K = 4.5$. It is thin:
# each $z_k^2$ has the variance 2, so $\lVert z \rVert^2$ has the standard deviation
# $\sqrt{2K}$. A small change of $r^2$ is $2r$ times that of $r$, so the length varies by
# about $\sqrt{2K} / (2 \sqrt K) = 0.7$, whatever $K$. A straight line between two of them leaves the shell, down to
# $\sqrt{K / 2} = 3.2$. An arc stays in it. **Spherical interpolation** (slerp) goes along
# the great circle. With $\Omega$, the angle between two codes $a$ and $b$ (no logits
# here),
#
# $$\operatorname{slerp}(a, b, t) = \frac{\sin((1 - t)\, \Omega)}{\sin \Omega}\, a
# + \frac{\sin(t\, \Omega)}{\sin \Omega}\, b . \tag{7.7}$$
#
# For vectors of equal length this is a rotation of $a$ by the angle $t\, \Omega$. (For
# $\Omega \to 0$ it becomes the straight line. For opposite codes it is undefined.)

# %% [markdown]
# The check rotates $a$ in another way. Let $c$ be the unit vector orthogonal to $a$, in the
# plane of $a$ and $b$ (`across`). The matrix $T = c\, a^\top - a\, c^\top$ (`turn`) takes
# $a$ to $c$, and $c$ to $-a$: in this plane it is a quarter turn. So by its power series
# $e^{\varphi T} a = \cos \varphi\; a + \sin \varphi\; c$, which is $a$ turned by the angle
# $\varphi$.

# %%
# Check (7.7)
a, b = torch.randn(2, K, dtype=torch.float64)
a, b = a / a.norm(), b / b.norm()
omega = torch.acos(a @ b)
across = (b - (a @ b) * a) / omega.sin()  # orthogonal to a, of length 1
turn = torch.outer(across, a) - torch.outer(a, across)
t = torch.tensor([[0.0], [0.3], [0.5], [1.0]], dtype=torch.float64)
arc = torch.sin((1 - t) * omega) * a + torch.sin(t * omega) * b
rotated = [torch.linalg.matrix_exp(s * omega * turn) @ a for s in t]
verify.equal("7.7", arc / omega.sin(), torch.stack(rotated))

# %% [markdown]
# Now along the arc from the 7 to the 2. (The straight line is in the figure above.)

# %%
a, b = mu_test[:2]
omega = torch.acos((a @ b) / (a.norm() * b.norm()))
t = times[:, None]
arc = (torch.sin((1 - t) * omega) * a + torch.sin(t * omega) * b) / omega.sin()
paths = {"straight": torch.lerp(a, b, t), "spherical": arc}

# %% alt="A row of ten steps along the arc from a 7 to a 2. The images in the middle are dark, broken pieces of strokes, no digits."
plotting.show_rows({"spherical": draw(vae.decoder, arc)})
plt.show()
for name, codes in paths.items():
    shortest = codes.norm(dim=1).min()
    print(
        f"{name:9} ends {a.norm():.2f}, {b.norm():.2f}, least {shortest:.2f}"
    )

# %% [markdown]
# And on average over the test images:

# %%
half_way = (mu_test + mu_test.roll(1, dims=0)) / 2
sampled = codes_of(vae, test)[0]
kinds = {"sampled codes": sampled, "means": mu_test, "half-way": half_way}
for name, codes in kinds.items():
    print(f"{name:13} mean length {codes.norm(dim=1).mean():.2f}")

# %% tags=["claims"]
lengths = {n: codes.norm(dim=1).mean() for n, codes in kinds.items()}
assert lengths["half-way"] < 0.85 * lengths["means"]
assert arc[5].norm() > 0.95 * min(a.norm(), b.norm())

# %% [markdown]
# The straight line does leave the shell, the arc does not. It helps little here: between
# this 7 and this 2 neither way shows digits all along. A code of the right length may
# still lie where there are no images. White (2016) recommends arcs for larger models.
# Measure the lengths to know how far from the shell you are.

# %% [markdown]
# ## 8. A number and its protocol
#
# The PyTorch project's VAE example has the size of our model. On grey MNIST, one run of it
# ended at a test loss of 105.6 after 10 epochs (4,690 steps). Ours ended at 105.0 after
# 1,500 steps. State the protocol: trained on all 60,000 images with Adam, batches of 128, learning rate
# $4 \cdot 10^{-3}$; pixels grey, taken as probabilities; all test images; *one sampled*
# $z$ per image; nats per image; one training, seed 0. And say what was tuned: GELU, the
# cosine schedule, the start at the average training image. These settings were chosen by looking at
# the test loss, which makes it look a little too good. So a lead of half a nat, of one
# run over one run, is no ranking.

# %%
each_image = losses.negative_elbo(vae, test)["loss"].detach()
standard_error = each_image.std() / len(test) ** 0.5
print(f"{len(test)} test images of {dataset.name}: {result['loss']:.2f} nats")
print(f"standard error over images: {standard_error:.2f}")

# %%
again = [
    evaluation.evaluate(vae, losses.negative_elbo, test, seed=seed)["loss"]
    for seed in range(1, 5)
]
print("other draws of z:", ", ".join(f"{value:.2f}" for value in again))

# %% tags=["claims"]
assert not on_mnist or result["loss"] < 105.6

# %% [markdown]
# The draw of $z$ hardly matters over so many images. Which test images one happens to
# have matters more. (Another training seed moves the result as well, by a few tenths. And
# the error is that of *one* loss. Two models tested on the same images share much of it:
# for them take the standard error of the differences, image by image.)
#
# ### What if the test decodes the mean?
#
# Some code decodes $z = \mu$ in the test, without noise. **Predict:** what does that do
# to our test loss?
# (a) It changes by a few tenths. (b) It falls by about one nat. (c) It falls by more than
# five nats.

# %%
with torch.no_grad():
    nll_at_mu = losses.bernoulli_nll(vae.decoder(mu_test), test)
    at_mu = nll_at_mu + losses.gaussian_kl(mu_test, logvar_test)
discount = result["loss"] - at_mu.mean().item()
print(f"sampled z: {result['loss']:.1f}, z = mu: {at_mu.mean():.1f} nats")
print(f"discount {discount:.1f} nats")

# %% [markdown]
# It is (c): it falls by 8.3 nats, and the model is the same. Is this a better estimate of
# $-\log p(x)$? With two latents we know $-\log p(x)$, and no upper bound may be below it.
# (`mu`, `logvar`, `elbo` and `log_likelihood` are section 3's: two latents, 20 images.)

# %%
at_mu_2 = -log_likelihood(mu).diagonal() + losses.gaussian_kl(mu, logvar)
for name, value in {"-ELBO": -elbo, "value at mu": at_mu_2}.items():
    below = (value < -log_evidence).sum()
    print(f"{name:11} below -log p(x): {below:2} of 20 images")

# %% tags=["claims"]
assert at_mu.mean() < result["loss"] - 2
assert (elbo < log_evidence).all()
assert (at_mu_2 < -log_evidence).sum() > 5

# %% [markdown]
# The value at $\mu$ is *not a bound*. It pays the rate of a coarse code, and decodes a
# precise one. Whoever reports it claims a likelihood that the model doesn't have.
# (Decoding $\mu$ for a *picture* is fine.) In exercise 3 you measure the discount of each
# image.

# %% [markdown]
# ### Further: how large is the discount?
#
# Let $h_k$ be the second derivative of $-\log p(x \mid z)$ in
# $z_k$, at $\mu$. The noise has mean 0 and independent entries, so the first-order and
# the mixed terms average out. To second order, it adds $\frac12 \sum_k \sigma_k^2 h_k$ to
# the reconstruction term. Suppose that the encoder has found the $\sigma_k^2$ which
# minimises the sum of that and its rate,
# $\frac12 (\sigma_k^2 h_k + \sigma_k^2 - \log \sigma_k^2)$. The derivative is 0 where
# $\sigma_k^2 h_k = 1 - \sigma_k^2$. Then the discount is $\frac12 \sum_k (1 -
# \sigma_k^2)$: up to half a nat for each latent, as $\sigma_k^2$ is small. It need not
# hold for each image (section 3). On average:

# %%
expected = 0.5 * (1 - logvar_test.exp()).sum(1).mean()
print(f"discount: measured {discount:.2f}, expected {expected:.2f} nats")

# %% tags=["claims"]
assert abs(discount - expected) < 0.1 * expected

# %% [markdown]
# It grows with the number of latents in use: at $\mu$, a model that uses more of them
# looks better than it is.

# %% [markdown]
# ### Further: more samples of z
#
# (7.2) takes one sample. With $S$ samples per image, the estimates are averaged. Given
# the images, the samples are independent, so
#
# $$\operatorname{Var}\Big[\frac1S \sum_{s=1}^S \ell(x, \epsilon_s)\Big]
# = \tfrac1S \operatorname{Var}[\ell(x, \epsilon)] . \tag{7.8}$$

# %%
with torch.no_grad():
    many = test[:1].repeat(12_800, 1, 1, 1)
    draws = losses.negative_elbo(vae, many)["loss"].double()  # one image
variance = draws.var()
print(f"S = 1: variance {variance:.2f}")

# %%
# Check (7.8)
for S in (4, 16):
    means = draws.view(-1, S).mean(1)
    print(f"S = {S}: variance {means.var():.2f}, 1/S of it {variance / S:.2f}")
    verify.sampled("7.8", (means - means.mean()) ** 2, variance / S)

# %% [markdown]
# The same holds for the gradient. But is it worth the price? With the encoder run again
# for each sample, as here, $S$ samples cost as much as a batch that is $S$ times larger.
# (Run it once for four samples of 128 images, and the price is
# $\frac12 \cdot 128 + \frac12 \cdot 512 = 320$ images: half of the work is the decoder's.)
#
# **Predict:** when the encoder runs again for each sample, which gives the less noisy
# gradient at equal cost?
# (a) More samples. (b) More images. (c) Both the same.


# %%
def gradient_noise(batch_size, S, fresh=True):
    """Return the variance of the loss's gradient, summed over weights."""
    rows = []
    for _ in range(20):
        chosen = torch.randint(len(x), (batch_size,)) if fresh else batch
        images = x[chosen].repeat(S, 1, 1, 1)
        loss = losses.negative_elbo(vae, images)["loss"].mean()
        gradients = torch.autograd.grad(loss, list(vae.parameters()))
        rows.append(torch.cat([g.flatten() for g in gradients]))
    return torch.stack(rows).var(0).sum().item()


# %%
torch.manual_seed(3)
batch = torch.arange(128)
noise_of = {
    "the same 128 images, S = 1": gradient_noise(128, 1, fresh=False),
    "the same 128 images, S = 4": gradient_noise(128, 4, fresh=False),
    "128 random images,   S = 1": gradient_noise(128, 1),
    "128 random images,   S = 4": gradient_noise(128, 4),
    "320 random images,   S = 1": gradient_noise(320, 1),
    "512 random images,   S = 1": gradient_noise(512, 1),
}
for name, value in noise_of.items():
    print(f"{name}: {value:6.1f}")

# %% tags=["claims"]
values = list(noise_of.values())
assert values[1] < 0.5 * values[0]
assert values[5] < values[3] < values[2]
assert not on_mnist or 0.6 < values[4] / values[3] < 1.5

# %% [markdown]
# (b). With the images held fixed, four samples quarter the variance, about, as (7.8) says.
# With random images they only halve it: the images' own spread stays. For the same price,
# 512 images do better, since they average over $z$ *and* over images. If the encoder runs
# once, the rival is 320 images, and the two come out about equal here. So $S = 1$ is
# simpler, and loses nothing. ($S > 1$ has its place where samples are weighted: lesson 9.)

# %% [markdown]
# ## 9. Is it a VAE?
#
# Much code that is called a VAE isn't one. Signs that something is missing:
#
# - **The decoder gets the encoder's output directly.** No sampling: an autoencoder.
# - **The same $K$ numbers used as $\mu$ and as $\log \sigma^2$:** the place of a code then
#   fixes its width.
# - **A ReLU on the heads:** $\mu \ge 0$ leaves one of the $2^K$ combinations of signs,
#   $\log \sigma^2 \ge 0$ makes every $\sigma$ at least 1.
# - **A loss of squared errors alone.** No rate: the encoder makes $\sigma$ tiny, and the
#   prior means nothing. (With a rate, squared errors are legitimate: lesson 8.)
# - **A "likelihood" with the mean and standard deviation of the whole batch,** such as
#   `Normal(x_hat.mean(), x_hat.std()).log_prob(x)`. What the decoder says about a single
#   pixel is lost.
# - **The ELBO minimised**, or the KL with its sign turned. The loss runs to $-\infty$.

# %% [markdown]
# One measurement exposes the first, without reading the code: does noise move the
# output? Leave the model in training mode (some return $\mu$ in evaluation), and switch
# dropout off, which is noise too.


# %%
class NotAVAE(models.VAE):
    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decoder(mu), mu, logvar


# %%
impostor, moved = NotAVAE(vae.encoder, vae.decoder), {}
for name, model in (("VAE", vae), ("impostor", impostor)):
    with torch.no_grad():
        (first, *heads), (second, *_) = model(test[:200]), model(test[:200])
    moved[name] = (first != second).float().mean().item()
    rate = losses.gaussian_kl(*heads).mean()
    print(f"{name:9} noise moves {moved[name]:4.0%} of the logits, ", end="")
    print(f"rate {rate:.1f} nats")

# %% tags=["claims"]
assert moved["VAE"] > 0.99 and moved["impostor"] == 0

# %% [markdown]
# The rate says nothing here: the impostor has the VAE's encoder. But a rate of hundreds
# of nats betrays a missing price. With no rate in the loss nothing keeps it down.

# %% [markdown]
# ## Further: with convolutions
#
# Nothing in the ELBO knows what the networks look like. Exchange them for lesson 4's.

# %%
torch.manual_seed(0)
conv = models.VAE(models.conv_encoder(2 * K), models.conv_decoder(K))
models.start_at_mean(conv.decoder, x)
options = schedule | {"steps": 500, "lr": 1e-2}
training.fit(conv, losses.negative_elbo, x, **options)

# %%
conv_result = evaluation.evaluate(conv, losses.negative_elbo, test)
for name, model, loss in (
    ("MLP", vae, result["loss"]),
    ("convolutional", conv, conv_result["loss"]),
):
    size = sum(p.numel() for p in model.parameters())
    print(f"{name:14} {size:7,} parameters, test {loss:.1f} nats")

# %% tags=["claims"]
assert not on_mnist or conv_result["loss"] < result["loss"] + 6

# %% [markdown]
# On MNIST, a sixth of the parameters and a third of the steps, for a loss 3 nats higher
# (with another learning rate). Its steps are slower, as in lesson 4.

# %% [markdown]
# ## Further: your own data
#
# Nothing in `VAE` or `fit` asks for digits. They ask for one tensor in $[0, 1]$:
# images $(N, C, H, W)$ of any size, grey or coloured. Two functions make it, and say
# what they did:
#
# - `data.from_folder(path)` reads a folder of pictures. With `size=(32, 32)` they may
#   have any sizes; `grey=True` drops the colours.
# - `data.from_arrays(images)` takes NumPy arrays, tensors, lists, or a PyTorch
#   `Dataset`; bytes or floats, with or without a dimension for channels.
#
# Write the path of your folder into the next cell. While it is empty, digits printed
# in random colours stand in.

# %%
folder = ""  # such as "pictures/shells"
torch.manual_seed(0)
tints = torch.rand(1000, 3, 1, 1)  # a colour for each digit
if folder:
    own = data.from_folder(folder, size=(32, 32))
else:
    own = data.from_arrays(1 - x[:1000] * (1 - tints))  # on white paper

# %% [markdown]
# Hold a fifth back, and tell encoder and decoder an image's shape. The loss stands beside
# that of the best constant: the average training image, whatever the input.

# %%
shuffled = own[torch.randperm(len(own))]
own_test, own_train = shuffled.tensor_split([max(1, len(own) // 5)])
shape = own.shape[1:]  # (C, H, W)
own_vae = models.VAE(
    models.conv_encoder(2 * K, image_shape=shape),
    models.conv_decoder(K, image_shape=shape),
)
models.start_at_mean(own_vae.decoder, own_train)
settings = {"steps": 900, "batch_size": 64, "lr": 1e-2}
settings["lr_schedule"] = training.cosine
training.fit(own_vae, losses.negative_elbo, own_train, **settings)
own_loss = evaluation.evaluate(own_vae, losses.negative_elbo, own_test)["loss"]
constant = torch.logit(own_train.mean(0), eps=1e-3).expand_as(own_test)
worst = losses.bernoulli_nll(constant, own_test).mean()
print(f"{len(own_train)} images to learn from, {len(own_test)} held out")
print(f"VAE {own_loss:.0f} nats per held-out image, constant {worst:.0f}")

# %% [markdown]
# From top to bottom: held-out pictures, their reconstructions, samples from the prior.

# %% alt="Three rows of eight small pictures. Digits in one colour each, on white; the VAE's reconstructions, the same shapes in colours that are only roughly right; its samples, soft coloured strokes of which few are digits."
with torch.no_grad():
    pictures = [own_test[:8], own_vae.reconstruct(own_test[:8])]
    pictures += [torch.sigmoid(own_vae.decoder(torch.randn(8, K)))]
plt.figure(figsize=(4, 1.6))
plotting.show_grid(torch.cat(pictures), columns=8)
plt.show()

# %% [markdown]
# What to change for data of your own:
#
# - **Few pictures** (hundreds): a smaller $K$, fewer steps, and a look at training and
#   held-out loss side by side (`validation=`).
# - **Large pictures:** a step costs in proportion to the pixels. Begin with 32 or 64
#   a side.
# - **The loss in nats** depends on size and colours: compare it only between models of
#   the same images. For pixels that aren't 0 or 1 it is a cross-entropy (lesson 8).
# - **Vectors $(N, D)$:** `models.mlp_encoder(D, 64, 2 * K)` and `models.mlp(K, 64, D)`.
#   Numbers outside $[0, 1]$ go with `losses.squared_error` in place of the Bernoulli
#   term.

# %% [markdown]
# ## Exercises
#
# The first two are in section 1.
#
# ### Exercise 3: the discount at the mean
#
# Section 8 found the discount of the whole test set. Measure it for each image, with $S$
# draws of the noise: the mean of the reconstruction terms at $z = \mu + \sigma
# \epsilon_s$, minus the reconstruction term at $z = \mu$. (The rate is the same in both,
# and cancels.) The draws are given, so that all right answers agree.
#
# <details><summary>Hint</summary>
#
# The decoder takes codes (n, K). So decode the draws one after the other, or as one long
# batch. What has to be averaged: codes, images or losses?
#
# </details>


# %%
def mu_discount(decoder, x, mu, logvar, eps):
    """Return what decoding mu takes off each image's loss, in nats: (B,).

    decoder: codes (n, K) to logits (n, 1, H, W); x: (B, 1, H, W)
    mu, logvar: (B, K); eps: (S, B, K), S draws of noise for each image
    """

    # BEGIN SOLUTION
    def nll(z):
        logits = decoder(z)
        each = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
        return each.flatten(1).sum(1)

    sigma = torch.exp(0.5 * logvar)
    sampled = torch.stack([nll(mu + sigma * one) for one in eps])  # (S, B)
    return sampled.mean(0) - nll(mu)
    # END SOLUTION


checks.mu_discount(mu_discount)

# %% [markdown]
# With your function, find the least and the largest discount among the first 500 test
# images, each with its standard error. (In a new cell, and under `torch.no_grad()`, call it
# 50 times on `vae.decoder`, `test[:500]`, `mu_test[:500]` and `logvar_test[:500]`, with one
# draw each, `eps` of shape (1, 500, K): 50 results for each image.) Is it ever negative?
# (Picked from 500 noisy estimates, the least is a little too low, and the largest too
# high.)
#
# <details><summary>What to notice</summary>
#
# On MNIST the discounts go from about 5 to about 14 nats, with a mean of about 8, and none
# is negative.
#
# </details>

# %% tags=["solution"]
with torch.no_grad():
    heads = vae.encode(test[:500])
    each_draw = [
        mu_discount(vae.decoder, test[:500], *heads, eps[None])
        for eps in torch.randn(50, 500, K)
    ]
found = torch.stack(each_draw)  # (50, 500)
discounts, errors = found.mean(0), found.std(0) / 50**0.5
for i in (discounts.argmin(), discounts.argmax()):
    print(f"image {i:3}: {discounts[i]:5.2f} ± {errors[i]:.2f} nats")
print(f"mean {discounts.mean():.2f} nats, negative {(discounts < 0).sum()}")

# %% [markdown]
# ### Exercise 4: slerp
#
# This one goes with the *Further* part of section 7. Write (7.7) for one $t$, and make it
# safe: for parallel codes $\Omega = 0$, and the formula is 0/0. There, return the point on
# the straight line.
#
# <details><summary>Hint</summary>
#
# $\cos \Omega$ is the product of *unit* vectors, and rounding can push it above 1:
# `clamp`.
#
# </details>


# %%
def slerp(a, b, t):
    """Return the point at t in [0, 1] on the arc from a to b: (K,).

    a, b: codes (K,) of any length; t: a float
    """
    # BEGIN SOLUTION
    cosine = (a / a.norm()) @ (b / b.norm())
    omega = torch.acos(cosine.clamp(-1, 1))
    if omega < 1e-3:
        return torch.lerp(a, b, t)
    first, second = torch.sin((1 - t) * omega), torch.sin(t * omega)
    return (first * a + second * b) / torch.sin(omega)
    # END SOLUTION


checks.slerp(slerp)

# %% [markdown]
# ### And now without looking
#
# (Allow 20 minutes, best on another day.) Close the notebook. On paper, go from $\log p(x)$ to (7.2), with a reason at each line.
# Then open a new notebook, write `VAE` and its loss from memory, and compare the loss
# with `losses.negative_elbo` under one seed. Where you get stuck, the table at the head of
# section 1 says where to look.

# %% [markdown]
# ## Summary
#
# - A VAE is an autoencoder with noise in its code and a price on it. Its loss is the
#   reconstruction term plus the rate, which is minus the ELBO.
# - In training the rate rises and the reconstruction term falls. Report both.
# - Samples come from the prior. They are mean images unless the pixels are drawn as
#   well.
# - The aggregate of the codes is pulled towards the prior, but doesn't match it.
# - What a VAE has beyond an autoencoder: a prior known beforehand, a bound on
#   $\log p(x)$, a price for each latent.
# - A test loss needs its protocol. At $z = \mu$ it is not a bound: ours came out
#   8.3 nats lower.
#
# **Next:** lesson 8 asks what the likelihood means, and what happens when the two
# terms are weighted differently.

# %% [markdown]
# ## References
#
# - D. P. Kingma, M. Welling. *Auto-encoding variational Bayes.* ICLR 2014,
#   arXiv:1312.6114.
# - D. J. Rezende, S. Mohamed, D. Wierstra. *Stochastic backpropagation and
#   approximate inference in deep generative models.* ICML 2014, arXiv:1401.4082.
# - C. Doersch. *Tutorial on variational autoencoders.* arXiv:1606.05908, 2016. The ring,
#   and the shifted digit.
# - The PyTorch project. *Basic VAE example*, in the repository `pytorch/examples`.
# - M. D. Hoffman, M. J. Johnson. *ELBO surgery: yet another way to carve up the
#   variational evidence lower bound.* NIPS workshop on advances in approximate
#   Bayesian inference, 2016. The aggregate posterior.
# - P. Ghosh, M. S. M. Sajjadi, A. Vergari, M. Black, B. Schölkopf. *From variational
#   to deterministic autoencoders.* ICLR 2020, arXiv:1903.12436.

# %% [markdown]
# Uses:
#
# - R. Rombach, A. Blattmann, D. Lorenz, P. Esser, B. Ommer. *High-resolution image
#   synthesis with latent diffusion models.* CVPR 2022, arXiv:2112.10752.
# - H. Xu, W. Chen, N. Zhao, and others. *Unsupervised anomaly detection via variational
#   auto-encoder for seasonal KPIs in web applications.* WWW 2018, arXiv:1802.03903.
# - R. Gómez-Bombarelli, J. N. Wei, D. Duvenaud, and others. *Automatic chemical design
#   using a data-driven continuous representation of molecules.* ACS Central Science 4
#   (2018), 268–276.

# %% [markdown]
# Measures and paths:
#
# - D. C. Dowson, B. V. Landau. *The Fréchet distance between multivariate normal
#   distributions.* Journal of Multivariate Analysis 12 (1982), 450–455.
# - M. Heusel, H. Ramsauer, T. Unterthiner, B. Nessler, S. Hochreiter. *GANs trained by
#   a two time-scale update rule converge to a local Nash equilibrium.* NIPS 2017. The
#   FID.
# - K. Shoemake. *Animating rotation with quaternion curves.* SIGGRAPH 1985, 245–254.
# - T. White. *Sampling generative networks.* arXiv:1609.04468, 2016. Slerp between
#   codes.
