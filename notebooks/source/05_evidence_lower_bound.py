# %% [markdown]
# # 5. The evidence lower bound
#
# After this lesson you can
#
# - write down a latent-variable model and its evidence $p(x)$;
# - say why the evidence can't be computed by sampling codes at random;
# - define the KL divergence, prove that it is never negative, and compute it;
# - derive the evidence lower bound (ELBO) in three ways;
# - say exactly how far below the evidence it lies, and what closes the gap.
#
# **Builds on:** [lesson 1](01_basic_autoencoder.ipynb): PCA, and why random codes
# decode to no digits.
# **Time:** 75 minutes to read and work, more with the section headed *Further*; half
# a minute to run.
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
# ## 1. Two coins
#
# I have two coins in a bag. The fair one lands heads with probability 0.5, the bent
# one with 0.9. I draw one, the fair coin with probability 0.7, toss it ten times, and
# tell you how many heads there were: $x$. Which coin it was, $z$, I don't tell.
#
# That is a **latent-variable model**. It has two parts, both chosen by us:
#
# - the **prior** $p(z)$: what happens before anything is seen;
# - the **likelihood** $p(x \mid z)$: how the latent $z$ makes an $x$.
#
# How probable is it that *you* see $x$? Sum over what you don't see:
#
# $$p(x) = \sum_z p(z)\, p(x \mid z) . \tag{5.1}$$
#
# This is the **evidence**, or marginal likelihood. The next cell compares it with the
# relative frequencies in many games. (Checks compute in float64, 16 digits: with
# float32's 7 one could not see that two sides agree to $10^{-8}$.)

# %%
# Check (5.1)
from torch.distributions import Binomial

prior = torch.tensor([0.7, 0.3], dtype=torch.float64)
heads = torch.tensor([0.5, 0.9], dtype=torch.float64)
count = torch.arange(11, dtype=torch.float64)
likelihood = Binomial(10, heads).log_prob(count[:, None]).exp()  # (11, 2)
evidence = (prior * likelihood).sum(1)  # (11,)


# %%
generator = torch.Generator().manual_seed(0)
n = 200_000
coin = (torch.rand(n, generator=generator) < 0.3).long()  # 1: the bent coin
tosses = torch.rand(n, 10, generator=generator) < heads[coin][:, None]
frequency = tosses.sum(1).bincount(minlength=11) / n
error = (evidence * (1 - evidence) / n).sqrt()  # standard error
assert ((frequency - evidence).abs() < 4 * error).all()

# %% [markdown]
# And the other way round: you have seen $x$, which coin was it? By the definition
# of conditional probability, $p(z \mid x)\, p(x) = p(x, z) = p(z)\, p(x \mid z)$.
# So
#
# $$p(z \mid x) = \frac{p(z)\, p(x \mid z)}{p(x)} . \tag{5.2}$$
#
# This is Bayes' theorem; $p(z \mid x)$ is the **posterior**. The evidence stands
# below the line: *without it there is no posterior.*
#
# **Predict:** I saw 8 heads. Which coin is more probable?

# %%
# Check (5.2)
posterior = prior * likelihood / evidence[:, None]  # (11, 2)
eight = tosses.sum(1) == 8
share = (coin[eight] == 1).double().mean()
error = (posterior[8, 1] * (1 - posterior[8, 1]) / eight.sum()).sqrt()
print(f"After 8 heads: bent with probability {posterior[8, 1]:.3f};")
print(f"in {eight.sum():,} such games it was bent {share:.3f} of the time.")
assert abs(share - posterior[8, 1]) < 4 * error

# %% name="two-coins" tags=["slide-figure"] alt="Stacked bars of the probability of 0 to 10 heads, split by coin. Up to 6 heads nearly all of a bar is the fair coin's; at 8 about two thirds are the bent one's, at 10 nearly all."
bars = {
    "fair": prior[0] * likelihood[:, 0],
    "bent": prior[1] * likelihood[:, 1],
}
bottom = torch.zeros(11, dtype=torch.float64)
for name, height in bars.items():
    plt.bar(count, height, bottom=bottom, label=f"z = {name}")
    bottom = bottom + height
plt.xlabel("x, number of heads in ten tosses")
plt.ylabel("probability")
plt.legend()
plt.show()

# %% [markdown]
# The height of a bar is the evidence. The shares within a bar are the posterior.

# %% [markdown]
# ### From coins to images
#
# Now let $x$ be an image and $z$ a code of $K$ numbers. Lesson 1 ended with a
# question: how do we make codes follow a distribution that we chose? Here is the
# answer in principle. *Choose it first*: the prior $p(z) = \mathcal N(0, I)$. Let
# a decoder say how a code makes an image: $p_\theta(x \mid z)$. Then draw new
# images by drawing $z$ from the prior and $x$ from the decoder. The evidence is
#
# $$p_\theta(x) = \int p_\theta(x \mid z)\, p(z)\, dz . \tag{5.3}$$
#
# <details><summary>Why a prior at all? Why not only a good decoder?</summary>
#
# Without $p(z)$ the model does not say which codes occur, so it can't be sampled,
# and $p(x)$ has no meaning. That was the plain autoencoder's state. The prior is
# not the distribution of an encoder's codes. In this course it is not learned either: it
# is chosen, before any data.
#
# </details>

# %% [markdown]
# Learning means: choose $\theta$ so that the images which we have seen are
# probable, that is, maximise $\log p_\theta(x)$ on average over the data.

# %%
# Check (5.3)
from torch.distributions import Normal

w, sigma = 2.0, 0.5  # x given z is N(w z, sigma^2): one pixel, one latent
grid = torch.linspace(-10, 10, 4001, dtype=torch.float64)  # z
pixel = torch.tensor(1.3, dtype=torch.float64)
joint = Normal(w * grid, sigma).log_prob(pixel) + Normal(0, 1).log_prob(grid)
p_by_quadrature = torch.trapezoid(joint.exp(), grid)
# w z and sigma eps are independent, so their variances add
closed_form = Normal(0 * pixel, (w**2 + sigma**2) ** 0.5).log_prob(pixel).exp()
assert abs(p_by_quadrature - closed_form) < 1e-8

# %% [markdown]
# On a grid, (5.3) is a sum, as for the coins. That works for one latent. With
# $K = 10$ and 100 points per axis, the grid has $10^{20}$ points. And for a neural
# decoder no formula exists. So how does one compute the evidence?

# %% [markdown]
# ## 2. A model whose evidence we know
#
# To judge methods, we want a model of real images where the truth is known.
# **Probabilistic PCA** has it: a linear decoder with Gaussian noise,
#
# $$p(z) = \mathcal N(0, I), \qquad
# p(x \mid z) = \mathcal N(b + W z,\; \sigma^2 I) .$$
#
# $x = b + W z + \sigma \epsilon$ is a sum of *independent* Gaussians, so it is Gaussian.
# Its mean is $b$. $W z$ has covariance $W \mathbb E[z z^\top] W^\top = W W^\top$, and the noise adds
# $\sigma^2 I$:
#
# $$p(x) = \mathcal N(b,\; W W^\top + \sigma^2 I) . \tag{5.4}$$

# %%
# Check (5.4)
from torch.distributions import MultivariateNormal

W_small = torch.tensor([[1.0], [-0.5], [2.0]], dtype=torch.float64)  # (3, 1)
pixels = torch.tensor([0.3, 0.1, 1.1], dtype=torch.float64)  # x - b
given_z = Normal(grid[:, None] * W_small.T, 0.5).log_prob(pixels).sum(1)
by_quadrature = torch.trapezoid(
    (given_z + Normal(0, 1).log_prob(grid)).exp(), grid
)
C = W_small @ W_small.T + 0.25 * torch.eye(3, dtype=torch.float64)
formula = MultivariateNormal(torch.zeros(3).double(), C).log_prob(pixels).exp()
assert abs(by_quadrature - formula) < 1e-8

# %% [markdown]
# Tipping and Bishop found the best parameters for given data. Let $\lambda_i$ and
# $v_i$ be the eigenvalues and eigenvectors of the covariance of the data, largest
# first, as in lesson 1. Then $\sigma^2$ is the mean of the eigenvalues that are
# left out, and
#
# $$W = V_K\, (\Lambda_K - \sigma^2 I)^{1/2}, \qquad
# \sigma^2 = \frac{1}{D - K} \sum_{i > K} \lambda_i , \tag{5.5}$$
#
# with $V_K = (v_1, \dots, v_K)$, up to a rotation of the code, and $b$ is the mean of
# the data. So probabilistic PCA *is* PCA, with a prior on the
# codes and noise on the pixels.
#
# <details><summary>Why these values?</summary>
#
# In the direction $v_i$, $i \le K$, the model's variance is
# $(\lambda_i - \sigma^2) + \sigma^2 = \lambda_i$: just the data's. In all other
# directions it has only $\sigma^2$ to offer, and the best single variance for
# many directions is the mean of theirs. (The proof that no other $W$ is better
# is in the paper.)
#
# </details>

# %%
from course_lib import data

dataset = data.load()
x, test = dataset.train_images, dataset.test_images  # (N, 1, 28, 28)
on_mnist = dataset.name == "mnist"
D, K = 784, 10

# %%
b = x.mean(0).flatten().double()  # (784,)
S = torch.cov(x.flatten(1).T, correction=0).double()  # (784, 784)
centred = test[:1000].flatten(1).double() - b  # x - b of 1,000 test images

# %%
lam, V = torch.linalg.eigh(S)  # ascending
lam, V = lam.flip(0), V.flip(1)
s2 = lam[K:].mean()  # sigma^2
W = V[:, :K] * (lam[:K] - s2).sqrt()  # (784, 10), a scaled column each
print(f"sigma = {s2.sqrt():.3f}; pixels lie in [0, 1]")


# %%
def negative_log_evidence(W, s2):
    """Return the mean of -log p(x) over the training images, in nats."""
    C = W @ W.T + s2 * torch.eye(D, dtype=W.dtype)
    # the mean of (x - b)^T C^-1 (x - b) is tr(C^-1 S)
    quadratic = torch.linalg.solve(C, S).trace()
    log_2pi = torch.log(torch.tensor(2 * torch.pi, dtype=W.dtype))
    return 0.5 * (D * log_2pi + torch.logdet(C) + quadratic)


# %%
# Check (5.5)
W_free, log_s2 = W.clone().requires_grad_(), s2.log().requires_grad_()
least = negative_log_evidence(W_free, log_s2.exp())
slopes = torch.autograd.grad(least, [W_free, log_s2])
assert all(slope.abs().max() < 1e-8 for slope in slopes)  # a stationary point


# %%
def loss_with(chosen):
    """Return the loss with other eigenvectors and the s2 that they leave."""
    left_out = [i for i in range(D) if i not in chosen]
    s2 = lam[left_out].mean()
    return negative_log_evidence(V[:, chosen] * (lam[chosen] - s2).sqrt(), s2)


# other eigenvectors give stationary points too, but worse ones
for i in range(K):
    assert loss_with([k for k in range(K + 1) if k != i]) > least + 0.5

# %% [markdown]
# Here the evidence of an image is one line, by (5.4). (It is a *density* over
# pixels, so its logarithm may be positive.)

# %%
C = W @ W.T + s2 * torch.eye(D, dtype=torch.float64)
log_evidence = MultivariateNormal(torch.zeros(D).double(), C).log_prob(centred)
print(f"log p(x), mean over test images: {log_evidence.mean():.1f} nats")

# %% [markdown]
# ## 3. Sampling codes at random
#
# (5.3) is an expectation, $p(x) = \mathbb E_{p(z)}[p(x \mid z)]$. The obvious
# estimate draws $n$ codes from the prior:
#
# $$\hat p_n = \frac1n \sum_{s=1}^{n} p(x \mid z_s) , \qquad
# \mathbb E[\hat p_n] = p(x) . \tag{5.6}$$
#
# It is unbiased. What can go wrong? First a case where nothing does: the one
# pixel from above.

# %%
# Check (5.6)
z = torch.randn(100_000, generator=generator, dtype=torch.float64)
values = Normal(w * z, sigma).log_prob(pixel).exp()  # p(x | z_s)
error = values.std() / len(values) ** 0.5
assert abs(values.mean() - closed_form) < 4 * error
assert error < 0.01 * closed_form

# %% [markdown]
# Now the images, with ten latents. **Predict:** how close to $\log p(x)$ do 100,000
# samples come?

# %%
G = W.T @ W  # (K, K)


def log_likelihood(x, z):
    """Return log p(x | z) for x - b (B, D) and z (..., n, K): (..., B, n)."""
    # |x - Wz|^2 = |x|^2 - 2 (W^T x) . z + z^T G z, all in K dimensions
    cross = (x @ W) @ z.mT
    norms = (z @ G * z).sum(-1).unsqueeze(-2)
    squared = x.square().sum(1, keepdim=True) - 2 * cross + norms
    return -0.5 * (D * torch.log(2 * torch.pi * s2) + squared / s2)


# %%
import math

some, truth = centred[:20], log_evidence[:20]
counts = [1, 10, 100, 1000, 10_000, 100_000]
gaps = []
for n in counts:
    z = torch.randn(10, n, K, generator=generator, dtype=torch.float64)
    log_p_hat = log_likelihood(some, z).logsumexp(-1) - math.log(n)
    gaps.append(log_p_hat - truth)  # (10 repeats, 20 images)

# %% name="naive-monte-carlo" tags=["slide-figure"] alt="Log estimate minus log p of x against samples n, on a logarithmic axis, with error bars. Every point lies below the truth at 0: minus 690 nats with one sample, and still minus 29 with 100,000. The bars shrink."
middle = torch.stack([gap.mean() for gap in gaps])
spread = torch.stack([gap.std(0).mean() for gap in gaps])  # over repeats
plt.errorbar(counts, middle, yerr=spread, marker="o", capsize=4)
plt.axhline(0, color="gray", ls="--", label="the truth")
plt.xscale("log")
plt.xlabel("samples from the prior, n")
plt.ylabel("log estimate - log p(x), nats")
plt.legend()
plt.show()

# %%
print(f"100,000 samples: {middle[-1]:.0f} nats on average, ", end="")
print(f"and {spread[-1]:.0f} nats of spread between repeats")
assert middle[-1] < -5 and (middle.diff() > 0).all()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# Tens of nats too low on MNIST, and more on the digits: a probability that is too small
# by a factor of $10^{10}$ or more, from an *unbiased* estimate. Only codes near the image's
# posterior contribute, and they are rarer than one in 100,000. Nearly always the
# estimate is far too small. Very rarely it is far too large, and that is where
# its mean comes from. You will never see it. From ten samples on, ten times as many
# about halve what is missing. (Unbiased is $\hat p_n$. Its logarithm is biased downwards:
# that is Jensen's inequality, in section 5.)
#
# </details>
#
# How rare are they? A fraction of about $e^{-R}$ of the prior looks like the
# posterior, where $R$ measures how far the posterior is from the prior. The next
# section says what $R$ is, and section 5 computes it for these images.

# %% [markdown]
# ## 4. The Kullback-Leibler divergence
#
# $$\mathrm{KL}(q \,\Vert\, p) = \mathbb E_{q(z)}
# \left[ \log \frac{q(z)}{p(z)} \right] . \tag{5.7}$$
#
# Read it like this: draw $z$ from $q$; how much more probable is it under $q$ than under
# $p$, on average, on the logarithmic scale? The unit of the natural logarithm is
# the **nat**. With logarithms to base 2 it is the **bit**; a nat is
# $1 / \log 2 = 1.44$ bits.
#
# Take the coin's posterior after nine heads as $q$, the prior as $p$.

# %%
# Check (5.7)
q, p = posterior[9], prior
kl = (q * (q / p).log()).sum()
z = torch.multinomial(q, 200_000, replacement=True, generator=generator)
values = (q / p).log()[z]
error = values.std() / len(values) ** 0.5
print(
    f"{kl:.3f} nats = {kl / math.log(2):.3f} bits; sampled {values.mean():.3f}"
)
assert abs(values.mean() - kl) < 4 * error

# %% [markdown]
# So 9 heads have moved our opinion about the coin by 1.36 bits. Now the property on
# which everything rests:
#
# $$\mathrm{KL}(q \,\Vert\, p) \ge 0 , \quad
# \text{and it is } 0 \text{ only for } q = p . \tag{5.8}$$
#
# **Proof.** The logarithm is concave. So by Jensen's inequality the mean of a
# logarithm is at most the logarithm of the mean:
#
# $$-\mathrm{KL}(q \,\Vert\, p) = \mathbb E_q \left[ \log \frac{p(z)}{q(z)} \right]
# \le \log \mathbb E_q \left[ \frac{p(z)}{q(z)} \right]
# = \log \sum_{z: q(z) > 0} p(z) \le \log 1 = 0 .$$
#
# And since the logarithm is *strictly* concave, equality needs $p / q$ to be the
# same wherever $q > 0$; equality at the end needs $p = 0$ elsewhere. Both sum to 1,
# so the ratio is 1. $\square$
#
# <details><summary>Why is Jensen's inequality true?</summary>
#
# A concave curve lies below each of its tangents. Take the tangent at the mean,
# $m = \mathbb E[w]$: $\log w \le \log m + (w - m) / m$. Take the expectation of both
# sides. The last term vanishes, and $\mathbb E[\log w] \le \log m$ is left.
#
# </details>

# %%
# Check (5.8)
from torch.distributions import Dirichlet

torch.manual_seed(0)
ones = torch.ones(5, dtype=torch.float64)
Q, P = Dirichlet(ones).sample((100_000,)), Dirichlet(ones).sample((100_000,))
kl_of_pairs = (Q * (Q / P).log()).sum(1)
assert kl_of_pairs.min() > 0  # 100,000 random pairs
assert (Q * (Q / Q).log()).sum() == 0

# %%
near = Q + 1e-3 * (P - Q)  # a step of 0.1 % towards P
assert ((Q * (Q / near).log()).sum(1) > 0).all()

# %% [markdown]
# It is *not* a distance: it is not symmetric. **Predict:** let $q$ be certain of one
# coin, and $p$ give each a half. Which of the two KLs is infinite?

# %%
certain = torch.tensor([1.0, 0.0])
even = torch.tensor([0.5, 0.5])
there = torch.special.xlogy(certain, certain / even).sum()  # 0 log 0 = 0
back = torch.special.xlogy(even, even / certain).sum()
print(f"KL(certain, even) = {there:.3f} nats, KL(even, certain) = {back}")

# %%
assert there.isfinite() and back.isinf()

# %% [markdown]
# KL punishes $q$ for being where $p$ is not. The other direction punishes it for
# *not* being where $p$ is. (`xlogy` knows that $0 \log 0 = 0$, the limit; plain
# code gives NaN.) Lesson 6 shows what this does to fits.
#
# ## 5. The bound, three ways
#
# Let $q(z)$ be *any* distribution over codes, our guess at where the codes of an
# image $x$ lie. Multiply and divide by it, and the evidence is an expectation
# over the guess:
#
# $$p(x) = \int q(z)\, \frac{p(x, z)}{q(z)}\, dz
# = \mathbb E_{q(z)} \left[ \frac{p(x, z)}{q(z)} \right] . \tag{5.9}$$
#
# A good guess puts its samples where they count. (The guess must not be 0 where
# $p(x, z)$ is not.)

# %%
# Check (5.9)
guess = Normal(*torch.tensor([0.5, 0.4], dtype=torch.float64))
# a guess at z for the one pixel of section 1
zs = guess.sample((200_000,))
log_weight = Normal(w * zs, sigma).log_prob(pixel) + Normal(0, 1).log_prob(zs)
weight = (log_weight - guess.log_prob(zs)).exp()
error = weight.std() / len(weight) ** 0.5
assert abs(weight.mean() - closed_form) < 4 * error

# %% [markdown]
# ### First way: Jensen
#
# We want $\log p(x)$. The logarithm of an expectation is at least the expectation
# of the logarithm, because the logarithm is concave:
#
# $$\log p(x) = \log \mathbb E_q \left[ \frac{p(x, z)}{q(z)} \right]
# \ge \mathbb E_q \left[ \log \frac{p(x, z)}{q(z)} \right]
# =: \mathcal L(q) . \tag{5.10}$$
#
# This is the **evidence lower bound**, ELBO for short. It is something to
# *maximise*; its negative is a loss. And it can be estimated without the disaster
# of section 3: an average of logarithms has no rare giants.

# %%
# Check (5.10)
log_ratio = log_weight - guess.log_prob(zs)
mean, error = log_ratio.mean(), log_ratio.std() / len(zs) ** 0.5
log_p = closed_form.log()
print(f"ELBO {mean:.3f} (standard error {error:.3f}), log p(x) {log_p:.3f}")
assert mean + 10 * error < log_p

# %% [markdown]
# ### Second way: the exact gap
#
# Jensen says that there is a gap, not how large it is. So go on exactly. Since
# $p(x, z) = p(z \mid x)\, p(x)$,
#
# $$\mathcal L(q) = \mathbb E_q \left[ \log \frac{p(z \mid x)\, p(x)}{q(z)} \right]
# = \log p(x) - \mathrm{KL}(q(z) \,\Vert\, p(z \mid x)) . \tag{5.11}$$
#
# ($\log p(x)$ does not depend on $z$, so its expectation is itself.) With (5.8) the
# bound follows again, and we know more:
#
# - the gap is the KL from our guess to the true posterior;
# - it is 0 if and only if the guess *is* the posterior;
# - so raising the ELBO over $q$ makes $q$ approach the posterior, though nobody
#   can compute that posterior.

# %%
# Check (5.11)
log_q = guess.log_prob(grid)  # for the one pixel, everything on the grid
log_posterior = joint - p_by_quadrature.log()
bound = torch.trapezoid(log_q.exp() * (joint - log_q), grid)
kl_on_grid = torch.trapezoid(log_q.exp() * (log_q - log_posterior), grid)
assert abs(bound - (log_p - kl_on_grid)) < 1e-8

# %% [markdown]
# On the grid the posterior itself came from (5.2). An independent check, on images, needs
# the posterior of probabilistic PCA. Its
# logarithm is, up to what does not depend on $z$,
#
# $$-\tfrac{1}{2} z^\top z - \tfrac{1}{2\sigma^2} \lVert x - b - W z \rVert^2
# = -\tfrac12 z^\top \Lambda z + z^\top W^\top (x - b) / \sigma^2 + \text{const},$$
#
# where $\Lambda = I + W^\top W / \sigma^2$. A quadratic form in $z$: so the
# posterior is Gaussian. $\Lambda$ is its precision (the inverse of the
# covariance), and the mean $m$ is where the
# gradient $-\Lambda m + W^\top (x - b) / \sigma^2$ is 0:
#
# $$p(z \mid x) = \mathcal N(m, \Lambda^{-1}), \quad
# m = \Lambda^{-1} W^\top (x - b) / \sigma^2, \quad
# \Lambda = I + W^\top W / \sigma^2 . \tag{5.12}$$


# %%
def posterior_of(x, W, s2):
    """Return mean (B, K) and covariance (K, K) for x - b (B, D)."""
    precision = torch.eye(W.shape[1], dtype=W.dtype) + W.T @ W / s2
    covariance = torch.linalg.inv(precision)
    return x @ W @ covariance / s2, covariance


# %%
# Check (5.12)
m, cov = posterior_of(pixels[None], W_small, 0.25)
density = (given_z + Normal(0, 1).log_prob(grid)).exp()
density = density / torch.trapezoid(density, grid)  # Bayes on the grid
mean = torch.trapezoid(grid * density, grid)
variance = torch.trapezoid((grid - mean) ** 2 * density, grid)
assert abs(m - mean) < 1e-8 and abs(cov - variance) < 1e-8

# %% [markdown]
# ### Two readings
#
# $p(x, z) = p(x \mid z)\, p(z)$ splits the ELBO in a second way, in terms that one
# can compute *without* the posterior:
#
# $$\mathcal L(q) = \underbrace{\mathbb E_q[\log p(x \mid z)]}_{\text{reconstruction}}
# - \underbrace{\mathrm{KL}(q(z) \,\Vert\, p(z))}_{\text{rate}} . \tag{5.13}$$
#
# Draw a code from the guess, decode it, see how probable the image is. From that
# subtract what the guess costs: how far it is from the prior.
#
# Physicists split it in a third way. With the entropy
# $H(q) = -\mathbb E_q[\log q(z)]$,
#
# $$-\mathcal L(q) = \mathbb E_q[-\log p(x, z)] - H(q) , \tag{5.14}$$
#
# an expected energy minus an entropy: a **free energy**. The entropy says why $q$
# is a *distribution* and not a single best code. A narrower and narrower $q$ has
# an entropy that goes to $-\infty$, and the bound falls without limit.

# %% [markdown]
# For probabilistic PCA and $q = \mathcal N(m, \Sigma)$ every term has a formula.
# The expected squared error: write $z = m + \delta$, where $\delta$ has mean 0 and
# covariance $\Sigma$. The mixed term vanishes, and
# $\mathbb E \lVert W \delta \rVert^2
# = \mathbb E \operatorname{tr}(W^\top W \delta \delta^\top)
# = \operatorname{tr}(W^\top W \Sigma)$. So
#
# $$\mathbb E_q[\log p(x \mid z)] = -\frac D2 \log(2 \pi \sigma^2)
# - \frac{\lVert x - b - W m \rVert^2 + \operatorname{tr}(W^\top W \Sigma)}
# {2 \sigma^2} . \tag{5.15}$$
#
# The KL between two Gaussians is derived in lesson 6. Here
# `torch.distributions` supplies it. The next cells check (5.11) on images, then (5.13)
# to (5.15). On a first reading look at the two printed lines only.


# %%
def reconstruction(x, m, Sigma, W, s2):
    """Return E_q[log p(x | z)] for x - b (B, D), by (5.15): (B,)."""
    squared = (x - m @ W.T).square().sum(1) + (W.T @ W @ Sigma).trace()
    return -0.5 * (D * torch.log(2 * torch.pi * s2) + squared / s2)


# %%
from torch.distributions import kl_divergence

standard = MultivariateNormal(torch.zeros(K).double(), torch.eye(K).double())

# %%
exact_m, exact_cov = posterior_of(some, W, s2)  # 20 test images
posterior_q = MultivariateNormal(exact_m, exact_cov)

# %%
root = torch.linalg.cholesky(exact_cov)
noise = torch.randn(20, K, generator=generator, dtype=torch.float64)
# a wrong guess, and codes drawn from it:
guess_mean, guess_cov = exact_m + 0.1 * noise @ root.T, 2 * exact_cov
guess_q = MultivariateNormal(guess_mean, guess_cov)
codes = guess_q.sample((20_000,))  # (20000, 20, K)
gap = kl_divergence(guess_q, posterior_q)  # to the posterior
rate = kl_divergence(guess_q, standard)  # to the prior
guess_elbo = reconstruction(some, guess_mean, guess_cov, W, s2) - rate

# %%
# (5.11) again, on images, and all in formulas
torch.testing.assert_close(guess_elbo, truth - gap, rtol=0, atol=1e-8)
# with the posterior itself there is no gap
exact_rate = kl_divergence(posterior_q, standard)
no_gap = reconstruction(some, exact_m, exact_cov, W, s2) - exact_rate
torch.testing.assert_close(no_gap, truth, rtol=0, atol=1e-8)
print(f"gap of the wrong guess: {gap.mean():.2f} nats, of the posterior: 0")
print(f"rate of the posterior, R: {exact_rate.mean():.0f} nats")

# %%
# Check (5.13)
log_ratio = log_likelihood(some[:1], codes[:, 0]).squeeze(0)
log_ratio = log_ratio + standard.log_prob(codes[:, 0])
log_ratio = log_ratio - guess_q.log_prob(codes)[:, 0]  # log p(x, z) / q(z)
error = log_ratio.std() / len(codes) ** 0.5
assert abs(log_ratio.mean() - guess_elbo[0]) < 4 * error

# %%
# Check (5.14)
energy = -reconstruction(some, guess_mean, guess_cov, W, s2)
# E[-log p(z)] for z of mean m and covariance Sigma
log_2pi = math.log(2 * math.pi)
squared = guess_mean.square().sum(1) + guess_cov.trace()
energy = energy + 0.5 * (K * log_2pi + squared)
free_energy = energy - guess_q.entropy()
torch.testing.assert_close(free_energy, -guess_elbo, rtol=0, atol=1e-8)

# %%
# Check (5.15)
values = log_likelihood(some[:1], codes[:, 0]).squeeze(0)
error = values.std() / len(values) ** 0.5
formula = reconstruction(some[:1], guess_mean[:1], guess_cov, W, s2)
assert abs(values.mean() - formula) < 4 * error

# %% [markdown]
# The rate of the posterior is the $R$ of section 3, on average over images. So the
# posterior fills about $e^{-R}$ of the prior, and one would need some $e^{R}$
# samples to meet it. (Chatterjee and Diaconis made this precise.)

# %% [markdown]
# ### Third way: more samples, a tighter bound
#
# The average of $k$ weights, $\frac1k \sum_s w_s$ with
# $w_s = p(x, z_s) / q(z_s)$, is unbiased for $p(x)$ too, by (5.9), and it spreads
# less. So its logarithm is nearer to $\log p(x)$. The **importance-weighted** bound
# is
#
# $$\mathcal L_k = \mathbb E \left[ \log \frac1k \sum_{s=1}^{k} w_s \right], \qquad
# \mathcal L = \mathcal L_1 \le \mathcal L_2 \le \dots \le \log p(x) . \tag{5.16}$$
#
# <details><summary>Why is the order so?</summary>
#
# Let $k < m$. The mean of $m$ weights is the mean, over all subsets of $k$ of them, of
# the subsets' means. By Jensen its logarithm is at least the mean of the subsets'
# logarithms. This holds for *every* draw. In expectation each subset gives
# $\mathcal L_k$. (The check uses disjoint blocks.)
#
# </details>

# %%
# Check (5.16)
from itertools import pairwise

image, mean = some[:1], guess_mean[0]  # q has twice the covariance
z = guess_q.sample((64_000,))[:, 0]  # (64000, K)
log_w = log_likelihood(image, z).squeeze(0) + standard.log_prob(z)
log_w = log_w - MultivariateNormal(mean, guess_cov).log_prob(z)

# %%
bounds, errors = [], []
for k in (sizes := [1, 2, 4, 8, 16, 32, 64, 128, 256]):
    blocks = log_w.view(-1, k).logsumexp(1) - math.log(k)
    bounds.append(blocks.mean())
    errors.append(blocks.std() / len(blocks) ** 0.5)
assert all(low <= high for low, high in pairwise(bounds))

# %%
assert bounds[-1] - 4 * errors[-1] < truth[0]
assert truth[0] - bounds[0] > 1 > 0.1 > truth[0] - bounds[-1]

# %% name="importance-weighted" tags=["slide-figure"] alt="Bound in nats against samples k, doubling from 1 to 256. It rises from 300.5, steeply at first, and approaches the dashed line of log p of x, near 302.1, from below without crossing it."
plt.plot(sizes, bounds, "o-", label="importance-weighted bound")
plt.axhline(truth[0], color="gray", ls="--", label="log p(x)")
plt.xscale("log", base=2)
plt.xlabel("samples in a bound, k")
plt.ylabel("nats")
plt.legend()
plt.show()

# %% [markdown]
# With many samples the guess hardly matters. With few, it does. (One condition:
# the guess must not be too narrow, or the weights have no finite variance. For
# Gaussians it takes $\Sigma_q \succ \frac12 \Sigma_{\text{posterior}}$. Ours has
# twice the posterior's covariance.)
#
# ## 6. Closing the gap
#
# (5.11) promises: raise the ELBO over $q$, and $q$ goes to the posterior, though we
# never compute it. Try. Start from the prior, $q = \mathcal N(0, I)$, for each of
# 20 images, and climb. Nothing below uses (5.12).


# %%
def negative_elbo(x, m, root, W, s2):
    """Return the mean negative ELBO of q = N(m, root root^T)."""
    q = MultivariateNormal(m, scale_tril=root)
    expected = reconstruction(x, m, root @ root.T, W, s2)
    return (kl_divergence(q, standard) - expected).mean()


# %%
free_m = torch.zeros(20, K, dtype=torch.float64, requires_grad=True)
free = torch.zeros(K, K, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.Adam([free_m, free], lr=0.05)
gap_record = []
for step in range(1200):
    # a triangle with a positive diagonal: a Cholesky factor
    root = free.tril(-1) + torch.diag(free.diagonal().exp())
    loss = negative_elbo(some, free_m, root, W, s2)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    optimizer.param_groups[0]["lr"] *= 0.997
    gap_record.append((truth.mean() + loss.detach()).item())

# %% name="closing-the-gap" tags=["slide-figure"] alt="Log p of x minus the ELBO, on a logarithmic axis, against steps of gradient ascent. The gap always falls: from 700 nats to 10 in about 60 steps, to 1 in about 200, and to 0.015 at step 1,200."
plt.plot(gap_record)
plt.yscale("log")
plt.xlabel("steps of gradient ascent on q")
plt.ylabel("log p(x) - ELBO, nats")
plt.show()

# %%
off = (free_m.detach() - exact_m).abs().max()
print(f"gap {gap_record[0]:.0f} -> {gap_record[-1]:.2f} nats; ", end="")
print(f"means differ from the posterior's by {off:.4f} at most")
assert gap_record[-1] < 1e-3 * gap_record[0] and min(gap_record) > -1e-8

# %% [markdown]
# <details><summary>Why not maximise p(x | z) alone, with one best code?</summary>
#
# That is an autoencoder. A single code is a $q$ of width 0. Its rate is infinite,
# so its ELBO is $-\infty$, however good the reconstruction: it says nothing about
# $p(x)$. You can see it in (5.14): no entropy, no bound. A $q$ with width pays for
# every digit of precision that it asks of the code.
#
# </details>

# %% [markdown]
# ### The price of a simple family
#
# Networks usually give a $q$ with a *diagonal* covariance. If the posterior is not
# diagonal, some gap remains. For a Gaussian posterior with precision $\Lambda$, the
# best diagonal $q$ has the right mean and the variances $1 / \Lambda_{ii}$, and
# what remains is
#
# $$\min_{q \text{ diagonal}} \mathrm{KL}(q \,\Vert\, p(z \mid x))
# = \tfrac12 \Big( \sum_i \log \Lambda_{ii} - \log \lvert \Lambda \rvert \Big) .
# \tag{5.17}$$
#
# <details><summary>Derivation</summary>
#
# With equal means, the KL between Gaussians with covariances
# $S = \operatorname{diag}(s)$ and $\Lambda^{-1}$ is
# $\frac12 (\sum_i \Lambda_{ii} s_i - K - \sum_i \log s_i - \log |\Lambda|)$.
# Its derivative with respect to $s_i$ is $\frac12 (\Lambda_{ii} - 1 / s_i)$: so
# $s_i = 1 / \Lambda_{ii}$. Insert it.
#
# </details>
#
# Now a surprise. Rotate the code: $W \to W U$ with $U^\top U = I$. By (5.4) the
# *model* is the same, since $W U U^\top W^\top = W W^\top$. **Predict:** does this
# gap stay the same too?

# %%
# Check (5.17)
U = torch.linalg.qr(torch.randn(K, K, generator=generator).double()).Q
for name, decoder in {"PCA's axes": W, "rotated": W @ U}.items():
    mean, cov = posterior_of(some, decoder, s2)
    exact_q = MultivariateNormal(mean, cov)
    precision = torch.linalg.inv(cov)
    diagonal = torch.diag(1 / precision.diagonal())
    family_gap = kl_divergence(MultivariateNormal(mean, diagonal), exact_q)[0]
    formula = 0.5 * (precision.diagonal().log().sum() - precision.logdet())
    print(f"{name:10}: a diagonal q stays {family_gap:.2f} nats below")
    assert abs(family_gap - formula) < 1e-8

# %%
for step in range(100):  # no diagonal covariance near the best one is better
    factor = (0.1 * torch.randn(K, generator=generator).double()).exp()
    other = MultivariateNormal(exact_q.mean, diagonal * factor)
    worse = kl_divergence(other, exact_q)[0]
    assert worse > family_gap
assert family_gap > 0.1

# %% [markdown]
# In PCA's axes $W^\top W$ is diagonal, so the posterior is, and nothing is lost. In
# rotated axes a diagonal $q$ loses something *with the same model*. So training
# with a diagonal $q$ prefers axes in which codes are independent given the image.
# Lesson 1 found that a plain autoencoder has no reason to prefer any axes (1.4).

# %% [markdown]
# ## 7. Further: learning by EM
#
# We want parameters with a large $\log p_\theta(x)$. The ELBO depends on $q$ *and*
# on $\theta$. Climb in turn:
#
# - **E-step:** with $\theta$ fixed, set $q$ to the posterior. The gap closes.
# - **M-step:** with $q$ fixed, choose the best $\theta$. The ELBO rises, and
#   $\log p$ with it, since the ELBO touched it.
#
# This is the **EM algorithm**, seen as coordinate ascent on the ELBO by Neal and
# Hinton. For probabilistic PCA both steps have a closed form. With the data's
# covariance $S$, $M = W^\top W + \sigma^2 I$, and $P = M^{-1} W^\top$ (so that the
# posterior's mean is $P (x - b)$):
#
# $$W_{\text{new}} = S P^\top \left( \sigma^2 M^{-1} + P S P^\top \right)^{-1} ,
# \quad
# \sigma^2_{\text{new}} = \tfrac1D \operatorname{tr}
# \left( S - W_{\text{new}} P S \right) . \tag{5.18}$$
#
# <details><summary>Where does this come from?</summary>
#
# Average (5.15) over the data, and set its gradients with respect to $W$ and
# $\sigma^2$ to 0. It
# is a regression of $x - b$ on $z$: $\mathbb E[(x - b) z^\top] = S P^\top$ and
# $\mathbb E[z z^\top] = \sigma^2 M^{-1} + P S P^\top$.
#
# </details>


# %%
def em_step(W, s2):
    """Return the parameters after one E-step and one M-step."""
    M = W.T @ W + s2 * torch.eye(K, dtype=W.dtype)
    P = torch.linalg.solve(M, W.T)  # (K, D)
    cross = P @ S  # E[z (x - b)^T], (K, D)
    second_moment = s2 * torch.linalg.inv(M) + cross @ P.T
    W_new = torch.linalg.solve(second_moment, cross).T
    s2_new = (S.trace() - (W_new.T * cross).sum()) / D
    return W_new, s2_new


# %%
# Check (5.18)
W_old = torch.randn(D, K, generator=generator).double()  # any parameters
s2_old = torch.tensor(0.5, dtype=torch.float64)
P_old, cov_old = posterior_of(torch.eye(D, dtype=torch.float64), W_old, s2_old)
P_old = P_old.T  # (K, D): the posterior's mean is P (x - b)


def expected_energy(W, s2):
    """Return the mean of -E_q[log p(x | z)] over the data, q held fixed."""
    left = torch.eye(D, dtype=torch.float64) - W @ P_old
    squared = (left @ S @ left.T).trace() + (W.T @ W @ cov_old).trace()
    return 0.5 * (D * torch.log(2 * torch.pi * s2) + squared / s2)


# %%
step = [new.requires_grad_() for new in em_step(W_old, s2_old)]
slopes = torch.autograd.grad(expected_energy(*step), step)
assert all(slope.abs().max() < 1e-8 for slope in slopes)

# %%
from course_lib import evaluation

best = -negative_log_evidence(W, s2).item()  # by (5.5)
em_steps, likelihoods, angles = range(0, 500, 10), [], []
W_em, s2_em = W_old, s2_old
for step in range(500):
    if step in em_steps:
        likelihoods.append(-negative_log_evidence(W_em, s2_em).item())
        angle = evaluation.principal_angles(W_em, V[:, :K]).rad2deg()
        angles.append(angle.mean().item())
    W_em, s2_em = em_step(W_em, s2_em)

# %% name="em" tags=["slide-figure"] alt="Two charts over 490 EM steps. Left, on a logarithmic axis, log p of x comes from 700 nats below its best to under 0.01. Right, the angle to PCA falls from 84 degrees to 0 in 90 steps."
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
left.semilogy(em_steps, [best - value for value in likelihoods])
left.set(
    xlabel="EM steps", ylabel="nats", title="mean log p(x), below the best"
)
right.plot(em_steps, angles)
right.set(xlabel="EM steps", ylabel="degrees", title="mean angle to PCA")
plt.show()

# %%
print(f"log p(x): {likelihoods[0]:.0f} -> {likelihoods[-1]:.2f}; ", end="")
print(f"the best possible, on the training images: {best:.2f} nats")

# %%
rises = [b - a for a, b in pairwise(likelihoods)]
assert min(rises) > -1e-8 and max(likelihoods) < best + 1e-8
assert best - likelihoods[-1] < (1 if on_mnist else 8)
assert angles[-1] < 1 or not on_mnist

# %% [markdown]
# <details><summary>What to notice</summary>
#
# The evidence never falls: each E-step makes the bound tight, each M-step raises
# it. And without a word about eigenvectors, $W$ turns into PCA's subspace. (On the
# digits, where $\sigma^2$ is small, the last nats take many more steps: EM moves
# slowly where the posterior is narrow.)
#
# </details>

# %% [markdown]
# ## 8. An encoder
#
# For a neural decoder there is no posterior in closed form, and climbing in $q$ for
# every single image is slow. **Amortise** it: train one *encoder*, a function of
# $x$ that gives the parameters of $q$, for all images together:
#
# $$q_\phi(z \mid x) = \mathcal N(\mu_\phi(x), \operatorname{diag} \sigma_\phi^2(x)).$$
#
# Then maximise the ELBO over $\phi$ and $\theta$ at once. That is a variational
# autoencoder. What it loses, for given $\theta$, has two parts:
#
# $$\log p(x) - \mathcal L(q_\phi) =
# \underbrace{\min_{q \in \mathcal Q} \mathrm{KL}(q \Vert p(z | x))}_{\text{family gap}}
# + \underbrace{\max_{q \in \mathcal Q} \mathcal L(q) - \mathcal L(q_\phi)}
# _{\text{amortisation gap}} . \tag{5.19}$$
#
# The first is the price of the family $\mathcal Q$ (here: diagonal Gaussians). The
# second is the price of one function for all images. (Cremer and others call the first
# the *approximation gap*, and the sum the *inference gap*.)

# %% [markdown]
# Here is the smallest example: a *linear* encoder and a linear decoder. The ELBO is
# (5.15) minus the rate, with no sampling at all. $\sigma$ is the same for all images,
# as the posterior's covariance is in (5.12). What is learned is its logarithm, which
# may be any number. The rate's formula is lesson 6's; take it on trust.


# %%
class LinearVAE(nn.Module):
    """q(z | x) = N(E x + c, diag exp(logvar)), p(x | z) = N(W z + b, s2 I)."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(D, K)
        self.decoder = nn.Linear(K, D)  # its bias is b
        self.logvar = nn.Parameter(torch.zeros(K))
        self.log_s2 = nn.Parameter(torch.zeros(()))

    def terms(self, x):
        """Return reconstruction and rate of each image, in nats: (B,) each."""
        mu, W, s2 = self.encoder(x), self.decoder.weight, self.log_s2.exp()
        squared = (x - self.decoder(mu)).square().sum(1)
        squared = squared + (self.logvar.exp() * W.square().sum(0)).sum()
        log_2pi_s2 = math.log(2 * math.pi) + self.log_s2
        rate = mu.square() + self.logvar.exp() - 1 - self.logvar  # lesson 6
        return -0.5 * (D * log_2pi_s2 + squared / s2), 0.5 * rate.sum(1)


# %% [markdown]
# **Predict:** after training, which subspace will the decoder span?

# %%
from course_lib import training


def elbo_loss(model, images):
    reconstruction, rate = model.terms(images.flatten(1))
    return {"loss": rate - reconstruction, "rate": rate}


# %%
torch.manual_seed(0)
vae = LinearVAE()
with torch.no_grad():
    vae.decoder.bias.copy_(b)
options = {"steps": 3000, "lr": 1e-2, "lr_schedule": training.cosine}
history = training.fit(vae, elbo_loss, x, batch_size=256, **options)

# %%
W_vae = vae.decoder.weight.detach().double()
s2_vae = vae.log_s2.exp().detach().double()
tilts = evaluation.principal_angles(W_vae, V[:, :K]).rad2deg()

# %%
reached = evaluation.evaluate(vae, elbo_loss, x)["loss"]
nll = negative_log_evidence(W, s2).item()
print(f"angles to PCA: mean {tilts.mean():.1f}°, largest {tilts.max():.1f}°")
print(
    f"negative ELBO {reached:.1f}, best negative log evidence {nll:.1f} nats"
)

# %%
assert tilts.mean() < 3
assert -0.01 < reached - nll < (1 if on_mnist else 4)

# %% [markdown]
# PCA's. Gradient steps on a bound, without eigenvectors and without the evidence,
# have found the model of (5.5), and the bound is nearly tight. (The conditions:
# centred data, or biases that learn the mean; one shared $\sigma^2$; a linear encoder;
# $K$ eigenvalues above $\sigma^2$. A diagonal $q$ is no loss here, since the optimum can sit in PCA's
# axes. Lucas and others proved it.)
#
# What is still lost, split by (5.19). The best diagonal $q$ for *these* parameters
# has the posterior's mean and the variances $1 / \Lambda_{ii}$:

# %%
# Check (5.19)
with torch.no_grad():
    mu = vae.encoder(test[:20].flatten(1)).double()
sigma2 = vae.logvar.exp().detach().double()
shifted = test[:20].flatten(1).double() - vae.decoder.bias.detach().double()
vae_mean, cov = posterior_of(shifted, W_vae, s2_vae)
exact = MultivariateNormal(vae_mean, cov)
vae_diagonal = torch.diag(1 / torch.linalg.inv(cov).diagonal())
family = kl_divergence(MultivariateNormal(vae_mean, vae_diagonal), exact)
family = family.mean()


# %%
def elbo_of(m, Sigma):
    """Return the mean ELBO of q = N(m, Sigma) for the 20 images."""
    rate = kl_divergence(MultivariateNormal(m, Sigma), standard)
    return (reconstruction(shifted, m, Sigma, W_vae, s2_vae) - rate).mean()


encoder_elbo = elbo_of(mu, torch.diag(sigma2))
amortisation = elbo_of(vae_mean, vae_diagonal) - encoder_elbo
whole = kl_divergence(MultivariateNormal(mu, torch.diag(sigma2)), exact)
print(f"gap {whole.mean():.3f} nats = family {family:.3f} + ", end="")
print(f"amortisation {amortisation:.3f}")

# %%
assert abs(family + amortisation - whole.mean()) < 1e-8

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the posterior of probabilistic PCA
#
# Write (5.12) for data that is centred already.
#
# <details><summary>Hint</summary>
#
# With $M = W^\top W + \sigma^2 I$ the covariance is $\sigma^2 M^{-1}$ and the mean
# $M^{-1} W^\top x$. Why is this the same as (5.12)?
#
# </details>

# %%
from course_lib import checks


def ppca_posterior(x, W, s2):
    """Return mean (B, K) and covariance (K, K) of p(z | x).

    x: centred data, (B, D); W: (D, K); s2: the noise's variance, a float
    """
    # BEGIN SOLUTION
    M = W.T @ W + s2 * torch.eye(W.shape[1], dtype=W.dtype)
    inverse = torch.linalg.inv(M)
    return x @ W @ inverse, s2 * inverse
    # END SOLUTION


checks.ppca_posterior(ppca_posterior)

# %% [markdown]
# ### Exercise 2: its ELBO
#
# (5.15) minus the KL to the prior, for $q = \mathcal N(\mu, \Sigma)$:
# $\mathrm{KL} = \frac12 (\operatorname{tr} \Sigma + \mu^\top \mu - K - \log |\Sigma|)$.
# In the code $\Sigma$ is `S`.
#
# <details><summary>Hint</summary>
#
# Two traces: one of $W^\top W \Sigma$ in the reconstruction, one of $\Sigma$ in the rate.
#
# </details>


# %%
def elbo(x, mu, S, W, s2):
    """Return the ELBO of each x for q = N(mu, S), in nats: (B,).

    x: centred data, (B, D); mu: (B, K); S: (K, K), the same for all x
    W: (D, K); s2: the noise's variance, a float
    """
    # BEGIN SOLUTION
    D, K = W.shape
    squared = (x - mu @ W.T).square().sum(1) + (W.T @ W @ S).trace()
    reconstruction = -0.5 * (D * math.log(2 * math.pi * s2) + squared / s2)
    rate = 0.5 * (S.trace() + mu.square().sum(1) - K - torch.logdet(S))
    return reconstruction - rate
    # END SOLUTION


checks.elbo(elbo)

# %% [markdown]
# ### Exercise 3: the KL of two coins, or dice
#
# For any finite set of values. Where $p$ is 0, the term is 0.
#
# <details><summary>Hint</summary>
#
# `torch.special.xlogy(a, b)` is $a \log b$, and 0 where $a = 0$.
#
# </details>


# %%
def kl(p, q):
    """Return KL(p || q) in nats, a scalar.

    p, q: (M,), probabilities that sum to 1; q is positive where p is
    """
    # BEGIN SOLUTION
    return (torch.special.xlogy(p, p) - torch.special.xlogy(p, q)).sum()
    # END SOLUTION


checks.kl(kl)

# %% [markdown]
# ### Exercise 4: the importance-weighted bound
#
# From logarithms of weights to one bound for each image.
#
# <details><summary>Hint</summary>
#
# $\log \frac1k \sum_s e^{\ell_s}$ overflows if you write it so. `logsumexp`
# doesn't. And the $\frac1k$?
#
# </details>


# %%
def iwae(logw):
    """Return the log of the mean weight, stably: (B,).

    logw: (B, k), log of k importance weights for each image
    """
    # BEGIN SOLUTION
    return logw.logsumexp(1) - math.log(logw.shape[1])
    # END SOLUTION


checks.iwae(iwae)

# %% [markdown]
# ## Summary
#
# - A latent-variable model is a prior, chosen before, and a likelihood. Its
#   evidence is a sum or integral over all codes.
# - Sampling codes from the prior is unbiased and useless: the codes that count are
#   about $e^{-R}$ of it.
# - KL is never negative, 0 only for $q = p$, and not symmetric.
# - The ELBO is below $\log p(x)$ by exactly $\mathrm{KL}(q \Vert p(z \mid x))$. It is
#   reconstruction minus rate, and can be computed without the posterior.
# - What is lost has names: family gap and amortisation gap.
# - On a linear Gaussian model everything is known. The ELBO's optimum is PCA.
#
# **Next:** lesson 6, the rate between Gaussians in closed form, and gradients
# through sampled codes. They are what a neural decoder needs.

# %% [markdown]
# ## References
#
# - S. Kullback, R. A. Leibler. *On information and sufficiency.* Annals of
#   Mathematical Statistics 22 (1951), 79–86.
# - M. E. Tipping, C. M. Bishop. *Probabilistic principal component analysis.*
#   Journal of the Royal Statistical Society B 61 (1999), 611–622.
# - R. M. Neal, G. E. Hinton. *A view of the EM algorithm that justifies
#   incremental, sparse, and other variants.* In: Learning in Graphical Models,
#   1998, 355–368.
# - M. I. Jordan, Z. Ghahramani, T. S. Jaakkola, L. K. Saul. *An introduction to
#   variational methods for graphical models.* Machine Learning 37 (1999), 183–233.

# %% [markdown]
# - D. P. Kingma, M. Welling. *Auto-encoding variational Bayes.* ICLR 2014,
#   arXiv:1312.6114.
# - Y. Burda, R. Grosse, R. Salakhutdinov. *Importance weighted autoencoders.* ICLR
#   2016, arXiv:1509.00519.
# - C. Cremer, X. Li, D. Duvenaud. *Inference suboptimality in variational
#   autoencoders.* ICML 2018. The two gaps.
# - J. Lucas, G. Tucker, R. Grosse, M. Norouzi. *Don't blame the ELBO! A linear VAE
#   perspective on posterior collapse.* NeurIPS 2019.
# - S. Chatterjee, P. Diaconis. *The sample size required in importance sampling.* Annals
#   of Applied Probability 28 (2018), 1099–1135.
