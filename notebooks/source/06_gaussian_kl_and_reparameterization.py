# %% [markdown]
# # 6. The Gaussian KL and the reparameterisation trick
#
# After this lesson you can
#
# - derive the KL divergence between Gaussians line by line, and recognise its
#   well-known wrong forms;
# - say what a fit does that minimises one KL or the other;
# - differentiate through a random sample, and say when that is not possible;
# - compare two gradient estimators by their variance;
# - compute all this in float32 without overflow.
#
# **Builds on:** [lesson 5](05_evidence_lower_bound.ipynb): the ELBO, reconstruction
# minus rate.
# **Time:** 70 minutes to read and work, half a minute to run.
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
# Lesson 5 left us with a bound that can be computed if two things can:
#
# $$\mathcal L = \mathbb E_{q(z \mid x)}[\log p(x \mid z)]
# - \mathrm{KL}(q(z \mid x) \,\Vert\, p(z)) .$$
#
# The second term, the rate, has a formula for Gaussians. It is derived here line
# by line, since it is so often copied wrongly. The first term has no formula for a
# neural decoder. It is estimated from samples of $z$, and we need its *gradient*. How
# does one differentiate something random?

# %% [markdown]
# ## 1. The KL to the prior, line by line
#
# One latent first. The encoder says $q = \mathcal N(\mu, \sigma^2)$, the prior is
# $p = \mathcal N(0, 1)$. The Gaussian's log density is
#
# $$\log q(z) = -\tfrac12 \log 2\pi - \log \sigma
# - \frac{(z - \mu)^2}{2 \sigma^2} . \tag{6.1}$$
#
# Each equation of this section is checked by **quadrature**: an integral is a sum
# over a fine grid. It knows nothing of formulas.

# %%
# Check (6.1)
import math

mu, sigma = 0.8, 0.6
z = torch.linspace(-12, 12, 4001, dtype=torch.float64)
log_q = -0.5 * math.log(2 * math.pi) - math.log(sigma)
log_q = log_q - (z - mu) ** 2 / (2 * sigma**2)


def expectation_q(values):
    """Return E_q of values on the grid z, by quadrature."""
    return torch.trapezoid(log_q.exp() * values, z)


# %%
assert abs(expectation_q(torch.ones_like(z)) - 1) < 1e-8  # a density
assert abs(expectation_q(z) - mu) < 1e-8  # with this mean
assert abs(expectation_q((z - mu) ** 2) - sigma**2) < 1e-8

# %% [markdown]
# The KL is the expectation of $\log q(z) - \log p(z)$. For $p$ put $\mu = 0$ and
# $\sigma = 1$ into (6.1). The constant $\frac12 \log 2\pi$ stands in both, and
# cancels:
#
# $$\log \frac{q(z)}{p(z)} = -\log \sigma - \frac{(z - \mu)^2}{2 \sigma^2}
# + \frac{z^2}{2} . \tag{6.2}$$

# %%
# Check (6.2)
from torch.distributions import Normal

one = torch.tensor(1.0, dtype=torch.float64)  # makes Normal use float64
q, p = Normal(mu * one, sigma * one), Normal(0 * one, one)
log_ratio = -math.log(sigma) - (z - mu) ** 2 / (2 * sigma**2) + z**2 / 2
difference = q.log_prob(z) - p.log_prob(z)
torch.testing.assert_close(log_ratio, difference, rtol=0, atol=1e-8)

# %% [markdown]
# Now take the expectation under $q$. It needs two numbers. The first is the
# definition of the variance. For the second write $z = (z - \mu) + \mu$ and square;
# the mixed term has mean 0:
#
# $$\mathbb E_q[(z - \mu)^2] = \sigma^2 , \qquad
# \mathbb E_q[z^2] = \sigma^2 + \mu^2 . \tag{6.3}$$

# %%
# Check (6.3)
assert abs(expectation_q((z - mu) ** 2) - sigma**2) < 1e-8
assert abs(expectation_q(z**2) - (sigma**2 + mu**2)) < 1e-8

# %% [markdown]
# Put (6.3) into the expectation of (6.2). The second term becomes
# $-\sigma^2 / 2 \sigma^2 = -\frac12$, the third $\frac12 (\sigma^2 + \mu^2)$. And
# $\log \sigma = \frac12 \log \sigma^2$. So
#
# $$\mathrm{KL}\big(\mathcal N(\mu, \sigma^2) \,\Vert\, \mathcal N(0, 1)\big)
# = \tfrac12 \left( \mu^2 + \sigma^2 - 1 - \log \sigma^2 \right) . \tag{6.4}$$
#
# That is the formula. Four witnesses: quadrature, `torch.distributions`, a sampled
# mean, and a computer algebra system.


# %%
# Check (6.4)
def kl_to_prior(mu, sigma):
    """Return KL(N(mu, sigma^2) || N(0, 1)) in nats, elementwise."""
    return 0.5 * (mu**2 + sigma**2 - 1 - 2 * torch.log(sigma))


from torch.distributions import kl_divergence

kl = kl_to_prior(mu * one, sigma * one)
print(f"KL(N(0.8, 0.6²) || N(0, 1)) = {kl:.4f} nats")
assert abs(kl - expectation_q(log_ratio)) < 1e-8
assert abs(kl - kl_divergence(q, p)) < 1e-8

# %%
generator = torch.Generator().manual_seed(0)
samples = mu + sigma * torch.randn(200_000, generator=generator).double()
values = q.log_prob(samples) - p.log_prob(samples)
error = values.std() / len(values) ** 0.5
print(f"sampled: {values.mean():.4f} nats, standard error {error:.4f}")
assert abs(values.mean() - kl) < 4 * error

# %%
import sympy

loc, t = sympy.symbols("mu z", real=True)
s = sympy.symbols("sigma", positive=True)
symbolic_q = sympy.exp(-((t - loc) ** 2) / (2 * s**2)) / (
    s * sympy.sqrt(2 * sympy.pi)
)

# %%
log_q_over_p = -sympy.log(s) - (t - loc) ** 2 / (2 * s**2) + t**2 / 2
integral = sympy.integrate(symbolic_q * log_q_over_p, (t, -sympy.oo, sympy.oo))
formula = (loc**2 + s**2 - 1 - sympy.log(s**2)) / 2
assert sympy.simplify(integral - formula) == 0

# %% [markdown]
# Read it. $\frac12 \mu^2$ is the price of moving the mean away from 0. The rest,
# $\frac12 (\sigma^2 - 1 - \log \sigma^2)$, is the price of a width that is not 1.
# Where is it least? Take the derivatives, the second one with respect to
# $\log \sigma^2$, since that is what a network will give us:
#
# $$\frac{\partial\, \mathrm{KL}}{\partial \mu} = \mu , \qquad
# \frac{\partial\, \mathrm{KL}}{\partial \log \sigma^2}
# = \tfrac12 (\sigma^2 - 1) . \tag{6.5}$$
#
# Both are 0 at $\mu = 0$, $\sigma = 1$ only: at the prior, as (5.8) demands.

# %%
# Check (6.5)
at_mu = torch.randn(100, generator=generator).double().requires_grad_()
at_logvar = torch.randn(100, generator=generator).double().requires_grad_()
price = kl_to_prior(at_mu, (0.5 * at_logvar).exp()).sum()
slope_mu, slope_logvar = torch.autograd.grad(price, [at_mu, at_logvar])
torch.testing.assert_close(slope_mu, at_mu, rtol=0, atol=1e-8)
slope = 0.5 * (at_logvar.exp() - 1)
torch.testing.assert_close(slope_logvar, slope, rtol=0, atol=1e-8)

# %% [markdown]
# **Predict:** a latent is used to send information: its $\mu$ depends on the image,
# and its $\sigma$ is small. What does it cost to halve $\sigma$ once more?

# %%
small = torch.tensor([0.2, 0.1, 0.05, 0.025], dtype=torch.float64)
prices = kl_to_prior(0 * small, small)
extra = prices.diff()
print("nats for each halving:", ", ".join(f"{e:.3f}" for e in extra))

# %%
assert abs(extra[-1] - math.log(2)) < 2e-3

# %% [markdown]
# <details><summary>What to notice</summary>
#
# Nearly $\log 2 = 0.693$ nats, that is, one bit. For small $\sigma$ only
# $-\log \sigma - \frac12$ is left of the width's price. Each bit of precision in a
# code costs one bit of rate.
#
# </details>

# %% [markdown]
# ### Many latents
#
# A code has $K$ numbers, and the encoder gives each its own $\mu_k$ and $\sigma_k$:
# a Gaussian with a *diagonal* covariance. Its density is a product, so its
# logarithm is a sum, and the expectation of a sum is the sum of the expectations:
#
# $$\mathrm{KL}\big(\mathcal N(\mu, \operatorname{diag} \sigma^2) \,\Vert\,
# \mathcal N(0, I)\big)
# = \tfrac12 \sum_{k=1}^K \left( \mu_k^2 + \sigma_k^2 - 1 - \log \sigma_k^2 \right) .
# \tag{6.6}$$
#
# It is a *sum* over latents, not a mean. Each latent has to be paid for.

# %%
# Check (6.6)
from torch.distributions import MultivariateNormal

K = 5
mus = torch.randn(3, K, generator=generator).double()  # 3 images
sigmas = torch.rand(3, K, generator=generator).double() + 0.1
standard = MultivariateNormal(torch.zeros(K).double(), torch.eye(K).double())
oracle = kl_divergence(
    MultivariateNormal(mus, torch.diag_embed(sigmas**2)), standard
)
rates = kl_to_prior(mus, sigmas).sum(1)  # (3,): one rate per image
torch.testing.assert_close(rates, oracle, rtol=0, atol=1e-8)

# %% [markdown]
# ### Two arbitrary Gaussians
#
# Change the unit: measure $z$ from $\mu_1$ in units of $\sigma_1$,
# $z' = (z - \mu_1) / \sigma_1$. Both densities are multiplied by $\sigma_1$, their
# ratio stays, and so does the KL. But now $p$ is $\mathcal N(0, 1)$, and $q$ has
# the mean $(\mu_0 - \mu_1) / \sigma_1$ and the width $\sigma_0 / \sigma_1$. Insert
# them into (6.4):
#
# $$\mathrm{KL}\big(\mathcal N(\mu_0, \sigma_0^2) \,\Vert\,
# \mathcal N(\mu_1, \sigma_1^2)\big)
# = \log \frac{\sigma_1}{\sigma_0}
# + \frac{\sigma_0^2 + (\mu_0 - \mu_1)^2}{2 \sigma_1^2} - \frac12 . \tag{6.7}$$

# %%
# Check (6.7)
mu_1, sigma_1 = -0.5, 1.7
other = Normal(mu_1 * one, sigma_1 * one)
formula = math.log(sigma_1 / sigma) - 0.5
formula = formula + (sigma**2 + (mu - mu_1) ** 2) / (2 * sigma_1**2)
assert abs(formula - expectation_q(log_q - other.log_prob(z))) < 1e-8
assert abs(formula - kl_divergence(q, other)) < 1e-8
moved = kl_to_prior((mu - mu_1) / sigma_1 * one, sigma / sigma_1 * one)
assert abs(formula - moved) < 1e-8  # the change of unit

# %% [markdown]
# ## 2. The wrong forms
#
# (6.4) has five places to go wrong. Here are the mistakes that stand in tutorials
# and repositories. Each is minimised over $\sigma$, with $\mu = 0$, and evaluated
# at $\mu = 1$, $\sigma = 1$, where the right value is $\frac12$.
#
# **Predict:** which of them would train a model to a wrong $\sigma$? Which one would
# never converge?

# %%
forms = {
    "right": lambda m, s: 0.5 * (m**2 + s**2 - 1 - 2 * s.log()),
    "sign turned": lambda m, s: -0.5 * (m**2 + s**2 - 1 - 2 * s.log()),
    "1/2 missing": lambda m, s: m**2 + s**2 - 1 - 2 * s.log(),
    "-1 missing": lambda m, s: 0.5 * (m**2 + s**2 - 2 * s.log()),
    "log σ for log σ²": lambda m, s: 0.5 * (m**2 + s**2 - 1 - s.log()),
    "σ for σ²": lambda m, s: 0.5 * (m**2 + s - 1 - 2 * s.log()),
}

# %%
widths = torch.logspace(-3, 3, 6001, dtype=torch.float64)
best_width = {}
print("form              at (1, 1)   least at σ =   least value")
for name, form in forms.items():
    least, place = form(0 * widths, widths).min(0)
    best_width[name] = widths[place].item()
    line = f"{name:17}{form(one, one):10.2f}{widths[place]:14.2f}"
    print(line + f"{least:14.2f}")

# %%
assert abs(best_width["right"] - 1) < 1e-3
assert best_width["sign turned"] == widths[-1]  # the end of the grid
assert abs(best_width["log σ for log σ²"] - 0.5**0.5) < 1e-3
assert abs(best_width["σ for σ²"] - 2) < 3e-3

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - **Sign turned:** no minimum. As a loss it runs away, to infinite $\mu$ or
#   $\sigma$, or to $\sigma = 0$. This happens when $\frac12 \sum (1 + \log \sigma^2 - \mu^2 - \sigma^2)$,
#   which is *minus* the KL, is added to a loss.
# - **½ missing:** the right minimum, every rate counted twice. Lesson 8 calls this
#   $\beta = 2$.
# - **−1 missing:** trains rightly, since a constant has no gradient. The reported
#   number is wrong by $K / 2$ nats. No curve will tell you.
# - **σ, σ² and log σ² confused:** the optimum sits at another width. Training looks
#   healthy; the codes don't match the prior, and samples suffer.
#
# Three tests catch all five: 0 at the prior, the minimum there, $\frac12$ at $(1, 1)$.
#
# </details>

# %% [markdown]
# ### A picture of the price
#
# **Predict:** go from the prior ($\mu = 0$, $\sigma = 1$). What is cheaper, to halve
# $\sigma$ or to double it?

# %% name="kl-surface" tags=["slide-figure"] alt="Contours of the KL, from 0.05 to 4 nats, over μ and, on a logarithmic axis, σ. They enclose the minimum at μ = 0, σ = 1, and reach farther down than up: halving σ costs less than doubling."
mean_axis = torch.linspace(-3, 3, 121)
width_axis = torch.logspace(-1.3, 0.6, 121)
surface = kl_to_prior(mean_axis, width_axis[:, None])
levels = [0.05, 0.2, 0.5, 1, 2, 4]
plt.figure(figsize=(7, 4))
lines = plt.contour(mean_axis, width_axis, surface, levels, colors="C0")
plt.clabel(lines, fmt="%g")
plt.plot(0, 1, "k+", markersize=12)
plt.yscale("log")
plt.minorticks_off()
ticks = [0.05, 0.1, 0.2, 0.5, 1, 2, 4]
plt.yticks(ticks, [f"{tick:g}" for tick in ticks])
plt.xlabel("$\\mu$")
plt.ylabel("$\\sigma$")
plt.title("KL to the prior, nats")
plt.show()

# %%
halved = kl_to_prior(0 * one, 0.5 * one)
doubled = kl_to_prior(0 * one, 2 * one)
print(f"halve σ: {halved:.2f} nats, double it: {doubled:.2f} nats")
assert halved < doubled

# %% [markdown]
# To halve. Wider than the prior is dear: $\sigma^2$ grows, and the logarithm hardly
# helps. Narrower is cheap at first. An encoder that has something to say narrows its
# Gaussian, since only precision helps the decoder. One that has nothing to say returns to
# the prior.
#
# Move the two sliders: the prior is the thin line, $q$ the filled curve. (Without a
# running kernel, see the three cases below it.)


# %%
def draw_densities(mu, log_sigma, ax=None):
    """Draw q over the prior, the KL as title."""
    figure, ax = (None, ax) if ax else plt.subplots(figsize=(5, 3))
    sigma = torch.tensor(log_sigma).exp()
    axis = torch.linspace(-5, 5, 401)
    ax.plot(axis, Normal(0.0, 1.0).log_prob(axis).exp(), label="prior")
    density = Normal(mu, sigma).log_prob(axis).exp()
    ax.fill_between(axis, density, alpha=0.4, color="C1", label="q")
    kl = kl_to_prior(torch.tensor(mu), sigma)
    ax.set(xlabel="z", ylim=(0, 1.7), title=f"KL = {kl:.2f} nats")
    return figure


# %%
from course_lib import widgets

widgets.explorer(draw_densities, {"μ": (-3, 3), "log σ": (-1.5, 1)})

# %% name="densities" tags=["slide-figure"] alt="Three panels of the density q over the standard normal prior. A narrow q at 0: 0.92 nats. A q as wide as the prior, moved to 1.5: 1.12 nats. Narrow and moved: 2.04, the sum of both."
fig, axes = plt.subplots(1, 3, figsize=(10, 3), sharey=True)
cases = [(0.0, math.log(0.25)), (1.5, 0.0), (1.5, math.log(0.25))]
for ax, (mean, log_sigma) in zip(axes, cases, strict=True):
    draw_densities(mean, log_sigma, ax)
axes[0].legend()
axes[0].set_ylabel("density")
plt.show()

# %% [markdown]
# ## 3. Which way round?
#
# Lesson 5 showed that KL is not symmetric. What follows for a fit? Let $p$ have two
# humps, and fit *one* Gaussian $q = \mathcal N(m, s^2)$ to it, once by each KL.
#
# The KL from $p$ to $q$ has a closed answer. Only $-\mathbb E_p[\log q(z)]$ depends
# on $q$, and but for a constant it is
# $\log s + \frac{1}{2 s^2} \mathbb E_p[(z - m)^2]$. Set its derivatives with respect to
# $m$ and $s$ to 0:
#
# $$\arg\min_{q} \mathrm{KL}(p \,\Vert\, q): \quad
# m = \mathbb E_p[z] , \quad s^2 = \operatorname{Var}_p[z] . \tag{6.8}$$

# %%
humps = Normal(torch.tensor([-2.0, 2.0], dtype=torch.float64), 0.6 * one)
log_share = torch.tensor([0.4, 0.6], dtype=torch.float64).log()
log_humps = (humps.log_prob(z[:, None]) + log_share).logsumexp(1)


def forward_kl(m, log_s):
    """Return KL(p || q) by quadrature."""
    log_q = Normal(m, log_s.exp()).log_prob(z)
    return torch.trapezoid(log_humps.exp() * (log_humps - log_q), z)


def reverse_kl(m, log_s):
    """Return KL(q || p) by quadrature."""
    log_q = Normal(m, log_s.exp()).log_prob(z)
    return torch.trapezoid(log_q.exp() * (log_q - log_humps), z)


# %%
# Check (6.8)
mean_p = torch.trapezoid(log_humps.exp() * z, z)
var_p = torch.trapezoid(log_humps.exp() * (z - mean_p) ** 2, z)
moments = [mean_p.requires_grad_(), (0.5 * var_p.log()).requires_grad_()]
slopes = torch.autograd.grad(forward_kl(*moments), moments)
assert all(abs(slope) < 1e-8 for slope in slopes)  # a stationary point
moments = [number.detach() for number in moments]
for step in range(100):  # and no step away from it is an improvement
    near = [n + 0.1 * torch.randn(1, generator=generator) for n in moments]
    assert forward_kl(*near) > forward_kl(*moments)

# %% [markdown]
# The other direction, the KL from $q$ to $p$, has no closed answer here. So descend,
# from two starts. **Predict:** where will each end?


# %%
def descend(m, log_s):
    """Return m and log_s of a local minimum of KL(q || p)."""
    parameters = [(n * one).requires_grad_() for n in (m, log_s)]
    optimizer = torch.optim.Adam(parameters, lr=0.05)
    for step in range(400):
        optimizer.zero_grad()
        reverse_kl(*parameters).backward()
        optimizer.step()
    return [number.detach() for number in parameters]


left, right = descend(-1.0, 0.0), descend(1.0, 0.0)

# %% name="which-way-round" tags=["slide-figure"] alt="Densities over z. The target p has humps at minus 2 and, higher, at 2. Least KL from p to q gives one low, wide bell over both; least KL from q to p covers one, left or right."
plt.fill_between(z, log_humps.exp(), alpha=0.25, color="gray", label="p")
fits = {
    "least KL(p || q)": moments,
    "least KL(q || p), from the left": left,
    "least KL(q || p), from the right": right,
}
for name, (m, log_s) in fits.items():
    plt.plot(z, Normal(m, log_s.exp()).log_prob(z).exp(), label=name)
plt.xlim(-6, 6)
plt.ylim(0, 0.95)
plt.xlabel("z")
plt.ylabel("density")
plt.legend(fontsize=10, loc="upper left")
plt.show()

# %%
print(f"{'fit':34}KL(p || q)  KL(q || p)")
for name, fit in fits.items():
    print(f"{name:34}{forward_kl(*fit):10.2f}{reverse_kl(*fit):12.2f}")
for (m, log_s), place in ((left, -2), (right, 2)):
    assert abs(m - place) < 0.05 and abs(log_s.exp() - 0.6) < 0.05
assert moments[1].exp() > 3 * 0.6

# %% [markdown]
# <details><summary>What to notice</summary>
#
# $\mathrm{KL}(p \Vert q)$ averages over $p$: $q$ must be wherever $p$ is, or pay
# dearly. The fit **covers the mass**, with its peak where $p$ has hardly any.
#
# $\mathrm{KL}(q \Vert p)$ averages over $q$: it must not be where $p$ isn't. The fit
# **seeks a mode**, and doesn't care about the other. Which one depends on the start.
#
# The ELBO's gap is $\mathrm{KL}(q(z \mid x) \Vert p(z \mid x))$: the second kind. So
# where a simple $q$ can't match the posterior, it tends to be too narrow rather than
# too wide. (Lesson 5's best diagonal $q$ was of that kind.)
#
# </details>

# %% [markdown]
# ## 4. A gradient through a sample
#
# Now the other term, $\mathbb E_{q}[\log p(x \mid z)]$. Write $f(z)$ for what stands
# in the bracket. We can estimate the expectation: draw $z$ from $q$, compute $f(z)$.
# The decoder's gradient is the easy one: $q$ does not depend on $\theta$, so the gradient
# goes under the expectation, and a sample of it will do. But the parameters of $q$, the
# encoder's output, have to be trained too.
#
# **Predict:** what is the gradient of $f(z)$ with respect to $\mu$ in this cell?

# %%
mu_plain = torch.tensor(0.8, requires_grad=True)
z_sampled = Normal(mu_plain, 0.6).sample((1000,))
value = torch.sin(z_sampled).mean()  # f = sin
print(f"E[f(z)] is about {value:.3f}; requires_grad: {value.requires_grad}")

# %% [markdown]
# There is none. The samples are numbers that came out of a random generator. How
# they would have moved if $\mu$ had been a little larger, nobody recorded. With a
# loss like this only the decoder would learn. The encoder would get its gradient
# from the rate alone, and the rate wants $q$ to be the prior.
#
# The **reparameterisation trick** makes the sample a *function* of the parameters,
# and moves the randomness outside:
#
# $$z = \mu + \sigma \epsilon , \quad \epsilon \sim \mathcal N(0, 1)
# \quad \Rightarrow \quad z \sim \mathcal N(\mu, \sigma^2) , \quad
# \mathbb E_q[f(z)] = \mathbb E_\epsilon[f(\mu + \sigma \epsilon)] . \tag{6.9}$$
#
# A scaled and shifted Gaussian is Gaussian, with this mean and this width.

# %%
# Check (6.9)
eps = z  # the same grid, now for epsilon
density = p.log_prob(eps).exp()  # of N(0, 1)
right_side = torch.trapezoid(density * torch.sin(mu + sigma * eps), eps)
assert abs(expectation_q(torch.sin(z)) - right_side) < 1e-8
# and a formula: the Gaussian's characteristic function
closed_form = math.sin(mu) * math.exp(-(sigma**2) / 2)
assert abs(right_side - closed_form) < 1e-8

# %% [markdown]
# On the right of (6.9) the parameters stand inside $f$, and the density of $\epsilon$
# doesn't depend on them. So the derivative goes under the expectation, if $f$ is
# differentiable and does not grow too wildly, and the chain rule does the rest:
#
# $$\frac{\partial}{\partial \mu} \mathbb E_q[f(z)] = \mathbb E_\epsilon[f'(z)] ,
# \qquad \frac{\partial}{\partial \sigma} \mathbb E_q[f(z)]
# = \mathbb E_\epsilon[f'(z)\, \epsilon] , \tag{6.10}$$
#
# with $z = \mu + \sigma \epsilon$. This is the **pathwise** gradient: each sample
# follows its path. One sample gives an unbiased estimate.

# %%
# Check (6.10)
by_mu = math.cos(mu) * math.exp(-(sigma**2) / 2)  # of the closed form
by_sigma = -sigma * closed_form
slope = density * torch.cos(mu + sigma * eps)  # f' = cos
assert abs(torch.trapezoid(slope, eps) - by_mu) < 1e-8
assert abs(torch.trapezoid(slope * eps, eps) - by_sigma) < 1e-8

# %%
eps_drawn = torch.randn(100_000, generator=generator, dtype=torch.float64)
slopes = torch.cos(mu + sigma * eps_drawn)
for values, truth in ((slopes, by_mu), (slopes * eps_drawn, by_sigma)):
    error = values.std() / len(values) ** 0.5
    print(f"sampled {values.mean():+.4f}, exact {truth:+.4f}")
    assert abs(values.mean() - truth) < 4 * error

# %% name="paths" tags=["slide-figure"] alt="Two line charts of z, six values of noise in each. Against μ, six parallel lines rise with slope 1. Against σ, six lines start together at 0 and fan out, three upwards, three downwards."
few = torch.tensor([-1.5, -0.7, -0.2, 0.4, 1.0, 1.8])
fig, (left_ax, right_ax) = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
steps = torch.linspace(0, 1.5, 50)
left_ax.plot(steps, steps[:, None] + few, color="C0")
left_ax.set(xlabel="$\\mu$  ($\\sigma$ = 1)", ylabel="$z$")
right_ax.plot(steps, few * steps[:, None], color="C1")
right_ax.set(xlabel="$\\sigma$  ($\\mu$ = 0)")
plt.show()

# %% [markdown]
# Each line is one $\epsilon$. As $\mu$ grows, all samples move together, and the
# slope is 1. As $\sigma$ grows, they spread, and the slope is $\epsilon$. A network
# gives $\log \sigma^2$, so once more by the chain rule:
#
# $$z = \mu + e^{\frac12 \log \sigma^2} \epsilon, \qquad
# \frac{\partial z}{\partial \mu} = 1 , \qquad
# \frac{\partial z}{\partial \log \sigma^2} = \tfrac12 \sigma \epsilon . \tag{6.11}$$
#
# In PyTorch it is one line, and autograd does the rest.

# %%
# Check (6.11)
ones = torch.ones(1000, dtype=torch.float64)
mu_live = (mu * ones).requires_grad_()
logvar = (math.log(sigma**2) * ones).requires_grad_()
noise = eps_drawn[:1000]
z_live = mu_live + torch.exp(0.5 * logvar) * noise
by_mu_1, by_logvar_1 = torch.autograd.grad(z_live.sum(), [mu_live, logvar])
torch.testing.assert_close(by_mu_1, ones, rtol=0, atol=1e-8)
torch.testing.assert_close(by_logvar_1, 0.5 * sigma * noise, rtol=0, atol=1e-8)

# %% [markdown]
# `torch.distributions` has both kinds: `sample()` cuts the path, `rsample()` keeps
# it. In `course_lib` the line is `models.reparameterize(mu, logvar)`.
#
# ### Finite differences
#
# A gradient is checked by finite differences: move $\mu$ up and down by $h$, and
# divide. **Predict:** draw fresh samples for "up" and for "down". What happens for
# small $h$?


# %%
def estimate(mu, eps):
    """Return the sampled mean of f(mu + sigma eps), f = sin."""
    return torch.sin(mu + sigma * eps).mean()


autograd_slope = torch.cos(mu + sigma * noise).mean()
print(f"autograd: {autograd_slope:+.4f}")
print("h         common noise   fresh noise")
for h in 1e-1, 1e-2, 1e-3, 1e-4:
    fresh = torch.randn(1000, generator=generator, dtype=torch.float64)
    common = (estimate(mu + h, noise) - estimate(mu - h, noise)) / (2 * h)
    apart = (estimate(mu + h, noise) - estimate(mu - h, fresh)) / (2 * h)
    print(f"{h:<9g}{common:+12.4f}{apart:+14.4f}")

# %%
assert abs(common - autograd_slope) < 1e-8
assert abs(apart - autograd_slope) > 1

# %% [markdown]
# With fresh noise the two means differ by their sampling error, and that is divided
# by $h$. With **common random numbers** the same $\epsilon$ is used on both sides,
# the error cancels, and the quotient is the pathwise gradient. That is the trick
# once more: fix the noise, move the parameters.

# %% [markdown]
# ## 5. Another way, and its price
#
# What if $f$ can't be differentiated, or $z$ is not a smooth function of anything?
# Differentiate the *density* instead. Let $\nabla$ be the gradient with respect to
# the parameters of $q$, not to $z$. With $\nabla q = q\, \nabla \log q$,
#
# $$\nabla \mathbb E_q[f(z)] = \int f(z)\, \nabla q(z)\, dz
# = \mathbb E_q\big[ f(z)\, \nabla \log q(z) \big] . \tag{6.12}$$
#
# This is the **score-function** gradient, known as REINFORCE. It needs no $f'$, only
# values of $f$. (The conditions: $q$ is smooth in its parameters, $f$ does not depend on
# them, and the derivative may go under the integral.) Test it where the pathwise gradient fails: a step, $f(z) = 1$ for
# $z > 0$ and 0 elsewhere. Then $\mathbb E_q[f]$ is the probability of $z > 0$, the
# normal distribution function of $\mu / \sigma$. (The score of a Gaussian follows in
# (6.13).)

# %%
# Check (6.12)
fine = torch.linspace(0, 12, 40_001, dtype=torch.float64)  # where f is 1
score_mu = (fine - mu) / sigma**2
by_score = torch.trapezoid(q.log_prob(fine).exp() * score_mu, fine)
exact = p.log_prob(mu / sigma * one).exp() / sigma  # of the cdf
assert abs(by_score - exact) < 1e-8
print(f"d/dμ P(z > 0) = {exact:.4f}; pathwise: f' is 0 everywhere but at 0")

# %% [markdown]
# For a Gaussian the score is, from (6.1),
#
# $$\frac{\partial \log q}{\partial \mu} = \frac{z - \mu}{\sigma^2} , \qquad
# \frac{\partial \log q}{\partial \sigma} = \frac{(z - \mu)^2}{\sigma^3}
# - \frac1\sigma , \qquad \mathbb E_q[\nabla \log q] = 0 . \tag{6.13}$$
#
# The last part is (6.12) with $f = 1$: the expectation of a constant has no slope.

# %%
# Check (6.13)
parameters = [(n * one).requires_grad_() for n in (mu, sigma)]
points = z[1500:2500]
scores = [(points - mu) / sigma**2]
scores.append((points - mu) ** 2 / sigma**3 - 1 / sigma)

# %%
for place in range(0, 1000, 100):
    log_density = Normal(*parameters).log_prob(points[place])
    slopes = torch.autograd.grad(log_density, parameters)
    for slope, score in zip(slopes, scores, strict=True):
        assert abs(slope - score[place]) < 1e-8

# %%
assert abs(expectation_q((z - mu) / sigma**2)) < 1e-8
assert abs(expectation_q((z - mu) ** 2 / sigma**3 - 1 / sigma)) < 1e-8

# %% [markdown]
# Both estimators are unbiased. Compare them where both work, on $f = \sin$.

# %%
drawn = mu + sigma * eps_drawn
pathwise = torch.cos(drawn)
score = torch.sin(drawn) * (drawn - mu) / sigma**2
for name, values in {"pathwise": pathwise, "score": score}.items():
    error = values.std() / len(values) ** 0.5
    print(f"{name:9} mean {values.mean():.4f}, ", end="")
    print(f"variance of one sample {values.var():.3f}")
    assert abs(values.mean() - by_mu) < 4 * error
assert score.var() > 4 * pathwise.var()

# %% [markdown]
# Noisier, but usable. Now let the code have $K$ dimensions. A case that can be
# solved: $f(z) = \lVert z \rVert^2$ and $q = \mathcal N(0, I)$. For the derivative with
# respect to $\mu_1$ the pathwise estimate is $2 z_1$, the score estimate
# $\lVert z \rVert^2 z_1$. Both have mean 0, and the variances
#
# $$\operatorname{Var}[2 z_1] = 4 , \qquad
# \operatorname{Var}[\lVert z \rVert^2 z_1] = (K + 2)(K + 4) . \tag{6.14}$$
#
# <details><summary>Derivation of the second</summary>
#
# Let $S = \lVert z \rVert^2$. All coordinates are alike, so
# $\mathbb E[S^2 z_1^2] = \frac1K \mathbb E[S^2 S]$. $S$ has the chi-squared
# distribution with $K$ degrees of freedom, whose third moment is $K (K + 2)(K + 4)$.
#
# </details>

# %%
# Check (6.14)
sizes, spread_path, spread_score = [1, 2, 4, 8, 16, 32, 64], [], []
for size in sizes:
    codes = torch.randn(50_000, size, generator=generator).double()
    squared = codes.square().sum(1)
    cases = {
        4: (2 * codes[:, 0], spread_path),
        (size + 2) * (size + 4): (squared * codes[:, 0], spread_score),
    }
    for truth, (values, record) in cases.items():
        error = (values**2).std() / len(values) ** 0.5
        assert abs((values**2).mean() - truth) < 4 * error
        record.append(values.var().item())

# %% name="variance" tags=["slide-figure"] alt="Variance of one sample against latent dimensions K, both axes logarithmic. The pathwise estimate stays at 4; the score function rises from 15 at K = 1 to over 4,000 at 64. Dots lie on the formula's lines."
smooth = torch.linspace(1, 64, 100)
plt.loglog(sizes, spread_score, "o", color="C1", label="score function")
plt.plot(smooth, (smooth + 2) * (smooth + 4), color="C1")
plt.loglog(sizes, spread_path, "o", color="C0", label="pathwise")
plt.plot(smooth, 4 + 0 * smooth, color="C0")
plt.xticks(sizes, sizes)
plt.minorticks_off()
plt.xlabel("latent dimensions, K")
plt.ylabel("variance of one sample")
plt.legend()
plt.show()

# %% [markdown]
# The lines are (6.14), the dots are sampled. **Predict:** at $K = 20$, how many
# samples does the score-function estimate need to be as accurate as the pathwise
# one with a single sample?

# %%
needed = (20 + 2) * (20 + 4) // 4
print(f"{needed} samples, by (6.14)")
for n in (1, 4, 16, 64, needed):
    codes = torch.randn(2000, n, 20, generator=generator)
    means = (codes.square().sum(2) * codes[..., 0]).mean(1)
    truth = (20 + 2) * (20 + 4) / n
    squares = means**2
    error = squares.std() / len(squares) ** 0.5
    print(
        f"mean of {n:3}: variance {means.var():6.1f}, by formula {truth:6.1f}"
    )
    assert abs(squares.mean() - truth) < 4 * error

# %% [markdown]
# A mean of $n$ samples has a variance that is $n$ times smaller, for any estimator.
# So a variance that is a hundred times larger costs a hundred times the work.

# %% [markdown]
# ### On an image
#
# And on a real image? Take lesson 5's probabilistic PCA with ten latents, one test image,
# and $f(z) = \log p(x \mid z)$. Let $q$ be near the posterior, where a trained
# encoder would put it.

# %%
from course_lib import data

dataset = data.load()
x, test = dataset.train_images, dataset.test_images

# %%
b = x.mean(0).flatten().double()
eigenvalues, V = torch.linalg.eigh(torch.cov(x.flatten(1).T).double())
s2 = eigenvalues[:-10].mean()
W = V[:, -10:] * (eigenvalues[-10:] - s2).sqrt()  # (784, 10)

# %%
image = test[0].flatten().double() - b
cov = torch.linalg.inv(torch.eye(10).double() + W.T @ W / s2)  # (5.12)
m_image, s_image = image @ W @ cov / s2, cov.diagonal().sqrt()

# %%
image_noise = torch.randn(20_000, 10, generator=generator).double()
codes = m_image + s_image * image_noise
residual = image - codes @ W.T  # (20000, 784)
f = -0.5 * (784 * torch.log(2 * math.pi * s2) + residual.square().sum(1) / s2)
image_pathwise = residual @ W / s2  # f'(z)

# %%
score = f[:, None] * image_noise / s_image  # f(z) (z - mu) / sigma^2
ratio = (score.var(0) / image_pathwise.var(0)).mean().item()
print(
    f"f is about {f.mean():.0f} nats; variances differ by a factor {ratio:.0e}"
)
assert ratio > 1e3

# %%
# the score has mean 0 (6.13), so a constant may be subtracted from f
calm = (f - f.mean())[:, None] * image_noise / s_image
difference = calm - image_pathwise  # has mean 0, if both are unbiased
error = difference.std(0) / len(f) ** 0.5
assert (difference.mean(0).abs() < 4 * error).all()
assert (image_pathwise.mean(0).abs() > 5 * error).any()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# The score function multiplies its noise with the *value* of $f$, hundreds of nats.
# The pathwise gradient only sees the *slope*, and near the posterior's mean that is
# small. This is why one sample per image suffices. (A constant subtracted from $f$
# removes nearly all of the difference here. See *Further*.)
#
# </details>
#
# ### Where the trick does not apply
#
# Let $z$ be a coin, 1 with probability $\pi$. Then
#
# $$\mathbb E[f(z)] = \pi f(1) + (1 - \pi) f(0) , \qquad
# \frac{d}{d\pi} \mathbb E[f(z)] = f(1) - f(0) . \tag{6.15}$$
#
# One can write $z = 1$ for $u < \pi$ with a uniform $u$. But as $\pi$ grows, $z$
# stays where it is, and then jumps. The path's slope is 0 wherever it exists.

# %%
# Check (6.15)
pi = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
u = torch.rand(100_000, generator=generator, dtype=torch.float64)
coin = (u < pi).double()  # no path leads back to pi
assert not coin.requires_grad
f_of = torch.tensor([2.0, 5.0]).double()  # f(0), f(1)
expected = pi * f_of[1] + (1 - pi) * f_of[0]
(slope,) = torch.autograd.grad(expected, pi)
assert abs(slope - (f_of[1] - f_of[0])) < 1e-8
drawn = f_of[coin.long()]
error = drawn.std() / len(drawn) ** 0.5
assert abs(drawn.mean() - expected.detach()) < 4 * error

# %%
score = coin / pi.detach() - (1 - coin) / (1 - pi.detach())
values = f_of[coin.long()] * score
error = values.std() / len(values) ** 0.5
print(f"score function: {values.mean():.2f} ± {error:.2f}, exact 3")
assert abs(values.mean() - 3) < 4 * error

# %%
change = f_of[(u < pi + 1e-9).long()] - f_of[(u < pi).long()]
assert (change == 0).all()  # the slope along all 100,000 paths

# %% [markdown]
# So for discrete codes the trick does **not** work. What one does instead: sum over
# all values, if they are few; the score function; or a continuous relaxation of the
# coin, with some bias (Gumbel-softmax). Nor does it work for an $f$ with jumps, as
# (6.12) showed.

# %% [markdown]
# ## 6. In float32
#
# The encoder is a network with $2K$ outputs. $K$ of them are $\mu$. What should the
# others be? $\sigma$ must be positive, and (6.4) needs its logarithm. So they are
# $\log \sigma^2$, called `logvar`: any real number is allowed, $\sigma^2$ is
# `logvar.exp()`, and the logarithm comes for free.
#
# Why not compute $\log \sigma^2$ from $\sigma^2$? **Predict:** for which of these
# values does the third column differ from the first? (float32 reaches from about
# $10^{-45}$ to $3 \cdot 10^{38}$.)

# %%
print("logvar    exp(logvar)   log(exp(logvar))   log(exp(logvar) + 1e-10)")
for value in (-120.0, -50.0, 0.0, 50.0, 100.0):
    number = torch.tensor(value)  # a logvar, float32
    there, back = number.exp(), number.exp().log()
    padded = (number.exp() + 1e-10).log()
    print(f"{value:6g}{there:13.2g}{back:16.4g}{padded:20.4g}")

# %%
extreme = torch.tensor([-120.0, 100.0])
assert extreme.exp().log().isinf().all()
padded = (extreme.exp() + 1e-10).log()
assert padded[0] > -24 and padded[1].isinf()

# %% [markdown]
# The way there and back loses everything below −104 and above 88. And the usual
# cure, "plus $10^{-10}$ for stability", makes it worse: it is wrong from −23 on, and
# still overflows. Keep the logarithm, and never leave it.
#
# Another way out is **softplus**: $\sigma = \log(1 + e^a)$. It grows linearly, not
# exponentially. So a wild output of the network does less harm:

# %%
raw = torch.tensor([0.0, 5.0, 10.0, 20.0], requires_grad=True)
by_exp = kl_to_prior(torch.zeros(4), torch.exp(0.5 * raw))
by_softplus = kl_to_prior(torch.zeros(4), nn.functional.softplus(raw))
steep = [torch.autograd.grad(k.sum(), raw)[0] for k in (by_exp, by_softplus)]

# %%
print("output of the head       " + "".join(f"{r:10g}" for r in raw.tolist()))
print("KL's slope, logvar       " + "".join(f"{s:10.3g}" for s in steep[0]))
print("KL's slope, σ = softplus " + "".join(f"{s:10.3g}" for s in steep[1]))

# %%
assert steep[0][-1] > 1e8 and steep[1][-1] < 100

# %% [markdown]
# The price: $\log \sigma$ must then be computed from $\sigma$, and that underflows
# for $a < -104$. This course uses `logvar`, as nearly all VAE code does.
#
# One more digit to save. Near the prior, $e^{l} - 1 - l$ subtracts nearly equal
# numbers. `torch.expm1(l)` is $e^l - 1$ without that loss:

# %%
near = torch.tensor(1e-4)  # a logvar
exact = 0.5 * (torch.expm1(near.double()) - near.double())
plain = 0.5 * (near.exp() - 1 - near)
careful = 0.5 * (torch.expm1(near) - near)
print(f"exact {exact:.2e}, plain {plain:.2e}, with expm1 {careful:.2e}")
assert abs(plain / exact - 1) > 0.5 and abs(careful / exact - 1) < 0.01

# %% [markdown]
# That is how `losses.gaussian_kl(mu, logvar)` computes it.
#
# ### How the head starts
#
# **Predict:** a fresh encoder, PyTorch's default weights. Is $\sigma$ near 0, near
# 1, or large? And if the last layer's weights are 30 or 100 times larger?

# %%
from course_lib import losses, models

print("weights    rate, nats    σ from     to")
start_rate = {}
for scale in (1, 10, 30, 100):
    torch.manual_seed(0)
    encoder = models.mlp_encoder(784, 400, 2 * 20)
    with torch.no_grad():
        encoder[-1].weight.mul_(scale)
        mu_0, logvar_0 = encoder(x[:1000]).chunk(2, dim=1)
    rate = start_rate[scale] = losses.gaussian_kl(mu_0, logvar_0).mean()
    width = (0.5 * logvar_0).exp()
    print(f"x {scale:<5}{rate:14.3g}{width.min():10.2g}{width.max():10.2g}")

# %%
assert start_rate[1] < 1 and start_rate[100] > 1e4

# %% [markdown]
# <details><summary>What to notice</summary>
#
# The default is good: small outputs, so $\mu$ near 0 and $\log \sigma^2$ near 0. All
# posteriors start at the prior, and the rate near 0. But the exponential does not
# forgive: with large weights the first loss is astronomic, or infinite. If a VAE's
# loss is NaN in its first steps, look here, and lower the learning rate.
#
# </details>

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the Gaussian KL
#
# (6.6), from what the encoder gives.
#
# <details><summary>Hint</summary>
#
# $\sigma^2$ is `logvar.exp()`. Test it on the three tests of section 2.
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
# The noise comes from a generator, so that results can be repeated:
# `torch.randn(shape, generator=generator)`.
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
# One estimate for each sample, as in (6.12) and (6.13). `f` is any function of
# `z`; it may have jumps.
#
# <details><summary>Hint</summary>
#
# Nothing has to be differentiated: the score is in (6.13).
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
# ## Further: full covariance
#
# Two Gaussians in $K$ dimensions with any covariances. As in one dimension, take the
# expectation of the difference of the log densities. The quadratic forms become
# traces, since $\mathbb E[(z - m)^\top A (z - m)] = \operatorname{tr}(A \Sigma)$:
#
# $$\begin{aligned}
# \mathrm{KL} = \tfrac12 \Big( &\operatorname{tr}(\Sigma_1^{-1} \Sigma_0)
# + (m_1 - m_0)^\top \Sigma_1^{-1} (m_1 - m_0) \\
# &- K + \log \lvert \Sigma_1 \rvert - \log \lvert \Sigma_0 \rvert \Big) .
# \end{aligned} \tag{6.16}$$

# %%
# Check (6.16)
A, B = torch.randn(2, 3, 3, generator=generator).double()
S0, S1 = A @ A.T + torch.eye(3), B @ B.T + torch.eye(3)
m0, m1 = torch.randn(2, 3, generator=generator).double()
inverse = torch.linalg.inv(S1)
full_kl = (inverse @ S0).trace() + (m1 - m0) @ inverse @ (m1 - m0) - 3
full_kl = 0.5 * (full_kl + torch.logdet(S1) - torch.logdet(S0))
q0, q1 = MultivariateNormal(m0, S0), MultivariateNormal(m1, S1)
assert abs(full_kl - kl_divergence(q0, q1)) < 1e-8

# %%
root = torch.linalg.cholesky(S0)  # the trick, in K dimensions
noise_3 = torch.randn(200_000, 3, generator=generator, dtype=torch.float64)
codes = m0 + noise_3 @ root.T
values = q0.log_prob(codes) - q1.log_prob(codes)
error = values.std() / len(values) ** 0.5
assert abs(values.mean() - full_kl) < 4 * error

# %% [markdown]
# ### Exercise 4 (further): the KL of full Gaussians
#
# Write (6.16) without looking at its check.
#
# <details><summary>Hint</summary>
#
# Where does $\Sigma_0^{-1}$ appear? Nowhere.
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
# ## Further: a control variate
#
# The score has mean 0 (6.13). So subtract any number $c$ from $f$: the mean stays,
# the variance changes. Write $g$ for the score. The variance of $(f - c)\, g$ is a
# quadratic function of $c$, least at
#
# $$c^* = \frac{\mathbb E[f g^2]}{\mathbb E[g^2]} . \tag{6.17}$$
#
# In the solvable case of (6.14), $g = z_1$, $\mathbb E[g^2] = 1$ and
# $c^* = \mathbb E[S z_1^2] = \frac1K \mathbb E[S^2] = K + 2$. The variance falls from
# $(K + 2)(K + 4)$ to $(K + 2)(K + 4) - (K + 2)^2 = 2 (K + 2)$: linear in $K$ where it
# was quadratic.

# %%
# Check (6.17)
size = 20
codes = torch.randn(100_000, size, generator=generator).double()
squared, g = codes.square().sum(1), codes[:, 0]
for c in (0, size + 2, size + 12):
    values = (squared - c) * g
    truth = (size + 2) * (size + 4) - 2 * c * (size + 2) + c**2
    error = (values**2).std() / len(values) ** 0.5
    print(f"c = {c:2}: variance {values.var():6.1f}, by formula {truth}")
    assert abs((values**2).mean() - truth) < 4 * error

# %% [markdown]
# On the image of section 5, with the mean of $f$ as $c$ (nearly the best value,
# since $f$ varies little beside its size):

# %%
with_baseline = (calm.var(0) / image_pathwise.var(0)).mean().item()
print(f"variance, score over pathwise: {ratio:.0e} -> {with_baseline:.1f}")
assert 1 < with_baseline < ratio / 100

# %% [markdown]
# ## Summary
#
# - $\mathrm{KL}(\mathcal N(\mu, \sigma^2) \Vert \mathcal N(0, 1))
#   = \frac12 (\mu^2 + \sigma^2 - 1 - \log \sigma^2)$, summed over latents. It is 0 at
#   the prior and $\frac12$ at $\mu = \sigma = 1$.
# - $\mathrm{KL}(q \Vert p)$ seeks a mode, $\mathrm{KL}(p \Vert q)$ covers the mass.
#   The ELBO uses the first.
# - $z = \mu + \sigma \epsilon$ lets gradients through a sample. It needs a
#   differentiable $f$ and a continuous $z$.
# - The score function needs neither, and pays with variance: on an image, by a
#   factor of about a hundred thousand on MNIST, or of seven with a
#   baseline.
# - Networks give $\log \sigma^2$. Never leave the logarithm.
#
# **Next:** lesson 7 puts the two pieces into a loss. That is the variational
# autoencoder.

# %% [markdown]
# ## References
#
# - D. P. Kingma, M. Welling. *Auto-encoding variational Bayes.* ICLR 2014,
#   arXiv:1312.6114. Appendix B has (6.6).
# - D. J. Rezende, S. Mohamed, D. Wierstra. *Stochastic backpropagation and
#   approximate inference in deep generative models.* ICML 2014, arXiv:1401.4082.
# - R. J. Williams. *Simple statistical gradient-following algorithms for
#   connectionist reinforcement learning.* Machine Learning 8 (1992), 229–256.
# - S. Mohamed, M. Rosca, M. Figurnov, A. Mnih. *Monte Carlo gradient estimation in
#   machine learning.* Journal of Machine Learning Research 21 (2020), 132.
# - T. Minka. *Divergence measures and message passing.* Microsoft Research,
#   MSR-TR-2005-173, 2005. Mode-seeking and mass-covering.
# - E. Jang, S. Gu, B. Poole. *Categorical reparameterization with Gumbel-softmax.*
#   ICLR 2017, arXiv:1611.01144.
