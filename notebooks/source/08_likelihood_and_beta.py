# %% [markdown]
# # 8. Likelihood and β
#
# After this lesson you can
#
# - say what a cross-entropy on grey pixels is a bound on, and what it is not;
# - choose between grey, static and dynamic binarisation, a Gaussian and the continuous
#   Bernoulli, and say what each choice does to samples and rate;
# - read the effective β off any loss, from its reductions and weights;
# - draw a rate-distortion curve, and say what its slope means.
#
# **Builds on:** [lesson 7](07_variational_autoencoder.ipynb), the VAE and its two
# terms; [lesson 5](05_evidence_lower_bound.ipynb), the bound and probabilistic PCA.
#
# **You should know:** the densities of Bernoulli and normal variables; that a density
# can exceed 1; eigenvalues of a covariance (lesson 1).
#
# **Time:** 130 minutes for the core, 35 for the exercises, 10 for what is headed
# *Further*. It runs in a minute.
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
D, K = 784, 20  # pixels, latents

# %% [markdown]
# ## 1. Grey pixels in a cross-entropy
#
# Lesson 7 trained on grey pixels with a Bernoulli likelihood, and promised to ask what
# that means. The loss of a pixel $x$, for the decoder's $\lambda = \operatorname{sigmoid}(a)$, is
#
# $$-x \log \lambda - (1 - x) \log (1 - \lambda) .$$
#
# If it is minus the log of a density in $x$, then
# $\lambda^x (1 - \lambda)^{1 - x}$ has the integral 1 over $[0, 1]$.
#
# **Predict:** does it, for $\lambda = \frac12$?
#
# Since $a = \log \lambda - \log(1 - \lambda)$, the integrand is
# $(1 - \lambda)\, e^{a x}$. Its integral is $(1 - \lambda)(e^a - 1) / a$, and
# $(1 - \lambda)\, e^a = \lambda$. So, since $\lvert \tanh u \rvert \le \lvert u \rvert$,
#
# $$\int_0^1 \lambda^x (1 - \lambda)^{1 - x}\, dx
# = \frac{2 \lambda - 1}{a} = \frac{\tanh(a / 2)}{a} \le \frac12 . \tag{8.1}$$

# %%
# Check (8.1)
from numpy.polynomial.legendre import leggauss

nodes, weights = map(torch.tensor, leggauss(60))
nodes, weights = (nodes + 1) / 2, weights / 2  # from [-1, 1] to [0, 1]
all_a = torch.tensor([-30.0, -4, -1, -1e-3, 0.5, 2, 12]).double()[:, None]
lams = torch.sigmoid(all_a)
by_quadrature = (lams**nodes * (1 - lams) ** (1 - nodes)) @ weights  # (7,)

# %%
a, lam = all_a[:, 0], lams[:, 0]
mass = (2 * lam - 1) / a
torch.testing.assert_close(by_quadrature, mass, rtol=0, atol=1e-8)
torch.testing.assert_close(torch.tanh(a / 2) / a, mass, rtol=0, atol=1e-8)
assert (mass < 0.5).all() and mass[3] > 0.499999

# %% [markdown]
# At $\lambda = \frac12$ the integrand is $\frac12$ everywhere, so the integral is
# $\frac12$, and that is the largest value. The product over 784 pixels has a mass of at
# most $2^{-784}$. A log-density would be at least $784 \log 2 = 543$ nats higher.
#
# So grey cross-entropy is **no negative log-density of the image**. It must not be
# compared with one, such as a Gaussian's.

# %%
import math

missing = D * math.log(2)
print(f"at least {missing:.0f} nats an image are unaccounted for")
assert 543 < missing < 544

# %% [markdown]
# ### Exercise 1: the normaliser
#
# (8.1) for a tensor of logits, safe where the decoder is undecided: at $a = 0$ the
# formula is 0/0. The result is wanted to four digits, for any $a$, with a finite gradient.
#
# <details><summary>Hint</summary>
#
# $\tanh(u) \approx u$ for small $u$. `torch.where` chooses; but it computes both sides,
# and a NaN in the side that is not chosen spoils the gradient. Put a harmless number in
# place of small $a$ first.
#
# </details>

# %%
from course_lib import checks


def bce_normaliser(logits):
    """Return (8.1) for each logit, with a finite gradient: (...)."""
    # BEGIN SOLUTION
    small = logits.abs() < 1e-3
    safe = torch.where(small, torch.ones_like(logits), logits)
    return torch.where(small, 0.5, torch.tanh(safe / 2) / safe)
    # END SOLUTION


checks.bce_normaliser(bce_normaliser)

# %% [markdown]
# ### And yet it is a bound
#
# Read the grey value as a probability of ink, and let $b$ be a **binarised** image:
# each pixel black with probability $x_d$, independently. The cross-entropy is linear
# in $x$, and $\mathbb E[b] = x$. So
#
# $$-x \log \lambda - (1 - x) \log (1 - \lambda)
# = \mathbb E_{b \sim \operatorname{Bernoulli}(x)} \big[ -\log p(b \mid z) \big] .
# \tag{8.2}$$
#
# The decoder is judged on binary images, all of them at once, without noise.

# %%
# Check (8.2)
from torch.distributions import Bernoulli, Normal

grey = torch.tensor([0.2, 0.5, 0.9]).double()  # an image of three pixels
bits = torch.cartesian_prod(*[torch.arange(2.0).double()] * 3)  # (8, 3), all
chance = Bernoulli(grey).log_prob(bits).sum(1).exp()  # (8,), of each b
three_logits = torch.tensor([-1.0, 0.3, 2.0]).double()

# %%
nll = -Bernoulli(logits=three_logits).log_prob(bits).sum(1)  # (8,)
formula = nn.functional.binary_cross_entropy_with_logits(
    three_logits, grey, reduction="sum"
)
torch.testing.assert_close(chance @ nll, formula, rtol=0, atol=1e-8)

# %% [markdown]
# Now the ELBO. The encoder sees the grey image. Lesson 5's bound allows *any* $q$, also
# one that has seen something else than $b$. So for each $b$ the gap is (5.11)'s, and on
# average over $b$
#
# $$\mathcal L_{\text{grey}}(x)
# = \mathbb E_b \Big[ \log p(b)
# - \mathrm{KL}\big( q(z \mid x) \,\Vert\, p(z \mid b) \big) \Big]
# \le \mathbb E_b \big[ \log p(b) \big] . \tag{8.3}$$
#
# So it *is* a bound: on the expected log-probability of the binarised image. The check
# takes all eight binary images of three pixels, and one latent, on a grid.

# %%
# Check (8.3)
codes = torch.linspace(-12, 12, 6001).double()
weight = torch.tensor([1.5, -0.7, 2.0]).double()
p_pixel = Bernoulli(logits=codes[:, None] * weight + three_logits)  # (6001, 3)
prior = Normal(torch.zeros(()).double(), 1.0)
q = Normal(0.4 * torch.ones(()).double(), 0.6)  # some q(z | x)
log_prior, log_q = prior.log_prob(codes), q.log_prob(codes)


# %%
def integral(values):
    """Integrate over the grid of codes."""
    return torch.trapezoid(values, codes)


# %%
bound = -integral(log_q.exp() * (log_q - log_prior))  # minus the KL
for d in range(3):  # plus the expected log-likelihood
    on, off = p_pixel.logits[:, d].sigmoid(), p_pixel.logits[:, d].neg()
    value = grey[d] * on.log() + (1 - grey[d]) * off.sigmoid().log()
    bound += integral(log_q.exp() * value)

# %%
right_side = torch.zeros(()).double()
for b, probability in zip(bits, chance, strict=True):
    log_joint = p_pixel.log_prob(b).sum(1) + log_prior
    log_evidence = integral(log_joint.exp()).log()
    gap = integral(log_q.exp() * (log_q - (log_joint - log_evidence)))
    assert gap > 0
    right_side += probability * (log_evidence - gap)

# %%
torch.testing.assert_close(bound, right_side, rtol=0, atol=1e-8)

# %% [markdown]
# Train the model of lesson 7, a little smaller, on grey images. **Predict:** then give
# its encoder the binarised image in place of the grey one. Is the bound on
# $\log p(b)$ better or worse?

# %%
from course_lib import evaluation, losses, models, training

schedule = dict(lr=4e-3, lr_schedule=training.cosine)


def new_vae():
    """Return an untrained VAE 784-200-20."""
    torch.manual_seed(0)
    encoder = models.mlp_encoder(D, 200, 2 * K)
    vae = models.VAE(encoder, models.mlp_decoder(K, 200, D))
    models.start_at_mean(vae.decoder, x)
    return vae


# %%
grey_vae = new_vae()
training.fit(grey_vae, losses.negative_elbo, x, steps=500, **schedule)

# %%
few = test[:500].repeat(20, 1, 1, 1)  # 20 binarised images for each
with torch.no_grad():
    b = torch.bernoulli(few)  # (10000, 1, 28, 28)
    bounds = {
        "encoder sees grey": -losses.negative_elbo(grey_vae, few)["loss"],
        "encoder sees b": -losses.negative_elbo(grey_vae, b)["loss"],
        "20 weighted samples": losses.iwae_bound(grey_vae, b[:500], k=20),
    }

# %%
for name, value in bounds.items():
    print(f"{name:21} {value.mean():7.1f} nats")

# %%
sees_grey, sees_b, of_20 = bounds.values()
for difference in (
    (sees_b - sees_grey).view(20, 500).mean(0),  # of each image
    of_20 - sees_b[:500],
):
    error = difference.std() / len(difference) ** 0.5
    assert difference.mean() > 4 * error

# %% [markdown]
# <details><summary>What to notice</summary>
#
# The decoder is the same in all three rows, so $\log p(b)$ is the same. An encoder that
# sees $b$ knows what it has to explain, and its $q$ is nearer to $p(z \mid b)$: the gap
# in (8.3) shrinks, by a few nats. The third row is lesson 5's importance-weighted
# bound, nearer still.
#
# So a grey result and a binarised one *are* comparable: both bound the same quantity,
# $\mathbb E_b[\log p(b)]$, the grey one a little less tightly. State which one it is.
#
# </details>

# %% [markdown]
# ## 2. Binary pixels, fixed or fresh
#
# To have honest binary data, draw $b$. There are two ways:
#
# - **static**: once, before training. The data set is then a fixed set of binary images.
# - **dynamic**: anew whenever an image is used.
#
# Published results exist for both, and their numbers are not the same. (Images made
# binary by a threshold at ½ are a third data set.)
#
# **Predict:** 1,000 training images, many passes over them. Which of the two does
# better on binarised *test* images? Which has the lower *training* loss?


# %%
def dynamic(model, images):
    """The loss of lesson 7, on freshly binarised images."""
    return losses.negative_elbo(model, torch.bernoulli(images))


torch.manual_seed(0)
static_images = torch.bernoulli(x[:1000])
binary_test = torch.bernoulli(test[:1000])

# %%
runs = {
    "static": (losses.negative_elbo, static_images),
    "dynamic": (dynamic, x[:1000]),
}

# %%
histories = {
    name: training.fit(
        new_vae(), loss, images, steps=400, validation=binary_test, **schedule
    )
    for name, (loss, images) in runs.items()
}

# %% name="binarisation" tags=["slide-figure"] alt="Two charts of training loss, a line, and validation loss, dots, over 400 steps. Static binarisation ends at 103 in training and 131 in validation, dynamic at 109 and 126: its gap is smaller, and its validation loss lower."
fig, axes = plt.subplots(1, 2, figsize=(8, 3), sharey=True)
lowest = histories["static"].last()
for ax, (name, history) in zip(axes, histories.items(), strict=True):
    history.plot(ax=ax)
    ax.set(title=name, ylabel="", ylim=(0.9 * lowest, 1.7 * lowest))
    ax.legend(["training", "validation"])
axes[0].set_ylabel("loss, nats per image")
plt.show()

# %%
final = {}
for name, history in histories.items():
    training_loss = history.last()
    _, validation = history.validation[-1]
    final[name] = training_loss, validation["loss"]
    print(
        f"{name:8} training {training_loss:5.1f}, "
        f"test {validation['loss']:5.1f} nats"
    )

# %%
assert final["static"][0] < final["dynamic"][0]
assert final["static"][1] > final["dynamic"][1] + 2

# %% [markdown]
# <details><summary>What to notice</summary>
#
# Static has the lower loss on what it trains on, and the higher one on what it doesn't:
# it learns the accidents of one draw by heart. Dynamic hardly ever sees the same binary
# image twice.
# (`torch.bernoulli` of a binary image returns it, so one validation set serves both.)
#
# </details>
#
# When to choose what? Grey is simple, and its gradient has the least noise. Dynamic is
# what most recent numbers use; choose it to compare with them. Static only to compare
# with papers that used just that file.

# %% [markdown]
# ## 3. A Gaussian, and its σ
#
# Take grey values as numbers, then, and not as probabilities. The usual loss is a
# squared error. It is the negative log of a Gaussian density with mean
# $\hat x = g_\theta(z)$ and one $\sigma^2$ for all pixels:
#
# $$-\log p(x \mid z) = \frac{\lVert x - \hat x \rVert^2}{2 \sigma^2}
# + \frac D2 \log 2 \pi \sigma^2 . \tag{8.4}$$
#
# Who writes $\lVert x - \hat x \rVert^2$ alone has chosen a $\sigma^2$ all the same.
# Which one, is section 6.

# %%
# Check (8.4)
generator = torch.Generator().manual_seed(0)
image, some_mean = torch.rand(2, D, generator=generator).double()
some_s2 = 0.3
gaussian_loss = (image - some_mean).square().sum() / (2 * some_s2)
gaussian_loss = gaussian_loss + D / 2 * math.log(2 * math.pi * some_s2)

# %%
truth = -Normal(some_mean, some_s2**0.5).log_prob(image).sum()
torch.testing.assert_close(gaussian_loss, truth, rtol=0, atol=1e-8)

# %% [markdown]
# ### Exercise 2: the Gaussian likelihood
#
# (8.4) with the log of the variance, as a network gives it: one number for all images
# and pixels.
#
# <details><summary>Hint</summary>
#
# Keep the constant, else a learned $\sigma$ grows without end. Sum over pixels.
#
# </details>


# %%
def gaussian_nll(x, mean, log_sigma2):
    """Return -log N(x; mean, sigma^2 I) of each image in nats: (B,).

    x, mean: (B, 1, H, W); log_sigma2: a tensor of shape (), log sigma^2
    """
    # BEGIN SOLUTION
    scaled = (x - mean) ** 2 * torch.exp(-log_sigma2)
    each = 0.5 * (scaled + log_sigma2 + math.log(2 * math.pi))
    return each.flatten(1).sum(1)
    # END SOLUTION


checks.gaussian_nll(gaussian_nll)

# %% [markdown]
# ### The best σ has a formula
#
# No network is needed to find one global $\sigma^2$. Set the derivative of (8.4) by
# $\sigma^2$ to 0, on average over images and codes:
#
# $$\sigma_*^2 = \frac1D\, \mathbb E \lVert x - \hat x \rVert^2 , \qquad
# \min_{\sigma^2} \mathbb E[-\log p(x \mid z)]
# = \frac D2 \log 2 \pi e\, \sigma_*^2 . \tag{8.5}$$
#
# It is the mean squared error per pixel. With the best $\sigma$ the loss is the *log*
# of the squared error: halve the squared error, and save $\frac D2 \log 2 = 272$ nats, however
# small it was already.

# %%
# Check (8.5)
mean_image = x.mean(0).double()
sse = (x[:1000].double() - mean_image).square().sum((1, 2, 3))  # (1000,)
best = sse.mean() / D
log_s2 = best.log().requires_grad_()

# %%
loss = (sse / (2 * log_s2.exp())).mean()
loss = loss + D / 2 * (log_s2 + math.log(2 * math.pi))
(slope,) = torch.autograd.grad(loss, log_s2)
formula = D / 2 * (2 * math.pi * math.e * best).log()
assert abs(slope) < 1e-8 and abs(loss - formula) < 1e-8


# %%
def gaussian(model, x, s2=None):
    """Return the terms of a Gaussian VAE; None: the batch's best s2."""
    logits, mu, logvar = model(x)
    sse = losses.squared_error(torch.sigmoid(logits), x)
    s2 = sse.mean().detach() / D if s2 is None else torch.as_tensor(s2)
    nll = sse / (2 * s2) + D / 2 * torch.log(2 * math.pi * s2)
    kl = losses.gaussian_kl(mu, logvar)
    return {"loss": nll + kl, "reconstruction": nll, "kl": kl, "s2": s2}


# %% [markdown]
# (`detach`: at the best $\sigma^2$ the loss is flat in it, so nothing is lost. A
# parameter $\log \sigma^2$, trained with the rest, comes to the same place more slowly.
# On test images we use the training images' $\sigma^2$.)
#
# **Predict:** two models, $\sigma^2 = 1$ fixed, and the best $\sigma^2$. Which has the
# higher rate? And how large is the best $\sigma$, for pixels in $[0, 1]$?

# %%
from functools import partial

unit_gaussian = partial(gaussian, s2=1.0)
unit_vae, learned_vae = new_vae(), new_vae()
training.fit(unit_vae, unit_gaussian, x, steps=500, **schedule)
training.fit(learned_vae, gaussian, x, steps=500, **schedule)

# %%
s2 = evaluation.evaluate(learned_vae, gaussian, x[:5000])["s2"]
learned_gaussian = partial(gaussian, s2=s2)
for name, model, loss in (
    ("sigma = 1", unit_vae, unit_gaussian),
    (f"sigma = {s2**0.5:.3f}", learned_vae, learned_gaussian),
):
    result = evaluation.evaluate(model, loss, test)
    print(f"{name}: rate {result['kl']:.1f}, loss {result['loss']:.0f} nats")

# %%
unit_result = evaluation.evaluate(unit_vae, unit_gaussian, test)
assert result["kl"] > 3 * unit_result["kl"]
assert result["loss"] < unit_result["loss"] - 1000 and s2 < 0.03

# %% [markdown]
# <details><summary>What to notice</summary>
#
# With $\sigma = 1$ the model says: each pixel may be off by a whole black-to-white. Then
# an error hardly matters, and hardly any information is worth its price. The best
# $\sigma$ is near a tenth, and an error costs about $1 / \sigma^2$ times as much. The
# loss is a negative number of nats: a *density* may be larger than 1.
#
# </details>

# %% [markdown]
# ### Not a σ for each pixel
#
# Why not learn a $\sigma_d$ for every pixel? Some border pixels are 0 in *all* training
# images, and the decoder says 0. With an error of exactly 0, (8.4) for that pixel is
# $\log \sigma_d$ and a constant: it has no minimum. If $n_0$ pixels are constant and
# each $\sigma_d \ge s$ has its best value, then
#
# $$\frac{d}{d \log s} \min \mathbb E[-\log p(x \mid z)] = n_0
# \quad \text{for small } s . \tag{8.6}$$
#
# Ten times smaller a floor $s$, $n_0 \log 10$ nats better, for nothing.


# %%
# Check (8.6)
variance = x.var(0, correction=0).flatten().double()  # mean image as x_hat
constant = (x == x[:1]).all(0).flatten()
variance[constant] = 0  # no rounding errors
num_constant = constant.sum().item()


# %%
def floored_loss(s):
    """Return the smallest mean loss if no sigma is below s."""
    s2_of_pixel = variance.clamp(min=s**2)
    each = variance / s2_of_pixel + (2 * math.pi * s2_of_pixel).log()
    return 0.5 * each.sum()


below = variance[~constant].sqrt().min().item()  # smallest other sigma

# %%
for s in (0.9 * below, 1e-4 * below, 1e-8 * below):
    log_s = torch.tensor(s).double().log().requires_grad_()
    (slope,) = torch.autograd.grad(floored_loss(log_s.exp()), log_s)
    assert abs(slope - num_constant) < 1e-8

# %% alt="Loss in nats against the smallest sigma allowed, on a logarithmic axis from 1 millionth to 0.3. The smaller the floor, the lower the loss: it falls from above 0 to minus 1,550, in the end on a straight line."
floors = torch.logspace(-6, -0.5, 50).double()
plt.figure(figsize=(7, 2.8))
plt.plot(floors, [floored_loss(s) for s in floors])
plt.xscale("log")
plt.xlabel("smallest sigma allowed")
plt.ylabel("loss, nats")
plt.show()

# %%
print(f"{num_constant} of {D} pixels are the same in all training images:")
print(f"{num_constant * math.log(10):.0f} nats for each zero in the floor")
assert num_constant > 50 or not on_mnist

# %% [markdown]
# Nothing was learned on the way down: the model is the mean image. The result is the
# floor you chose. One global $\sigma$ is safe: its error is never exactly 0.
#
# (Grey values are multiples of 1/255, and any density on finitely many values can be
# driven to infinity. The cure is to add uniform noise of the width of one grey level,
# *dequantisation*: Theis et al., 2016.)

# %% [markdown]
# ## 4. The continuous Bernoulli
#
# Section 1 found what is missing in grey cross-entropy: a normaliser. Divide by it.
# That gives a density on $[0, 1]$, the **continuous Bernoulli** of Loaiza-Ganem and
# Cunningham (2019):
#
# $$p(x \mid \lambda) = C(\lambda)\, \lambda^x (1 - \lambda)^{1 - x} , \qquad
# C(\lambda) = \frac{a}{\tanh(a / 2)} , \quad C(\tfrac12) = 2 . \tag{8.7}$$
#
# In code, $\log C$ needs care at $a = 0$. There $\log C \approx \log 2 + a^2 / 12$.


# %%
# Check (8.7)
def log_c(logits):
    """Return log C for each logit, and its gradient, safe at 0."""
    near = logits.abs() < 0.01
    size = torch.where(near, torch.ones_like(logits), logits).abs()
    far = size.log() - torch.tanh(size / 2).log()
    return torch.where(near, math.log(2) + logits**2 / 12, far)


# %%
probe = torch.tensor([-30.0, -4, -0.0099, 0, 0.0101, 2]).double()
probe.requires_grad_()
log_p = log_c(probe)[:, None] + Bernoulli(
    logits=probe[:, None], validate_args=False
).log_prob(nodes)

# %%
torch.testing.assert_close(
    log_p.exp() @ weights, torch.ones_like(probe), rtol=0, atol=1e-8
)

# %%
from torch.distributions import ContinuousBernoulli

theirs = ContinuousBernoulli(logits=probe[[0, 1, 5], None]).log_prob(nodes)
torch.testing.assert_close(log_p[[0, 1, 5]], theirs, rtol=0, atol=1e-8)
(slope,) = torch.autograd.grad(log_c(probe).sum(), probe)
assert slope.isfinite().all() and slope[3] == 0

# %% [markdown]
# Its mean is *not* $\lambda$. The integral of $e^{a x}$ is $(e^a - 1) / a$, and the
# derivative of its logarithm by $a$ is the mean of $x$:
#
# $$\mathbb E[x] = \frac{\lambda}{2 \lambda - 1} - \frac1a
# = \frac{1}{1 - e^{-a}} - \frac1a , \qquad
# \text{and } \tfrac12 \text{ for } a = 0 . \tag{8.8}$$

# %%
# Check (8.8)
a = torch.tensor([-30.0, -4, -0.5, 1, 8]).double().requires_grad_()
mean = 1 / (1 - torch.exp(-a)) - 1 / a
density = (log_c(a)[:, None] + a[:, None] * nodes).exp()
density = density * torch.sigmoid(-a)[:, None]  # (1 - lambda) e^(a x)
torch.testing.assert_close(density @ (weights * nodes), mean)
(slope,) = torch.autograd.grad(((a.exp() - 1) / a).log().sum(), a)
torch.testing.assert_close(slope, mean, rtol=0, atol=1e-8)

# %% name="continuous-bernoulli" tags=["slide-figure"] alt="Left, densities of x on 0 to 1 for four λ: falling for 0.02 and 0.3, flat for 0.5, rising for 0.9. Right, the mean against λ, an S-shaped curve, nearer to one half than the dashed diagonal."
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 2.9))
grid = torch.linspace(0, 1, 200)
for lam, style in zip((0.02, 0.3, 0.5, 0.9), ["-", "--", ":", "-."]):
    density = ContinuousBernoulli(torch.tensor(lam)).log_prob(grid).exp()
    left.plot(grid, density, style, label=f"$\\lambda$ = {lam}", lw=2.5)
left.set(xlabel="grey value x", ylabel="density")
left.legend(loc="upper center")
lam = torch.linspace(0.001, 0.999, 400)
right.plot(lam, ContinuousBernoulli(lam).mean, label="mean")
right.plot(lam, lam, color="black", ls="--", label="$\\lambda$ itself")
right.set(xlabel="$\\lambda$", ylabel="grey value")
right.legend()
plt.show()

# %% [markdown]
# To give a mean of 0.05, a nearly white pixel, it needs a $\lambda$ of $2 \times 10^{-9}$. Draw
# $\lambda$, and all greys turn to black and white. Draw the mean.
#
# ### Exercise 3: the mean
#
# (8.8), safe at $a = 0$.
#
# <details><summary>Hint</summary>
#
# Near 0 it is $\frac12 + a / 12$. As in exercise 1, keep 0/0 out of the side that is not
# chosen.
#
# </details>


# %%
def continuous_bernoulli_mean(logits):
    """Return the mean (8.8) for each logit: (...)."""
    # BEGIN SOLUTION
    small = logits.abs() < 0.1
    safe = torch.where(small, torch.ones_like(logits), logits)
    exact = 1 / (1 - torch.exp(-safe)) - 1 / safe
    return torch.where(small, 0.5 + logits / 12, exact)
    # END SOLUTION


checks.continuous_bernoulli_mean(continuous_bernoulli_mean)

# %% [markdown]
# For the pictures we need the mean and samples, also for extreme logits. Take
# $s = \lvert a \rvert$, make a pixel lighter than ½, and if $a > 0$ turn it
# around. Samples come from the distribution function, inverted at a uniform $u$: it is
# $\log(1 - u\,(1 - e^{-s})) / (-s)$. (`ContinuousBernoulli.mean` of torch keeps
# $\lambda$ at least $10^{-7}$ away from 0 and 1, and is wrong for large logits.)


# %%
def continuous_mean(logits):
    """Return the mean of each pixel, to three digits."""
    s = logits.abs().clamp(min=0.01)
    light = 1 / s - 1 / torch.expm1(s)
    return torch.where(logits > 0, 1 - light, light)


# %%
def continuous_sample(logits):
    """Return one draw of each pixel."""
    s = logits.abs().clamp(min=0.01)
    u = torch.rand_like(s)
    light = torch.log1p(u * torch.expm1(-s)) / -s
    return torch.where(logits > 0, 1 - light, light)


# %%
a = torch.tensor([-5000.0, -3, 0, 0.5, 100])
draws = continuous_sample(a.expand(100_000, 5))
error = draws.std(0) / len(draws) ** 0.5
assert ((draws.mean(0) - continuous_mean(a)).abs() < 4 * error + 1e-3).all()
ours_mean = continuous_mean(a)[0]
torch_mean = ContinuousBernoulli(logits=a[0]).mean
print(f"a = -5000: mean {ours_mean:.4f}, torch says {torch_mean:.4f}")

# %%
assert torch_mean > 100 * ours_mean
nearly_white = torch.tensor(-20.0)
assert abs(continuous_mean(nearly_white) - 0.05) < 1e-3
assert 2e-9 < torch.sigmoid(nearly_white) < 3e-9


# %%
def continuous(model, x):
    """Return the terms of a VAE with the continuous Bernoulli."""
    logits, mu, logvar = model(x)
    nll = losses.bernoulli_nll(logits, x) - log_c(logits).flatten(1).sum(1)
    kl = losses.gaussian_kl(mu, logvar)
    return {"loss": nll + kl, "reconstruction": nll, "kl": kl}


# %%
cb_vae, dynamic_vae = new_vae(), new_vae()
training.fit(cb_vae, continuous, x, steps=500, **schedule)
training.fit(dynamic_vae, dynamic, x, steps=500, **schedule)

# %% [markdown]
# One more look before we compare. **Predict:** how large are the logits of a model that is
# rewarded for certainty, beside those of grey cross-entropy?

# %%
with torch.no_grad():
    mu, _ = cb_vae.encode(test)
    cb_logits = cb_vae.decoder(mu)
    plain = grey_vae.decoder(grey_vae.encode(test)[0]).abs().max()
by_mean = losses.squared_error(continuous_mean(cb_logits), test)
by_lam = losses.squared_error(torch.sigmoid(cb_logits), test)

# %%
largest = cb_logits.abs().max()
print(f"largest |logit|: {largest:,.0f}, grey cross-entropy {plain:.0f}")
print(f"squared error: mean {by_mean.mean():.1f}, lambda {by_lam.mean():.1f}")
assert largest > 10 * plain and by_mean.mean() < by_lam.mean() - 1

# %% [markdown]
# Thousands. For a pixel that is exactly 0, the density at 0 is
# $C(\lambda)(1 - \lambda) \approx \lvert a \rvert$: the more certain, the better, without
# an end, though slowly. It is section 3's trouble again. The loss at the end of training
# depends on how far the logits have come, and so on the learning rate and the number of steps.

# %% [markdown]
# ## 5. Five likelihoods side by side
#
# Same networks, same steps, same images. Only the reconstruction term differs.
#
# **Predict** the order of the rates. And which model's *sampled pixels* look like an
# image?

# %%
chosen = {
    "grey Bernoulli": (grey_vae, losses.negative_elbo),
    "dynamic Bernoulli": (dynamic_vae, dynamic),
    "Gaussian, sigma 1": (unit_vae, unit_gaussian),
    "Gaussian, best sigma": (learned_vae, learned_gaussian),
    "continuous Bernoulli": (cb_vae, continuous),
}


# %%
def mean_of(name, logits):
    """Return the mean of p(x | z), the image to draw."""
    if name == "continuous Bernoulli":
        return continuous_mean(logits)
    return torch.sigmoid(logits)


# %%
table = {}
print(f"{'':20} reconstruction     rate  squared error")
for name, (model, loss) in chosen.items():
    terms = evaluation.evaluate(model, loss, test)
    with torch.no_grad():
        mu, _ = model.encode(test)
        x_hat = mean_of(name, model.decoder(mu))
    error = losses.squared_error(x_hat, test).mean().item()
    table[name] = terms["kl"], error
    values = f"{terms['reconstruction']:14.1f} {terms['kl']:8.1f}"
    print(f"{name:20} {values} {error:14.1f}")

# %%
rates = {name: rate for name, (rate, _) in table.items()}
errors = {name: error for name, (_, error) in table.items()}
assert min(rates, key=rates.get) == "Gaussian, sigma 1"
assert max(rates, key=rates.get) == "continuous Bernoulli"
assert min(errors, key=errors.get) == "Gaussian, best sigma"


# %%
def sample_pixels(name, logits):
    """Return one draw from p(x | z)."""
    if name == "continuous Bernoulli":
        return continuous_sample(logits)
    if "Gaussian" not in name:
        return torch.bernoulli(torch.sigmoid(logits))
    sigma = 1.0 if name.endswith("1") else s2**0.5
    noisy = torch.sigmoid(logits) + sigma * torch.randn_like(logits)
    return noisy.clamp(0, 1)


# %% name="likelihoods" tags=["slide-figure"] alt="Five rows by likelihood: six mean images, then sampled pixels. Both Bernoullis: soft strokes, then ragged ones. Gaussian, σ 1: smooth digits, then pure noise. Best σ: broken strokes, then light noise. Continuous Bernoulli: grey blots, then speckled ones."
from course_lib import plotting

torch.manual_seed(1)
z, rows = torch.randn(6, K), {}
for name, (model, _) in chosen.items():
    with torch.no_grad():
        logits = model.decoder(z)
    drawn = [mean_of(name, logits), sample_pixels(name, logits)]
    rows[name] = torch.cat(drawn)
with plt.rc_context({"font.size": 15}):
    top, *_ = plotting.show_rows(rows)
    for at, title in ((0.25, "mean images"), (0.75, "sampled pixels")):
        top.text(at, 1.1, title, ha="center", transform=top.transAxes)
plt.show()

# %% [markdown]
# Left: six mean images, from codes of the prior. Right: the same six with sampled
# pixels.
#
# <details><summary>What to notice</summary>
#
# - The first column can't be compared between likelihoods: probabilities of binary images,
#   and densities. (The first two rows can: section 1.) Rates and squared errors can.
# - $\sigma = 1$: smooth means, the lowest rate, and samples of pure noise. That model
#   believes in the noise. Who shows its means only, hides it.
# - Best $\sigma$: the smallest error. Its rate is high, and codes of the prior are often no
#   digits.
# - Continuous Bernoulli: on black and white pixels its density grows without bound as
#   $\lambda \to 0$ or 1, if only like $\lvert a \rvert$. So certainty pays, and it spends most.
#
# </details>

# %% [markdown]
# None of them is right for all ends:
#
# - for **samples and comparable numbers**, dynamic Bernoulli;
# - for **images that are truly grey**, and for small errors, the Gaussian with its best
#   $\sigma$: one number, one formula, no network for it;
# - for a quick look, grey cross-entropy. Say "grey", and don't call it $\log p(x)$;
# - the continuous Bernoulli repairs the theory. Here it doesn't repair the samples.
#
# What differs between them is above all *how many nats an error costs*, against a nat of
# rate. The next section makes that one number.

# %% [markdown]
# ## 6. The β hidden in a loss
#
# **β-VAE** (Higgins et al., 2017) puts a weight on the rate:
#
# $$\mathbb E_q[-\log p(x \mid z)]
# + \beta\, \mathrm{KL}\big(q(z \mid x) \,\Vert\, p(z)\big) .$$
#
# For $\beta = 1$ it is minus the ELBO. For $\beta > 1$ it is still above $-\log p(x)$, a looser
# bound. For $\beta < 1$ it is no bound.
#
# Many losses have a $\beta$ that nobody chose. Write a loss with its reductions: the
# reconstruction term of all pixels and images is multiplied by $r$, the KL of all latents and
# images by $k$, and by a weight $w$. Minimising does not care for a common factor. So
#
# $$\beta_{\text{eff}} = \frac{w\, k}{r} , \qquad
# r, k = \text{the product of} \begin{cases}
# 1 & \text{for each sum,} \\ 1/n & \text{for each mean over } n. \end{cases} \tag{8.9}$$

# %% [markdown]
# A squared error is not yet a $-\log p$. By (8.4) its scale is $\sigma$'s business:
# $\lVert x - \hat x \rVert^2 + \beta'\, \mathrm{KL}$, times $1 / 2 \sigma^2$, is a Gaussian
# with $\beta = \beta' / 2 \sigma^2$. Only a product is determined:
#
# $$\beta\, \sigma^2 = \beta' / 2 . \tag{8.10}$$
#
# So say "$\sigma^2 = \beta' / 2$ at $\beta = 1$", or name $\beta$ *and* $\sigma^2$.
# "Our $\beta$ is 4" means nothing for a squared error.
#
# ### Exercise 4: the auditor
#
# (8.9) in code. Each reduction is `"sum"` or `"mean"`.
#
# <details><summary>Hint</summary>
#
# A mean over the batch is a sum over the batch, divided by $B$. Start with a loss that you
# know: all sums gives `weight`.
#
# </details>


# %%
def effective_beta(
    rec_pixels, rec_batch, kl_latents, kl_batch, weight, D, K, B
):
    """Return the effective beta of a loss: a number.

    rec_pixels, rec_batch: "sum" or "mean", how the reconstruction term is
        reduced over D pixels and over the batch of B images
    kl_latents, kl_batch: the same of the KL, over K latents and the batch
    weight: the factor in front of the KL as written
    """
    # BEGIN SOLUTION
    r = k = 1.0
    if rec_pixels == "mean":
        r = r / D
    if rec_batch == "mean":
        r = r / B
    if kl_latents == "mean":
        k = k / K
    if kl_batch == "mean":
        k = k / B
    return weight * k / r
    # END SOLUTION


checks.effective_beta(effective_beta)

# %% [markdown]
# Now six losses, as they stand in published code (names of variables made equal). The first
# is the PyTorch project's example, the second its state of 2017, the third from the Keras blog of
# 2016, the fourth from the collection PyTorch-VAE, the fifth from Lightning Bolts. The
# sixth has been seen in several tutorials.
#
# **Predict** $\beta$, or $\beta \sigma^2$, for each of them, with $D = 784$, $K = 20$,
# $B = 128$. Which of them train a VAE at all?

# %%
from torch.nn.functional import binary_cross_entropy, mse_loss


def kl_terms(mu, logvar):
    """Return the KL of each image and latent: (B, K)."""
    return -0.5 * (1 + logvar - mu.pow(2) - logvar.exp())


# %%
def pytorch_example(x_hat, x, mu, logvar):
    bce = binary_cross_entropy(x_hat, x, reduction="sum")
    return bce + kl_terms(mu, logvar).sum()


def pytorch_2017(x_hat, x, mu, logvar):
    kld = kl_terms(mu, logvar).sum() / (len(x) * 784)
    return binary_cross_entropy(x_hat, x) + kld


# %%
def keras_blog(x_hat, x, mu, logvar):
    kl = kl_terms(mu, logvar).mean(1)
    return (binary_cross_entropy(x_hat, x) + kl).mean()


def pytorch_vae(x_hat, x, mu, logvar):
    kld = kl_terms(mu, logvar).sum(dim=1).mean(dim=0)
    return mse_loss(x_hat, x) + 0.00025 * kld


# %%
def lightning_bolts(x_hat, x, mu, logvar):
    return mse_loss(x_hat, x) + 0.1 * kl_terms(mu, logvar).mean()


def tutorials(x_hat, x, mu, logvar):
    return mse_loss(x_hat, x) + kl_terms(mu, logvar).sum()


# %% [markdown]
# The paper way is (8.9) and (8.10). There is also a way that needs no reading: *measure* it. A
# loss line is a function. Change its reconstruction only, and see how much it moves for
# each nat that the true term moves. Do the same with the KL. The quotient is $\beta$.


# %%
def moves(line, unit, one, other):
    """Return how much a line moves, for each unit that a term moves."""
    return (line(*one) - line(*other)) / (unit(*one) - unit(*other))


def rate(x_hat, x, mu, logvar):
    return losses.gaussian_kl(mu, logvar).mean()


# %%
def bernoulli(x_hat, x, *_):
    return losses.bernoulli_nll(torch.logit(x_hat), x).mean()


def half_square(x_hat, x, *_):
    return 0.5 * losses.squared_error(x_hat, x).mean()


# %%
def audit(line):
    """Return (name, value): beta, or beta sigma^2 of a squared error."""
    x_hat, other, image = torch.rand(3, 128, D, generator=generator).double()
    mu, logvar = torch.randn(2, 128, K, generator=generator).double()
    start = x_hat, image, mu, logvar
    kl_moved = x_hat, image, 2 * mu, logvar
    rec_moved = other, image, mu, logvar
    k = moves(line, rate, kl_moved, start)
    for name, unit in (("beta", bernoulli), ("beta sigma^2", half_square)):
        r = moves(line, unit, rec_moved, start)
        again = moves(line, unit, (image, *start[1:]), start)
        if abs(again / r - 1) < 1e-6:  # the line is proportional to it
            return name, (k / r).item()


# %% [markdown]
# (The same quotient at two different moves shows which likelihood it is.) And on paper:

# %%
B = 128
on_paper = {
    pytorch_example: ("beta", 1),
    pytorch_2017: ("beta", 1 / (B * 784) * D * B),
    keras_blog: ("beta", D / K),
    pytorch_vae: ("beta sigma^2", 0.00025 * D / 2),
    lightning_bolts: ("beta sigma^2", 0.1 * D / K / 2),
    tutorials: ("beta sigma^2", D * B / 2),
}

# %%
for line, (name, value) in on_paper.items():
    found, measured = audit(line)
    said = f"beta = {measured:.1f}"
    if found != "beta":  # only a product: say what goes with what
        said = f"sigma^2 = {measured:9,.3f} at beta = 1, or "
        said += f"beta = {measured / s2:9,.1f} at sigma = {s2**0.5:.2f}"
    print(f"{line.__name__:16} {said}")
    assert found == name and abs(measured / value - 1) < 1e-6

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - The first two are the same loss. The second *looks* wrong, and is right: everything is
#   divided by $784 B$. (With plain SGD its learning rate would be another one.)
# - The third takes means over pixels *and* latents, each harmless: $\beta = D / K = 39$.
# - The fourth has a weight "for the minibatch". It makes $\sigma^2 = 0.098$ at $\beta = 1$
#   here, and 1.5 for the colour images of 64 × 64 that it was written for: the same code is
#   another model when the images change size.
# - The last: a $\sigma^2$ of 50,176, for pixels in $[0, 1]$. (With a mean over the batch in
#   the KL it is 392.)
#
# </details>
#
# Is that the whole truth? Two losses have the same optimum, and with Adam the same path
# there, if their gradients are proportional.


# %%
# Check (8.9)
def gradient(model, line, images):
    """Return the gradient of a line by all weights, for one seed."""
    torch.manual_seed(0)
    logits, mu, logvar = model(images)
    value = line(torch.sigmoid(logits), images, mu, logvar)
    parts = torch.autograd.grad(value, list(model.parameters()))
    return torch.cat([part.flatten() for part in parts])


# %%
def weighted(kind, beta):
    """Return the loss in nats an image with this beta (sigma = 1)."""
    unit = bernoulli if kind == "beta" else half_square
    return lambda *args: unit(*args) + beta * rate(*args)


# %%
exact, images = new_vae().double(), x[:B].double()
for line, (kind, value) in list(on_paper.items())[:3]:
    given = gradient(exact, line, images)
    expected = gradient(exact, weighted(kind, value), images)
    cosine = torch.cosine_similarity(given, expected, dim=0)
    assert abs(cosine - 1) < 1e-8

# %%
# Check (8.10)
for line, (kind, value) in list(on_paper.items())[3:]:
    given = gradient(exact, line, images)
    expected = gradient(exact, weighted(kind, value), images)
    cosine = torch.cosine_similarity(given, expected, dim=0)
    assert abs(cosine - 1) < 1e-8


# %%
def half_beta(x_hat, *others):
    """A Gaussian with sigma^2 = 0.2 and beta = 0.5: the product is 0.1."""
    return half_square(x_hat, *others) / 0.2 + 0.5 * rate(x_hat, *others)


given = gradient(exact, half_beta, images)
expected = gradient(exact, weighted("beta sigma^2", 0.1), images)
assert abs(torch.cosine_similarity(given, expected, dim=0) - 1) < 1e-8

# %% [markdown]
# **Predict**, for all six: what is the rate after a short training?


# %%
def short_training(line):
    """Return the rate on test images after 150 steps."""

    def loss(model, x):
        logits, mu, logvar = model(x)
        return {"loss": line(torch.sigmoid(logits), x, mu, logvar)}

    vae = new_vae()
    training.fit(vae, loss, x, steps=150, lr=3e-3)
    with torch.no_grad():
        return losses.gaussian_kl(*vae.encode(test)).mean().item()


# %%
trained = {line: short_training(line) for line in on_paper}

# %%
for line, found in trained.items():
    print(f"{line.__name__:16} rate {found:6.3f} nats")
rates = list(trained.values())
assert abs(rates[0] - rates[1]) < 0.15 * rates[0] and rates[0] > 8
assert rates[3] > rates[4] > 0.3
assert rates[2] < 0.05 and rates[5] < 0.05

# %% [markdown]
# <details><summary>What to notice</summary>
#
# As predicted. The two with a large effective $\beta$ transmit *nothing*: the best such
# model ignores its code. No other optimiser, no warm-up will cure that: at such a price the
# optimum itself has collapsed (section 7 says where that happens).
#
# Write a loss with one reduction rule, sum over pixels and latents, mean over the batch, and
# put a $\beta$ only where you mean one.
#
# (The first two have gradients that differ by a factor of 100,000. Adam divides by their
# size, so it doesn't matter, until they come near its $10^{-8}$.)
#
# </details>

# %% [markdown]
# ## 7. Rate and distortion
#
# What does $\beta$ buy? Write $\Delta$ for the **distortion**, the mean of
# $-\log p(x \mid z)$ without constants, here
# $\frac12 \lVert x - \hat x \rVert^2$, and $R$ for the **rate**, the mean KL. The loss
# $\Delta + \beta R$ has an optimum for each $\beta$, at $(R_\beta, \Delta_\beta)$. By (8.10) a
# sweep of $\beta$ is at the same time one of $\sigma^2$.
#
# Take two values $\beta_1 < \beta_2$. Each optimum is at least as good *by its own
# measure* as the other:
# $\Delta_1 + \beta_1 R_1 \le \Delta_2 + \beta_1 R_2$, and
# $\Delta_2 + \beta_2 R_2 \le \Delta_1 + \beta_2 R_1$. Together
#
# $$\beta_1 \le \frac{\Delta_2 - \Delta_1}{R_1 - R_2} \le \beta_2 . \tag{8.11}$$
#
# No derivative, no assumption about the network. It is also a test: two trained models that
# violate (8.11) are not both at their optimum. (Strictly, on the images that they were
# trained on. We look at test images all the same.)


# %%
def rate_distortion(model, x, beta=1.0):
    """Return the terms of a beta-VAE with squared error (sigma = 1)."""
    logits, mu, logvar = model(x)
    distortion = 0.5 * losses.squared_error(torch.sigmoid(logits), x)
    kl = losses.gaussian_kl(mu, logvar)
    loss = distortion + beta * kl
    return {"loss": loss, "distortion": distortion, "kl": kl}


# %%
betas = [0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
sweep = {}
for beta in betas:
    sweep[beta] = new_vae()
    loss = partial(rate_distortion, beta=beta)
    training.fit(sweep[beta], loss, x, steps=300, **schedule)

# %%
# Check (8.11)
curve = [evaluation.evaluate(m, rate_distortion, test) for m in sweep.values()]
R = torch.tensor([point["kl"] for point in curve])
distortion = torch.tensor([point["distortion"] for point in curve])
secants = (distortion.diff() / -R.diff()).tolist()

# %%
for i in range(len(betas) - 1):
    print(
        f"beta {betas[i]:5.2f} to {betas[i + 1]:5.2f}: rate {R[i]:5.1f} to "
        f"{R[i + 1]:4.1f} nats, secant {secants[i]:.3f}"
    )
    assert betas[i] < secants[i] < betas[i + 1]

# %% [markdown]
# Let $\beta_2 \to \beta_1$, and the secant becomes the slope:
#
# $$\frac{d \Delta}{d R} = -\beta . \tag{8.12}$$
#
# So $\beta$ is a *price*: how much distortion must fall to be worth one more nat. At
# $\beta = 1$, with a proper likelihood, a nat is worth a nat. To check (8.12) we need a curve
# without training errors.
#
# ### The curve of PCA
#
# Lesson 5's linear model has one, exactly. Let $\lambda_i$ be the variance of the data in the
# principal direction $i$. The best linear decoder and encoder treat each direction
# alone, and
#
# $$\Delta_\beta = \tfrac12 \sum_i \min(\lambda_i, \beta) , \qquad
# R_\beta = \tfrac12 \sum_{\lambda_i > \beta} \log \frac{\lambda_i}{\beta} . \tag{8.13}$$
#
# A direction with less variance than $\beta$ gets nothing; of the others, $\beta$ is left. This is
# *reverse water-filling* (Kolmogorov, 1956).

# %% [markdown]
# <details><summary>Where does it come from?</summary>
#
# One direction: code $z \sim \mathcal N(m x, s^2)$, decoder $\hat x = w z$. The distortion is
# $\frac12 (\lambda (1 - w m)^2 + w^2 s^2)$, the rate
# $\frac12 (\lambda m^2 + s^2 - 1 - \log s^2)$. For a given $w$ the best $q$ is the
# posterior with noise $\beta$: $m = w / (w^2 + \beta)$, $s^2 = \beta / (w^2 + \beta)$. The best
# $w$ makes the codes' variance 1: $w^2 = \lambda - \beta$, and $w = 0$ if that is negative
# (lesson 5's (5.20), with $\beta$ for $\sigma^2$). Put in, the
# distortion is $\beta / 2$, the rate $\frac12 \log (\lambda / \beta)$.
#
# </details>
#
# The check minimises the loss numerically over $w$, $m$ and $s$, knowing nothing of the formula.


# %%
def linear_terms(w, m, log_s, variance):
    """Return distortion and rate of each linear direction."""
    s2 = torch.exp(2 * log_s)
    distortion = 0.5 * (variance * (1 - w * m) ** 2 + w**2 * s2)
    return distortion, 0.5 * (variance * m**2 + s2 - 1 - 2 * log_s)


# %%
def water_filling(variance, beta):
    """Return (8.13) for a tensor of variances."""
    distortion = 0.5 * torch.minimum(variance, beta).sum()
    return distortion, 0.5 * (variance / beta).log().clamp(min=0).sum()


# %%
# Check (8.12)
covariance = torch.cov(x.flatten(1).T, correction=0).double()
variances, V = torch.linalg.eigh(covariance)  # ascending
variances, V = variances.flip(0).clamp(min=1e-12), V.flip(1)

# %%
for beta in (0.05, 0.4, 2.0):
    at = torch.tensor(beta).double().requires_grad_()
    slopes = [
        torch.autograd.grad(value, at)[0]
        for value in water_filling(variances, at)
    ]
    assert abs(slopes[0] / slopes[1] + beta) < 1e-8

# %%
# Check (8.13)
three = torch.tensor([5.0, 0.9, 0.2]).double()  # above, above, below beta
level = torch.tensor(0.4).double()
search = dict(max_iter=1000, line_search_fn="strong_wolfe")

# %%
free = [torch.full((3,), v).double() for v in (0.5, 0.5, -0.1)]
for parameter in free:
    parameter.requires_grad_()
optimizer = torch.optim.LBFGS(free, tolerance_change=1e-16, **search)


def closure():
    optimizer.zero_grad()
    distortion, rate = linear_terms(*free, three)
    loss = (distortion + level * rate).sum()
    loss.backward()
    return loss


for _ in range(20):
    least = optimizer.step(closure)

# %%
expected_d, expected_r = water_filling(three, level)
assert abs(least - (expected_d + level * expected_r)) < 1e-8
found_d, found_r = linear_terms(*free, three)
assert abs(found_r.sum() - expected_r) < 1e-6
assert found_r[2] < 1e-6 < found_r[1]

# %% [markdown]
# Both curves in one plane. **Predict:** does the VAE win everywhere? It has 20 latents;
# PCA may use all 784 directions. (The linear model is also judged on *test* images.)

# %%
on_test = (test - x.mean(0)).flatten(1).double() @ V
test_variances = on_test.square().mean(0)


def linear_on_test(beta):
    """Return rate, distortion and directions in use of the linear model."""
    w = (variances - beta).clamp(min=0).sqrt()
    m, s2 = w / (w**2 + beta), beta / (w**2 + beta)
    terms = linear_terms(w, m, 0.5 * s2.log(), test_variances)
    return terms[1].sum(), terms[0].sum(), (w > 0).sum().item()


# %%
pca_line = [linear_on_test(b) for b in torch.logspace(-1.7, 1, 100).double()]
learned_point = evaluation.evaluate(learned_vae, rate_distortion, test)

# %% name="rate-distortion" tags=["slide-figure"] alt="Distortion against rate. The VAE's curve falls from 26 at rate 0 to 6.6 at 45 nats. Between 4 and 45 nats it lies slightly below PCA's dashed curve. A star, best σ, lies below PCA's, at 58 nats."
plt.figure(figsize=(8, 3.1))
plt.plot(R, distortion, "o-", label="VAE, 20 latents")
beside = {"textcoords": "offset points", "va": "center"}
for beta, r, d in zip(betas, R, distortion, strict=True):
    if beta < 3:
        beside |= {"xytext": (-2, -11), "ha": "right"}
    else:  # 3 and 10 lie close together
        beside |= {"xytext": (9, beta - 6), "ha": "left"}
    plt.annotate(f"β = {beta:g}", (r, d), **beside)
plt.plot(*list(zip(*pca_line, strict=True))[:2], "--", label="PCA, exact")
star = learned_point["kl"], learned_point["distortion"]
plt.plot(*star, "*", color="black", markersize=13, label="best σ")
plt.xlim(-1, 70)
plt.xlabel("rate, nats per image")
plt.ylabel("distortion, nats per image")
plt.legend()
plt.show()

# %%
for beta, r, d in zip(betas, R, distortion, strict=True):
    pca_rate, pca_d, used = linear_on_test(torch.tensor(beta).double())
    print(
        f"beta {beta:5.2f}: VAE {r:5.1f} nats, {d:5.1f};  "
        f"PCA {pca_rate:5.1f} nats, {pca_d:5.1f}, {used} directions"
    )

# %%
on_curve = {}  # the VAE's distortion, and PCA's at the same rate
rates_of_line = torch.stack([r for r, _, _ in pca_line])  # falling
for beta, r, d in zip(betas[:5], R, distortion, strict=False):
    i = (rates_of_line > r).sum() - 1  # PCA's last point with a higher rate
    on_curve[beta] = d.item(), pca_line[i][1].item()

# %%
at_star = 2 * learned_point["distortion"] / D
assert at_star < betas[0]
if on_mnist:
    assert abs(at_star / s2 - 1) < 0.2
    assert all(vae < pca for vae, pca in list(on_curve.values())[1:3])

# %%
pca_low = linear_on_test(torch.tensor(betas[0]).double())[1]

# %%
if on_mnist:
    assert pca_low < learned_point["distortion"] and pca_low < distortion[0]

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - On MNIST, for $\beta$ from 0.1 to 0.3, the VAE has less distortion for the same nats. (On the
#   small set of digits PCA is as good or better: too few images for the VAE.)
# - At high $\beta$ both transmit a fraction of a nat, or nothing, and are equal. There the
#   formula is enough.
# - At low $\beta$ PCA wins by going on: it spends 100 nats on more than 100 directions. This
#   VAE has 20 latents and a short training.
# - **The star** is section 3's model with the best $\sigma$. It chose its own place: by (8.5) and
#   (8.10), where $\beta = \sigma^2 = 2 \Delta_\beta / D$.
#
# </details>
#
# The last point has a price tag in nats. As densities, probabilistic PCA's exact
# $-\log p(x)$ and the Gaussian VAE's bound can be compared:


# %%
def ppca_nll(num_directions):
    """Return the mean of -log p(x) of probabilistic PCA, on test images."""
    scales = variances.clone()
    scales[num_directions:] = variances[num_directions:].mean()
    return 0.5 * ((2 * math.pi * scales).log() + test_variances / scales).sum()


bound_of_vae = evaluation.evaluate(learned_vae, learned_gaussian, test)["loss"]

# %%
print(f"VAE, 20 latents: at most {bound_of_vae:.0f} nats")
for n in (20, 100):
    print(f"probabilistic PCA, {n:3} directions: {ppca_nll(n):.0f} nats")

# %%
if on_mnist:
    assert ppca_nll(100) + 20 < bound_of_vae < ppca_nll(20) - 20

# %% [markdown]
# On MNIST, with 20 latents each, the VAE is better by far. But a hundred directions, found
# in a second without any training, have the better density. In Gaussian nats every direction counts, also
# those that nobody can see.
#
# ### What the points look like
#
# **Predict:** along the curve, from $\beta = 0.03$ to 3: which models have good
# reconstructions, which good samples?

# %% name="along-the-curve" tags=["slide-figure"] alt="Five rows: test images, then reconstructions, left, and samples, right, for β from 0.03 to 3. As β grows, reconstructions blur, and samples turn from broken strokes to soft digits; at 3 all are nearly one grey blur."
torch.manual_seed(1)
z, rows = torch.randn(6, K), {}
for beta in (0.03, 0.3, 1.0, 3.0):
    vae = sweep[beta]
    with torch.no_grad():
        decoded = torch.sigmoid(vae.decoder(z))
    rows[f"β = {beta:g}"] = torch.cat([vae.reconstruct(test[:6]), decoded])
seen = torch.cat([test[:6], torch.zeros_like(test[:6])])
rows = {"test images": seen} | {n: r.detach() for n, r in rows.items()}
with plt.rc_context({"font.size": 16}):
    top, *_ = plotting.show_rows(rows)
    for at, title in ((0.25, "reconstructions"), (0.75, "samples")):
        top.text(at, 1.1, title, ha="center", transform=top.transAxes)
plt.show()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# Left, reconstructions: the more nats, the sharper. Right, samples: with many nats they are
# often strokes without a digit, since the aggregate of the codes is far from the prior. With
# few nats each sample is a blurred digit, with none it is the mean image. No
# point of the curve is "the right $\beta$" for both.
#
# </details>
#
# A larger $\beta$ is also said to **disentangle**: give each latent a meaning. Here it
# mostly removes latents. Locatello et al. (2019) trained 12,000 models, and found that
# without labels, seed and hyperparameters mattered more than which of six losses it was.

# %% [markdown]
# ## 8. Further: what the rate is made of
#
# Let $q(z) = \frac1N \sum_n q(z \mid x_n)$ be the aggregate of $N$ images, lesson 7's, and
# $q(z_k)$ its parts. Put them between $q(z \mid x)$ and $p(z)$, and the mean rate
# falls into three terms, none negative:
#
# $$\mathbb E_x \mathrm{KL}\big(q(z \mid x) \Vert p(z)\big)
# = \underbrace{I(x; z)}_{\text{information}}
# + \underbrace{\mathrm{KL}\big(q(z) \Vert \textstyle\prod_k q(z_k)\big)}_{\text{total correlation}}
# + \underbrace{\textstyle\sum_k \mathrm{KL}\big(q(z_k) \Vert p(z_k)\big)}_{\text{dimension-wise}} .
# \tag{8.14}$$
#
# What the code says about the image; how much the latents depend on each other; how far
# each is from the prior (Chen et al., 2018). To say which of $N$ images it was takes
# $\log N$ nats. So $I \le \log N$, always.


# %%
def decompose(model, images, n=500):
    """Return the terms of (8.14) for n sampled codes: (n,) each."""
    with torch.no_grad():
        mu, logvar = model.encode(images)  # (N, K)
        z = models.reparameterize(mu[:n], logvar[:n])  # (n, K)
    joint = margins = 0
    for k in range(z.shape[1]):
        q = Normal(mu[:, k], torch.exp(0.5 * logvar[:, k]))
        log_q = q.log_prob(z[:, k, None])  # (n, N): code i, image j
        joint = joint + log_q
        margins = margins + log_q.logsumexp(1) - math.log(len(images))
    own = joint.diagonal()  # code i, image i
    aggregate = joint.logsumexp(1) - math.log(len(images))
    prior = Normal(0.0, 1.0).log_prob(z).sum(1)
    return {
        "information": own - aggregate,
        "total correlation": aggregate - margins,
        "dimension-wise": margins - prior,
    }


# %%
# Check (8.14)
some = x[:10_000]
print(f"log N = {math.log(len(some)):.2f} nats")

# %%
parts_of = {}
for beta in (1.0, 0.03):
    parts_of[beta] = parts = decompose(sweep[beta], some)
    with torch.no_grad():
        kl = losses.gaussian_kl(*sweep[beta].encode(some[:500]))
    difference = sum(parts.values()) - kl
    error = difference.std() / len(kl) ** 0.5
    assert abs(difference.mean()) < 4 * error
    said = ", ".join(f"{n} {v.mean():.2f}" for n, v in parts.items())
    print(f"beta {beta:4}: rate {kl.mean():5.2f} = {said}")

# %%
information = {b: p["information"].mean().item() for b, p in parts_of.items()}
log_n = math.log(len(some))
total = {b: sum(v.mean() for v in parts_of[b].values()) for b in parts_of}
assert information[1.0] < 0.6 * log_n
assert information[1.0] > 0.6 * total[1.0] and total[0.03] > 2 * log_n
assert log_n - 0.1 < information[0.03] < log_n + 1e-3

# %% [markdown]
# <details><summary>What to notice</summary>
#
# At $\beta = 1$ the rate is well below $\log N$. Most of it is information. The latents
# depend on each other a little, and each one's aggregate is close to the prior.
#
# At $\beta = 0.03$ the information is $\log N$, to two digits. That is no property of the
# model: it is the number of images. The codes don't overlap, each says which image it
# was, and the rest of the rate is booked as "total correlation", mostly. With more images it
# would move to the left. Where the rate nears $\log N$, don't report these terms.
#
# </details>

# %% [markdown]
# ## Summary
#
# - Grey cross-entropy is no log-density: its mass is at most $2^{-784}$. It is a bound on the
#   expected log-probability of the binarised image.
# - Dynamic binarisation protects from learning one draw by heart. Name the kind beside
#   each number.
# - A Gaussian needs a $\sigma$. One for all pixels has the mean squared error as its best
#   square. One for each pixel has no optimum.
# - The continuous Bernoulli is a density. Draw its mean, not $\lambda$.
# - A loss's $\beta$ stands in its reductions. A squared error fixes only $\beta \sigma^2$.
# - $\beta$ is the price of a nat, the slope of the rate-distortion curve. With very few nats
#   PCA is as good, and it goes on where the latents have run out.
#
# **Next:** [lesson 9](09_collapse_and_evaluation.ipynb): latents that die, and honest
# estimates of $\log p(x)$.

# %% [markdown]
# ## References
#
# - G. Loaiza-Ganem, J. P. Cunningham. *The continuous Bernoulli: fixing a pervasive error
#   in variational autoencoders.* NeurIPS 2019, arXiv:1907.06845.
# - R. Salakhutdinov, I. Murray. *On the quantitative analysis of deep belief networks.*
#   ICML 2008. Static binarisation.
# - Y. Burda, R. Grosse, R. Salakhutdinov. *Importance weighted autoencoders.* ICLR 2016,
#   arXiv:1509.00519. Dynamic binarisation.
# - O. Rybkin, K. Daniilidis, S. Levine. *Simple and effective VAE training with calibrated
#   decoders.* ICML 2021, arXiv:2006.13202. The best $\sigma$.
# - P.-A. Mattei, J. Frellsen. *Leveraging the exact likelihood of deep latent variable
#   models.* NeurIPS 2018, arXiv:1802.04826. Unbounded likelihoods.
# - L. Theis, A. van den Oord, M. Bethge. *A note on the evaluation of generative models.*
#   ICLR 2016, arXiv:1511.01844.

# %% [markdown]
# - I. Higgins et al. *beta-VAE: learning basic visual concepts with a constrained
#   variational framework.* ICLR 2017.
# - A. A. Alemi, B. Poole, I. Fischer, J. V. Dillon, R. A. Saurous, K. Murphy. *Fixing a
#   broken ELBO.* ICML 2018, arXiv:1711.00464. The rate-distortion curve.
# - A. N. Kolmogorov. *On the Shannon theory of information transmission in the case of
#   continuous signals.* IRE Transactions on Information Theory 2 (1956), 102–108. Reverse
#   water-filling.
# - R. T. Q. Chen, X. Li, R. Grosse, D. Duvenaud. *Isolating sources of disentanglement in
#   variational autoencoders.* NeurIPS 2018, arXiv:1802.04942.
# - F. Locatello et al. *Challenging common assumptions in the unsupervised learning of
#   disentangled representations.* ICML 2019, arXiv:1811.12359.
# - Code: the PyTorch project's *Basic VAE example*; F. Chollet, *Building autoencoders in
#   Keras*, The Keras Blog, 2016; A. K. Subramanian, *PyTorch-VAE*, 2020; *Lightning Bolts*.
