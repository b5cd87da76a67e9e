# %% [markdown]
# # 7. The variational autoencoder
#
# After this lesson you can
#
# - build a VAE from lessons 5 and 6 in a few lines, and train it;
# - read its two curves, and report its loss with a protocol;
# - draw samples, a manifold, interpolations and traversals, and say what each of
#   them shows;
# - say what a VAE has that an autoencoder has not, and what neither of them has;
# - tell whether code that is called a VAE is one.
#
# **Builds on:** [lesson 5](05_evidence_lower_bound.ipynb), the bound;
# [lesson 6](06_gaussian_kl_and_reparameterization.ipynb), its two terms;
# [lesson 1](01_basic_autoencoder.ipynb), the autoencoder.
# **Time:** 75 minutes to read and work, one minute to run.
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

# %% [markdown]
# ## 1. The parts, assembled
#
# The way here: we want $\log p_\theta(x)$ (5.3). Multiply and divide by a guess $q$ (5.9).
# Jensen gives a bound (5.10), and we know its gap (5.11). The bound is reconstruction
# minus rate (5.13). The rate has a closed form (6.6), and the reconstruction term a
# gradient through a sample (6.11). Now the parts get networks.
#
# The model: a code $z$ is drawn from the prior $p(z) = \mathcal N(0, I)$, which *we*
# chose. The decoder turns it into one logit $a_i$ for each pixel. With its sigmoid
# $p_i$, the likelihood $p_\theta(x \mid z)$ is a product of Bernoulli distributions:
#
# $$-\log p_\theta(x \mid z) = -\sum_{i=1}^{D} \big[ x_i \log p_i
# + (1 - x_i) \log (1 - p_i) \big]
# = \sum_{i=1}^{D} \big[ \log(1 + e^{a_i}) - x_i a_i \big] . \tag{7.1}$$
#
# That is lesson 1's cross-entropy. (For the second form insert
# $\log p_i = a_i - \log(1 + e^{a_i})$ and $\log (1 - p_i) = -\log(1 + e^{a_i})$.)

# %%
# Check (7.1)
import torch.nn.functional as F
from torch.distributions import Bernoulli

a = 3 * torch.randn(784, dtype=torch.float64)  # logits
pixels = torch.bernoulli(test[0].flatten().double())
by_hand = (F.softplus(a) - pixels * a).sum()  # softplus(a) = log(1 + e^a)
assert abs(by_hand + Bernoulli(logits=a).log_prob(pixels).sum()) < 1e-8

# %% [markdown]
# To learn $\theta$ we need a guess
# $q_\phi(z \mid x) = \mathcal N(\mu, \operatorname{diag} \sigma^2)$ of the posterior. The
# encoder makes it, with two heads, $\mu$ and $\log \sigma^2$.
#
# The loss is minus the ELBO. Its rate has a formula (6.6). Its reconstruction term is
# estimated with one sample, made by the trick (6.9):
#
# $$\ell(x, \epsilon) = -\log p_\theta(x \mid \mu + \sigma \epsilon)
# + \mathrm{KL}\big(q_\phi(z \mid x) \,\Vert\, p(z)\big) , \qquad
# \mathbb E_\epsilon[\ell(x, \epsilon)] = -\mathcal L(x) . \tag{7.2}$$
#
# So for each image: cross-entropy plus
# $\frac12 \sum_k (\mu_k^2 + \sigma_k^2 - 1 - \log \sigma_k^2)$. Then the mean over the
# batch.
#
# You have met each part. Put them together yourself before you read on.

# %% [markdown]
# ### Exercise 1: the forward pass
#
# `vae.encoder(x)` gives $2K$ numbers per image, $\mu$ and $\log \sigma^2$ side by side.
# `vae.decoder(z)` gives logits.
#
# <details><summary>Hint</summary>
#
# `tensor.chunk(2, dim=1)` halves the columns. Then (6.11) makes $z$.
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
# $-\log p(x_d \mid z)$ for each pixel.
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
# Here it is, model and loss, in two short cells. Compare them with yours.


# %%
class VAE(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x):
        mu, logvar = self.encoder(x).chunk(2, dim=1)  # (B, K) each
        eps = torch.randn_like(mu)
        z = mu + torch.exp(0.5 * logvar) * eps
        return self.decoder(z), mu, logvar


# %%
def vae_loss(model, x):
    logits, mu, logvar = model(x)
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    nll = nll.flatten(1).sum(1)  # over pixels: (B,)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1)  # over latents
    return {"loss": nll + kl, "reconstruction": nll, "kl": kl}


# %% [markdown]
# An autoencoder with two changes: noise in the code, and a price for it. `course_lib`
# has the same lines in `models.VAE` and `losses.negative_elbo`:

# %%
from course_lib import losses, models

encoder = models.mlp_encoder(784, 400, 2 * 2)  # K = 2, two heads
decoder = models.mlp_decoder(2, 400, 784)
models.start_at_mean(decoder, x)

# %%
torch.manual_seed(0)
ours = vae_loss(VAE(encoder, decoder), x[:100])
torch.manual_seed(0)
theirs = losses.negative_elbo(models.VAE(encoder, decoder), x[:100])
for name in ours:
    torch.testing.assert_close(ours[name], theirs[name])

# %% [markdown]
# (Our pixels are grey, and a Bernoulli variable is 0 or 1. Read a grey value as the
# probability of black ink. Lesson 8 asks what that means.)
#
# ## 2. Training
#
# Two latents first, so that we can see all of them. The two terms of the loss are
# recorded apart. (The rate is called `kl` in the code.)
#
# **Predict:** the rate is nearly 0 at the start (lesson 6 showed why). Does it rise
# or fall? What does the reconstruction term do meanwhile?

# %%
import copy

from course_lib import training

schedule = dict(lr=4e-3, lr_schedule=training.cosine)
vae_2 = copy.deepcopy(models.VAE(encoder, decoder))  # those stay untrained
history_2 = training.fit(vae_2, losses.negative_elbo, x, steps=800, **schedule)

# %% name="two-terms" tags=["slide-figure"] alt="Two line charts over 800 training steps, values per image. The reconstruction term falls from 190 to about 157, most of it within 100 steps; meanwhile the KL rises from below 3 to about 5.2."
fig, axes = plt.subplots(1, 2, figsize=(9, 3.2))
for ax, name in zip(axes, ("reconstruction", "kl"), strict=True):
    history_2.plot(name, ax=ax)
plt.show()

# %%
from course_lib import evaluation

rate_2 = history_2.terms["kl"]
result_2 = evaluation.evaluate(vae_2, losses.negative_elbo, test)
print("test:", ", ".join(f"{k} {v:.1f}" for k, v in result_2.items()), "nats")
assert rate_2[0] < 1 < 3 < result_2["kl"]

# %% [markdown]
# <details><summary>What to notice</summary>
#
# The rate *rises*, by a few nats, and the reconstruction term falls by many. The
# optimiser buys: a nat of rate is spent where it saves more than a nat of
# reconstruction. It stops where the next nat would save less than one. Two curves that
# move against each other are the healthy picture. A rate that stays at 0 is not
# (lesson 9).
#
# </details>
#
# Is the sampled loss really an unbiased estimate, as (7.2) says? In two dimensions the
# expectation can be computed by quadrature, without random numbers. Gauss-Hermite
# quadrature has nodes $\epsilon_j$ and weights $w_j$ with
# $\sum_j w_j\, g(\epsilon_j) = \sqrt{2 \pi}\, \mathbb E[g(\epsilon)]$ for all polynomials
# $g$ up to a high degree. We take 24 nodes for each latent.

# %%
# Check (7.2)
from numpy.polynomial.hermite_e import hermegauss

exact = copy.deepcopy(vae_2).double()  # float64: 16 digits
exact.requires_grad_(False)
few = test[:20].double()
mu, logvar = exact.encode(few)  # (20, 2) each

# %%
nodes, weights = map(torch.tensor, hermegauss(24))
eps = torch.cartesian_prod(nodes, nodes)  # (576, 2)
weight = torch.outer(weights, weights).flatten() / (2 * torch.pi)


# %%
def log_likelihood(decoder, z, images):
    """Return log p(x | z) by (7.1), codes (n, K), images (B, ...): (n, B)."""
    logits, pixels = decoder(z).flatten(1), images.flatten(1)
    return logits @ pixels.T - F.softplus(logits).sum(1, keepdim=True)


def by_quadrature(image, mu, logvar):
    """Return E_q[log p(x | z)] of one image."""
    z = mu + torch.exp(0.5 * logvar) * eps
    return weight @ log_likelihood(exact.decoder, z, image[None])[:, 0]


rows = zip(few, mu, logvar, strict=True)
reconstruction = torch.stack([by_quadrature(*row) for row in rows])
elbo = reconstruction - losses.gaussian_kl(mu, logvar)  # (20,)

# %%
sampled_loss = torch.stack(
    [losses.negative_elbo(exact, few)["loss"] for _ in range(400)]
)

# %%
error = sampled_loss.std(0) / len(sampled_loss) ** 0.5
z_scores = (sampled_loss.mean(0) + elbo) / error
print(f"largest of 20 deviations: {z_scores.abs().max():.1f} standard errors")
assert z_scores.abs().max() < 4.5

# %% [markdown]
# ## 3. How good is the bound?
#
# With two latents we can do what lesson 5 called intractable: integrate over *all*
# codes, on a grid. So we know the evidence, and the exact posterior, of a neural
# decoder. (For grey $x$ this integral is no probability of $x$, see lesson 8. The identity
# needs only that $p(x, z)$ is positive.) By (5.11) the gap is
#
# $$\log p_\theta(x) - \mathcal L(x)
# = \mathrm{KL}\big(q_\phi(z \mid x) \,\Vert\, p_\theta(z \mid x)\big) , \quad
# p_\theta(x) = \int p_\theta(x \mid z)\, \mathcal N(z; 0, I)\, dz . \tag{7.3}$$

# %%
# Check (7.3)
from torch.distributions import Normal

axis = torch.linspace(-6, 6, 301, dtype=torch.float64)
points = torch.cartesian_prod(axis, axis)  # (90601, 2)
log_cell = 2 * (axis[1] - axis[0]).log()  # of the area of a cell
parts = [log_likelihood(exact.decoder, p, few) for p in points.split(5000)]

# %%
prior = Normal(torch.zeros(2).double(), torch.ones(2).double())
log_joint = torch.cat(parts) + prior.log_prob(points).sum(1, keepdim=True)
log_evidence = log_joint.logsumexp(0) + log_cell  # (20,)

# %%
log_posterior = log_joint - log_evidence
q = Normal(mu, torch.exp(0.5 * logvar))
log_q = q.log_prob(points[:, None]).sum(2)  # (90601, 20)
integrand = (log_q + log_cell).exp() * (log_q - log_posterior)
gap = integrand.sum(0)  # the KL, on the grid
torch.testing.assert_close(log_evidence - elbo, gap, rtol=0, atol=1e-8)

# %%
print("gap of 20 test images, nats, sorted:")
for ten in gap.sort().values.split(10):
    print("".join(f"{g:7.2f}" for g in ten))
print(f"mean -log p(x) {-log_evidence.mean():.1f}, -ELBO {-elbo.mean():.1f}")
assert (gap > 0).all() and gap.median() < 3 < gap.max() / gap.median()

# %% [markdown]
# Small for most images, larger for a few. Look at the best, the middle and the worst: the
# exact posterior in colour, the encoder's $q$ as an ellipse at two standard
# deviations.


# %%
def draw_posterior(i, ax):
    """Draw the exact posterior of image i, and q over it."""
    best = points[log_posterior[:, i].argmax()]
    centre, width = (best + mu[i]) / 2, 0.75 * (best - mu[i]).norm() + 0.6
    side = torch.linspace(-1, 1, 81, dtype=torch.float64) * width
    patch = torch.cartesian_prod(side, side) + centre
    log_p = log_likelihood(exact.decoder, patch, few[i : i + 1])[:, 0]
    log_p = log_p + prior.log_prob(patch).sum(1) - log_evidence[i]
    places = side + centre[0], side + centre[1]
    ax.contourf(*places, log_p.exp().view(81, 81).T, cmap="Blues")
    angle = torch.linspace(0, 2 * torch.pi, 100)
    circle = torch.stack([angle.cos(), angle.sin()], 1)
    ax.plot(*(mu[i] + 2 * q.scale[i] * circle).T, color="C1")
    ax.set(title=f"gap {gap[i]:.2f} nats", xlabel="$z_1$", aspect="equal")


# %% name="posteriors" tags=["slide-figure"] alt="Posteriors of three images, as shaded contours in the latent plane, with the encoder's q as an ellipse. Gap 0.05 nats: they nearly agree. Gap 0.29: the ellipse is too wide. Gap 4.29: a tilted posterior, mostly outside it."
fig, axes = plt.subplots(1, 3, figsize=(10, 3.6))
order = gap.argsort()
for ax, i in zip(axes, order[[0, 10, 19]].tolist(), strict=True):
    draw_posterior(i, ax)
axes[0].set_ylabel("$z_2$")
plt.show()

# %% [markdown]
# The posterior is narrow: an image's code is known to a tenth or so. The middle $q$ is
# too wide, and the last one is in the wrong place. Where $q$ misses,
# is it the *family*, since $q$ can't tilt or bend? Or *amortisation*: one encoder serves
# all images, and answers wrongly for this one? Lesson 5 told the two apart. Leave the
# encoder's answer, and ascend the ELBO for one image alone. What is left is the family
# gap.
#
# **Predict** what is left of the worst gap.


# %%
def ascend(i, nodes=8, steps=150):
    """Return the gap of image i at its own best mu and sigma."""
    places, weights = map(torch.tensor, hermegauss(nodes))
    eps = torch.cartesian_prod(places, places)
    weight = torch.outer(weights, weights).flatten() / (2 * torch.pi)
    heads = [h[i : i + 1].clone().requires_grad_() for h in (mu, logvar)]
    optimizer = torch.optim.Adam(heads, lr=0.05)
    for _ in range(steps):
        z = heads[0] + torch.exp(0.5 * heads[1]) * eps
        log_p = log_likelihood(exact.decoder, z, few[i : i + 1])[:, 0]
        loss = losses.gaussian_kl(*heads) - weight @ log_p
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return (log_evidence[i] + loss).item()


# %%
middle, second, worst = order[[10, 18, 19]].tolist()
for i in (middle, second, worst):
    left = ascend(i)
    print(f"gap {gap[i]:5.2f} nats, of its own best q: {left:5.2f} nats")
    assert -1e-3 < left < gap[i]
    assert left < 0.5 * gap[i] or not on_mnist

# %% [markdown]
# <details><summary>What to notice</summary>
#
# On MNIST almost nothing is left. A diagonal Gaussian suits these posteriors; what was
# missing is a good answer of the encoder. With more training images, or a larger
# encoder, this **amortisation gap** can shrink. (On the digits the ascent may end on
# another hump of the posterior, and leave more: reverse KL seeks a mode.)
#
# </details>

# %% [markdown]
# ## 4. The latent manifold
#
# The prior says which codes the model's own images come from. Show all of them: take a
# grid that is even *in probability*. If $u$ is uniform on $(0, 1)$ and $\Phi$ is the
# normal distribution function, then
#
# $$z = \Phi^{-1}(u) \sim \mathcal N(0, 1) , \qquad
# P\big(\Phi^{-1}(\tfrac{i}{n}) < z < \Phi^{-1}(\tfrac{i+1}{n})\big) = \tfrac1n .
# \tag{7.4}$$
#
# So a picture from the middles, $u = (i + \frac12) / n$, gives each share of the prior
# the same space.

# %%
# Check (7.4)
from itertools import pairwise

shares = torch.linspace(0, 1, 16, dtype=torch.float64)[1:-1]
borders = Normal(prior.loc[0], prior.scale[0]).icdf(shares)
for low, high in pairwise(borders.tolist()):
    between = torch.linspace(low, high, 2001, dtype=torch.float64)
    density = torch.exp(-0.5 * between**2) / (2 * torch.pi) ** 0.5
    assert abs(torch.trapezoid(density, between) - 1 / 15) < 1e-8


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
from course_lib import plotting

z_2, mu_2, logvar_2 = codes_of(vae_2, x)
ends = 0.05, 0.95  # the middles of the outermost of ten parts
grid = Normal(0.0, 1.0).icdf(plotting.plane(ends, ends, size=10))

# %% name="manifold" tags=["slide-figure"] alt="Left, sampled codes drawn as labels: 1 lies on the left, 7 at the top, 0 at the lower right, the others are mixed in the middle. Right, the prior's quantiles decoded: digits change smoothly, many blurred, without empty places."
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 4))
plotting.show_codes(z_2[:300], dataset.train_labels[:300], ax=left)
left.set(title="Sampled codes of training images", aspect="equal")
plotting.show_grid(draw(vae_2.decoder, grid), columns=10, ax=right)
right.set_title("The prior's quantiles, decoded")
plt.show()

# %% [markdown]
# Move through it yourself. (Without a running kernel, the picture above shows the
# same.)

# %%
from course_lib import widgets

widgets.latent_explorer(lambda z: draw(vae_2.decoder, z), [(-2.5, 2.5)] * 2)

# %% [markdown]
# ### Against lesson 1's autoencoder
#
# The same networks without noise and without a price, trained with the same
# cross-entropy. Where do its codes lie? And do the VAE's lie where the prior says?
#
# The distribution of *all* codes, $q(z) = \mathbb E_x[q(z \mid x)]$, is called the
# **aggregate posterior**. Its variance has two parts, by the law of total variance:
# the spread of the means, and the mean of the spreads,
#
# $$\operatorname{Var}_{q(z)}[z_k] = \operatorname{Var}_x[\mu_k]
# + \mathbb E_x[\sigma_k^2] . \tag{7.5}$$
#
# **Predict:** what is the sum, if the aggregate is the prior? Which part is the larger?

# %%
# Check (7.5)
spread_of_means = mu_2.var(0)
mean_of_spreads = logvar_2.exp().mean(0)
for name, pair in (("means", spread_of_means), ("noise", mean_of_spreads)):
    print(f"variance, {name}: " + ", ".join(f"{v:.3f}" for v in pair))

# %%
copies = 3_000_000 // len(x)
eps_2 = torch.randn(copies, *mu_2.shape)
codes = mu_2 + torch.exp(0.5 * logvar_2) * eps_2
centre = mu_2.mean(0)
# what the noise adds to the squares: the images are the same on both sides
added = ((codes - centre) ** 2 - (mu_2 - centre) ** 2).flatten(0, 1)
error = added.std(0) / len(added) ** 0.5
assert ((added.mean(0) - mean_of_spreads).abs() < 4 * error).all()
assert (mean_of_spreads > 10 * error).all()  # without them it would fail


# %%
def cross_entropy(model, x):
    return {"loss": losses.bernoulli_nll(model(x), x)}


def train_autoencoder(K, steps):
    """Return lesson 1's autoencoder with K latents, trained on x."""
    torch.manual_seed(0)
    encoder = models.mlp_encoder(784, 400, K)
    model = models.Autoencoder(encoder, models.mlp_decoder(K, 400, 784))
    models.start_at_mean(model.decoder, x)
    training.fit(model, cross_entropy, x, steps=steps, **schedule)
    return model


# %%
ae_2 = train_autoencoder(K=2, steps=800)
with torch.no_grad():
    ae_codes = ae_2.encoder(x)  # (N, 2)


def whiten(codes):
    """Return codes (N, K), moved and stretched to mean 0, covariance I."""
    root = torch.linalg.cholesky(codes.T.cov())
    centred = (codes - codes.mean(0)).T
    return torch.linalg.solve_triangular(root, centred, upper=False).T


# %% [markdown]
# The prior has 1. Here the sum is about 2 on MNIST, and nearly all of it is spread of
# the means: a question that we come back to.
#
# The autoencoder's codes have no scale of their own. To compare shapes, both models'
# codes are **whitened**: moved and stretched to mean 0 and covariance $I$, like the
# prior. Then count them in the 100 cells of (7.4), in each of which the prior has 1 %.


# %%
def cell_counts(codes, n=10):
    """Return how often codes (N, 2) fall into each of n * n cells."""
    places = (Normal(0.0, 1.0).cdf(codes) * n).long().clamp(0, n - 1)
    counts = torch.bincount(places @ torch.tensor([1, n]), minlength=n * n)
    return counts.view(n, n)  # row: second coordinate


# %%
counted = {
    "codes from the prior": torch.randn(len(x), 2),
    "VAE, sampled codes": z_2,
    "VAE, whitened": whiten(z_2),
    "autoencoder, whitened": whiten(ae_codes),
}

# %% name="holes" tags=["slide-figure"] alt="Four heat maps of codes, ten by ten cells of equal prior probability. The prior's are even; the VAE's crowd at the top edge and in corners, but fill every cell; the whitened autoencoder leaves nine cells, crossed, nearly empty."
fig, axes = plt.subplots(2, 2, figsize=(6.4, 6))
holes = {}
for ax, (name, codes) in zip(axes.flat, counted.items(), strict=True):
    percent = cell_counts(codes) / len(codes) * 100  # the prior has 1
    shown = ax.imshow(percent, origin="lower", vmin=0, vmax=3, cmap="Blues")
    for row, column in (percent < 0.1).nonzero().tolist():
        ax.plot(column, row, "kx", markersize=8)
    holes[name] = (percent < 0.1).float().mean().item()
    ax.set(title=name, xticks=[], yticks=[], xlabel="quantile of $z_1$")
    ax.grid(False)
    ax.set_ylabel("quantile of $z_2$")
fig.colorbar(shown, ax=axes, label="% of codes", shrink=0.6)
plt.show()

# %%
print("cells with less than a tenth of their share:")
for name, share in holes.items():
    print(f"  {name:24} {share:4.0%}")
if on_mnist:
    assert holes["VAE, sampled codes"] < 0.02
    assert holes["autoencoder, whitened"] > holes["VAE, whitened"]

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - The crosses are **holes**: places that the prior visits, and hardly any image. On
#   MNIST the autoencoder has several, the VAE hardly any, also when both are whitened.
#   *Training* with noise and a rate has filled them. (On the digits the VAE's holes are a
#   matter of scale: whitened, it has fewer.)
# - But the VAE's aggregate is *not* the prior either. Its variance in (7.5) is nearer 2
#   than 1. The ELBO asks each $q(z \mid x)$ to be near the prior, *at a price*. With two
#   latents the images are worth more than that price.
#
# </details>

# %% [markdown]
# ## 5. Twenty latents
#
# Two numbers draw badly. From here on $K = 20$, in networks of the size that the
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
# ### Reconstructions
#
# **Predict:** the code is noisy. Does a sampled $z$ decode to a visibly different image
# from the mean's?

# %% name="reconstructions" tags=["slide-figure"] alt="Three rows of the same twelve digits: images, decoded from the mean, decoded from a sampled code. The last two rows are slightly softer than the images, and hardly differ from each other."
z, mu_12, _ = codes_of(vae, test[:12])
rows = {
    "image": test[:12],
    "from the mean": draw(vae.decoder, mu_12),
    "from a sample": draw(vae.decoder, z),
}
plotting.show_rows(rows)
plt.show()

# %% [markdown]
# Hardly. The decoder has learned to ignore what the noise can change, or the encoder to
# say precisely what the decoder needs.
#
# ### Samples
#
# To make an image: draw $z$ from the prior, decode it. That gives a *probability* for
# each pixel, the mean image. A sample of the model is one step further: draw the
# pixels.
#
# And is it new? Below each sample stands its nearest training image.

# %%
torch.manual_seed(1)
mean_images = draw(vae.decoder, torch.randn(12, K))
distances = torch.cdist(mean_images.flatten(1), x.flatten(1))  # (12, N)

# %% name="samples" tags=["slide-figure"] alt="Three rows of twelve. Mean images of codes from the prior: soft, about half clearly digits. The same with sampled pixels: ragged and black. The nearest training images: sharp digits of similar outline, none of them a copy."
rows = {
    "mean image": mean_images,
    "sampled pixels": torch.bernoulli(mean_images),
    "nearest training image": x[distances.argmin(1)],
}
plotting.show_rows(rows)
plt.show()

# %%
more_images = draw(vae.decoder, torch.randn(300, K))
rebuilt = draw(vae.decoder, codes_of(vae, test[:300])[1])
seen = {"samples": more_images, "reconstructed test images": rebuilt}
for name, images in seen.items():
    nearest = torch.cdist(images.flatten(1), x.flatten(1)).amin(1)
    seen[name] = nearest.square().mean().item()
    print(f"{name:25} squared distance to nearest: {seen[name]:.1f}")
assert seen["samples"] > seen["reconstructed test images"]

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - Many samples are digits, others lie between two. The pixels are drawn *independently*
#   given $z$. So what the code doesn't say, the sampled image shows as speckles, not as
#   another stroke. Papers mostly print mean images; it should be said.
# - The neighbours are similar, not equal. Samples lie farther from the training set than
#   reconstructed test images do, which are as blurred: nothing suggests that it is stored.
#
# </details>

# %% [markdown]
# ### What each latent is worth
#
# The rate is a sum over latents (6.6). Averaged over the test set, each latent gets a
# price.
#
# **Predict:** are all 20 used?

# %%
_, mu_test, logvar_test = codes_of(vae, test)
each = 0.5 * (mu_test**2 + logvar_test.exp() - 1 - logvar_test)
rates = each.mean(0)  # (K,), nats
ranked = rates.argsort(descending=True)
print(f"{(rates > 0.05).sum()} of {K} latents carry more than 0.05 nats")

# %%
assert abs(rates.sum() - result["kl"]) < 0.01
if on_mnist:
    assert (rates > 0.05).sum() >= 17

# %% name="rates" tags=["slide-figure"] alt="Bar chart of the rates of twenty latents, ranked. They decline gradually from 1.9 to 0.8 nats; only the last, latent 3, is far lower, with 0.1."
plt.figure(figsize=(8, 2.8))
plt.bar([str(k + 1) for k in ranked.tolist()], rates[ranked])
plt.grid(False, axis="x")
plt.xlabel("latent, ranked")
plt.ylabel("rate, nats")
plt.show()

# %% [markdown]
# Now move one latent at a time from −2.5 to 2.5, and leave the others where a test image
# put them. The three most expensive, and the cheapest:

# %% name="traversals" tags=["slide-figure"] alt="Four rows of twelve images of a 7 while one latent moves. The three costliest change its slant and thickness, bend it until the bar is lost, or close it to a loop. The cheapest, 0.12 nats, changes nothing visible."
steps = torch.linspace(-2.5, 2.5, 12)
rows = {}
for k in [*ranked[:3].tolist(), ranked[-1].item()]:
    moved = mu_test[:1].repeat(12, 1)
    moved[:, k] = steps
    rows[f"$z_{{{k + 1}}}$, {rates[k]:.2f} nats"] = draw(vae.decoder, moved)
plotting.show_rows(rows)
plt.show()


# %%
def moved_by(*values):
    """Return the first test image with its costliest latents replaced."""
    z = mu_test[:1].clone()
    z[0, ranked[: len(values)]] = torch.tensor(values)
    return draw(vae.decoder, z)[0]


# %%
names = [f"z{k + 1}" for k in ranked[:5].tolist()]
widgets.explorer(moved_by, {name: (-2.5, 2.5) for name in names})

# %% [markdown]
# <details><summary>What to notice</summary>
#
# On MNIST nearly all twenty carry something (here all; with another seed one may stay
# at 0). On the digits about half of them carry nothing. The expensive latents change
# much, the cheap one little. But a latent
# rarely has a *name*: slant, width and kind of digit change together. Nothing in the
# loss asks for names. The model can't tell a rotated $z$ from the old one. Only the
# diagonal $q$ prefers some axes (5.17), and those need not be ours.
#
# </details>

# %% [markdown]
# ## 6. Why sampling works now, and how much the VAE has to do with it
#
# Lesson 1 decoded random codes of an autoencoder, and was disappointed. Repeat it with
# networks of the VAE's size, trained on the reconstruction term alone (800 steps, the
# VAE had 1,500), and with two sources of codes: $\mathcal N(0, I)$, and a normal
# distribution *fitted* to the codes of the training images. To be fair, fit one to the
# VAE's codes as well.
#
# **Predict:** of the four rows, which looks most like digits, and which least?

# %%
ae = train_autoencoder(K=20, steps=800)
with torch.no_grad():
    codes_20 = ae.encoder(x)
noise = torch.randn(2000, K)


def like(codes):
    """Return noise with the mean and covariance of codes (N, K)."""
    root = torch.linalg.cholesky(codes.T.cov())
    return codes.mean(0) + noise @ root.T


# %%
samples = {
    "VAE, prior": draw(vae.decoder, noise),
    "VAE, fitted": draw(vae.decoder, like(codes_of(vae, x)[0])),
    "autoencoder, N(0, I)": draw(ae.decoder, noise),
    "autoencoder, fitted": draw(ae.decoder, like(codes_20)),
}

# %% name="side-by-side" tags=["slide-figure"] alt="Four rows of twelve samples. VAE, from the prior and from a fitted normal: nearly the same images, some digits. Autoencoder, from standard normal codes: pale, blurred shapes; from fitted ones: dark strokes, a few digits."
plotting.show_rows({name: drawn[:12] for name, drawn in samples.items()})
plt.show()

# %% [markdown]
# Measure it. Take the first 30 principal components of the training images, fit a
# Gaussian to real images and one to samples, and take the **Fréchet distance** between
# the two,
# $\lVert m_1 - m_2 \rVert^2 + \operatorname{tr}(C_1 + C_2 - 2 (C_1 C_2)^{1/2})$. (FID is
# this distance in a network's features.) As many real test images, chosen at random,
# show what is attainable.

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
generator = torch.Generator().manual_seed(0)
real = test[torch.randperm(len(test), generator=generator)[:2000]]
distance = {
    name: frechet(drawn, x).item()
    for name, drawn in ({"test images": real} | samples).items()
}

# %%
for name, value in distance.items():
    print(f"{name:22} {value:5.2f}")
fitted = distance["VAE, fitted"], distance["autoencoder, fitted"]
assert distance["VAE, prior"] < distance["autoencoder, N(0, I)"]
assert max(fitted) < distance["VAE, prior"]
if on_mnist:
    assert 0.7 < fitted[0] / fitted[1] < 1.4

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - $\mathcal N(0, I)$ means nothing to the autoencoder: it is too narrow for these codes,
#   hence the pale digits. To the VAE it is the distribution that its loss pulls the codes
#   towards.
# - But fit a Gaussian to *either* model's codes, and on MNIST the two are about equally
#   good, by this measure, and better than the prior's row. What that row loses is the gap
#   between aggregate and prior. Ghosh et al. (2020) report samples comparable to VAEs', or
#   better, for regularised deterministic autoencoders with a density fitted afterwards.
# - The measure is a rough one. It sees means and covariances only, and blurred images
#   have them nearly right.
#
# </details>

# %% [markdown]
# So "a VAE can sample, an autoencoder can't" is too simple. What the VAE does have:
#
# - The prior is known *before* training. Nothing has to be fitted, and a gap between
#   aggregate and prior is something that the loss works against.
# - Its loss is a **bound on $\log p(x)$**. Two VAEs with the same likelihood can be
#   compared by it, on images that neither has seen, as far as their gaps are alike. An autoencoder's loss says nothing about that: it falls as
#   $K$ grows, whatever the samples look like.
# - Its codes have a **price** in nats. It uses as many latents as pay for themselves.
#
# Careful with words, too. $p(z)$ is *not* the distribution that the encoder learned. It
# was chosen before. What the encoder learned is the aggregate $q(z)$.

# %% [markdown]
# ## 7. Between two images
#
# Encode two images, walk from one code to the other, decode on the way. **Predict:**
# codes are random vectors with 20 entries. How long are they? And how long is the
# vector half-way between two of them?

# %% [markdown]
# For independent $z, z' \sim \mathcal N(0, I)$ the squares add up:
#
# $$\mathbb E \lVert z \rVert^2 = K , \qquad
# \mathbb E \big\lVert \tfrac12 (z + z') \big\rVert^2 = \tfrac{K}{2} . \tag{7.6}$$

# %%
# Check (7.6)
one, two = torch.randn(2, 100_000, K, generator=generator)
lengths = {"z": (one, K), "half-way": ((one + two) / 2, K / 2)}
for name, (codes, truth) in lengths.items():
    squared = codes.square().sum(1)
    error = squared.std() / len(squared) ** 0.5
    print(f"{name:9} mean of |z|² {squared.mean():.2f}, exact {truth}")
    assert abs(squared.mean() - truth) < 4 * error

# %% [markdown]
# Random codes lie in a thin shell of radius about $\sqrt K = 4.5$, and a straight line
# between two of them leaves it, down to $\sqrt{K / 2} = 3.2$. An arc stays in the shell.
# **Spherical interpolation** (slerp) goes along the great circle. With
# $\Omega$, the angle between $a$ and $b$,
#
# $$\operatorname{slerp}(a, b, t) = \frac{\sin((1 - t)\, \Omega)}{\sin \Omega}\, a
# + \frac{\sin(t\, \Omega)}{\sin \Omega}\, b . \tag{7.7}$$
#
# For vectors of equal length this is a rotation of $a$ by the angle $t\, \Omega$. (For
# $\Omega \to 0$ it becomes the straight line. For opposite codes it is undefined.)

# %%
# Check (7.7)
a, b = torch.randn(2, K, generator=generator).double()
a, b = a / a.norm(), b / b.norm()
omega = torch.acos(a @ b)
across = (b - (a @ b) * a) / omega.sin()  # orthogonal to a, of length 1
plane = torch.outer(across, a) - torch.outer(a, across)
for t in (0.0, 0.3, 0.5, 1.0):
    formula = torch.sin((1 - t) * omega) * a + torch.sin(t * omega) * b
    rotated = torch.linalg.matrix_exp(t * omega * plane) @ a
    difference = formula / omega.sin() - rotated
    assert difference.abs().max() < 1e-8

# %% [markdown]
# Now with images: from one mean to another.


# %%
def arc(a, b, t):
    """Return slerp of codes a, b (K,) at all t (T,): (T, K)."""
    omega = torch.acos((a @ b) / (a.norm() * b.norm()))
    t = t[:, None]
    weights = torch.sin((1 - t) * omega), torch.sin(t * omega)
    return (weights[0] * a + weights[1] * b) / torch.sin(omega)


times = torch.linspace(0, 1, 12)
start, end = mu_test[0], mu_test[1]
straight = torch.lerp(start, end, times[:, None])
curved = arc(start, end, times)

# %% name="interpolation" tags=["slide-figure"] alt="Three rows of twelve steps from a 7 to a 2. Straight: the middle images are pale and blurred. Spherical: darker, in broken pieces. Pixels: one digit fades out while the other fades in over it."
rows = {
    "straight": draw(vae.decoder, straight),
    "spherical": draw(vae.decoder, curved),
    "pixels": torch.lerp(test[0], test[1], times[:, None, None, None]),
}
plotting.show_rows(rows)
plt.show()

# %%
other = mu_test.roll(1, dims=0)
norms = {
    "sampled codes": codes_of(vae, test)[0],
    "means": mu_test,
    "half-way, straight": (mu_test + other) / 2,
}
for name, codes in norms.items():
    norms[name] = codes.norm(dim=1).mean().item()
    print(f"{name:20} mean length {norms[name]:.2f}")
half = arc(start, end, torch.tensor([0.5])).norm()
print(f"slerp's middle {half:.2f}, ", end="")
print(f"its ends {start.norm():.2f}, {end.norm():.2f}")

# %%
assert norms["half-way, straight"] < 0.85 * norms["means"]
assert half > 0.95 * min(start.norm(), end.norm())

# %% [markdown]
# <details><summary>What to notice</summary>
#
# In pixels, one image fades while the other appears. In codes, one *turns into* the
# other, by way of images that look like digits, mostly. Straight and spherical paths
# look much alike here: the decoder takes the shorter codes half-way well enough. White
# (2016) found that in larger models it matters. Measure the lengths to know how far
# from the shell you are.
#
# </details>

# %% [markdown]
# ## 8. A number and its protocol
#
# The PyTorch project's VAE example has the size of our model. On grey MNIST, a run of it
# ends at a test loss of 105.6 after 10 epochs (4,690 steps). Ours had 1,500 steps. State
# the protocol: trained on all 60,000 images; pixels grey, taken as probabilities; all test
# images; *one sampled* $z$ per image; nats per image; one training, seed 0. And say what
# was tuned: GELU, cosine, the start at the mean image. These settings were chosen by
# looking at the test loss, which flatters it a little.

# %%
print(f"{len(test)} test images of {dataset.name}: {result['loss']:.2f} nats")
if on_mnist:
    assert result["loss"] < 105.6

# %%
repeats = [
    evaluation.evaluate(vae, losses.negative_elbo, test, seed=seed)["loss"]
    for seed in range(5)
]

# %%
each_image = losses.negative_elbo(vae, test)["loss"].detach()
error = each_image.std() / len(test) ** 0.5
print("other draws of z:", ", ".join(f"{v:.2f}" for v in repeats))
print(f"standard error over images: {error:.2f}")

# %% [markdown]
# The draw of $z$ hardly matters over so many images. Which test images one happens to
# have matters more. (Another training seed moves the result as well, by a few tenths.)
#
# One also reads values near 96 for this model. **Predict:** what happens to the number if
# the test decodes $z = \mu$, without noise?

# %%
with torch.no_grad():
    nll_at_mu = losses.bernoulli_nll(vae.decoder(mu_test), test)
    at_mu = (nll_at_mu + losses.gaussian_kl(mu_test, logvar_test)).mean()
print(f"sampled z: {result['loss']:.1f}, z = mu: {at_mu:.1f} nats")
assert at_mu < result["loss"] - 2

# %% [markdown]
# Lower by many nats, and the model is the same. Is it a better estimate? With two
# latents we know the truth, $-\log p(x)$. No bound may be better than that.

# %%
nll_at_mu = -log_likelihood(exact.decoder, exact.encode(few)[0], few)
at_mu = nll_at_mu.diagonal() + losses.gaussian_kl(*exact.encode(few))
below = (at_mu < -log_evidence).sum()
print(f"-ELBO below -log p(x):     {(-elbo < -log_evidence).sum()} of 20")
print(f"value at mu below -log p(x): {below} of 20")
assert (-elbo > -log_evidence).all() and below > 5

# %% [markdown]
# At $\mu$ it is *no bound*. It charges the rate for a coarse code, and reads a precise
# one. Whoever reports it claims a likelihood that the model does not have. (Decoding
# $\mu$ for a *picture* is fine.)
#
# ### Further: more samples of z
#
# (7.2) takes one sample. With $L$ samples per image, the estimates are averaged. Given
# the images, the samples are independent, so
#
# $$\operatorname{Var}\Big[\frac1L \sum_{l=1}^L \ell(x, \epsilon_l)\Big]
# = \tfrac1L \operatorname{Var}[\ell(x, \epsilon)] . \tag{7.8}$$

# %%
# Check (7.8)
with torch.no_grad():
    many = test[:1].repeat(12_800, 1, 1, 1)
    draws = losses.negative_elbo(vae, many)["loss"]  # one image
variance_of_one = draws.var()
print(f"L =  1: variance {variance_of_one:6.2f}")
for L in (4, 16):
    means = draws.view(-1, L).mean(1)
    squares = (means - means.mean()) ** 2
    error = squares.std() / len(squares) ** 0.5
    print(f"L = {L:2}: variance {means.var():6.2f} ± {error:.2f}")
    assert abs(means.var() - variance_of_one / L) < 4 * error

# %% [markdown]
# The same holds for the gradient. But is it worth the price? With the encoder run again
# for each sample, as here, $L$ samples cost as much as a batch that is $L$ times larger.
#
# **Predict:** which of the two gives the less noisy gradient at equal cost?


# %%
def gradient_noise(batch_size, L, fresh=True):
    """Return the variance of the loss's gradient, summed over weights."""
    rows = []
    for _ in range(20):
        chosen = torch.randint(len(x), (batch_size,)) if fresh else batch
        images = x[chosen].repeat(L, 1, 1, 1)
        loss = losses.negative_elbo(vae, images)["loss"].mean()
        gradients = torch.autograd.grad(loss, list(vae.parameters()))
        rows.append(torch.cat([g.flatten() for g in gradients]))
    return torch.stack(rows).var(0).sum().item()


# %%
torch.manual_seed(3)
batch = torch.arange(128)
noise_of = {
    "the same 128 images, L = 1": gradient_noise(128, 1, fresh=False),
    "the same 128 images, L = 4": gradient_noise(128, 4, fresh=False),
    "128 random images,   L = 1": gradient_noise(128, 1),
    "128 random images,   L = 4": gradient_noise(128, 4),
    "512 random images,   L = 1": gradient_noise(512, 1),
}
for name, value in noise_of.items():
    print(f"{name}: {value:6.1f}")

# %%
values = list(noise_of.values())
assert values[1] < 0.5 * values[0]
assert values[4] < values[3] < values[2]

# %% [markdown]
# More images. They average over $z$ *and* over images; more samples only over $z$. (Run
# the encoder once for all $L$ samples, and the two are about equal here.) So $L = 1$ is
# simpler, and loses nothing. ($L > 1$ has its place where the
# samples are weighted: (5.16), and lesson 9.)
#
# ## 9. With convolutions
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

# %%
for name, model, loss in (
    ("MLP", vae, result["loss"]),
    ("convolutional", conv, conv_result["loss"]),
):
    size = sum(p.numel() for p in model.parameters())
    print(f"{name:14} {size:7,} parameters, test {loss:.1f} nats")
if on_mnist:
    assert conv_result["loss"] < result["loss"] + 6

# %% name="conv-samples" tags=["slide-figure"] alt="One row of twelve mean images sampled from the convolutional VAE. About half are clearly digits, such as 3, 8 and 5; others are broken or between two digits. All have soft edges."
drawn = draw(conv.decoder, torch.randn(12, K))
plotting.show_rows({"convolutional, mean images": drawn})
plt.show()

# %% [markdown]
# A sixth of the parameters and a third of the steps, for nearly the same loss on MNIST.
# Its steps are slower, as in lesson 4.

# %% [markdown]
# ## 10. Is it a VAE?
#
# Code that calls itself a VAE often isn't one. Signs that something is missing:
#
# - **The decoder gets the encoder's output directly.** No sampling: an autoencoder,
#   perhaps a wide one.
# - **The same $K$ numbers used as $\mu$ and as $\log \sigma^2$**, or a ReLU on the heads. $\mu \ge 0$ leaves
#   one of $2^K$ orthants, $\log \sigma^2 \ge 0$ makes every $\sigma$ at least 1.
# - **A loss of squared errors alone.** No rate: the encoder makes $\sigma$ tiny, and the
#   prior means nothing.
# - **A "likelihood" with the mean and standard deviation of the whole batch.** All pixels
#   get the same mean. What the decoder says about one of them is lost.
# - **The ELBO minimised**, or the KL with its sign turned. The loss runs to $-\infty$.
#
# One measurement tells the first from a VAE, without reading the code: does noise move
# the output?


# %%
def signs(model, images):
    """Return the share of pixels that noise moves, and the mean rate."""
    with torch.no_grad():
        first, mu, logvar = model(images)
        second, _, _ = model(images)
    moved = (first != second).float().mean().item()
    return moved, losses.gaussian_kl(mu, logvar).mean().item()


class NotAVAE(VAE):
    def forward(self, x):
        mu, logvar = self.encoder(x).chunk(2, dim=1)
        return self.decoder(mu), mu, logvar


# %%
impostor = NotAVAE(vae.encoder, vae.decoder)
for name, model in (("VAE", vae), ("impostor", impostor)):
    moved, rate = signs(model, test[:200])
    print(f"{name:9} noise moves {moved:4.0%} of the logits, rate {rate:.1f}")
assert signs(vae, test[:200])[0] > 0.99 and signs(impostor, test[:200])[0] == 0

# %% [markdown]
# A rate of hundreds of nats would betray the missing price: with no rate in the loss
# nothing keeps it down.

# %% [markdown]
# ### Further: your own data
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
# Hold a fifth back, and give both halves the shape of one image. The loss stands beside
# that of the best constant: the mean image, whatever the input. The picture shows, from
# top to bottom, held-out pictures, their reconstructions, and samples from the prior.

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

# %%
own_loss = evaluation.evaluate(own_vae, losses.negative_elbo, own_test)["loss"]
constant = torch.logit(own_train.mean(0), eps=1e-3).expand_as(own_test)
worst = losses.bernoulli_nll(constant, own_test).mean()
print(f"{len(own_train)} images to learn from, {len(own_test)} held out")
print(f"VAE {own_loss:.0f} nats per held-out image, constant {worst:.0f}")

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
# The first two stand in section 1.
#
# ### Exercise 3: slerp
#
# (7.7), for one $t$, and safe: for parallel codes $\Omega = 0$, and the formula is 0/0.
# There, return the straight line's point.
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
# ### Exercise 4: a grid of the prior
#
# The codes of section 4's manifold, for any $n$: the middles of (7.4), row by row, the
# largest $z_2$ in the top row.
#
# <details><summary>Hint</summary>
#
# `Normal(0.0, 1.0).icdf`. For the order, write down the four codes of $n = 2$ first.
#
# </details>


# %%
def prior_grid(n):
    """Return the codes of an n x n picture of the prior: (n * n, 2)."""
    # BEGIN SOLUTION
    places = Normal(0.0, 1.0).icdf((torch.arange(n) + 0.5) / n)
    return torch.cartesian_prod(places.flip(0), places).flip(1)
    # END SOLUTION


checks.prior_grid(prior_grid)

# %% [markdown]
# ### And now without looking
#
# Close the notebook. On paper, go from $\log p(x)$ to (7.2), with a reason at each line.
# Then open a new notebook, write `VAE` and its loss from memory, and compare the loss
# with `losses.negative_elbo` under one seed. Where you get stuck, the numbers in section
# 1 say where to look.

# %% [markdown]
# ## Summary
#
# - A VAE is an autoencoder with noise in its code and a price on it: reconstruction
#   plus rate, which is minus the ELBO.
# - In training the rate rises and the reconstruction term falls. Report both.
# - Samples come from the prior. They are mean images unless the pixels are drawn as
#   well.
# - The aggregate of the codes is pulled towards the prior, and not equal to it.
# - What a VAE has beyond an autoencoder: a prior known beforehand, a bound on
#   $\log p(x)$, a price for each latent.
# - A test loss needs its protocol. At $z = \mu$ it is no bound.
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
# - The PyTorch project. *Basic VAE example*, in the repository `pytorch/examples`.
# - M. D. Hoffman, M. J. Johnson. *ELBO surgery: yet another way to carve up the
#   variational evidence lower bound.* NIPS workshop on advances in approximate
#   Bayesian inference, 2016. The aggregate posterior.
# - P. Ghosh, M. S. M. Sajjadi, A. Vergari, M. Black, B. Schölkopf. *From variational
#   to deterministic autoencoders.* ICLR 2020, arXiv:1903.12436.

# %% [markdown]
# - D. C. Dowson, B. V. Landau. *The Fréchet distance between multivariate normal
#   distributions.* Journal of Multivariate Analysis 12 (1982), 450–455.
# - M. Heusel, H. Ramsauer, T. Unterthiner, B. Nessler, S. Hochreiter. *GANs trained by
#   a two time-scale update rule converge to a local Nash equilibrium.* NIPS 2017. The
#   FID.
# - K. Shoemake. *Animating rotation with quaternion curves.* SIGGRAPH 1985, 245–254.
# - T. White. *Sampling generative networks.* arXiv:1609.04468, 2016. Slerp between
#   codes.
