# %% [markdown]
# # 6. The Gaussian KL and the reparameterisation trick
#
# After this lesson you can
#
# - derive the KL divergence from a Gaussian to the prior, line by line, and recognise
#   its well-known wrong forms;
# - differentiate through a random sample, and say when that is not possible;
# - compare two gradient estimators by their variance;
# - say why one sample for each image is enough, and why an encoder gives
#   $\log \sigma^2$.
#
# **Builds on:** [lesson 5](05_evidence_lower_bound.ipynb): the ELBO as
# reconstruction minus rate, the KL divergence, the encoder's Gaussian.
# **You should know:** the density, mean and variance of a normal distribution;
# expectations of sums; the chain rule; what `backward` does in PyTorch.
# **Time:** 90 minutes for the core, 25 for the exercises, 85 for what is headed
# *Further*. It runs in a quarter of a minute.
#
# To predict in earnest, clear the stored outputs first: *Edit → Clear Outputs
# of All Cells*.

# %%
import matplotlib.pyplot as plt
import torch
from torch import nn

import course_lib

course_lib.start()

# %% [markdown]
# ## 1. A Gaussian for each image
#
# Lesson 5 left us with a bound on $\log p(x)$: the reconstruction
# $\mathbb E_{q(z \mid x)}[\log p(x \mid z)]$ minus the rate
# $\mathrm{KL}(q(z \mid x) \,\Vert\, p(z))$. The guess $q(z \mid x)$ comes from an encoder,
# which gives $K$ means $\mu_k$ and $K$ widths $\sigma_k$ (lesson 5's $\tau_k$) for each
# image.
#
# Take a test image, and a **variational autoencoder**
# (VAE) that was trained on MNIST beforehand; you will build one in lesson 7. It has
# $K = 50$ latents. For the widths its encoder gives $\log \sigma_k^2$, called `logvar`.

# %%
from course_lib import data, reference_vae

dataset = data.load()
image = dataset.test_images[1:2]  # (1, 1, 28, 28)
if dataset.name != "mnist":  # give the small digits MNIST's white margin
    image = nn.functional.interpolate(image, size=20)
    image = nn.functional.pad(image, (4, 4, 4, 4))
print(dataset)

# %%
vae = reference_vae.load().requires_grad_(False)
mu_x, logvar_x = vae.encode(image)  # (1, 50) each
sigma_x = torch.exp(0.5 * logvar_x)
print("latent      μ      σ")
for k in sigma_x[0].argsort()[[0, 1, 2, -2, -1]].tolist():
    line = f"{k + 1:6}{mu_x[0, k]:7.2f}{sigma_x[0, k]:7.2f}"
    print(line.replace("-", "−"))

# %% [markdown]
# These are the three narrowest latents and the two widest. Some of the code's numbers are
# known to within about 0.1, others are as wide as the prior, which has $\sigma = 1$.
#
# Now draw ten codes from this $q$ and ten from the prior, and decode them.
# **Predict:** what do the ten from $q$ show? (a) Exactly the same picture ten times.
# (b) Ten versions of the same digit. (c) Ten different digits.

# %%
from torch.distributions import Normal

torch.manual_seed(0)
from_q = Normal(mu_x[0], sigma_x[0]).sample((10,))  # (10, 50)
from_prior = torch.randn(10, 50)

# %% name="a-gaussian-for-each-image" tags=["slide-figure"] alt="Three rows. A handwritten digit; ten decoded samples of its q, which show the same digit with slightly different strokes; ten decoded samples of the prior, different digits, some of them malformed."
from course_lib import plotting

rows = {"the image": torch.cat([image, torch.zeros(9, 1, 28, 28)])}
rows["from q(z | x)"] = torch.sigmoid(vae.decoder(from_q))
rows["from the prior"] = torch.sigmoid(vae.decoder(from_prior))
plotting.show_rows(rows)
plt.show()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# (b). What is uncertain about the code changes a stroke here and there, but not the
# digit. (On the small digits the versions are rougher: this VAE was trained on MNIST.)
#
# </details>
#
# Each term of the bound now raises a question. **The rate:** how many nats does it cost
# that $q$ is not the prior? See section 2. **The reconstruction** is estimated from
# sampled codes, and training needs its gradient with respect to $\mu$ and $\sigma$. How
# does one differentiate something random? See section 4.

# %% [markdown]
# ## 2. The KL to the prior, line by line
#
# One latent first: $q = \mathcal N(\mu, \sigma^2)$, and the prior
# $p = \mathcal N(0, 1)$. The logarithm of a Gaussian density is
#
# $$\log q(z) = -\tfrac12 \log 2\pi - \log \sigma
# - \frac{(z - \mu)^2}{2 \sigma^2} . \tag{6.1}$$
#
# The equations of this section are checked by **quadrature**: an integral over $z$
# becomes a sum over a fine grid. First: does the density integrate to 1, and are its
# mean and variance $\mu$ and $\sigma^2$?

# %%
import math

mu, sigma = 0.7, 0.6
grid = torch.linspace(-12, 12, 4001, dtype=torch.float64)
log_q = -0.5 * math.log(2 * math.pi) - math.log(sigma)
log_q = log_q - (grid - mu) ** 2 / (2 * sigma**2)


def expectation_q(values):
    """Return E_q of values on the grid, by quadrature."""
    return torch.trapezoid(log_q.exp() * values, grid)


# %%
# Check (6.1)
from course_lib import verify

powers = [torch.ones_like(grid), grid, (grid - mu) ** 2]
found = [expectation_q(values) for values in powers]
verify.equal("6.1", found, [1, mu, sigma**2])

# %% [markdown]
# The KL is the expectation, under $q$, of $\log q(z) - \log p(z)$. For $\log p(z)$, put
# $\mu = 0$ and $\sigma = 1$ into (6.1). The constant cancels:
#
# $$\log \frac{q(z)}{p(z)} = -\log \sigma - \frac{(z - \mu)^2}{2 \sigma^2}
# + \frac{z^2}{2} . \tag{6.2}$$

# %%
# Check (6.2)
one = torch.tensor(1.0, dtype=torch.float64)  # makes Normal use float64
q, prior = Normal(mu * one, sigma * one), Normal(0 * one, one)
log_ratio = -math.log(sigma) + grid**2 / 2
log_ratio = log_ratio - (grid - mu) ** 2 / (2 * sigma**2)
verify.equal("6.2", log_ratio, q.log_prob(grid) - prior.log_prob(grid))

# %% [markdown]
# Now take the expectation of each term under $q$. The first number needed is the
# definition of the variance. For the second write $z = (z - \mu) + \mu$ and square;
# the mixed term has mean 0:
#
# $$\mathbb E_q[(z - \mu)^2] = \sigma^2 , \qquad
# \mathbb E_q[z^2] = \sigma^2 + \mu^2 . \tag{6.3}$$

# %%
# Check (6.3)
found = [expectation_q((grid - mu) ** 2), expectation_q(grid**2)]
verify.equal("6.3", found, [sigma**2, sigma**2 + mu**2])

# %% [markdown]
# Put (6.3) into the expectation of (6.2). The second term becomes
# $-\sigma^2 / (2 \sigma^2) = -\frac12$, the third $\frac12 (\sigma^2 + \mu^2)$. And
# $\log \sigma = \frac12 \log \sigma^2$. So
#
# $$\mathrm{KL}\big(\mathcal N(\mu, \sigma^2) \,\Vert\, \mathcal N(0, 1)\big)
# = \tfrac12 \left( \mu^2 + \sigma^2 - 1 - \log \sigma^2 \right) . \tag{6.4}$$
#
# The first term is the price of moving the mean away from 0, the rest the price of a
# width that is not 1. Both are 0 at the prior, and only there.


# %%
def kl_to_prior(mu, sigma):
    """Return KL(N(mu, sigma^2) || N(0, 1)) in nats, elementwise."""
    return 0.5 * (mu**2 + sigma**2 - 1 - 2 * torch.log(sigma))


# %%
# Check (6.4)
from torch.distributions import kl_divergence

kl = kl_to_prior(mu * one, sigma * one)
print(f"KL(N(0.7, 0.6²) || N(0, 1)) = {kl:.4f} nats")
others = [expectation_q(log_ratio), kl_divergence(q, prior)]
verify.equal("6.4", [kl, kl], others)

# %% [markdown]
# A latent that carries information has a $\mu$ that depends on the image, and a small
# $\sigma$. **Predict:** what does it cost to halve a small $\sigma$, and to halve it
# again? (a) Less each time. (b) About 0.7 nats each time. (c) Twice as much each time.

# %%
small = torch.tensor([0.2, 0.1, 0.05, 0.025], dtype=torch.float64)
extra = kl_to_prior(0 * small, small).diff()
print("σ: 0.2 -> 0.1 -> 0.05 -> 0.025 costs")
print(", ".join(f"{nats:.3f}" for nats in extra), "nats")

# %% tags=["claims"]
assert abs(extra[-1] - math.log(2)) < 2e-3

# %% [markdown]
# <details><summary>What to notice</summary>
#
# (b): nearly $\log 2 = 0.693$ nats, which is one bit. For small $\sigma$ only
# $-\log \sigma - \frac12$ is left of the width's price. A bit of precision costs a bit
# of rate.
#
# </details>

# %% [markdown]
# ### Further: the slopes of the price
#
# A loss acts through its gradient, so here are the derivatives of (6.4), the second one
# with respect to what the encoder gives:
#
# $$\frac{\partial\, \mathrm{KL}}{\partial \mu} = \mu , \qquad
# \frac{\partial\, \mathrm{KL}}{\partial \log \sigma^2}
# = \tfrac12 (\sigma^2 - 1) . \tag{6.5}$$
#
# Both pull towards the prior: $\mu$ towards 0 the more strongly the farther it is, and a
# small $\sigma$ with a force that is never more than $\frac12$. (The core goes on below.)

# %%
# Check (6.5)
line = torch.linspace(-3, 3, 101, dtype=torch.float64)
at = torch.stack([line, line.sin()])  # 101 pairs of mu, log sigma^2
mus, logvars = at.requires_grad_()
price = kl_to_prior(mus, torch.exp(0.5 * logvars)).sum()
(slopes,) = torch.autograd.grad(price, at)  # d price / d at
verify.equal("6.5", slopes, torch.stack([mus, 0.5 * (logvars.exp() - 1)]))

# %% [markdown]
# ### Many latents
#
# With $K$ latents, $q$ is a Gaussian with a *diagonal* covariance: the latents are
# independent, each with its own $\mu_k$ and $\sigma_k$. The density is a product, so its
# logarithm is a sum, and the expectation of a sum is the sum of the expectations:
#
# $$\mathrm{KL}\big(\mathcal N(\mu, \operatorname{diag} \sigma^2) \,\Vert\,
# \mathcal N(0, I)\big)
# = \tfrac12 \sum_{k=1}^K \left( \mu_k^2 + \sigma_k^2 - 1 - \log \sigma_k^2 \right) .
# \tag{6.6}$$
#
# A *sum* over latents, not a mean: each latent has its price. Check it on the image's
# $q$.

# %%
mus, sigmas = mu_x[0].double(), sigma_x[0].double()  # (50,) each
prices = kl_to_prior(mus, sigmas)
rate = prices.sum()
print(f"The image's rate is {rate:.1f} nats.")
print(f"{(prices > 0.1).sum()} of its 50 latents cost more than 0.1 nats.")

# %%
# Check (6.6)
from torch.distributions import MultivariateNormal

q_x = MultivariateNormal(mus, torch.diag(sigmas**2))
standard = MultivariateNormal(0 * mus, torch.eye(50).double())
verify.equal("6.6", rate, kl_divergence(q_x, standard))

# %% [markdown]
# ## 3. The wrong forms
#
# (6.4) can be written down wrongly in many ways; here are five. The cell minimises each
# form over $\sigma$, with $\mu = 0$, and evaluates it at $\mu = 1$, $\sigma = 1$, written
# $(1, 1)$, where the right value is $\frac12$.
#
# **Predict:** which of them trains exactly the right model, and yet reports a wrong rate?
# (a) The ½ is missing. (b) The −1 is missing. (c) $\sigma$ in place of $\sigma^2$.


# %%
def forms(mu, sigma):
    """Return the KL to the prior, and what is taken for it, by name."""
    log_sigma = sigma.log()
    return {
        "right": 0.5 * (mu**2 + sigma**2 - 1 - 2 * log_sigma),
        "sign turned": -0.5 * (mu**2 + sigma**2 - 1 - 2 * log_sigma),
        "½ missing": mu**2 + sigma**2 - 1 - 2 * log_sigma,
        "−1 missing": 0.5 * (mu**2 + sigma**2 - 2 * log_sigma),
        "log σ for log σ²": 0.5 * (mu**2 + sigma**2 - 1 - log_sigma),
        "σ for σ²": 0.5 * (mu**2 + sigma - 1 - 2 * log_sigma),
    }


# %%
widths = torch.logspace(-3, 3, 6001, dtype=torch.float64)
at_one, at_widths = forms(one, one), forms(0 * one, widths)
print("form              at (1, 1)   least at σ =   least value")
for name, values in at_widths.items():
    least, place = values.min(0)
    line = f"{name:17}{at_one[name]:10.2f}{widths[place]:15,.2f}"
    print((line + f"{least:14,.2f}").replace("-", "−"))

# %% tags=["claims"]
least_at = {name: widths[v.argmin()].item() for name, v in at_widths.items()}
assert abs(least_at["right"] - 1) < 1e-3
assert least_at["sign turned"] == widths[-1]  # the end of the grid
assert abs(least_at["log σ for log σ²"] - 0.5**0.5) < 1e-3
assert abs(least_at["σ for σ²"] - 2) < 3e-3

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - **Sign turned:** no minimum ($\sigma = 1{,}000$ is where the grid ends); the loss runs
#   away. It happens to those who add $\frac12 \sum (1 + \log \sigma^2 - \mu^2 - \sigma^2)$
#   to a loss: that is *minus* the KL.
# - **½ missing:** the right minimum of the rate alone. But the loss is rate minus
#   reconstruction, and the rate counts twice, so another model is trained (lesson 8's
#   $\beta = 2$).
# - **−1 missing:** the answer, (b). A constant has no gradient. The reported rate is too
#   high by ½ for each latent, and the training curves do not show it.
# - **σ, σ² and log σ² confused:** the optimum is at another width. Training can look
#   healthy, but the codes don't match the prior.
#
# Three tests together catch all five: the value is 0 at the prior, the minimum is there,
# and at $(1, 1)$ the value is $\frac12$.
#
# </details>

# %% [markdown]
# ### A picture of the price
#
# The figure shows (6.4) for all $\mu$ and $\sigma$, and the 50 latents of section 1's
# image. **Predict:** starting from the prior, which is cheaper? (a) To halve $\sigma$.
# (b) To double it. (c) Both cost the same. (In the figure an × marks each of the
# two.)

# %% name="kl-surface" tags=["slide-figure"] alt="Contours of the KL, 0.2 to 4 nats, over μ and σ: wide below the minimum at (0, 1), close above it. An image's fifty latents are dots, many at the minimum, the others below it."
mean_axis = torch.linspace(-3, 3, 121)
width_axis = torch.logspace(-1.4, 0.6, 121)
surface = kl_to_prior(mean_axis, width_axis[:, None])
levels = [0.2, 0.5, 1, 2, 4]
plt.figure(figsize=(8, 4.4))
lines = plt.contour(mean_axis, width_axis, surface, levels, colors="C0")
places = [((2 * level) ** 0.5, 1) for level in levels]  # at σ = 1
for text in plt.clabel(lines, fmt="%g", fontsize=14, manual=places):
    text.set_rotation(0)
plt.plot(mu_x[0], sigma_x[0], "o", color="C1", label="the image's latents")
plt.plot(0, 1, "k+", ms=20, mew=3, label="prior")
plt.plot([], [], color="C0", label="KL in nats")
for width in (0.5, 2):
    nats = kl_to_prior(0, torch.tensor(width))
    plt.plot(0, width, "kx", ms=10, mew=2.5)
    plt.text(-0.1, width, f"{nats:.2f}", ha="right", va="center", fontsize=14)
plt.yscale("log")
plt.minorticks_off()
plt.yticks([0.1, 0.5, 1, 2], ["0.1", "0.5", "1", "2"], fontsize=14)
plt.xticks(fontsize=14)
plt.xlabel("mean, $\\mu$", fontsize=15)
plt.ylabel("width, $\\sigma$", fontsize=15)
plt.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncol=3, fontsize=14)
plt.show()

# %%
halved = kl_to_prior(0 * one, 0.5 * one)
doubled = kl_to_prior(0 * one, 2 * one)
print(f"halve σ: {halved:.2f} nats, double it: {doubled:.2f} nats")
print(f"the image's widths: {sigma_x.min():.2f} to {sigma_x.max():.2f}")

# %% tags=["claims"]
assert halved < doubled and sigma_x.max() < 1.2

# %% [markdown]
# <details><summary>What to notice</summary>
#
# (a), to halve it. A $q$ wider than the prior is costly: $\sigma^2$ grows quickly, and the
# logarithm hardly helps. A narrower one is cheap at first, and the decoder sees less
# noise. So the encoder narrows those latents that carry something about the image. The
# others return to the prior, where they cost nothing: about half lie under the +.
#
# </details>

# %% [markdown]
# ## Further: more about the KL
#
# (The core goes on with section 4.)
#
# ### Two sliders
#
# Move them: the line is the prior, the filled curve $q$.


# %%
def draw_densities(mu, log_sigma, ax=None):
    """Draw q over the prior, the KL as title."""
    figure, ax = (None, ax) if ax else plt.subplots(figsize=(5, 3))
    width = torch.tensor(log_sigma).exp()
    z = torch.linspace(-5, 5, 401)
    ax.plot(z, Normal(0.0, 1.0).log_prob(z).exp(), label="prior")
    density = Normal(mu, width).log_prob(z).exp()
    ax.fill_between(z, density, alpha=0.4, color="C1", label="q")
    kl = kl_to_prior(torch.tensor(mu), width)
    ax.set(xlabel="$z$", ylim=(0, 1.8), title=f"KL = {kl:.2f} nats")
    return figure


# %%
from course_lib import widgets

widgets.explorer(draw_densities, {"μ": (-3, 3), "log σ": (-1.5, 1)})

# %% [markdown]
# Without a running kernel there are no sliders. Here are three of their positions:

# %% alt="Three panels of the density q over the standard normal prior. A narrow q at 0: 0.92 nats. A q as wide as the prior, moved to 1.5: 1.12 nats. Narrow and moved: 2.04, the sum of both."
fig, axes = plt.subplots(1, 3, figsize=(10, 3), sharey=True)
cases = [(0.0, math.log(0.25)), (1.5, 0.0), (1.5, math.log(0.25))]
for ax, (mean, log_sigma) in zip(axes, cases, strict=True):
    draw_densities(mean, log_sigma, ax)
axes[0].legend(loc="upper right")
axes[0].set_ylabel("density")
plt.show()

# %% [markdown]
# A narrow $q$ costs 0.92 nats, one that is moved 1.12, and one that is both 2.04, the sum,
# as (6.4) says.
#
# ### Two arbitrary Gaussians
#
# What is the KL to a Gaussian other than the prior? Measure $z$ from $\mu_1$ in units of
# $\sigma_1$: $z' = (z - \mu_1) / \sigma_1$. Both densities are multiplied by $\sigma_1$, their
# ratio stays, and so does the KL. The second Gaussian is now $\mathcal N(0, 1)$, and the
# first has the mean $(\mu_0 - \mu_1) / \sigma_1$ and the width $\sigma_0 / \sigma_1$.
# Insert these into (6.4):
#
# $$\mathrm{KL}\big(\mathcal N(\mu_0, \sigma_0^2) \,\Vert\,
# \mathcal N(\mu_1, \sigma_1^2)\big)
# = \log \frac{\sigma_1}{\sigma_0}
# + \frac{\sigma_0^2 + (\mu_0 - \mu_1)^2}{2 \sigma_1^2} - \frac12 . \tag{6.7}$$

# %%
# Check (6.7)
mu_1, sigma_1 = -0.5, 1.7  # and q is the first Gaussian
other = Normal(mu_1 * one, sigma_1 * one)
formula = math.log(sigma_1 / sigma) - 0.5
formula = formula + (sigma**2 + (mu - mu_1) ** 2) / (2 * sigma_1**2)
by_quadrature = expectation_q(log_q - other.log_prob(grid))
others = by_quadrature, kl_divergence(q, other)
verify.equal("6.7", [formula, formula], others)

# %% [markdown]
# ### Which way round?
#
# In this section $p$ is the posterior $p(z \mid x)$. The gap of lesson 5 is
# $\mathrm{KL}(q \Vert p)$. Would $\mathrm{KL}(p \Vert q)$ give the same best $q$? Suppose that
# two kinds of codes explain the image, so that
# $p = 0.4\, \mathcal N(-2, 0.6^2) + 0.6\, \mathcal N(2, 0.6^2)$ has two humps, while the guess
# is *one* Gaussian, $q = \mathcal N(\mu, \sigma^2)$. Fit it once by each KL:
#
# - **by KL(p || q)**: the best $\mu$ and $\sigma^2$ are the mean and the variance of $p$
#   (derived below);
# - **by KL(q || p)**: there is no formula, so we descend from two starting points.
#
# **Predict:** where does the second kind of fit end? (a) Between the humps. (b) Over both,
# as wide as the posterior. (c) On one hump, depending on the start.

# %%
humps = Normal(torch.tensor([-2.0, 2.0], dtype=torch.float64), 0.6 * one)
log_share = torch.tensor([0.4, 0.6], dtype=torch.float64).log()
log_posterior = (humps.log_prob(grid[:, None]) + log_share).logsumexp(1)


# %%
def kl_from_posterior(mu, log_sigma):
    """Return KL(p(z | x) || q) by quadrature."""
    log_guess = Normal(mu, log_sigma.exp()).log_prob(grid)
    values = log_posterior.exp() * (log_posterior - log_guess)
    return torch.trapezoid(values, grid)


def kl_to_posterior(mu, log_sigma):
    """Return KL(q || p(z | x)) by quadrature."""
    log_guess = Normal(mu, log_sigma.exp()).log_prob(grid)
    values = log_guess.exp() * (log_guess - log_posterior)
    return torch.trapezoid(values, grid)


# %% [markdown]
# Both numbers are integrals over the grid. To descend, autograd differentiates the
# second one:


# %%
def descend(mu, log_sigma):
    """Return mu and log_sigma of a local minimum of KL(q || p(z | x))."""
    parameters = [(n * one).requires_grad_() for n in (mu, log_sigma)]
    optimizer = torch.optim.Adam(parameters, lr=0.05)
    for step in range(400):
        optimizer.zero_grad()
        kl_to_posterior(*parameters).backward()
        optimizer.step()
    return [number.detach() for number in parameters]


# %%
mean = torch.trapezoid(log_posterior.exp() * grid, grid)
variance = torch.trapezoid(log_posterior.exp() * (grid - mean) ** 2, grid)
covering = [mean, 0.5 * variance.log()]
left, right = descend(-1.0, 0.0), descend(1.0, 0.0)
fits = {"KL(p || q)": covering, "KL(q || p), left": left}
fits["KL(q || p), right"] = right
print(f"{'fit by':17}     μ     σ   KL(p || q)   KL(q || p)")
for name, fit in fits.items():
    place = f"{fit[0]:6.2f}{fit[1].exp():6.2f}"
    kls = f"{kl_from_posterior(*fit):13.2f}{kl_to_posterior(*fit):13.2f}"
    print(f"{name:17}{place}{kls}".replace("-", "−"))

# %% [markdown]
# The posterior, and the three fits:

# %% name="which-way-round" alt="Densities over z. The filled posterior has humps at minus 2 and, higher, at 2. A dashed, low, wide bell covers both; each of two solid bells covers one hump, the left or the right."
plt.figure(figsize=(8, 4.2))
plt.fill_between(grid, log_posterior.exp(), alpha=0.3, color="gray")
styles = "C0--", "C1-", "C2-."
for (m, log_s), style in zip(fits.values(), styles, strict=True):
    density = Normal(m, log_s.exp()).log_prob(grid).exp()
    plt.plot(grid, density, style, lw=2.5)
plt.text(3.5, 0.12, "least KL(p || q)", color="C0", fontsize=15)
which = "minimum of\nKL(q || p),\nstarted "
plt.text(-5.8, 0.45, which + "left", color="C1", fontsize=15)
plt.text(2.9, 0.45, which + "right", color="C2", fontsize=15)
plt.text(-5.8, 0.2, "posterior p", color="0.3", fontsize=15)
plt.xlim(-6, 6)
plt.ylim(0, 0.75)
plt.xticks(fontsize=14)
plt.yticks([0, 0.2, 0.4, 0.6], fontsize=14)
plt.xlabel("$z$", fontsize=16)
plt.ylabel("density", fontsize=15)
plt.show()

# %% tags=["claims"]
for (m, log_s), place in ((left, -2), (right, 2)):
    assert abs(m - place) < 0.05 and abs(log_s.exp() - 0.6) < 0.05
assert covering[1].exp() > 3 * 0.6

# %% [markdown]
# <details><summary>What to notice</summary>
#
# (c). $\mathrm{KL}(q \Vert p)$ averages over $q$, so $q$ must not be where $p$ isn't. The
# fit **seeks a mode**, and ignores the other one (Minka 2005 calls this exclusive). There
# $q$ is about $p / s$, where $s$ is the hump's share, so the KL is about $-\log s$.
#
# $\mathrm{KL}(p \Vert q)$ averages over $p$, so $q$ must be wherever $p$ is. The fit
# **covers the mass** (inclusive), and peaks where $p$ has hardly any.
#
# The ELBO's gap is of the first kind. So where the *family* of $q$ can't follow the
# posterior, the best $q$ of the family tends to be too narrow rather than too wide, as
# here. (Whether an encoder finds this best $q$ is another matter: that is lesson 5's
# amortisation gap, which lesson 7 looks at.)
#
# </details>

# %% [markdown]
# Why are the mean and the variance best? In $\mathrm{KL}(p \Vert q)$ only
# $-\mathbb E_p[\log q(z)]$ depends on $q$. Up to a constant it is
# $\log \sigma + \frac{1}{2 \sigma^2} \mathbb E_p[(z - \mu)^2]$, by (6.1).
# Set its derivatives with respect to $\mu$ and $\sigma$ to 0:
#
# $$\arg\min_{q} \mathrm{KL}(p \,\Vert\, q): \quad
# \mu = \mathbb E_p[z] , \quad \sigma^2 = \operatorname{Var}_p[z] . \tag{6.8}$$
#
# The check: at these moments, by quadrature and autograd, the KL has slope 0 in both
# directions.

# %%
# Check (6.8)
moments = [number.clone().requires_grad_() for number in covering]
slopes = torch.autograd.grad(kl_from_posterior(*moments), moments)
verify.equal("6.8", slopes, [0, 0])

# %% tags=["claims"]
for shift in ((0.1, 0), (-0.1, 0), (0, 0.1), (0, -0.1)):  # a minimum
    there = [c + s for c, s in zip(covering, shift, strict=True)]
    assert kl_from_posterior(*there) > kl_from_posterior(*covering)

# %% [markdown]
# ## 4. A gradient through a sample
#
# Now the other term, $\mathbb E_q[\log p(x \mid z)]$. Write $f(z)$ for what is in the
# bracket. The expectation can be estimated: draw $z$ from $q$, compute $f(z)$. The
# decoder's gradient is easy: $q$ does not depend on the decoder's parameters, so the
# gradient goes under the expectation and is estimated like the expectation itself.
# But the encoder has to be trained too, through its $\mu$ and $\sigma$.
#
# **Predict:** in this cell $f = \sin$. What would `value.backward()` give for
# $\mu$? (a) $\cos 0.7$. (b) The mean of $\cos z$ over the samples. (c) No gradient
# at all.

# %%
mu_plain = torch.tensor(0.7, requires_grad=True)
z = Normal(mu_plain, 0.6).sample((1000,))
value = torch.sin(z).mean()
print(f"E[f(z)] is about {value:.3f}; requires_grad: {value.requires_grad}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# There is none, (c), and `backward()` would raise an error. The samples are numbers that
# came out of a random generator. How they would have moved with a slightly larger $\mu$
# was not recorded. With such a loss the rate alone would train the encoder, and the rate
# wants $q$ to be the prior.
#
# </details>
#
# The way out is the **reparameterisation trick**: draw noise $\epsilon$ whose
# distribution has no parameters, and *compute* $z$ from it. In the drawing, circles are
# drawn at random, squares are computed, and a dashed arrow is a gradient on its way back.

# %% name="sampling-graphs" tags=["slide-figure"] alt="Two graphs. Left, z is a random node between μ, σ and the loss: the gradient stops at z. Right, z is computed from μ, σ and a random ε: the gradient passes through z to μ and σ."
from course_lib import diagrams

diagrams.sampling_graphs()
plt.show()

# %% [markdown]
# A shifted and scaled Gaussian is Gaussian, so $z$ keeps its distribution:
#
# $$z = \mu + \sigma \epsilon , \quad \epsilon \sim \mathcal N(0, 1)
# \quad \Rightarrow \quad z \sim \mathcal N(\mu, \sigma^2) , \quad
# \mathbb E_q[f(z)] = \mathbb E_\epsilon[f(\mu + \sigma \epsilon)] . \tag{6.9}$$
#
# The check takes both expectations by quadrature. On the left the grid holds values of
# $z$, on the right values of $\epsilon$.


# %%
def expectation_eps(values):
    """Return E of values on the grid, for epsilon from N(0, 1)."""
    return torch.trapezoid(prior.log_prob(grid).exp() * values, grid)


# %%
# Check (6.9)
over_z = expectation_q(torch.sin(grid))
over_eps = expectation_eps(torch.sin(mu + sigma * grid))
print(f"E[sin z] is {over_eps:.4f}")
verify.equal("6.9", over_z, over_eps)

# %% [markdown]
# On the right of (6.9) the parameters are inside $f$, and the density of $\epsilon$
# doesn't depend on them. So the derivative goes under the expectation (if $f$ is
# differentiable, kinks like ReLU's apart, and does not grow too fast), and the chain rule
# does the rest:
#
# $$\frac{\partial}{\partial \mu} \mathbb E_q[f(z)] = \mathbb E_\epsilon[f'(z)] ,
# \qquad \frac{\partial}{\partial \sigma} \mathbb E_q[f(z)]
# = \mathbb E_\epsilon[f'(z)\, \epsilon] , \tag{6.10}$$
#
# with $z = \mu + \sigma \epsilon$. This is the **pathwise** gradient: each sample
# follows its path as the parameters change. A single sample gives an unbiased estimate.
# The check differentiates a quadrature over $q$'s density, which knows nothing of
# $\epsilon$.

# %%
# Check (6.10)
live = torch.tensor([mu, sigma], dtype=torch.float64, requires_grad=True)
density = Normal(*live).log_prob(grid).exp()
expected = torch.trapezoid(density * torch.sin(grid), grid)
(exact,) = torch.autograd.grad(expected, live)  # by mu, by sigma
slope = torch.cos(mu + sigma * grid)  # f' = cos
formula = [expectation_eps(slope), expectation_eps(slope * grid)]
verify.equal("6.10", exact, torch.stack(formula))

# %% [markdown]
# Now the same from 100,000 samples, with the standard error:

# %%
generator = torch.Generator().manual_seed(0)
eps = torch.randn(100_000, generator=generator, dtype=torch.float64)
slopes = torch.cos(mu + sigma * eps)
for name, values, truth in zip("μσ", (slopes, slopes * eps), exact):
    error = values.std() / len(values) ** 0.5
    line = f"by {name}: {values.mean():+.4f} ± {error:.4f}, exact {truth:+.4f}"
    print(line.replace("-", "−"))

# %% [markdown]
# As $\mu$ grows, all samples move together, with slope 1. As $\sigma$ grows, they spread,
# each with its own slope $\epsilon$. The encoder gives $\log \sigma^2$, so the chain rule
# is needed once more:
#
# $$z = \mu + e^{\frac12 \log \sigma^2} \epsilon, \qquad
# \frac{\partial z}{\partial \mu} = 1 , \qquad
# \frac{\partial z}{\partial \log \sigma^2} = \tfrac12 \sigma \epsilon . \tag{6.11}$$
#
# In code $z$ is one line, and autograd does the rest. `course_lib` calls it
# `models.reparameterize(mu, logvar)`. In `torch.distributions`, `sample()` cuts the path
# and `rsample()` keeps it.

# %%
one_eps = eps[:1000]
ones = torch.ones_like(one_eps)
mus = (mu * ones).requires_grad_()
logvars = (math.log(sigma**2) * ones).requires_grad_()

# %%
# Check (6.11)
z = mus + torch.exp(0.5 * logvars) * one_eps  # the trick
by_autograd = torch.autograd.grad(z.sum(), [mus, logvars])
formula = torch.stack([ones, 0.5 * sigma * one_eps])
verify.equal("6.11", torch.stack(by_autograd), formula)

# %% [markdown]
# Put together, this is Kingma and Welling's algorithm, which lesson 7 writes in PyTorch.
#
# > **One training step**
# >
# > 1. Take a batch of images $x$.
# > 2. The encoder gives $\mu$ and $\log \sigma^2$ for each image.
# > 3. Draw $\epsilon \sim \mathcal N(0, I)$ for each image.
# > 4. Compute $z = \mu + \sigma \epsilon$ (6.11).
# > 5. The decoder gives $f(z) = \log p(x \mid z)$, and (6.6) gives the rate. The loss is
# >    rate minus $f(z)$, averaged over the batch.
# > 6. `backward` finds the gradients for the decoder and, through $z$, for the encoder.
# >    The optimiser takes a step.

# %% [markdown]
# ## 5. Another way: the score function
#
# What if $f$ can't be differentiated, or $z$ can only jump, as a coin does? Then the
# trick fails. Write the coin as a computation: $z = 1$ if a uniform number $u$ is below
# the probability $\rho$, else 0. Fix $u$ and let $\rho$ grow: $z$ stays 0, and then jumps
# to 1. Its slope is 0 wherever there is one, although the expectation does change.

# %% [markdown]
# But one can differentiate the *density*. Let $\nabla$ be the gradient with respect to the parameters
# of $q$. Since $\nabla q = q\, \nabla \log q$,
#
# $$\nabla \mathbb E_q[f(z)] = \int f(z)\, \nabla q(z)\, dz
# = \mathbb E_q\big[ f(z)\, \nabla \log q(z) \big] . \tag{6.12}$$
#
# This is the **score-function** gradient, also called REINFORCE; $\nabla \log q$ is the
# **score**, here with respect to the *parameters*. (Lesson 3's was with respect to the
# point. For a Gaussian's $\mu$ they differ only in sign.) It needs no $f'$, only values of
# $f$. (Again the derivative must be allowed under the integral.) For a Gaussian, (6.1)
# gives $(z - \mu) / \sigma^2$ with respect to $\mu$, and
# $(z - \mu)^2 / \sigma^3 - 1 / \sigma$ with respect to $\sigma$. A score has mean 0: put
# $f = 1$ into (6.12).

# %% [markdown]
# The check takes an $f$ whose slope is useless, a step: $f(z) = 1$ for $z > 0$, else 0.
# Then $\mathbb E_q[f]$ is the probability of $z > 0$, which PyTorch's `cdf` knows.
# (The new grid begins at the jump. The integrand doesn't fall to 0 there, so a sum over a
# grid is less exact, and the grid is finer.)

# %%
live = [(number * one).requires_grad_() for number in (mu, sigma)]
probability = 1 - Normal(*live).cdf(0 * one)
exact = torch.autograd.grad(probability, live)
print(
    f"d/dμ P(z > 0) is {exact[0]:.4f}, d/dσ {exact[1]:.4f}".replace("-", "−")
)

# %%
# Check (6.12)
above = torch.linspace(0, 12, 160_001, dtype=torch.float64)  # where f is 1
scores = torch.stack(  # with respect to mu and to sigma
    [(above - mu) / sigma**2, (above - mu) ** 2 / sigma**3 - 1 / sigma]
)
by_score = torch.trapezoid(q.log_prob(above).exp() * scores, above)
verify.equal("6.12", by_score, torch.stack(exact))

# %% [markdown]
# ### Two estimators on an image
#
# Both estimators are unbiased. Compare their variances with 50 latents, on section 1's
# image. ($n$ samples divide a variance by $n$: $r$ times the variance needs $r$ times the
# samples.) The decoder gives each pixel a probability $p_i$ of being black. With
# independent pixels
# $\log p(x \mid z) = \sum_i [x_i \log p_i + (1 - x_i) \log(1 - p_i)]$: minus lesson 1's
# cross-entropy (lesson 7 says more). This is $f(z)$, about −80 nats on MNIST.
#
# We want the gradient with respect to the 50 means. The pathwise estimate is the gradient
# of $f$ with respect to $z$ (since $\partial z / \partial \mu = 1$): 50 numbers, which
# autograd finds through the decoder. For the score estimate,
# $(z_k - \mu_k) / \sigma_k^2 = \epsilon_k / \sigma_k$, so entry $k$ is
# $f(z)\, \epsilon_k / \sigma_k$.
#
# **Predict:** by which factor is the score's variance larger, summed over the latents?
# (a) About 8. (b) About 100. (c) More than 1,000.

# %%
from course_lib import losses

eps_x = torch.randn(2000, 50, generator=generator)
z_x = (mu_x + sigma_x * eps_x).requires_grad_()
target = image.expand(2000, -1, -1, -1)
f_x = -losses.bernoulli_nll(vae.decoder(z_x), target)  # f(z), (2000,)
(path_x,) = torch.autograd.grad(f_x.sum(), z_x)  # f'(z), (2000, 50)
f_x = f_x.detach()
line = f"f(z): mean {f_x.mean():.0f} nats, standard deviation {f_x.std():.0f}"
print(line.replace("-", "−"))

# %%
score_x = eps_x / sigma_x  # (z - mu) / sigma^2, with z - mu = sigma eps
centred = f_x - f_x.mean()
variances = {
    "pathwise": path_x.var(0).sum(),
    "score": (f_x[:, None] * score_x).var(0).sum(),
    "score, with f − mean": (centred[:, None] * score_x).var(0).sum(),
}
for name, variance in variances.items():
    factor = variance / variances["pathwise"]
    print(f"{name:21} variance {variance:12,.0f}, factor {factor:8,.1f}")

# %% tags=["claims"]
factors = [v / variances["pathwise"] for v in variances.values()]
assert factors[1] > 1000 and 5 < factors[2] < factors[1] / 50
gap = centred[:, None] * score_x - path_x  # mean 0 if both unbiased
assert (gap.mean(0).abs() < 5 * gap.std(0) / len(f_x) ** 0.5).all()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# (c). The score multiplies its noise by the *value* of $f$, which is dozens of nats here
# (hundreds on the small digits). The pathwise gradient only sees the *slope* of $f$.
#
# Since the score has mean 0, subtracting a constant $c$ from $f$ leaves the estimate's
# mean as it is: $c$ times the score is 0 on average. Something with a known mean that is
# subtracted to lower a variance is called a **control variate**. The last line takes the
# mean of $f$ for $c$. (That mean contains the sample's own $f$, with weight $1/n$. So the
# estimate is too small by a factor $1 - 1/n$.) The pathwise gradient is still better.
#
# </details>

# %% [markdown]
# ### Why one sample for each image is enough
#
# The algorithm draws one $\epsilon$ for each image, and averages the gradient over $B$
# images. This average varies for two reasons: which images are in the batch, and which
# noise is drawn.
#
# **Predict:** take a batch of 128, with one sample each. You may decode ten times as many
# codes. What reduces the variance most? (a) Ten samples for each of the 128 images. (b) One
# sample for each of 1,280 images. (c) No difference.
#
# The cells take a VAE with 20 latents, before training, and one part of its encoder's
# gradient: that of the last layer's bias vector, of which 20 entries are added to the
# $\mu$ of every image. By the chain rule, the gradient of the batch's mean reconstruction
# with respect to them is the mean of $f'(z)$ over images. So the cell differentiates by $z$.

# %%
from course_lib import models

torch.manual_seed(0)
encoder = models.mlp_encoder(784, 400, 2 * 20)  # not trained
decoder = models.mlp_decoder(20, 400, 784)
images = dataset.train_images[:1280]
with torch.no_grad():
    mu_0, logvar_0 = encoder(images).chunk(2, dim=1)  # (1280, 20) each

# %%
sigma_0 = torch.exp(0.5 * logvar_0)
eps_0 = torch.randn(8, 1280, 20)  # 8 samples for each image
z_0 = (mu_0 + sigma_0 * eps_0).requires_grad_()
targets = images.repeat(8, 1, 1, 1)
f_0 = -losses.bernoulli_nll(decoder(z_0.flatten(0, 1)), targets).view(8, 1280)
(path_0,) = torch.autograd.grad(f_0.sum(), z_0)  # (8, 1280, 20)
by_score_0 = f_0.detach()[..., None] * eps_0 / sigma_0  # the same shape

# %% [markdown]
# Each image has its own mean gradient. Let $V_{\text{images}}$ be the variance of these
# means over images, and $V_{\text{noise}}$ that of one sample around its image's mean.
# Averaging $n$ samples divides the second by $n$, and the batch divides both by $B$:
# $(V_{\text{images}} + V_{\text{noise}} / n) / B$. (All variances are summed over the 20
# entries.)
#
# The spread of an image's eight samples estimates $V_{\text{noise}}$. The means of the
# eight still contain $V_{\text{noise}} / 8$, so this is subtracted from their variance to
# get $V_{\text{images}}$. It is the same for both estimators, as they are unbiased; so it
# is taken from the quieter one.

# %%
print("spread of a batch's gradient (standard deviation)")
print("images x samples    128 x 1   128 x 10   1,280 x 1")
spread = {}
for name, values in {"pathwise": path_0, "score": by_score_0}.items():
    by_noise = values.var(0).mean(0).sum()
    if name == "pathwise":  # both estimators have the same mean gradients
        by_images = values.mean(0).var(0).sum() - by_noise / 8
    print(f"{name:16}", end="")
    for B, n in ((128, 1), (128, 10), (1280, 1)):
        spread[name, B, n] = ((by_images + by_noise / n) / B).sqrt()
        print(f"{spread[name, B, n]:11.2f}", end="")
    print()
size = path_0.mean((0, 1)).norm()
print(f"The gradient itself has the length {size:.2f}.")

# %% tags=["claims"]
assert spread["pathwise", 128, 1] < size / 2
assert 100 * size < spread["score", 128, 1]
assert spread["pathwise", 1280, 1] < spread["pathwise", 128, 10]
batches = path_0[:, :1280].view(8, 10, 128, 20).mean(2)  # ten batches
seen = batches.var(1).sum(1).mean().sqrt()
assert abs(seen / spread["pathwise", 128, 1] - 1) < 0.2

# %% [markdown]
# <details><summary>What to notice</summary>
#
# (b). The number of images divides both parts of the variance, the number of samples only
# one. So at equally many decoded codes (not counting the encoder's work) more images are
# never worse than more samples.
# (For the score function the two are equal: there the noise is nearly everything.)
#
# And with 128 images one sample each is enough: the spread is about a sixth of the
# gradient's length. (That is at the start of training. Later the gradient gets shorter
# and the ratio grows, as in all training with batches.) With the score function, and
# nothing subtracted from $f$, it would be more than a hundred times the length.
#
# </details>

# %% [markdown]
# ## 6. What an encoder gives
#
# The encoder has $2K$ outputs, and $K$ of them are $\mu$. What should the others be?
# $\sigma$ must be positive, and (6.4) needs its logarithm. So they are $\log \sigma^2$,
# called `logvar`: any real number is allowed, and the logarithm comes for free.
#
# Lesson 5's encoder gave $\log \tau$, here $\log \sigma$. The two
# differ by a factor 2. $\log \sigma^2$ is the custom. (Why not $\sigma^2$ itself? See
# *Further*.)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the Gaussian KL
#
# Formula (6.6), from what the encoder gives: `mu` and `logvar`. Before you run the check,
# try the three tests that end section 3, above the cell's last line. (There $\sigma = 1$ is
# `logvar` 0, and at (1, 1) the value is ½ for each latent. For the minimum, try
# `logvar` = ±0.1.)
#
# <details><summary>Hint</summary>
#
# $\sigma^2$ is `logvar.exp()`. Which dimension is summed, and which is kept?
#
# </details>

# %%
from course_lib import checks


def gaussian_kl(mu, logvar):
    """Return KL(N(mu, diag exp(logvar)) || N(0, I)) in nats: (B,).

    mu, logvar: (B, K)
    """
    # BEGIN SOLUTION
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)
    # END SOLUTION


checks.gaussian_kl(gaussian_kl)

# %% [markdown]
# ### Exercise 2: the trick
#
# One code for each image, with a gradient to `mu` and `logvar`. The noise comes from a
# generator, so that results can be repeated: `torch.randn(shape, generator=generator)`.
#
# <details><summary>Hint</summary>
#
# The noise has the dtype of `mu`. And $\sigma$ is not `logvar.exp()`.
#
# </details>


# %%
def reparameterize(mu, logvar, generator):
    """Return one sample z of N(mu, diag exp(logvar)) for each row: (B, K).

    mu, logvar: (B, K); generator: a torch.Generator
    """
    # BEGIN SOLUTION
    eps = torch.randn(mu.shape, generator=generator, dtype=mu.dtype)
    return mu + torch.exp(0.5 * logvar) * eps
    # END SOLUTION


checks.reparameterize(reparameterize)

# %% [markdown]
# ### Exercise 3: the score-function gradient
#
# One estimate for each sample, by (6.12), of the derivative with respect to $\mu$. `f`
# is any function of `z`; it may have jumps.
#
# <details><summary>Hint</summary>
#
# Nothing has to be differentiated: the score is given below (6.12).
#
# </details>


# %%
def score_grad(f, mu, sigma, z):
    """Return estimates of the derivative of E[f(z)] by mu: (n,).

    f: takes (n,), gives (n,); mu, sigma: numbers
    z: (n,), samples of N(mu, sigma^2)
    """
    # BEGIN SOLUTION
    return f(z) * (z - mu) / sigma**2
    # END SOLUTION


checks.score_grad(score_grad)

# %% [markdown]
# ## Further: more about gradients
#
# ### Single samples on their paths
#
# The drawing follows single samples as one parameter grows. Each line is one $\epsilon$:

# %% alt="Two line charts of z, one line for each of five values of ε. Against μ, five parallel lines rise with slope 1. Against σ, five lines start together at 0 and fan out, each with its ε as slope."
few = torch.tensor([-1.5, -0.6, 0.1, 0.8, 1.6])
fig, (left_ax, right_ax) = plt.subplots(1, 2, figsize=(8, 3.8), sharey=True)
steps = torch.linspace(0, 1.5, 50)
left_ax.plot(steps, steps[:, None] + few, color="C0")
right_ax.plot(steps, few * steps[:, None], color="C0")
for e in few.tolist():
    text = f" ε = {e:g}".replace("-", "−")
    left_ax.text(1.5, 1.5 + e, text, va="center", fontsize=13)
    right_ax.text(1.5, 1.5 * e, text, va="center", fontsize=13)
left_ax.set_xlabel("$\\mu$  (at $\\sigma$ = 1)", fontsize=15)
right_ax.set_xlabel("$\\sigma$  (at $\\mu$ = 0)", fontsize=15)
left_ax.set_ylabel("$z$", fontsize=15)
plt.show()

# %% [markdown]
# ### Finite differences
#
# A gradient is checked by finite differences: move $\mu$ up and down by $h$, and divide
# the difference by $2h$. **Predict:** draw other noise for "down" than for "up", 1,000
# samples each. What happens as $h$ gets smaller? (a) The quotient comes closer to the
# gradient. (b) It stays equally far off. (c) It runs away.


# %%
def mean_f(mu, eps):
    """Return the mean of f(mu + sigma eps) over samples, f = sin."""
    return torch.sin(mu + sigma * eps).mean()


# %%
print(f"pathwise gradient: {torch.cos(mu + sigma * one_eps).mean():+.4f}")
deviation = torch.sin(mu + sigma * one_eps).std()
print("h         same noise   fresh noise   (its standard error)")
for h in (0.1, 0.01, 0.001, 0.0001):
    fresh = torch.randn(1000, generator=generator, dtype=torch.float64)
    same = mean_f(mu + h, one_eps) - mean_f(mu - h, one_eps)
    apart = mean_f(mu + h, one_eps) - mean_f(mu - h, fresh)
    error = deviation * (2 / 1000) ** 0.5 / (2 * h)
    line = f"{h:<9g}{same / (2 * h):+11.4f}{apart / (2 * h):+14.4f}"
    print((line + f"{error:23.2f}").replace("-", "−"))

# %% tags=["claims"]
assert abs(same / (2 * h) - torch.cos(mu + sigma * one_eps).mean()) < 1e-8
assert error > 100 * abs(same / (2 * h))
two_draws = torch.Generator().manual_seed(1)
two = torch.randn(2, 200, 1000, generator=two_draws, dtype=torch.float64)
up, down = torch.sin(mu + sigma * two).mean(2)  # 200 quotients
assert abs(((up - down) / (2 * h)).std() / error - 1) < 0.2

# %% [markdown]
# <details><summary>What to notice</summary>
#
# (c). With fresh noise the two means differ by their sampling error, and that is divided
# by a small $h$. The difference of two means of 1,000 has the standard error
# $s \sqrt{2 / 1000}$ ($s$ is the standard deviation of $f$), so the quotient's grows as
# $1 / h$, though a single draw may be lucky.
# With the same $\epsilon$ on both sides (**common random numbers**) the error cancels, and
# the quotient is the pathwise gradient. That is the trick once more: fix the noise, move
# the parameters.
#
# </details>

# %% [markdown]
# ### How the variance grows with K
#
# A case that can be solved: $f(z) = \lVert z \rVert^2$ and $q = \mathcal N(0, I)$ in
# $K$ dimensions. For the derivative with respect to $\mu_1$ the pathwise estimate is
# $2 z_1$, the score estimate $\lVert z \rVert^2 z_1$. Both have mean 0, and the variances
#
# $$\begin{gathered}
# \operatorname{Var}[2 z_1] = 4 , \qquad
# \operatorname{Var}[\lVert z \rVert^2 z_1] = (K + 2)(K + 4) , \\
# \operatorname{Var}[(\lVert z \rVert^2 - c) z_1] = 2K + 4 \quad \text{at } c = K + 2 .
# \end{gathered} \tag{6.13}$$
#
# (The third: the score estimate, with the constant subtracted from $f$ that makes its
# variance least. More under *The best constant* below.)

# %% [markdown]
# <details><summary>Derivation of the second and the third</summary>
#
# Let $R = \lVert z \rVert^2$. All coordinates are alike, so
# $\mathbb E[R^2 z_1^2] = \frac1K \mathbb E[R^2 R]$. $R$ has the chi-squared
# distribution with $K$ degrees of freedom, whose third moment is $K (K + 2)(K + 4)$, and
# whose second is $K (K + 2)$. So the variance with $c$ is
# $(K + 2)(K + 4) - 2c (K + 2) + c^2$, with its minimum at $c = K + 2$.
#
# </details>

# %%
# Check (6.13)
sizes, squares, formula = [1, 4, 16, 64], [], []
for K in sizes:
    z = torch.randn(200_000, K, generator=generator).double()
    f_z, first = z.square().sum(1), z[:, 0]
    three = [2 * first, f_z * first, (f_z - (K + 2)) * first]
    squares += [values**2 for values in three]  # the means are 0
    formula += [4, (K + 2) * (K + 4), 2 * K + 4]
squares = torch.stack(squares, 1)  # (200000, 12)
verify.sampled("6.13", squares, formula)

# %% [markdown]
# The lines are (6.13), the marks are sampled:

# %% alt="Variance of one sample against K from 1 to 64, both axes logarithmic. Pathwise: flat at 4. Score function: from 15 to over 4,000. With the best constant subtracted: from 6 to 132. Marks lie on the lines."
sampled = squares.mean(0).view(4, 3)
line = torch.linspace(1, 64, 100)
lines = {  # colour, line style, mark, where the name stands
    "pathwise": (4 + 0 * line, "C0", "--", "o", (20, 2.3)),
    "score function": ((line + 2) * (line + 4), "C1", "-", "s", (2.2, 250)),
    "score, best constant": (2 * line + 4, "C2", "-.", "^", (9, 14)),
}
plt.figure(figsize=(8, 3.8))
for column, (name, drawn) in enumerate(lines.items()):
    values, color, style, mark, place = drawn
    plt.loglog(sizes, sampled[:, column], mark, color=color, markersize=8)
    plt.plot(line, values, style, color=color)
    plt.text(*place, name, color=color, fontsize=15)
plt.xticks(sizes, sizes, fontsize=13)
plt.yticks([10, 100, 1000], ["10", "100", "1,000"], fontsize=13)
plt.ylim(2, 8000)
plt.minorticks_off()
plt.xlabel("latent dimensions, $K$", fontsize=15)
plt.ylabel("variance of one sample", fontsize=15)
plt.show()

# %% [markdown]
# At $K = 20$ the factor is $22 \cdot 24 / 4 = 132$: it takes 132 samples of the score
# function to match one pathwise sample. With the best constant the factor is
# $44 / 4 = 11$.

# %% [markdown]
# ### The best constant
#
# Section 5 subtracted the mean of $f$. Which constant $c$ is best? Write $g$ for the
# score. The mean of $(f - c)\, g$ does not depend on $c$, since $g$ has mean 0. Its
# variance depends on $c$ only through $\mathbb E[(f - c)^2 g^2]$, whose derivative
# $-2\, \mathbb E[(f - c) g^2]$ is 0 at
#
# $$c^* = \frac{\mathbb E[f g^2]}{\mathbb E[g^2]} . \tag{6.14}$$
#
# This is a weighted mean of $f$. The check draws nothing: for $f = z^2$ it computes the
# variance at three values of $c$ by quadrature, and finds the vertex of the parabola.

# %%
f_grid = grid**2
g = (grid - mu) / sigma**2


def variance_with(c):
    """Return the variance of (f - c) g under q, by quadrature."""
    values = (f_grid - c) * g
    return expectation_q(values**2) - expectation_q(values) ** 2


# %%
# Check (6.14)
v0, v1, v2 = (variance_with(c) for c in (0, 1, 2))
vertex = 1 + 0.5 * (v0 - v2) / (v0 - 2 * v1 + v2)
c_best = expectation_q(f_grid * g**2) / expectation_q(g**2)
print(f"variance {v0:.1f} without c, {variance_with(c_best):.1f} with c*")
verify.equal("6.14", c_best, vertex)

# %% [markdown]
# ### Where the trick does not apply
#
# Let $z$ be a coin, 1 with probability $\rho$. Then
#
# $$\mathbb E[f(z)] = \rho f(1) + (1 - \rho) f(0) , \qquad
# \frac{d}{d\rho} \mathbb E[f(z)] = f(1) - f(0) . \tag{6.15}$$
#
# On its path, as section 5 says, $z = 1$ for $u < \rho$ jumps, and has the slope 0
# elsewhere. The score works: it is $1 / \rho$ for $z = 1$, and $-1 / (1 - \rho)$ for $z = 0$.

# %%
rho = 0.3
u = torch.rand(100_000, generator=generator, dtype=torch.float64)
coin = (u < rho).double()
values = torch.tensor([2.0, 5.0]).double()  # f(0), f(1)
f_coin = values[coin.long()]
moved = values[(u < rho + 1e-9).long()] - f_coin
print(f"{(moved != 0).sum()} of 100,000 paths moved when rho grew by 1e-9")

# %%
# Check (6.15)
score_coin = coin / rho - (1 - coin) / (1 - rho)
both = [rho * 5 + (1 - rho) * 2, 5 - 2]
verify.sampled("6.15", torch.stack([f_coin, f_coin * score_coin], 1), both)

# %% [markdown]
# So for discrete codes the trick does **not** work. What one does instead: sum over
# all values, if they are few; use the score function; or replace the coin by something
# continuous that is nearly a coin, and accept some bias (Gumbel-softmax, which
# Maddison et al. call Concrete). Nor does the
# trick work for an $f$ with jumps, such as the step that checked (6.12).

# %% [markdown]
# ## Further: more about logvar
#
# ### $\sigma^2$ and back
#
# Why not let the encoder give $\sigma^2$, and take the logarithm where it is needed? The
# cell goes from the logarithm to $\sigma^2$ and back, in float32, which holds numbers from about
# $10^{-45}$ to $3 \cdot 10^{38}$. **Predict:** for which rows does the third column
# differ from the first? (a) None. (b) Only 100. (c) −120 and 100.

# %%
print("logvar    exp(logvar)   log(exp(logvar))   log(exp(logvar) + 1e-10)")
for value in (-120.0, -50.0, 0.0, 50.0, 100.0):
    logvar = torch.tensor(value)  # float32
    there, back = logvar.exp(), logvar.exp().log()
    padded = (logvar.exp() + 1e-10).log()
    line = f"{value:6g}{there:13.2g}{back:16.4g}{padded:20.4g}"
    print(line.replace("-", "−"))

# %% tags=["claims"]
extreme = torch.tensor([-120.0, 100.0])
assert extreme.exp().log().isinf().all()
padded = (extreme.exp() + 1e-10).log()
assert padded[0] > -24 and padded[1].isinf()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# (c): the way there and back loses what is below about −103 or above about 88, the
# logarithms of float32's limits (below $e^{-87}$ float32 keeps fewer digits). A frequent
# cure, "plus $10^{-10}$ for stability", removes the −inf, but spoils what was right: −50
# comes back as −23. And 100 still overflows. If you have the logarithm, keep it.
#
# </details>

# %% [markdown]
# ### Softplus and expm1
#
# Another positive function is **softplus**: $\sigma = \log(1 + e^a)$ for an output $a$.
# It grows linearly where the exponential explodes, so a far too large output does less
# harm. The cell compares how steeply the KL (6.4) rises with the output.

# %%
raw = torch.tensor([0.0, 5.0, 10.0, 20.0], requires_grad=True)
widths_of = {
    "σ = exp(a / 2)": lambda a: torch.exp(0.5 * a),
    "σ = softplus(a)": nn.functional.softplus,
}

# %%
print("slope of the KL" + "".join(f"{f'a = {a:g}':>14}" for a in raw.tolist()))
for name, width_of in widths_of.items():
    price = kl_to_prior(torch.zeros(4), width_of(raw))
    (steep,) = torch.autograd.grad(price.sum(), raw)
    line = f"{name:15}" + "".join(f"{s:14,.1f}" for s in steep)
    print(line.replace("-", "−"))

# %% tags=["claims"]
assert steep[-1] < 100

# %% [markdown]
# Its drawback: $\log \sigma$ must be computed from $\sigma$, which underflows for
# $a < -104$. This course uses `logvar`, as nearly all VAE code does.
#
# And one detail of `losses.gaussian_kl`, the course's own (6.6). Near the prior,
# $e^{l} - 1 - l$ (with $l$ for `logvar`) subtracts nearly equal numbers, so hardly a
# digit of the result is right.
# `torch.expm1(l)` computes $e^l - 1$ in another way, and keeps its digits:

# %%
near = torch.tensor(1e-4)  # a logvar
exact = 0.5 * (torch.expm1(near.double()) - near.double())
plain = 0.5 * (near.exp() - 1 - near)
careful = 0.5 * (torch.expm1(near) - near)
print(f"exact {exact:.2e}, plain {plain:.2e}, with expm1 {careful:.2e}")

# %% tags=["claims"]
assert abs(plain / exact - 1) > 0.5 and abs(careful / exact - 1) < 0.01

# %% [markdown]
# ### How training starts
#
# **Predict:** in an encoder with PyTorch's default weights, what are the widths
# $\sigma$? (a) Near 0. (b) Near 1. (c) Very different from image to image. And if the
# last layer's weights were 100 times larger?

# %%
print("weights      rate, nats    σ from        to")
start_rate = {}
for scale in (1, 10, 30, 100):
    torch.manual_seed(0)
    encoder = models.mlp_encoder(784, 400, 2 * 20)
    with torch.no_grad():
        encoder[-1].weight.mul_(scale)
        heads = encoder(dataset.train_images[:1000])
    mu_0, logvar_0 = heads.chunk(2, dim=1)  # (1000, 20) each
    start_rate[scale] = losses.gaussian_kl(mu_0, logvar_0).mean()
    width = torch.exp(0.5 * logvar_0)
    print(f"x {scale:<5}{start_rate[scale]:16,.1f}", end="")
    print(f"{width.min():10.2g}{width.max():10,.1f}")

# %% tags=["claims"]
assert start_rate[1] < 1 and start_rate[100] > 1e4

# %% [markdown]
# <details><summary>What to notice</summary>
#
# (b). Small weights give small outputs, so $\mu$ and $\log \sigma^2$ are near 0: every
# $q$ starts near the prior, and the rate near 0. But the exponential is unforgiving: with
# weights 100 times larger the rate is enormous. If a VAE's loss is huge or NaN in its
# first steps, print the largest `logvar`. If it is large before the first step, start the
# last layer with smaller weights. If it becomes so in a few steps, lower the learning rate.
#
# </details>

# %% [markdown]
# ## Further: full covariance
#
# Now two Gaussians in $K$ dimensions, with means $m_0$, $m_1$ and any covariances $S_0$,
# $S_1$. With $S$ in place of $\sigma^2$, the log density (6.1) reads
#
# $$-\tfrac12 \big( K \log 2\pi + \log \lvert S \rvert + (z - m)^\top S^{-1} (z - m) \big) ,$$
#
# where $\lvert S \rvert$ is the determinant. As in one dimension, take the expectation of
# the difference of the log densities. The *trace* $\operatorname{tr}$ is the sum of a
# matrix's diagonal. For a vector $v$, $v^\top A v = \operatorname{tr}(A\, v v^\top)$. So
# $\mathbb E[(z - m_0)^\top A (z - m_0)] = \operatorname{tr}(A S_0)$ if $z$ has the mean
# $m_0$ and the covariance $S_0$. For the first density $A = S_0^{-1}$, and
# $\operatorname{tr} I = K$: that is the $-K$. For the second write
# $z - m_1 = (z - m_0) + (m_0 - m_1)$; the mixed terms have mean 0:
#
# $$\begin{aligned}
# \mathrm{KL} = \tfrac12 \Big( &\operatorname{tr}(S_1^{-1} S_0)
# + (m_1 - m_0)^\top S_1^{-1} (m_1 - m_0) \\
# &- K + \log \lvert S_1 \rvert - \log \lvert S_0 \rvert \Big) .
# \end{aligned} \tag{6.16}$$
#
# For diagonal matrices it becomes a sum of terms like (6.7).

# %% [markdown]
# ### Exercise 4 (further): the KL of full Gaussians
#
# Write (6.16) before you read its check, which follows.
#
# <details><summary>Hint</summary>
#
# `torch.linalg.inv`, `torch.logdet` and `.trace()` are what you need. $S_0^{-1}$ appears
# nowhere.
#
# </details>


# %%
def kl_full(m0, S0, m1, S1):
    """Return KL(N(m0, S0) || N(m1, S1)) in nats, a scalar.

    m0, m1: means, (K,); S0, S1: covariances, (K, K)
    """
    # BEGIN SOLUTION
    inverse = torch.linalg.inv(S1)
    squared = (m1 - m0) @ inverse @ (m1 - m0)
    logdets = torch.logdet(S1) - torch.logdet(S0)
    return 0.5 * ((inverse @ S0).trace() + squared - len(m0) + logdets)
    # END SOLUTION


checks.kl_full(kl_full)

# %% [markdown]
# ### The check of (6.16)
#
# Two random Gaussians in three dimensions:

# %%
A_0, A_1 = torch.randn(2, 3, 3, generator=generator).double()
S0, S1 = A_0 @ A_0.T + torch.eye(3), A_1 @ A_1.T + torch.eye(3)
m0, m1 = torch.randn(2, 3, generator=generator).double()

# %%
# Check (6.16)
inverse = torch.linalg.inv(S1)
formula = (inverse @ S0).trace() + (m1 - m0) @ inverse @ (m1 - m0) - 3
formula = 0.5 * (formula + torch.logdet(S1) - torch.logdet(S0))
q0, q1 = MultivariateNormal(m0, S0), MultivariateNormal(m1, S1)
verify.equal("6.16", formula, kl_divergence(q0, q1))

# %% [markdown]
# ## Summary
#
# - $\mathrm{KL}(\mathcal N(\mu, \sigma^2) \Vert \mathcal N(0, 1))
#   = \frac12 (\mu^2 + \sigma^2 - 1 - \log \sigma^2)$, summed over latents. It is 0 at
#   the prior and, for one latent, $\frac12$ at $\mu = \sigma = 1$.
# - $z = \mu + \sigma \epsilon$ lets gradients through a sample. It needs a
#   differentiable $f$ and a continuous $z$.
# - The score function needs neither, but has more variance: for the means, on one MNIST
#   image, about 3,000 times as much, or about 16 times with a control variate.
# - One sample for each image is enough: the batch averages.
# - Encoders give $\log \sigma^2$, the logarithm that the KL needs.
#
# **Next:** lesson 7 puts both terms into a loss, and trains a variational
# autoencoder.

# %% [markdown]
# ## References
#
# - D. P. Kingma, M. Welling. *Auto-encoding variational Bayes.* ICLR 2014,
#   arXiv:1312.6114. The trick, the algorithm; (6.6) in appendix B.
# - D. J. Rezende, S. Mohamed, D. Wierstra. *Stochastic backpropagation and
#   approximate inference in deep generative models.* ICML 2014, arXiv:1401.4082.
# - D. P. Kingma, M. Welling. *An introduction to variational autoencoders.*
#   Foundations and Trends in Machine Learning 12 (2019), 307–392,
#   arXiv:1906.02691.
# - R. J. Williams. *Simple statistical gradient-following algorithms for
#   connectionist reinforcement learning.* Machine Learning 8 (1992), 229–256.
# - S. Mohamed, M. Rosca, M. Figurnov, A. Mnih. *Monte Carlo gradient estimation in
#   machine learning.* Journal of Machine Learning Research 21 (2020), 132.
# - T. Minka. *Divergence measures and message passing.* Microsoft Research,
#   MSR-TR-2005-173, 2005. Mode-seeking and mass-covering.
# - E. Jang, S. Gu, B. Poole. *Categorical reparameterization with Gumbel-softmax.*
#   ICLR 2017, arXiv:1611.01144.
# - C. J. Maddison, A. Mnih, Y. W. Teh. *The Concrete distribution: a continuous
#   relaxation of discrete random variables.* ICLR 2017, arXiv:1611.00712.
