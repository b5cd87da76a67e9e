# %% [markdown]
# # 5. The evidence lower bound
#
# After this lesson you can
#
# - write down a latent-variable model, its evidence and its posterior;
# - say why random codes can't give an image's evidence;
# - define the KL divergence and prove that it is never negative;
# - derive the evidence lower bound (ELBO) and its exact gap;
# - say what closes the gap, and why there is an encoder.
#
# **Builds on:** [lesson 1](01_basic_autoencoder.ipynb): PCA, and why random codes
# decode to no digits; [lesson 0](00_start_here.ipynb): the standard error.
# **You should know:** conditional probability; the expectation and variance of a
# random variable; the normal distribution in one dimension; eigenvectors.
# **Time:** 90 minutes for the core, 40 for the exercises, 90 for what is headed
# *Further*. It runs in half a minute.
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
# ## Where Part II goes
#
# Lesson 1 asked how to make codes follow a distribution that we chose, so that new images
# can be drawn. The answer is the variational autoencoder (VAE): choose the distribution
# of the codes first, then train the decoder so that what it makes of such codes gives the
# real images a high probability. So we must know how probable an image is when its code is
# hidden. This lesson finds a lower bound for that. Lesson 6 computes the bound's gradient,
# lesson 7 puts neural networks in, lesson 8 asks what decoders assume about pixels, and
# lesson 9 how good the model is.

# %% [markdown]
# ## 1. Two coins
#
# I have two coins in a bag. The fair one lands heads with probability 0.5, the bent
# one with 0.9. I draw one, the fair coin with probability 0.7, toss it ten times, and
# tell you how many heads there were, $x$, but not which coin it was, $z$.
#
# This is a **latent-variable model** (latent: hidden). We choose its two parts:
#
# - the **prior** $p(z)$: how probable each $z$ is before anything is seen;
# - the **likelihood** $p(x \mid z)$: how probable each $x$ is, given $z$.
#
# In the drawing $z$, white, is hidden and $x$, grey, is seen. The frame
# stands for $N$ games (later, images), $\theta$ for the model's parameters: here,
# probabilities of heads.

# %% name="latent-variable-model" tags=["slide-figure"] alt="A graphical model. An arrow leads from a white circle z to a grey circle x, both in a frame marked N images. The prior p of z points at z; the parameters theta, outside the frame, point at x."
from course_lib import diagrams

diagrams.latent_variable_model()
plt.show()

# %% [markdown]
# How probable is it that you see $x = 8$? Either coin can do it, each with a
# **joint** probability $p(x, z) = p(z)\, p(x \mid z)$. Add them up:
#
# $$p(x) = \sum_z p(x, z) = \sum_z p(z)\, p(x \mid z) . \tag{5.1}$$
#
# This is the **evidence**, or marginal likelihood. The check plays 200,000 games. (Checks
# compute in float64, to see small differences.)

# %%
import math

from torch.distributions import Binomial

from course_lib import verify

prior = torch.tensor([0.7, 0.3], dtype=torch.float64)  # fair, bent
p_head = torch.tensor([0.5, 0.9], dtype=torch.float64)
count = torch.arange(11, dtype=torch.float64)
likelihood = Binomial(10, p_head).log_prob(count[:, None]).exp()  # (11, 2)
joint = prior * likelihood  # (11, 2)
evidence = joint.sum(1)  # (11,)
fair, bent = joint.T
print("p(8) = 0.7 x {:.4f} + 0.3 x {:.4f}".format(*likelihood[8]), end="")
print(f" = {evidence[8]:.4f}")

# %%
# Check (5.1)
generator = torch.Generator().manual_seed(0)
coin = (torch.rand(200_000, generator=generator) < 0.3).long()  # 1 is bent
tosses = torch.rand(200_000, 10, generator=generator)
games = (tosses < p_head[coin][:, None]).sum(1)  # x, the number of heads
verify.sampled("5.1", nn.functional.one_hot(games, 11), evidence)

# %% [markdown]
# Now the other way round: you have seen $x$, so which coin was it? By the definition
# of conditional probability, $p(z \mid x)\, p(x) = p(x, z)$. So
#
# $$p(z \mid x) = \frac{p(x, z)}{p(x)} = \frac{p(z)\, p(x \mid z)}{p(x)} . \tag{5.2}$$
#
# This is Bayes' theorem, and $p(z \mid x)$ is the **posterior**. *Bayes' theorem needs the
# evidence.*
#
# **Predict:** you saw 8 heads. How probable is the bent coin?
# (a) 0.3, as before (b) about 0.65 (c) above 0.9

# %%
# Check (5.2)
posterior = joint / evidence[:, None]  # (11, 2)
after_eight = coin[games == 8].double()  # 1 where the coin was bent
print(f"After 8 heads: bent with probability {posterior[8, 1]:.3f}")
verify.sampled("5.2", after_eight, posterior[8, 1])

# %% name="two-coins" tags=["slide-figure"] alt="Stacked bars of the probability of 0 to 10 heads, split by coin. Up to 6 heads nearly all of a bar is the fair coin's; at 8 about two thirds are the bent one's, at 10 nearly all."
plt.bar(count, fair, label="z = fair")
plt.bar(count, bent, bottom=fair, hatch="//", ec="w", label="z = bent")
plt.xlabel("x, number of heads in ten tosses")
plt.ylabel("joint probability p(x, z)")
plt.legend()
plt.show()

# %% [markdown]
# (b). The height of a bar is the evidence $p(x)$. The shares within it are the
# posterior: at 8, about two thirds of the bar are the bent coin's.

# %% [markdown]
# ## 2. Learning: make the data probable
#
# Suppose that we don't know the bent coin's probability of heads, $\theta$, but have
# the results $x_1, \dots, x_N$ of many games.
# **Maximum likelihood** takes the $\theta$ under which they are most
# probable. Games are independent, so their probabilities multiply. One maximises
#
# $$\frac1N \log \prod_{n=1}^{N} p_\theta(x_n)
# = \frac1N \sum_{n=1}^{N} \log p_\theta(x_n) . \tag{5.3}$$
#
# The **log** turns a product that a computer would round to 0 into a sum. It doesn't move
# the maximum, since it is increasing. The **mean** doesn't grow with $N$, and a batch
# estimates it. Its unit is the
# **nat** (that of the natural logarithm) per game, or per image.

# %%
# Check (5.3)
log_p_games = evidence[games].log()  # log p(x_n)
print("product of all probabilities:", evidence[games].prod().item())
left = evidence[games[:20]].prod().log() / 20
verify.equal("5.3", left, log_p_games[:20].mean())

# %% name="maximum-likelihood" tags=["slide-figure"] alt="Line chart of the mean log-likelihood of the games against theta, the bent coin's probability of heads. It rises to a peak at 0.9, which is marked, and falls again."
thetas = torch.linspace(0.6, 0.98, 39, dtype=torch.float64)
of_bent = Binomial(10, thetas).log_prob(count[:, None]).exp()  # (11, 39)
p_theta = 0.7 * likelihood[:, :1] + 0.3 * of_bent  # evidence, by (5.1)
mean_log = p_theta[games].log().mean(0)  # (39,)
theta_hat = thetas[mean_log.argmax()]
plt.plot(thetas, mean_log)
plt.plot(theta_hat, mean_log.max(), "ko", label=f"highest at {theta_hat:.2f}")
plt.xlabel("θ, the bent coin's probability of heads")
plt.ylabel("nats per game")
plt.legend()
plt.show()

# %% tags=["claims"]
assert abs(theta_hat - 0.9) < 0.015
assert evidence[games].prod() == 0

# %% [markdown]
# The peak is at the true 0.9, though nobody told us which coin was tossed.
# Each point took the *evidence*, a sum over what is hidden.
#
# Now let $x$ be an image, $z$ a code of $K$ numbers, and let a decoder with parameters
# $\theta$ say how a code makes an image. Learning is the same, but the sum becomes an
# integral over all codes. On a grid with 100 points per axis and $K = 10$ it would have
# $10^{20}$ terms. **How do we get $\log p(x)$ without it?**

# %% [markdown]
# ## 3. Averages of random draws
#
# A reminder: the **expectation** of $f(z)$, for $z$ drawn from $q$, is
# $\mathbb E_{q(z)}[f(z)] = \sum_z q(z) f(z)$. It is the average of $f(z)$ over many
# draws. So draws *estimate* an expectation, with a
# standard error (lesson 0) that falls with the square root of their number.
#
# By (5.1) the evidence is the expectation of $p(x \mid z)$, for $z$ drawn from the prior.
# **Naive Monte Carlo** draws $k$ times and averages:
#
# $$\hat p_k = \frac1k \sum_{s=1}^{k} p(x \mid z_s) , \qquad
# \mathbb E[\hat p_k] = p(x) . \tag{5.4}$$
#
# Its expectation is what we want: the estimate is **unbiased**. The check makes 20,000
# estimates of $p(8)$, each from $k = 10$ draws.

# %%
# Check (5.4)
draws = (torch.rand(20_000, 10, generator=generator) < 0.3).long()
p_hat = likelihood[8][draws].mean(1)  # 20,000 estimates
log_p = evidence[8].log()  # log p(x) for x = 8
print(f"mean of log p_hat {p_hat.log().mean():.3f}, log p(8) {log_p:.3f}")
verify.sampled("5.4", p_hat, evidence[8])

# %% tags=["claims"]
assert p_hat.log().mean() < log_p - 0.01

# %% [markdown]
# The estimates are right on average. Their *logarithms* are too low on average, because an
# estimate that is too low lowers the log more than one as much too high raises it.

# %% [markdown]
# ### Further: two facts about averages
#
# *Skip this on a first reading.* How far off is $\hat p_k$? The variance of a mean of $k$
# independent draws is $k$ times smaller than that of one:
#
# $$\operatorname{Var}[\hat p_k] = \tfrac1k \operatorname{Var}[p(x \mid z)] . \tag{5.5}$$
#
# And the mean of logarithms is at most the logarithm of the mean. For any random $w > 0$
# with a finite mean,
#
# $$\mathbb E[\log w] \le \log \mathbb E[w] . \tag{5.6}$$
#
# This is **Jensen's inequality** for the logarithm. With $w = \hat p_k$: $\log \hat p_k$ is
# too low on average. **Proof.** The curve lies below its tangent at the mean,
# $c = \mathbb E[w]$: $\log w \le \log c + (w - c) / c$. Take the expectation of both sides;
# the last term vanishes. The sides are equal only if $w = c$ with probability 1.

# %%
# Check (5.5)
mean = (prior * likelihood[8]).sum()
variance = (prior * (likelihood[8] - mean) ** 2).sum()
verify.sampled("5.5", (p_hat - mean) ** 2, variance / draws.shape[1])

# %%
# Check (5.6)
w = (2 * torch.randn(10_000, 2, generator=generator).double()).exp()
chance = torch.rand(10_000, 2, generator=generator).double().softmax(1)
mean_of_logs = (chance * w.log()).sum(1)
log_of_mean = (chance * w).sum(1).log()
verify.at_most("5.6", mean_of_logs, log_of_mean)

# %% [markdown]
# ## 4. The Kullback-Leibler divergence
#
# How far is one distribution from another?
#
# $$\mathrm{KL}(q \,\Vert\, p) = \mathbb E_{q(z)}
# \left[ \log \frac{q(z)}{p(z)} \right] . \tag{5.7}$$
#
# Draw $z$ from $q$. How much more probable is it under $q$ than under
# $p$, on average and on the logarithmic scale? The unit is the nat, or 1.44 bits. (Where
# $q(z) = 0$, the term counts as 0. Where only $p(z) = 0$, the KL is infinite.)
# The check takes the posterior after nine heads as $q$, the prior as $p$:
# how far have nine heads moved our opinion?

# %%
# Check (5.7)
q, p = posterior[9], prior
kl_nine = (q * (q / p).log()).sum()
z = torch.multinomial(q, 200_000, replacement=True, generator=generator)
print(f"{kl_nine:.3f} nats = {kl_nine / math.log(2):.3f} bits")
verify.sampled("5.7", (q / p).log()[z], kl_nine)

# %% [markdown]
# Its most important property:
#
# $$\mathrm{KL}(q \,\Vert\, p) \ge 0 , \quad
# \text{and it is } 0 \text{ only for } q = p . \tag{5.8}$$
#
# **Proof.** The logarithm lies below its tangent at 1: $\log t \le t - 1$, with equality
# only at $t = 1$. Put $t = p(z) / q(z)$ and take the expectation under $q$. On the left is
# $-\mathrm{KL}(q \Vert p)$. On the right is $\sum_z p(z) - 1$, over the $z$ with
# $q(z) > 0$: at most 0. Both are 0 only if $p = q$ at each of them. $\square$
#
# KL is not a distance, since it is not symmetric: the expectation is under the *first*
# distribution. The check draws 100,000 random pairs, and makes the last pair equal.

# %%
# Check (5.8)
from torch.distributions import Categorical, kl_divergence

uniform = torch.rand(2, 100_000, 5, generator=generator).double()
Q, P = uniform / uniform.sum(2, keepdim=True)
P[-1] = Q[-1]
kl_pairs = kl_divergence(Categorical(Q), Categorical(P))  # (5.7)
smallest, equal = kl_pairs[:-1].min(), kl_pairs[-1]
print(f"unequal pairs: {smallest:.4f} nats or more; equal: {equal:.4f}")
verify.at_most("5.8", 0, kl_pairs, reached=True)

# %% tags=["claims"]
assert kl_pairs[-1] == 0 < kl_pairs[:-1].min()
assert torch.allclose(kl_pairs, (Q * (Q / P).log()).sum(1))

# %% [markdown]
# ## 5. The bound
#
# For two coins, draws from the prior are good enough. For images nearly all are wasted, as
# section 7 shows. So guess which $z$ explains *this* $x$. You saw 8 heads: let the guess
# $q(z)$ be *any* distribution over the two coins. One number describes it,
# $q(\text{bent})$.

# %% [markdown]
# ### Further: drawing from the guess
#
# *Skip this on a first reading.* Multiply and divide by the guess, and the evidence becomes an
# expectation under it. So *we* choose where to draw, and the ratio is a **weight** that makes
# up for it. ($q$ must not be 0 where $p(x, z)$ is not.)
#
# $$p(x) = \sum_z q(z)\, \frac{p(x, z)}{q(z)}
# = \mathbb E_{q(z)} \left[ \frac{p(x, z)}{q(z)} \right] . \tag{5.9}$$
#
# Take the logarithm of both sides. In the figure the guess is the prior, and the weight has
# two values. The curve gives the logarithm of their mean, $\log p(x)$; the chord gives the
# mean of their logarithms, which is lower, by Jensen's inequality (5.6). That mean is the
# bound that follows, and this is how it is usually derived. The lesson goes on without it.

# %%
# Check (5.9)
guess = torch.tensor([0.2, 0.8], dtype=torch.float64)
z = torch.multinomial(guess, 200_000, replacement=True, generator=generator)
verify.sampled("5.9", (joint[8] / guess)[z], evidence[8])

# %% name="jensen" tags=["slide-figure"] alt="The logarithm as a curve, with a chord between two points: the weights of the fair and the bent coin. At the mean, w = 0.089, the chord lies at -2.68, below the curve at -2.42."
weights = joint[8] / prior  # of fair and bent
low = (prior * weights.log()).sum()
w = torch.linspace(0.035, 0.21, 200)
plt.plot(w, w.log())
plt.plot(weights, weights.log(), "o--")
plt.plot(evidence[8].expand(2), torch.stack([low, log_p]), "k", lw=3)
text = f"log of the mean −{-log_p:.2f}"
plt.text(0.087, log_p + 0.1, text, ha="right")
plt.text(0.093, low - 0.2, f"mean of the logs −{-low:.2f}")
plt.xlabel("weight w: 0.044 for fair, 0.194 for bent")
plt.ylabel("log w, nats")
plt.show()

# %% [markdown]
# ### The evidence lower bound
#
# To compare the guess with the posterior one needs the evidence (5.2). The joint doesn't
# need it: it is prior times likelihood. And it has the posterior's shape, since it is the
# posterior times $p(x)$, the same factor for every $z$. So compare the guess with the joint,
# by the mean log ratio as in the KL (5.7), with the sign turned:
#
# $$\mathcal L(q) = \mathbb E_{q(z)} \left[ \log \frac{p(x, z)}{q(z)} \right]
# \le \log p(x) . \tag{5.10}$$
#
# For the coins this is a sum of two terms, one for each coin. It is the **evidence lower
# bound**, or ELBO. It is to be *maximised*; minus the ELBO is a loss. The check tries 999
# guesses; the proof follows.
#
# **Predict:** for which $q(\text{bent})$ is the ELBO highest?
# (a) 0.3 (b) 0.5 (c) 0.654 (d) 1

# %%
# Check (5.10)
q_bent = torch.linspace(0.001, 0.999, 999, dtype=torch.float64)
q = torch.stack([1 - q_bent, q_bent], 1)  # 999 guesses, (999, 2)
elbo_coins = (q * (joint[8] / q).log()).sum(1)  # (999,)
q_z = posterior[8]  # one more guess: here the two sides are equal
one_more = (q_z * (joint[8] / q_z).log()).sum(0, keepdim=True)
elbos = torch.cat([elbo_coins, one_more])
verify.at_most("5.10", elbos, log_p, reached=True)

# %% name="coin-elbo" tags=["slide-figure"] alt="The ELBO against q of bent. It rises from -3.5, passes the prior's -2.68 at 0.3, touches the dashed line, log p of x, at -2.42 where q is 0.654, and falls to -2.84."
best = elbo_coins.argmax()
plt.plot(q_bent, elbo_coins)
plt.axhline(log_p, color="gray", ls="--")
plt.text(0.02, log_p + 0.03, "log p(x)")
plt.plot(0.3, elbo_coins[299], "ks")
plt.text(0.32, elbo_coins[299] - 0.1, "the prior")
plt.plot(q_bent[best], log_p, "ko")
plt.text(0.57, log_p - 0.2, f"highest at {q_bent[best]:.3f}")
plt.ylim(-3.6, -2.2)
plt.xlabel("q(bent), our guess after 8 heads")
plt.ylabel("ELBO, nats")
plt.show()
print(f"highest: {elbo_coins[best]:.4f} nats; log p(x) = {log_p:.4f} nats")

# %% tags=["claims"]
assert abs(q_bent[best] - posterior[8, 1]) < 1e-3
assert abs(elbo_coins[best] - log_p) < 1e-6

# %% [markdown]
# (c): it touches $\log p(x)$, exactly at the posterior, which the ELBO doesn't contain.
# Why? Put $p(x, z) = p(z \mid x)\, p(x)$ into (5.10):
#
# $$\mathcal L(q) = \mathbb E_q \left[ \log \frac{p(z \mid x)\, p(x)}{q(z)} \right]
# = \log p(x) - \mathrm{KL}(q(z) \,\Vert\, p(z \mid x)) . \tag{5.11}$$
#
# ($\log p(x)$ does not depend on $z$, so it is its own expectation.) With (5.8), the ELBO is a
# bound, and we know more:
#
# - the gap is the KL from our guess to the posterior, 0 if and only if they are equal;
# - so, with the model fixed, raising the ELBO brings $q$ nearer to the posterior, although
#   the posterior is never computed.

# %%
# Check (5.11)
gap_coins = kl_divergence(Categorical(q), Categorical(posterior[8]))
verify.equal("5.11", elbo_coins, log_p - gap_coins)

# %% name="evidence-bars" tags=["slide-figure"] alt="Three bars in nats that all end at log p of x, -2.421. The prior as a guess has an ELBO of -2.680 and a gap of 0.259; q = 0.5 has a gap of 0.050; the posterior has none."
rows = {"prior, 0.3": 299, "even, 0.5": 499, "posterior, 0.654": best}
bars = {name: elbo_coins[row].item() for name, row in rows.items()}
diagrams.evidence_bars(bars, log_p.item())
plt.show()

# %% [markdown]
# ### Further: energy and entropy
#
# *Skip this on a first reading.* Split the logarithm of the ratio in (5.10):
#
# $$\mathcal L(q) = \mathbb E_q[\log p(x, z)] + H(q) , \qquad
# H(q) = -\mathbb E_q[\log q(z)] . \tag{5.12}$$
#
# The first term is highest for a $q$ that puts everything on one $z$, the one with the
# largest joint probability. The second, the **entropy**, is larger the more $q$ is spread
# out. That is why the best guess above was not (d). (In physics, minus the first term is an
# energy, and $-\mathcal L$ a free energy.)

# %%
# Check (5.12)
minus_energy = (q * joint[8].log()).sum(1)
verify.equal("5.12", elbo_coins, minus_energy + Categorical(q).entropy())

# %% [markdown]
# ### Two terms that can be computed
#
# Split the joint the other way, $p(x, z) = p(x \mid z)\, p(z)$:
#
# $$\mathcal L(q) = \underbrace{\mathbb E_q[\log p(x \mid z)]}_{\text{reconstruction}}
# - \underbrace{\mathrm{KL}(q(z) \,\Vert\, p(z))}_{\text{rate}} . \tag{5.13}$$
#
# Draw $z$ from the guess: how probable does it make $x$? From that, subtract how far the
# guess is from the prior. (Lesson 2's rate was something else.) *Neither term needs the
# evidence or the posterior.* And note the two KLs: to the *posterior* it is the gap (5.11),
# to the *prior* it is a price.

# %%
# Check (5.13)
reconstruction = (q * likelihood[8].log()).sum(1)
rate = kl_divergence(Categorical(q), Categorical(prior))
verify.equal("5.13", elbo_coins, reconstruction - rate)

# %% name="two-terms" tags=["slide-figure"] alt="Against q of bent, the reconstruction is a rising straight line. The ELBO lies below it by a shaded band, the rate, which is zero at the prior 0.3 and widest at 1."
plt.plot(q_bent, reconstruction, "--", label="reconstruction")
plt.plot(q_bent, elbo_coins, label="ELBO")
plt.fill_between(q_bent, elbo_coins, reconstruction, color="0.85")
plt.text(0.8, -2.35, "rate")
plt.xlabel("q(bent), our guess after 8 heads")
plt.ylabel("nats")
plt.legend()
plt.show()

# %% [markdown]
# The surer the guess is of the bent coin, the higher the reconstruction. But right of 0.3
# the rate grows too, faster and faster. The best guess lies between the prior and certainty.

# %% [markdown]
# ## 6. One number in place of a coin
#
# Let $z$ be a number with the prior $\mathcal N(0, 1)$: say, how thick a stroke
# is. Let $x$ be the brightness of a pixel at its edge. Other things change the pixel too, so
# the decoder gives a *distribution*, $p(x \mid z) = \mathcal N(g(z), \sigma^2)$. All decoders
# of Part II do so: **they output the parameters of a distribution**. Ours outputs
# its mean, $g(z) = 1 / (1 + e^{-2z})$, with $\sigma = 0.1$.
#
# Sums become integrals, as in $p(x) = \int p(x \mid z)\, p(z)\, dz$, probabilities become
# densities (which may be above 1), and everything else holds as before. **Quadrature**
# computes such an integral as a sum over a fine grid. For one number, naive Monte Carlo
# (5.4) works well too.

# %%
from torch.distributions import MultivariateNormal, Normal

line = torch.linspace(-6, 6, 1201, dtype=torch.float64)  # a grid of z
standard = Normal(torch.zeros_like(line[0]), torch.ones_like(line[0]))
pixel, sigma = torch.full_like(line[0], 0.9), 0.1
log_joint = Normal(torch.sigmoid(2 * line), sigma).log_prob(pixel)
log_joint = log_joint + standard.log_prob(line)  # log p(x, z)
pixel_evidence = torch.trapezoid(log_joint.exp(), line)
drawn_z = torch.randn(100_000, generator=generator).double()
samples = Normal(torch.sigmoid(2 * drawn_z), sigma).log_prob(pixel).exp()
print(f"density p(x) at 0.9: {pixel_evidence:.4f};", end="")
print(f" naive Monte Carlo {samples.mean():.4f}")

# %% tags=["claims"]
standard_error = samples.std() / len(samples) ** 0.5
assert abs(samples.mean() - pixel_evidence) < 4 * standard_error

# %% [markdown]
# You see $x = 0.9$. Guess the posterior by a normal distribution
# $q(z) = \mathcal N(\mu, \tau^2)$. The next cell tries 1,476 pairs of mean $\mu$ and width
# $\tau$.
#
# **Predict:** will the best one close the gap?
# (a) yes, as for the coins (b) no, the posterior isn't normal
# (c) no, with noise no guess can reach $\log p(x)$


# %%
def elbo_of(mu, tau):
    """Return the ELBO (5.10) of N(mu, tau^2): an integral on the grid."""
    log_q = Normal(mu, tau).log_prob(line)
    return torch.trapezoid(log_q.exp() * (log_joint - log_q), line)


mus = torch.linspace(-1, 3, 41, dtype=torch.float64)
taus = torch.linspace(0.1, 1.5, 36, dtype=torch.float64)
guesses = torch.cartesian_prod(mus, taus)  # all pairs, (1476, 2)
elbos = elbo_of(guesses[:, :1], guesses[:, 1:])
mu, tau = guesses[elbos.argmax()]
pixel_gap = pixel_evidence.log() - elbos.max()
print(f"best guess N({mu:.2f}, {tau:.2f}^2): gap {pixel_gap:.3f} nats")

# %% tags=["claims"]
assert 0.01 < pixel_gap < 0.2

# %% name="one-number-posterior" tags=["slide-figure"] alt="Three densities over z. The prior is a wide bell at 0. The posterior is narrower, with a peak near 1 and a longer tail on the right. The best normal guess, dashed, follows it without the skew."
plt.plot(line, standard.log_prob(line).exp(), ":", label="prior p(z)")
exact = log_joint.exp() / pixel_evidence
plt.plot(line, exact, label="posterior p(z | x)")
best_q = Normal(mu, tau).log_prob(line).exp()
plt.plot(line, best_q, "--", label="best guess q(z)")
plt.xlim(-3, 4)
plt.xlabel("z, how thick the stroke is")
plt.ylabel("density")
plt.legend()
plt.show()

# %% [markdown]
# (b): the posterior is skewed, and no normal distribution is. What stays at the
# best guess is the **family gap**, the price of looking for $q$ only among
# normal distributions.

# %% [markdown]
# ### Further: the family gap is a KL
#
# *Skip this on a first reading.* By (5.11), what the best $q$ of a family $\mathcal Q$
# lacks is the smallest KL to the posterior that the family has to offer:
#
# $$\log p(x) - \max_{q \in \mathcal Q} \mathcal L(q)
# = \min_{q \in \mathcal Q} \mathrm{KL}(q(z) \,\Vert\, p(z \mid x)) . \tag{5.14}$$

# %%
# Check (5.14)
log_q = Normal(guesses[:, :1], guesses[:, 1:]).log_prob(line)
q_grid = Categorical(logits=log_q)  # over the points of the grid
exact_grid = Categorical(logits=log_joint)  # this makes the sum 1
verify.equal("5.14", pixel_gap, kl_divergence(q_grid, exact_grid).min())

# %% [markdown]
# ## 7. Images, with a decoder that is a matrix
#
# We want a model of images whose evidence is known, to judge every method by. A reminder: a
# vector $x$ is normal, $\mathcal N(b, C)$, if every weighted sum of its entries is. $b$ is
# its mean, and $C = \mathbb E[(x - b)(x - b)^\top]$ holds the covariances.
#
# **Probabilistic PCA** has the prior $p(z) = \mathcal N(0, I)$ and a linear decoder with
# noise on each pixel, $p(x \mid z) = \mathcal N(b + W z, \sigma^2 I)$. So $x$ is $b + W z$
# plus independent noise. Then $x$ is normal too, with mean $b$ and covariance
# $W W^\top + \sigma^2 I$. (*Further* shows why.)
#
# The maximum-likelihood parameters are known too, from the eigenvalues
# $\lambda_i$ (largest first) and eigenvectors $v_i$ of the data's covariance: $b$ is the mean
# image, $\sigma^2$ the mean of the eigenvalues after the $K$-th, and column $i$ of $W$ is
# $\sqrt{\lambda_i - \sigma^2}\; v_i$: then the model's variance along $v_i$ is
# $(\lambda_i - \sigma^2) + \sigma^2 = \lambda_i$, the data's. It is PCA, with a prior on codes and noise on pixels.

# %%
from course_lib import data

dataset = data.load()
x, test = dataset.train_images, dataset.test_images  # (N, 1, 28, 28)
on_mnist = dataset.name == "mnist"
D, K = 784, 10
b = x.mean(0).flatten().double()  # (784,)
C_data = torch.cov(x.flatten(1).T, correction=0).double()  # (784, 784)
lam, V = torch.linalg.eigh(C_data)  # ascending
lam, V = lam.flip(0), V.flip(1)
s2 = lam[K:].mean()  # sigma^2
W = V[:, :K] * (lam[:K] - s2).sqrt()  # (784, 10), a scaled column each
some = test[:20].flatten(1).double() - b  # x - b of 20 test images
print(f"sigma = {s2.sqrt():.3f}; pixels lie in [0, 1]")

# %% name="decoder-distribution" tags=["slide-figure"] alt="A code of ten numbers goes through the decoder to a smooth grey blob of a digit, the mean of each pixel. From this distribution three images are drawn: the same blob under different noise."
z = torch.randn(K, generator=generator).double()
mean_image = (b + W @ z).view(1, 28, 28)
noise = torch.randn(3, 1, 28, 28, generator=generator).double()
drawn = mean_image + s2.sqrt() * noise
diagrams.decoder_distribution(z, mean_image.clamp(0, 1), drawn.clamp(0, 1))
plt.show()

# %% [markdown]
# A poor model of digits, but its evidence is one line of code.


# %%
def log_evidence(x, W, s2):
    """Return log p(x) of each image, for x - b (B, D)."""
    C = W @ W.T + s2 * torch.eye(D, dtype=W.dtype)
    return MultivariateNormal(torch.zeros_like(x[0]), C).log_prob(x)


truth = log_evidence(some, W, s2)
print(f"log p(x), mean of 20 test images: {truth.mean():.1f} nats")

# %% [markdown]
# It is positive because it is the logarithm of a *density*, which may be above 1.
#
# ### Further: why $x$ is normal
#
# *Skip this on a first reading.* Three facts:
#
# - if $z$ has mean 0 and covariance $I$, then $W z$ has
#   $W \mathbb E[z z^\top] W^\top = W W^\top$;
# - covariances of independent vectors add;
# - sums of independent normal vectors are normal.
#
# So $x$, which is $b + W z$ plus independent noise, has
#
# $$p(x) = \mathcal N(b,\; W W^\top + \sigma^2 I) . \tag{5.15}$$
#
# The check takes three pixels and one latent, and computes the integral by quadrature.

# %%
# Check (5.15)
W_small = torch.tensor([[1.0], [-0.5], [2.0]], dtype=torch.float64)  # (3, 1)
pixels = torch.tensor([0.3, 0.1, 1.1], dtype=torch.float64)  # x - b
given_z = Normal(line[:, None] * W_small.T, 0.5).log_prob(pixels).sum(1)
area = torch.trapezoid((given_z + standard.log_prob(line)).exp(), line)
C_small = W_small @ W_small.T + 0.25 * torch.eye(3, dtype=torch.float64)
formula = MultivariateNormal(torch.zeros(3).double(), C_small)
verify.equal("5.15", area, formula.log_prob(pixels).exp())

# %% [markdown]
# ### Does naive Monte Carlo work for images?
#
# Now pretend that we only have the decoder. Given $z$ the pixels are independent, so the
# logarithms of their densities add up:
#
# $$\log p(x \mid z)
# = -\tfrac D2 \log (2 \pi \sigma^2) - \frac{\lVert x - b - W z \rVert^2}{2 \sigma^2} .$$
#
# For many images and codes at once:


# %%
def log_likelihood(x, z):
    """Return log p(x | z) for x - b (B, D) and codes (k, K): (B, k)."""
    # |x - Wz|^2 = |x|^2 - 2 (W^T x) . z + |Wz|^2, all in K dimensions
    norms = (z @ (W.T @ W) * z).sum(1)
    squared = x.square().sum(1, keepdim=True) - 2 * (x @ W) @ z.T + norms
    return -0.5 * (D * torch.log(2 * math.pi * s2) + squared / s2)


# %% [markdown]
# Estimate $p(x)$ by (5.4), with codes from the prior. (`logsumexp` returns
# $\log \sum_s e^{a_s}$, but takes the largest $a_s$ out first, so that nothing is
# rounded to 0.)
#
# **Predict:** with $k = 100{,}000$ codes, how far from $\log p(x)$ is the estimate's
# logarithm? (a) about 0.1 nats (b) about 1 nat (c) 10 nats or more

# %%
sizes = [1, 10, 100, 1000, 10_000, 100_000]
generator.manual_seed(0)  # the same codes, whatever you ran before
missing = []
for k in sizes:
    z = torch.randn(k, K, generator=generator, dtype=torch.float64)
    log_p_hat = log_likelihood(some, z).logsumexp(1) - math.log(k)
    lacks = truth - log_p_hat  # of 20 images
    missing.append(lacks.mean().item())
print(f"100,000 codes: {missing[-1]:.0f} nats too low on average", end="")
print(f" ({lacks.min():.0f} to {lacks.max():.0f})")

# %% name="naive-monte-carlo" tags=["slide-figure"] alt="What the log of the estimate lacks to log p of x, against the number of codes, both axes logarithmic. It falls from hundreds of nats with one code to 28 with 100,000, nearly along a straight line."
plt.loglog(sizes, missing, "o-")
plt.text(sizes[-1], missing[-1] * 1.3, f"{missing[-1]:.0f}", ha="center")
plt.xlabel("codes from the prior, k")
plt.ylabel("log p(x) − log estimate, nats")
plt.show()

# %% tags=["claims"]
assert missing[-1] > 10 and sorted(missing)[::-1] == missing
assert abs(missing[-1] - 29) < 3 or not on_mnist

# %% [markdown]
# <details><summary>What to notice</summary>
#
# (c). On MNIST 28 nats are missing, the mean of 20 images with one set of codes (27 to 31
# with four others): a factor of $e^{28}$, about $10^{12}$, in an *unbiased* estimate. (On
# the digits, more.) Only codes near the image's posterior contribute, and those are rare. So
# the estimate is nearly always far too small, and very rarely far too large.
#
# </details>

# %% [markdown]
# ### Further: more samples, another bound
#
# *Skip this on a first reading.* By Jensen (5.6), the mean of $\log \hat p_k$ is a lower bound
# of $\log p(x)$ too, but *another one* than the ELBO. It exists for any guess:
# with the weights $w_s = p(x, z_s) / q(z_s)$ of $k$ draws from $q$, the
# **importance-weighted bound** is
#
# $$\mathcal L_k = \mathbb E \left[ \log \frac1k \sum_{s=1}^{k} w_s \right], \qquad
# \mathcal L = \mathcal L_1 \le \mathcal L_2 \le \dots \le \log p(x) . \tag{5.16}$$
#
# One draw gives the ELBO. A mean of more weights spreads less, so its logarithm loses less.
# For the coins $\mathcal L_k$ is a sum, over how many of the $k$ draws are bent. Below, the
# guess is $q(\text{bent}) = 0.2$.
#
# <details><summary>Why is the order so?</summary>
#
# Let $k' < k$. The mean of $k$ weights is the mean, over all subsets of $k'$ of them, of
# the subsets' means. By Jensen its logarithm is at least the mean of the subsets'
# logarithms. In expectation each subset gives $\mathcal L_{k'}$.
#
# </details>


# %%
# Check (5.16)
guess = torch.tensor([0.8, 0.2], dtype=torch.float64)  # fair, bent
w_fair, w_bent = joint[8] / guess


def coin_bound(k):
    """Return L_k for 8 heads and this guess."""
    num_bent = torch.arange(k + 1, dtype=torch.float64)  # among k draws
    chance = Binomial(k, guess[1]).log_prob(num_bent).exp()
    sums = num_bent * w_bent + (k - num_bent) * w_fair
    return (chance * (sums / k).log()).sum()


num_draws = [1, 2, 4, 8, 16, 32, 64]
bounds = torch.stack([coin_bound(k) for k in num_draws])
is_bent = torch.rand(50_000, 4, generator=generator) < guess[1]
mean_weight = torch.where(is_bent, w_bent, w_fair).mean(1)  # of k = 4
verify.sampled("5.16", mean_weight.log(), bounds[2])
elbo_here = elbo_coins[199:200]  # q(bent) = 0.2
chain = torch.cat([elbo_here, bounds, log_p[None]])
verify.at_most("5.16", chain[:-1], chain[1:], reached=True)

# %% name="importance-weighted" tags=["slide-figure"] alt="The bound of the coins against draws k, doubling from 1 to 64. It rises from -2.85, the ELBO, steeply at first, and approaches the dashed line of log p of x at -2.42 from below."
plt.plot(num_draws, bounds, "o-", label="importance-weighted bound")
plt.axhline(log_p, color="gray", ls="--", label="log p(x)")
plt.xscale("log", base=2)
plt.xlabel("draws in the bound, k")
plt.ylabel("nats")
plt.legend()
plt.show()
print("k = 1, 4, 64:", ", ".join(f"{bounds[i]:.3f}" for i in (0, 2, 6)))

# %% [markdown]
# ## 8. Closing the gap
#
# (5.11) makes a promise: raise the ELBO, and $q$ comes nearer to the posterior. Take a
# normal guess with independent entries: a mean $\mu_j$ and a width $\tau_j$ for each
# latent. ($\sigma$ is the pixels' noise here; lesson 6 writes it for the width.) Both terms
# of (5.13) have formulas. For the rate `torch.distributions` has one (lesson 6 derives it):
# entries are independent, so the rate is the sum of their KLs.
#
# In $\log p(x \mid z)$ only the squared error depends on $z$. Its expectation has two parts:
# the squared error of the mean code, $\lVert x - b - W \mu \rVert^2$, and
# $\sum_j \tau_j^2 \lVert W_j \rVert^2$ for the spread of the codes around it, where $W_j$ is
# column $j$ of $W$. In code, the second is `tau**2 @ (W**2).sum(0)`. (The *Further* below
# derives this.)


# %%
def elbo_terms(x, mu, tau, W, s2):
    """Return reconstruction and rate, (B,) each, for x - b (B, D)."""
    squared = (x - mu @ W.T).square().sum(1) + tau**2 @ (W**2).sum(0)
    reconstruction = -0.5 * (D * torch.log(2 * math.pi * s2) + squared / s2)
    prior = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return reconstruction, kl_divergence(Normal(mu, tau), prior).sum(1)


# %% [markdown]
# Now climb from the prior, for each of 20 images.
#
# **Predict:** on MNIST 686 nats are missing at the start. After 400 steps?
# (a) tens, as with naive Monte Carlo (b) about 1 nat (c) less than 0.01 nats


# %%
def climb(x, W, s2):
    """Raise the ELBO of each x - b (B, D); return ELBOs, means and rate."""
    mu = torch.zeros(len(x), K).double().requires_grad_()
    log_tau = torch.zeros(len(x), K).double().requires_grad_()
    free = [mu, log_tau]
    optimizer = torch.optim.Adam(free, lr=0.1, betas=(0.9, 0.95))
    elbos, means = [], []
    for _ in range(400):
        means.append(mu.detach().clone())
        reconstruction, rate = elbo_terms(x, mu, log_tau.exp(), W, s2)
        elbo = (reconstruction - rate).mean()
        optimizer.zero_grad()
        (-elbo).backward()
        optimizer.step()
        optimizer.param_groups[0]["lr"] *= 0.99
        elbos.append(elbo.detach())
    return torch.stack(elbos), means, rate.mean().item()


elbos, means, R = climb(some, W, s2)
gap = truth.mean() - elbos
print(f"gap {gap[0]:.0f} -> {gap[-1]:.6f} nats; rate at the end {R:.1f} nats")

# %% name="closing-the-gap" tags=["slide-figure"] alt="Log p of x minus the ELBO against steps of gradient ascent, on a logarithmic axis. The gap falls from 686 nats to 1 in about 50 steps, below a hundredth within 150, and to a millionth at 400."
plt.plot(gap)
plt.yscale("log")
plt.ylim(bottom=1e-7)
plt.xlabel("steps of gradient ascent on the guess")
plt.ylabel("log p(x) − ELBO, nats")
plt.show()

# %% tags=["claims"]
assert gap[-1] < 1e-4 and gap.min() > -1e-8
assert not on_mnist or (abs(gap[0] - 686) < 1 and gap[-1] < 1.5e-6)
assert not on_mnist or abs(R - 20.8) < 0.1

# %% [markdown]
# (c). Here the family holds the posterior. As a function of $z$, $\log p(z \mid x)$ is
# $-\lVert x - b - W z \rVert^2 / (2 \sigma^2) - \frac12 \lVert z \rVert^2$ plus a constant.
# That is quadratic, and a density whose logarithm is quadratic is normal. Products of two
# different entries come only from
# $\lVert W z \rVert^2 = \sum_{ij} z_i z_j\, W_i^\top W_j$. PCA's columns are orthogonal, so
# only squares are left: the density is a product of one factor for each entry, and the
# entries are independent. By (5.11), the guess's KL to the posterior is 0.000001 nats on
# MNIST, although nobody computed the posterior.
#
# What the mean of the guess decodes to on the way, for one image:

# %% name="guess-on-the-way" tags=["slide-figure"] alt="Six small images. Decoded guesses at steps 0, 3, 10, 30 and 399: first the mean image, a grey blob, then more and more a blurred digit. On the right the test image itself."
from course_lib import plotting

on_the_way = torch.stack([means[i][0] for i in (0, 3, 10, 30, 399)])
decoded = (b + on_the_way @ W.T).view(5, 1, 28, 28)
shown = torch.cat([decoded.clamp(0, 1), test[:1].double()])
plotting.show_grid(shown, columns=6, title="steps 0, 3, 10, 30, 399; x")
plt.show()

# %% [markdown]
# The rate $R$ says how many draws section 7 would have needed. It is the mean of
# $\log q(z) / p(z)$: where the guess has nearly all of its probability, the prior's density
# is typically $e^R$ times smaller. So the prior has only about $e^{-R}$ of its probability
# there, and about one draw in $e^R$ falls there. On MNIST, with 21 nats, naive Monte Carlo
# needs of the order of $e^{21}$ draws, a thousand million (Chatterjee and Diaconis).
#
# The 28 nats of section 7 are something else. With far fewer draws none falls there, and
# what is missing depends on how badly the nearest of them explains the image: hundreds of
# nats with one draw, 28 with 100,000.

# %% [markdown]
# ### Further: the reconstruction of a linear decoder
#
# *Skip this on a first reading.* Write $z = \mu + \delta$. In the expected squared error
# the mixed term is 0, and the $\delta_j$ are independent with variance $\tau_j^2$, so
# $\mathbb E \lVert W \delta \rVert^2 = \sum_j \tau_j^2 \lVert W_j \rVert^2$:
#
# $$\mathbb E_q[\log p(x \mid z)] = -\frac D2 \log(2 \pi \sigma^2)
# - \frac{\lVert x - b - W \mu \rVert^2 + \sum_j \tau_j^2 \lVert W_j \rVert^2}
# {2 \sigma^2} . \tag{5.17}$$

# %%
# Check (5.17)
guess_mu, guess_tau = torch.rand(2, 1, K, generator=generator).double()
codes = torch.randn(20_000, K, generator=generator).double()
codes = guess_mu + guess_tau * codes
expected, _ = elbo_terms(some[:1], guess_mu, guess_tau, W, s2)
verify.sampled("5.17", log_likelihood(some[:1], codes)[0], expected[0])

# %% [markdown]
# ## 9. An encoder
#
# Climbing anew for every image is slow. **Amortise** it: train one *encoder*, a function of
# $x$ that gives $\mu$ and $\log \tau$ of the guess $q_\phi(z \mid x)$. Its parameters
# $\phi$ serve all images, and its loss is minus the ELBO. Ours is one linear layer. The
# decoder stays as it is. The widths start at $e^{-2}$: from 1, the first gradients would be
# so large that Adam, which divides by a running mean of their size, would take small steps
# for long. (`climb` does start at 1. Its `betas` shorten Adam's memory of that size.)

# %%
from course_lib import training

W32, s2_32, b32 = W.float(), s2.float(), b.float()


def encoder_loss(encoder, images):
    centred = images.flatten(1) - b32
    mu, log_tau = encoder(centred).chunk(2, dim=1)
    terms = elbo_terms(centred, mu, log_tau.exp(), W32, s2_32)
    return {"loss": terms[1] - terms[0]}


torch.manual_seed(0)
encoder = nn.Linear(D, 2 * K)
nn.init.zeros_(encoder.weight)  # at first one guess for all
nn.init.constant_(encoder.bias[K:], -2.0)  # log tau
options = {"steps": 1000, "lr": 1e-2, "lr_schedule": training.cosine}
options["device"] = "cpu"  # where W32 is
training.fit(encoder, encoder_loss, x, batch_size=256, **options)
with torch.no_grad():
    loss = encoder_loss(encoder, test[:1000])["loss"].double()
others = test[:1000].flatten(1).double() - b
encoder_gap = (log_evidence(others, W, s2) + loss).mean()
print(f"gap of {len(others):,} test images: {encoder_gap:.4f} nats")

# %% tags=["claims"]
assert 0 < encoder_gap < 0.01

# %% [markdown]
# What it loses against the best guess for each image is the **amortisation gap**, the price
# of one function for all. So its gap = family gap + amortisation gap. Here the first is 0
# (section 8), and the second nearly so. A linear encoder can hold this posterior, whose
# mean is a linear function of $x$ and whose widths are the same for all images (exercise
# 2). With neural networks both gaps stay (lesson 7).
#
# One step is left: raise the ELBO over $\phi$ *and* the decoder's $\theta$ together. As the
# ELBO is $\log p_\theta(x)$ minus the gap, this makes images more probable or the gap
# smaller. That is a
# **variational autoencoder**.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: ELBO and gap of the coins
#
# The bag of section 1: a bent coin with probability 0.3, ten tosses. Someone saw `heads` heads
# and guesses that the coin is bent with probability `q_bent`. How high is the ELBO, and how
# far is it from $\log p(x)$? Compute the gap in another way than by subtracting, if you
# can: then (5.11) checks your ELBO.
#
# <details><summary>Hint</summary>
#
# Write $q$, the joint and the posterior as pairs (fair, bent). Which of the lesson's
# sums has two terms? Don't forget in how many orders `heads` of ten tosses can be heads.
#
# </details>

# %%
from course_lib import checks


def coin_elbo(q_bent, heads):
    """Return the ELBO and its gap to log p(x) for each guess: (M,), (M,).

    q_bent: (M,), guesses q(bent), between 0 and 1; heads: an int, 0 to 10
    """
    # BEGIN SOLUTION
    ways = math.comb(10, heads)
    fair = 0.7 * ways * 0.5**10
    bent = 0.3 * ways * 0.9**heads * 0.1 ** (10 - heads)
    q_fair, seen = 1 - q_bent, fair + bent
    elbo = q_fair * (fair / q_fair).log() + q_bent * (bent / q_bent).log()
    gap = q_fair * (q_fair / (fair / seen)).log()
    return elbo, gap + q_bent * (q_bent / (bent / seen)).log()
    # END SOLUTION


checks.coin_elbo(coin_elbo)

# %% [markdown]
# ### Exercise 2: the posterior of probabilistic PCA
#
# `climb` found the posterior by gradient steps. For a decoder that is a matrix there is a
# formula, for any $W$. Derive it, for data that is centred already ($b = 0$). The posterior
# is normal. For a general $W$ its covariance is not diagonal (PCA's $W$ is a special case),
# and it is the same for all $x$.
#
# <details><summary>Hint</summary>
#
# Up to a constant, $\log p(z \mid x)$ is $\log p(x, z)$, a quadratic function of $z$.
# The logarithm of a normal density is largest at its mean. And minus its matrix of second
# derivatives is the inverse of its covariance.
#
# </details>


# %%
def ppca_posterior(x, W, s2):
    """Return mean (B, K) and covariance (K, K) of p(z | x).

    x: centred data, (B, D); W: (D, K); s2: sigma^2, a float
    """
    # BEGIN SOLUTION
    M = W.T @ W + s2 * torch.eye(W.shape[1], dtype=W.dtype)
    inverse = torch.linalg.inv(M)
    return x @ W @ inverse, s2 * inverse
    # END SOLUTION


checks.ppca_posterior(ppca_posterior)

# %% tags=["solution"]
exact_mean, _ = ppca_posterior(some, W, s2.item())
off = (means[-1] - exact_mean).abs().max()
print(f"climb's means differ from the posterior's by {off:.0e} at most")
assert off < 1e-2

# %% [markdown]
# ### Exercise 3: the KL of two dice
#
# Write (5.7) for two lists of probabilities of any length. Where $q$ is 0, the term is 0.
#
# <details><summary>Hint</summary>
#
# `torch.special.xlogy(a, b)` is $a \log b$, and 0 where $a = 0$.
#
# </details>


# %%
def kl(q, p):
    """Return KL(q || p) in nats, a scalar.

    q, p: (M,), probabilities that sum to 1; p is positive where q is
    """
    # BEGIN SOLUTION
    return (torch.special.xlogy(q, q) - torch.special.xlogy(q, p)).sum()
    # END SOLUTION


checks.kl(kl)

# %% [markdown]
# ### Exercise 4: the importance-weighted bound
#
# Given the logarithms of $k$ weights $p(x, z_s) / q(z_s)$ of each image, return the
# logarithm of their mean, one number for each image. (Its expectation is (5.16), in section 7's
# *Further*. You can do this without it.)
#
# <details><summary>Hint</summary>
#
# The weights of images are numbers like $e^{-900}$: don't leave the logarithm. And what
# becomes of the $\frac1k$?
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
# ### Exercise 5: a guess with correlated entries
#
# Where the posterior's entries are correlated, a guess with independent entries leaves a
# gap. Take $q = \mathcal N(\mu, S)$ with a full covariance matrix $S$, and write its ELBO.
#
# <details><summary>Hint</summary>
#
# Begin with the expected squared error in section 8. Only the sum over $j$ changes: what is
# $\mathbb E \lVert W \delta \rVert^2$ when $\mathbb E[\delta \delta^\top] = S$? Write the
# square as a double sum. For the rate, `kl_divergence` takes two `MultivariateNormal`s. And
# `s2` is a float here: use `math.log`.
#
# </details>


# %%
def elbo(x, mu, S, W, s2):
    """Return the ELBO of each x for q = N(mu, S), in nats: (B,).

    x: centred data, (B, D); mu: (B, K); S: (K, K), the same for all x
    W: (D, K); s2: sigma^2, a float
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
# ## Further: a linear variational autoencoder
#
# The three *Further* sections that follow build on each other, and need more linear
# algebra. First, train the linear encoder together with the linear decoder. $\tau$ is the
# same for all images here.
#
# **Predict:** the loss knows nothing of eigenvectors. What will the decoder's ten columns
# span? (a) PCA's subspace (b) another subspace, as good (c) a worse one


# %%
class LinearVAE(nn.Module):
    """A linear encoder to mu, a linear decoder, and log tau, log s2."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(D, K)
        self.decoder = nn.Linear(K, D)  # its weight is W, its bias b
        self.log_tau = nn.Parameter(torch.zeros(K))
        self.log_s2 = nn.Parameter(torch.zeros(()))

    def terms(self, images):
        """Return reconstruction and rate of images (B, 1, 28, 28)."""
        mu = self.encoder(images.flatten(1))
        tau = self.log_tau.exp().expand_as(mu)
        centred = images.flatten(1) - self.decoder.bias
        s2 = self.log_s2.exp()
        return elbo_terms(centred, mu, tau, self.decoder.weight, s2)


# %%
from course_lib import evaluation


def vae_loss(vae, images):
    reconstruction, rate = vae.terms(images)
    return {"loss": rate - reconstruction, "rate": rate}


torch.manual_seed(0)
vae = LinearVAE()
with torch.no_grad():
    vae.decoder.bias.copy_(b)  # start at the mean image
options = {"steps": 2000, "lr": 1e-2, "lr_schedule": training.cosine}
training.fit(vae, vae_loss, x, batch_size=256, **options)
W_vae = vae.decoder.weight.detach().double()
s2_vae = vae.log_s2.detach().double().exp()
angles = evaluation.principal_angles(W_vae, V[:, :K]).rad2deg()
print(f"angles to PCA: mean {angles.mean():.1f}°, largest {angles.max():.1f}°")

# %% [markdown]
# (a): gradient steps on a bound have found it. (Lucas and others proved, for centred data
# or biases and one shared $\sigma^2$, that the ELBO has no local maximum which $\log p(x)$
# doesn't have, and that at the best one the columns of $W$ are the principal directions.
# The angles are the principal angles of lesson 1's *Further*: all 0° if the subspaces are
# the same.) And what is lost, split in two? $\log p(x)$ of this model is known, and `climb` gives the
# best guess. (At the optimum both gaps are 0. What you see is left after 2,000 steps of one
# seed.)

# %%
images = test[:20]
vae_x = images.flatten(1).double() - vae.decoder.bias.detach().double()
vae_truth = log_evidence(vae_x, W_vae, s2_vae).mean()
best_elbo = climb(vae_x, W_vae, s2_vae)[0].max()
with torch.no_grad():
    mu_vae = vae.encoder(images.flatten(1)).double()
    tau_vae = vae.log_tau.exp().double().expand_as(mu_vae)
terms = elbo_terms(vae_x, mu_vae, tau_vae, W_vae, s2_vae)
vae_elbo = (terms[0] - terms[1]).mean()
family, amortisation = vae_truth - best_elbo, best_elbo - vae_elbo
print(f"gap {vae_truth - vae_elbo:.3f} = family {family:.3f}", end="")
print(f" + amortisation {amortisation:.3f} nats")

# %% tags=["claims"]
assert angles.mean() < 3
assert family > -1e-8 and amortisation > -1e-4
assert family + amortisation < (0.3 if on_mnist else 4)

# %% [markdown]
# ## Further: what rotated axes cost
#
# Rotate the code: $W \to W U$, where $U U^\top = I$. By (5.15) the *model* is the same, since
# $W U U^\top W^\top = W W^\top$. **Predict:** where does the gap of `climb` end now?
# (a) at 0, as before (b) above 0

# %%
U = torch.linalg.qr(torch.randn(K, K, generator=generator).double()).Q
rotated_elbos, _, _ = climb(some, W @ U, s2)
rotated_gap = truth.mean() - rotated_elbos
print(f"PCA's axes: {gap[-1]:.4f} nats; rotated: {rotated_gap[-1]:.4f} nats")

# %% name="rotated-axes" tags=["slide-figure"] alt="Log p of x minus the ELBO against steps of gradient ascent, on a logarithmic axis. In PCA's axes the gap falls to a millionth. In rotated axes, dashed, it levels off near 0.4."
plt.plot(gap, label="PCA's axes")
plt.plot(rotated_gap, "--", label="rotated axes")
plt.yscale("log")
plt.ylim(bottom=1e-7)
plt.xlabel("steps of gradient ascent on the guess")
plt.ylabel("log p(x) − ELBO, nats")
plt.legend()
plt.show()

# %% [markdown]
# (b): a family gap, from the same model. In rotated axes the posterior's entries are
# correlated, and a guess with independent entries can't follow. How large is it? We need a
# little more about matrices. The **trace** $\operatorname{tr} A$ is the sum of the
# diagonal, and $\operatorname{tr}(AB) = \operatorname{tr}(BA)$, so
# $\delta^\top A\, \delta = \operatorname{tr}(A\, \delta \delta^\top)$. The determinant
# $\lvert A \rvert$ is the product of the eigenvalues. The inverse of a covariance is called
# the **precision**.

# %% [markdown]
# Up to what does not depend on $z$, $\log p(x, z)$ of probabilistic PCA is
#
# $$-\tfrac{1}{2} z^\top z - \tfrac{1}{2\sigma^2} \lVert x - b - W z \rVert^2
# = -\tfrac12 z^\top \Lambda z + z^\top W^\top (x - b) / \sigma^2 + \text{const},$$
#
# with $\Lambda = I + W^\top W / \sigma^2$. The mean is where its gradient,
# $-\Lambda z + W^\top (x - b) / \sigma^2$, is 0:
#
# $$p(z \mid x) = \mathcal N(m, \Lambda^{-1}), \quad
# m = \Lambda^{-1} W^\top (x - b) / \sigma^2, \quad
# \Lambda = I + W^\top W / \sigma^2 . \tag{5.18}$$
#
# The check compares it with the general rule for conditioning a normal vector, which
# inverts the covariance of the pixels.


# %%
# Check (5.18)
def posterior_of(x, W, s2):
    """Return mean (B, K) and precision (K, K) for x - b (B, D)."""
    precision = torch.eye(W.shape[1], dtype=W.dtype) + W.T @ W / s2
    return torch.linalg.solve(precision, W.T @ x.T / s2).T, precision


W_rotated = W @ U
m, precision = posterior_of(some, W_rotated, s2)
C = W_rotated @ W_rotated.T + s2 * torch.eye(D, dtype=torch.float64)
gain = torch.linalg.solve(C, W_rotated).T  # W^T C^-1, (K, D)
left = torch.cat([m, torch.linalg.inv(precision)])
right = torch.cat([some @ gain.T, torch.eye(K).double() - gain @ W_rotated])
verify.equal("5.18", left, right)

# %% [markdown]
# In PCA's axes the columns of $W$ are orthogonal, so $W^\top W$ and $\Lambda$ are diagonal,
# and a guess with independent entries loses nothing. In other axes, the best one has the
# right mean and the variances $1 / \Lambda_{jj}$, and what remains is
#
# $$\min_{q \text{ diagonal}} \mathrm{KL}(q \,\Vert\, p(z \mid x))
# = \tfrac12 \Big( \sum_j \log \Lambda_{jj} - \log \lvert \Lambda \rvert \Big) .
# \tag{5.19}$$
#
# <details><summary>Derivation</summary>
#
# With equal means, the KL between normal distributions with covariances
# $\operatorname{diag}(\tau_j^2)$ and $\Lambda^{-1}$ is
# $\frac12 (\sum_j \Lambda_{jj} \tau_j^2 - K - \sum_j \log \tau_j^2 - \log |\Lambda|)$
# (lesson 6). Its derivative with respect to $\tau_j^2$ is
# $\frac12 (\Lambda_{jj} - 1 / \tau_j^2)$: so $\tau_j^2 = 1 / \Lambda_{jj}$. Insert it.
#
# </details>
#
# The check computes the left side with `torch.distributions`. The cell also prints where the
# climb ended.

# %%
# Check (5.19)
best_q = MultivariateNormal(m, torch.diag(1 / precision.diagonal()))
exact = MultivariateNormal(m, precision_matrix=precision)
formula = 0.5 * (precision.diagonal().log().sum() - precision.logdet())
print(f"formula {formula:.4f} nats, climb {rotated_gap[-1]:.4f} nats")
verify.equal("5.19", kl_divergence(best_q, exact)[0], formula)

# %% tags=["claims"]
assert -1e-8 < rotated_gap[-1] - formula < 1e-2
for _ in range(100):  # no diagonal covariance near the best one is better
    factor = (0.1 * torch.randn(K, generator=generator).double()).exp()
    other = MultivariateNormal(m, torch.diag(factor / precision.diagonal()))
    assert kl_divergence(other, exact)[0] > formula

# %% [markdown]
# ## Further: learning by EM
#
# The best parameters of probabilistic PCA (Tipping and Bishop), with
# $V_K = (v_1, \dots, v_K)$, are
#
# $$W = V_K\, (\operatorname{diag}(\lambda_1, \dots, \lambda_K) - \sigma^2 I)^{1/2}, \qquad
# \sigma^2 = \frac{1}{D - K} \sum_{i > K} \lambda_i , \tag{5.20}$$
#
# up to a rotation of the code.
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
#
# With the model's covariance $C = W W^\top + \sigma^2 I$, the density of $x$ is
# $(2\pi)^{-D/2} |C|^{-1/2} \exp(-\frac12 (x - b)^\top C^{-1} (x - b))$. With the data's
# covariance $\hat C$, the mean negative log evidence is
# $\frac12 \big( D \log 2\pi + \log |C| + \operatorname{tr}(C^{-1} \hat C) \big)$, since the
# mean of $(x - b)^\top C^{-1} (x - b)$ is $\operatorname{tr}(C^{-1} \hat C)$. The check:
# its gradient is 0 there. With any other choice of eigenvectors it is 0 too, so the check
# compares: leave one of the $K$ out and take $v_{K+1}$ instead.


# %%
# Check (5.20)
def negative_log_evidence(W, s2):
    """Return the mean of -log p(x) over the training images, in nats."""
    C = W @ W.T + s2 * torch.eye(D, dtype=W.dtype)
    quadratic = torch.linalg.solve(C, C_data).trace()
    return 0.5 * (D * math.log(2 * math.pi) + torch.logdet(C) + quadratic)


def without(i):
    """Return the loss with the first K + 1 eigenvectors except the i-th."""
    kept = [j for j in range(K + 1) if j != i]
    s2 = lam[[i, *range(K + 1, D)]].mean()
    return negative_log_evidence(V[:, kept] * (lam[kept] - s2).sqrt(), s2)


W_free, log_s2 = W.clone().requires_grad_(), s2.log().requires_grad_()
least = negative_log_evidence(W_free, log_s2.exp())
slope_W, slope_s2 = torch.autograd.grad(least, [W_free, log_s2])
slopes = torch.cat([slope_W.flatten(), slope_s2[None]])
verify.equal("5.20", slopes, torch.zeros_like(slopes))
worse = torch.stack([without(i) for i in range(K)])
verify.at_most("5.20", least, worse)

# %% tags=["claims"]
assert (worse > least + 0.5).all()

# %% [markdown]
# The linear VAE climbed in $q$ and $\theta$ together, by gradient steps. One can also climb in
# turn:
#
# - **E-step:** with $\theta$ fixed, set $q$ to the posterior. The gap closes.
# - **M-step:** with $q$ fixed, choose the best $\theta$. The ELBO rises, and $\log p$ with
#   it: before this step the two were equal, and $\log p$ is never below the ELBO.
#
# This is the **EM algorithm**, seen as coordinate ascent on the ELBO by Neal and
# Hinton. Here both steps have a closed form. With
# $M = W^\top W + \sigma^2 I$ and $P = M^{-1} W^\top$ (so that the
# posterior's mean is $P (x - b)$):
#
# $$W_{\text{new}} = \hat C P^\top \left( \sigma^2 M^{-1} + P \hat C P^\top \right)^{-1} ,
# \quad
# \sigma^2_{\text{new}} = \tfrac1D \operatorname{tr}
# \left( \hat C - W_{\text{new}} P \hat C \right) . \tag{5.21}$$
#
# <details><summary>Where does this come from?</summary>
#
# The M-step is a regression of $x - b$ on $z$. Set the gradient of
# $\mathbb E \lVert x - b - W z \rVert^2$ in $W$ to 0:
# $W\, \mathbb E[z z^\top] = \mathbb E[(x - b) z^\top]$. And $\sigma^2_{\text{new}}$ is the
# error that is left, divided by $D$. The two means are
# $\mathbb E[(x - b) z^\top] = \hat C P^\top$ and
# $\mathbb E[z z^\top] = \sigma^2 M^{-1} + P \hat C P^\top$, over data and posterior.
#
# </details>


# %%
def em_step(W, s2):
    """Return the parameters after one E-step and one M-step."""
    M = W.T @ W + s2 * torch.eye(K, dtype=W.dtype)
    P = torch.linalg.solve(M, W.T)  # (K, D)
    cross = P @ C_data  # E[z (x - b)^T], (K, D)
    second_moment = s2 * torch.linalg.inv(M) + cross @ P.T
    W_new = torch.linalg.solve(second_moment, cross).T
    s2_new = (C_data.trace() - (W_new.T * cross).sum()) / D
    return W_new, s2_new


# %%
# Check (5.21)
W_old = torch.randn(D, K, generator=generator).double()  # any parameters
s2_old = torch.tensor(0.5, dtype=torch.float64)
P_old, old_precision = posterior_of(torch.eye(D).double(), W_old, s2_old)
P_old = P_old.T  # (K, D): the posterior's mean is P (x - b)


def expected_energy(W, s2):
    """Return the mean of -E_q[log p(x | z)] over the data, q held fixed."""
    left = torch.eye(D, dtype=torch.float64) - W @ P_old
    spread = torch.linalg.solve(old_precision, W.T @ W).trace()
    squared = (left @ C_data @ left.T).trace() + spread
    return 0.5 * (D * torch.log(2 * math.pi * s2) + squared / s2)


new = [value.requires_grad_() for value in em_step(W_old, s2_old)]
slope_W, slope_s2 = torch.autograd.grad(expected_energy(*new), new)
slopes = torch.cat([slope_W.flatten(), slope_s2[None]])
verify.equal("5.21", slopes, torch.zeros_like(slopes))

# %% [markdown]
# From these arbitrary parameters, 400 steps:

# %% name="em" tags=["slide-figure"] alt="The mean log p of x below its best against EM steps, on a logarithmic axis: from 700 nats it falls from point to point, each 20 steps on, to less than 0.1."
W_em, s2_em, below = W_old, s2_old, []
for step in range(401):
    if step % 20 == 0:
        now = negative_log_evidence(W_em, s2_em) - least
        below.append(now.item())
    if step < 400:
        W_em, s2_em = em_step(W_em, s2_em)
em_angle = evaluation.principal_angles(W_em, V[:, :K]).rad2deg().mean()
plt.semilogy(range(0, 401, 20), below, "o-")
plt.xlabel("EM steps")
plt.ylabel("mean log p(x) below its best, nats")
plt.show()
print(f"{below[0]:.0f} -> {below[-1]:.3f} nats below the best;", end="")
print(f" mean angle to PCA {em_angle:.2f}°")

# %% tags=["claims"]
assert (torch.tensor(below).diff() < 1e-8).all()
assert -1e-8 < below[-1] < (1 if on_mnist else 8)
assert em_angle < 1 or not on_mnist

# %% [markdown]
# The evidence never falls: each E-step makes the bound tight, each M-step raises it.
# And without a word about eigenvectors, $W$ turns into PCA's subspace. (On the
# digits, where $\sigma^2$ is small, the last nats take many more steps: EM moves
# slowly where the posterior is narrow.)

# %% [markdown]
# ## Summary
#
# - A latent-variable model is a prior, chosen in advance, and a likelihood. Its evidence is a
#   sum or integral over all latents. Maximum likelihood makes it large.
# - A decoder gives a *distribution*.
# - Averaging over codes from the prior is unbiased and useless for images.
# - KL is never negative, and 0 only for $q = p$.
# - The ELBO is below $\log p(x)$ by exactly $\mathrm{KL}(q \Vert p(z \mid x))$. It is
#   reconstruction minus rate, and needs no posterior.
# - What is lost has two names: family gap and amortisation gap.
#
# **Next:** lesson 6, the rate's formula and gradients through sampled codes.

# %% [markdown]
# ## References
#
# To read on:
#
# - D. P. Kingma, M. Welling. *An introduction to variational autoencoders.* Foundations
#   and Trends in Machine Learning 12 (2019), 307–392, arXiv:1906.02691. Chapters 1 and 2.
# - S. J. D. Prince. *Understanding deep learning.* MIT Press, 2023, chapter 17.
# - D. M. Blei, A. Kucukelbir, J. D. McAuliffe. *Variational inference: a review for
#   statisticians.* Journal of the American Statistical Association 112 (2017),
#   859–877, arXiv:1601.00670.
#
# Sources:
#
# - S. Kullback, R. A. Leibler. *On information and sufficiency.* Annals of
#   Mathematical Statistics 22 (1951), 79–86.
# - M. E. Tipping, C. M. Bishop. *Probabilistic principal component analysis.*
#   Journal of the Royal Statistical Society B 61 (1999), 611–622.
# - R. M. Neal, G. E. Hinton. *A view of the EM algorithm that justifies
#   incremental, sparse, and other variants.* In: Learning in Graphical Models,
#   1998, 355–368.

# %% [markdown]
# - M. I. Jordan, Z. Ghahramani, T. S. Jaakkola, L. K. Saul. *An introduction to
#   variational methods for graphical models.* Machine Learning 37 (1999), 183–233.
# - D. P. Kingma, M. Welling. *Auto-encoding variational Bayes.* ICLR 2014,
#   arXiv:1312.6114.
# - Y. Burda, R. Grosse, R. Salakhutdinov. *Importance weighted autoencoders.* ICLR
#   2016, arXiv:1509.00519.
# - C. Cremer, X. Li, D. Duvenaud. *Inference suboptimality in variational
#   autoencoders.* ICML 2018. The two gaps; they call the first the approximation gap.
# - J. Lucas, G. Tucker, R. Grosse, M. Norouzi. *Don't blame the ELBO! A linear VAE
#   perspective on posterior collapse.* NeurIPS 2019.
# - S. Chatterjee, P. Diaconis. *The sample size required in importance sampling.* Annals
#   of Applied Probability 28 (2018), 1099–1135.
