# %% [markdown]
# # 2. The sparse autoencoder
#
# After this lesson you can
#
# - say why a code larger than the image can reach a small error without learning anything;
# - make codes sparse in three ways, and say what each one does to a code;
# - count active units honestly, with a threshold that you can defend;
# - find dead units, and say why they die;
# - test by a linear probe whether features are useful, and ask what made them so.
#
# **Builds on:** [lesson 1](01_basic_autoencoder.ipynb): autoencoders, `fit`, PCA.
# **You should know:** derivatives and minima; orthonormal vectors and least
# squares; what logistic regression and cross-validation do; for the *Further*
# sections, eigenvectors and singular values.
# **Time:** 90 minutes for the core, 30 for the exercises, 40 for what is headed
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

# %% [markdown]
# Lesson 1 made codes *small*. This lesson makes them **larger than the image**,
# and asks that most of their entries be 0. To train many such models in seconds,
# we average blocks of 2 × 2 pixels. An image then has $D = 196$ pixels.

# %%
import torch.nn.functional as F

from course_lib import data, plotting, verify

dataset = data.load()
x = F.avg_pool2d(dataset.train_images, 2)  # (N, 1, 14, 14)
test = F.avg_pool2d(dataset.test_images, 2)

# %% alt="Two rows of the same twelve test digits, 28 by 28 pixels above, 14 by 14 below. The small ones are coarser and greyer, with visible pixels, but every digit can still be read."
plotting.show_rows({"28 × 28": dataset.test_images[:12], "14 × 14": test[:12]})
plt.show()

# %% tags=["claims"]
on_mnist = dataset.name == "mnist"

# %% [markdown]
# ## 1. A code with too much room
#
# Take $K = 2D = 392$ units with a ReLU. Let $b$ be the mean image. Then *every*
# image can be reconstructed without error. Give each pixel two units, one for
# brighter than $b$ and one for darker:
#
# $$x = b + \begin{bmatrix} I & -I \end{bmatrix}
# \operatorname{relu}\!\left(\begin{bmatrix} I \\ -I \end{bmatrix}
# (x - b)\right) . \tag{2.1}$$
#
# <details><summary>Why is (2.1) true?</summary>
#
# Every number is $a = \operatorname{relu}(a) - \operatorname{relu}(-a)$: one of
# the two terms is $a$ or $-a$, and the other is 0.
#
# </details>

# %%
# Check (2.1)
mean_image = x.mean(0).flatten()  # (196,)
X, b = x[:1000].flatten(1).double(), mean_image.double()
eye = torch.eye(196, dtype=torch.float64)
z = torch.relu((X - b) @ torch.cat([eye, -eye]).T)  # (1000, 392)
x_hat = b + z @ torch.cat([eye, -eye], dim=1).T
verify.equal("2.1", x_hat, X)

# %% [markdown]
# So the error can be 0, and nothing about digits was used. A code with more
# entries than the image has pixels is called **overcomplete**. Does training find
# something better? Here is the model of this lesson:
#
# - The code is $z = h(E\,(x - b) + c)$, with an activation $h$.
# - The reconstruction is $\hat x = b + \sum_j z_j w_j$. Column $w_j$ of $W$ is the
#   **feature** of unit $j$, and an image is a sum of features. $b$ starts as the
#   mean image.
# - The features have **length 1**. Section 2 shows why.
# - $E$ starts as $W^\top$: at first, a unit looks for what it draws. Then all of
#   $E$, $c$, $W$ and $b$ are trained, each on its own.


# %%
D, K = 196, 392


class SparseAutoencoder(nn.Module):
    """x (B, 1, 14, 14) -> z (B, K) -> x_hat (B, 196)."""

    def __init__(self, activation, start=0.0):
        super().__init__()
        W = F.normalize(torch.randn(D, K), dim=0)
        self.W = nn.Parameter(W)  # (D, K)
        self.E = nn.Parameter(W.T.clone())  # (K, D)
        self.b = nn.Parameter(mean_image.clone())
        self.c = nn.Parameter(torch.full((K,), start))
        self.activation = activation

    def encode(self, x):
        before = (x.flatten(1) - self.b) @ self.E.T + self.c
        return self.activation(before)

    def features(self):
        return F.normalize(self.W, dim=0)

    def decode(self, z):
        return self.b + z @ self.features().T


# %% [markdown]
# The loss is the squared error, plus a penalty on the codes where there is one.
# Each model is trained for 500 steps, unless the text says otherwise.

# %%
from course_lib import losses, training


def loss_with(penalty):
    """Return a loss for `fit`: squared error + penalty(z)."""

    def loss(model, x):
        z = model.encode(x)
        error = losses.squared_error(model.decode(z), x.flatten(1))
        return {"loss": error + penalty(z), "error": error}

    return loss


# %%
fit_options = {"steps": 500, "lr": 5e-3, "lr_schedule": training.cosine}


def train(activation=torch.relu, penalty=lambda z: 0, start=0.0):
    """Train a sparse autoencoder for 500 steps."""
    torch.manual_seed(0)
    model = SparseAutoencoder(activation, start)
    training.fit(model, loss_with(penalty), x, **fit_options)
    return model


# %% [markdown]
# Two numbers describe each model: how many units are **active** (not 0) for an
# image, and the error. The `threshold` below stays at 0 until section 5.


# %%
@torch.no_grad()
def measure(model, images, threshold=0.0):
    """Return the active units and the error, means per image.

    What is not above the threshold is set to 0 before decoding.
    """
    z = model.encode(images)
    active = z > threshold
    x_hat = model.decode(torch.where(active, z, 0))
    error = losses.squared_error(x_hat, images.flatten(1))
    return active.float().sum(1).mean().item(), error.mean().item()


# %%
def report(name, model, digits=2):
    """Print both numbers, on the test images."""
    active, error = measure(model, test)
    counted = f"{name:20} {active:5.1f} of {K} units active"
    print(f"{counted}, error {error:.{digits}f}")


# %% [markdown]
# **Predict:** what comes out of training without any penalty?
#
# - (a) an error near that of the mean image, features like noise;
# - (b) a small error, features like strokes;
# - (c) a small error, features like noise.
#
# (In pictures of features grey is 0, black positive, white negative.)

# %%
torch.manual_seed(0)
untrained = SparseAutoencoder(torch.relu)
free = train()
baseline = (test.flatten(1) - mean_image).square().sum(1).mean().item()
print(f"{'mean image':46} error {baseline:.1f}")
report("no penalty", free, digits=3)

# %% tags=["claims"]
free_active, free_error = measure(free, test)
assert free_error < 0.01 * baseline and free_active > 0.7 * K

# %% alt="Two rows of twelve features, at the start above and trained below, in greys. Both rows look like random noise, and a trained feature still resembles the one above it: there are no clear strokes."
rows = {}
for name, model in {"at the start": untrained, "trained": free}.items():
    features = model.features().detach().T[:12]  # (12, 196)
    rows[name] = plotting.signed(features.reshape(-1, 1, 14, 14))
plotting.show_rows(rows)
plt.show()

# %% [markdown]
# It is (c). Did the features have to change at all? Keep them as they start, and train
# only the encoder and the one image $b$, for 200 steps.
#
# **Predict:** the error is then (a) about 10, (b) about 1, (c) below 0.3.

# %%
torch.manual_seed(0)
frozen = SparseAutoencoder(torch.relu)
frozen.W.requires_grad_(False)
short = fit_options | {"steps": 200}
history = training.fit(frozen, loss_with(lambda z: 0), x, **short)
report("features frozen", frozen, digits=3)

# %% tags=["claims"]
assert measure(frozen, test)[1] < 0.03 * baseline
assert not on_mnist or 0.01 < measure(frozen, test)[1] / baseline < 0.025

# %% [markdown]
# It is (c): 0.158 on MNIST, 1.5% of the mean image's error. (With four other seeds it was
# 1.3% to 2.2%.) The encoder builds images out of random features. **A small error proves nothing where the code
# has room.** Something else must make the units divide the work in a meaningful way.
#
# That something is **sparsity**: explain each image by *few* features out of
# many. In 1996 Olshausen and Field showed what it does to photographs. (The last *Further*
# section follows them.) Three ways to get there come next.

# %% [markdown]
# ## 2. An L1 penalty
#
# Add the sum of absolute values, $\lambda \lVert z \rVert_1 = \lambda \sum_j
# \lvert z_j \rvert$, to the squared error. Why does this give *zeros*, and not
# just small numbers? Take one image and one unit with a feature $w$ of length 1.
# With $a = w^\top (x - b)$, the error is $(a - z)^2$ plus what $w$ can't draw,
# whatever $z$ is. So we minimise $(a - z)^2 + \lambda z$ over $z \ge 0$:
#
# $$z^\star = \max\left(0,\; a - \tfrac{\lambda}{2}\right) . \tag{2.2}$$
#
# <details><summary>Derivation</summary>
#
# Split $x - b = a w + r$, with $r$ orthogonal to $w$. Since $w$ has length 1,
# $\lVert x - b - z w \rVert^2 = (a - z)^2 + \lVert r \rVert^2$.
#
# For $z > 0$ the derivative is $-2 (a - z) + \lambda$, which is 0 at
# $z = a - \lambda / 2$. If that is negative, the function rises on all of
# $z \ge 0$, and the smallest value is at $z = 0$.
#
# </details>
#
# (2.2) is a ReLU with a bias of $-\lambda / 2$: our encoder can compute it.

# %%
# Check (2.2)
a = torch.linspace(-1, 2, 61, dtype=torch.float64)[:, None]  # steps of 0.05
w = F.normalize(torch.randn(D, dtype=torch.float64), dim=0)
rest = X[:61] - b
rest = rest - (rest @ w)[:, None] * w  # what w can't draw, (61, D)
grid = torch.linspace(0, 3, 601, dtype=torch.float64)  # candidates for z
lam = 0.7
missed = (a * w + rest)[:, None] - grid[:, None] * w  # (61, 601, D)
errors = missed.square().sum(2)  # (61, 601)
best = grid[(errors + lam * grid).argmin(1)]  # by trying all
verify.equal("2.2", best, (a.squeeze(1) - lam / 2).clamp(min=0))

# %% [markdown]
# A squared penalty, $\lambda z^2$, gives $z^\star = \max(0, a) / (1 + \lambda)$:
# for $a > 0$ a smaller number, but never 0.

# %% tags=["claims"]
best = grid[(errors + lam * grid**2).argmin(1)]
scaled = a.squeeze(1).clamp(min=0) / (1 + lam)
assert (best - scaled).abs().max() < 0.0026  # half a step of the grid

# %% name="shrinkage" tags=["slide-figure"] alt="Best z against a, up to 2. L1, solid, is 0 up to a = 0.35, then parallel to the dashed diagonal, lower by 0.35. The squared penalty, dotted, leaves 0 at once but reaches only 1.2."
plt.figure(figsize=(8, 3.2))
line = torch.linspace(0, 2, 201)
plt.plot(line, line, color="gray", ls="--", label="no penalty")
plt.plot(line, (line - 0.35).clamp(min=0), label="L1, λ = 0.7")
plt.plot(line, line / 1.7, ls=":", lw=2.5, label="squared, λ = 0.7")
plt.xlabel("a, what the image asks of the unit")
plt.ylabel("best z")
plt.legend()
plt.show()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# For one unit, L1 sets small answers to 0 and makes *all* others smaller by
# $\lambda / 2$. So an L1 code draws its images too pale: that is its price. The
# squared penalty shrinks large answers most, and sets no positive one to 0.
#
# </details>
#
# ### Why features have length 1
#
# Without that rule the penalty can be evaded. For every $s > 0$
#
# $$\left(s W\right) \frac{z}{s} = W z , \qquad
# \left\lVert \frac{z}{s} \right\rVert_1 = \frac{\lVert z \rVert_1}{s} .
# \tag{2.3}$$
#
# Long features and short codes draw the same image at as small a penalty as you
# like. `F.normalize` in `features` closes this loophole.

# %%
# Check (2.3)
W = torch.randn(D, K, dtype=torch.float64)
codes = torch.randn(100, K, dtype=torch.float64)  # of both signs
s = 10.0
verify.equal("2.3", (codes / s) @ (s * W).T, codes @ W.T)
verify.equal("2.3", (codes / s).abs().sum(1), codes.abs().sum(1) / s)

# %% [markdown]
# Try three values of $\lambda$, each about three times the one before.


# %%
def l1(lam):
    """Return a penalty: codes (B, K) -> (B,)."""
    return lambda z: lam * z.abs().sum(1)


# %%
l1_models = {}
for lam in 0.1, 0.3, 1.0:
    l1_models[f"λ = {lam}"] = train(penalty=l1(lam))
    report(f"L1, λ = {lam}", l1_models[f"λ = {lam}"])

# %% tags=["claims"]
of_l1 = [measure(model, test) for model in l1_models.values()]
assert of_l1[0][0] > of_l1[1][0] > of_l1[2][0]  # active
assert of_l1[0][1] < of_l1[1][1] < of_l1[2][1]  # errors

# %% [markdown]
# The larger $\lambda$, the fewer units are active, and the larger is the error.
# Here is the network at $\lambda = 0.3$, with the code of one test image.

# %% name="network" tags=["slide-figure"] alt="Diagram: a test image of a seven enters the encoder, then a wide code of 392 small squares of which about thirty are filled, then the decoder, and a reconstruction that looks like the image. The loss compares both."
from course_lib import diagrams

with torch.no_grad():
    z = l1_models["λ = 0.3"].encode(test[:1])
    x_hat = l1_models["λ = 0.3"].decode(z).reshape(1, 14, 14)
diagrams.sparse_autoencoder(test[0], x_hat.clamp(0, 1), z[0])
plt.show()

# %% [markdown]
# ## 3. A target rate
#
# Many courses still teach an older way. Let units be sigmoids, so that $z_j$ lies in
# $(0, 1)$. Call its mean over a batch the unit's **rate** $\hat\rho_j$, and pull
# every rate to a small target $\rho$, say 0.02.
#
# A **Kullback-Leibler divergence** says how far a rate is from its target. Think of
# coins that fall heads with probability $\rho$ and $\hat\rho_j$. For each outcome,
# heads and tails, take the logarithm of how much likelier the first coin makes it,
# and average with the first coin's probabilities:
#
# $$\mathrm{KL}(\rho \,\Vert\, \hat\rho_j) = \rho \log\frac{\rho}{\hat\rho_j} +
# (1 - \rho) \log\frac{1 - \rho}{1 - \hat\rho_j} . \tag{2.4}$$
#
# It is 0 where the rates agree, and positive elsewhere. (Lesson 5 proves it.)

# %%
# Check (2.4)
from torch.distributions import Bernoulli, kl_divergence

rho = torch.tensor(0.02, dtype=torch.float64)
rates = torch.logspace(-6, -0.01, 99, dtype=torch.float64)
target = torch.stack([rho, 1 - rho])[:, None]  # heads and tails, (2, 1)
given = torch.stack([rates, 1 - rates])  # (2, 99)
by_formula = (target * (target / given).log()).sum(0)
verify.equal(
    "2.4", by_formula, kl_divergence(Bernoulli(rho), Bernoulli(rates))
)

# %% [markdown]
# **Predict:** for the target 0.02, which costs more? (a) A rate of 0. (b) A rate
# of 0.1. (c) Both the same, since both are close to the target.

# %% alt="KL penalty in nats against a unit's rate, on a logarithmic axis. It is 0 at the target 0.02. To the left it rises slowly, to 0.18 at 0.000001; to the right it reaches 0.25 near rate 0.27."
plt.plot(rates, by_formula)
plt.axvline(0.02, color="gray", ls="--", label="target ρ = 0.02")
plt.xscale("log")
plt.ylim(0, 0.25)
plt.xlabel("rate of a unit")
plt.ylabel("KL penalty (nats)")
plt.legend()
plt.show()

# %%
for rate in torch.tensor([0.1, 1e-6], dtype=torch.float64):
    cost = kl_divergence(Bernoulli(rho), Bernoulli(rate))
    print(f"rate {rate:g}: {cost:.3f} nats")

# %% tags=["claims"]
assert 0.0505 < kl_divergence(Bernoulli(rho), Bernoulli(5 * rho)) < 0.0515
assert abs(cost - 0.178) < 0.0005

# %% [markdown]
# <details><summary>Answer</summary>
#
# (a). At rate 0.1 the penalty is 0.051 nats. At rate 0 it is infinite, since the
# first term divides by $\hat\rho_j$, though it grows slowly on the way.
# So this penalty asks *every* unit to do something: that is its good side. Its weak
# side is that it speaks about batches, not about images. Nothing stops a unit from
# being 0.02 for *every* image.
#
# </details>
#
# In code, rates are kept within $[10^{-6}, 1 - 10^{-6}]$, so that a unit that
# never fires costs 0.178 nats, and not infinity.


# %%
def target_rate(rho, weight):
    """Return a penalty: codes (B, K) in (0, 1) -> a scalar."""

    def penalty(z):
        rates = z.mean(0).clamp(1e-6, 1 - 1e-6)  # (K,)
        kl = kl_divergence(Bernoulli(torch.tensor(rho)), Bernoulli(rates))
        return weight * kl.sum()

    return penalty


# %% [markdown]
# The penalty needs a weight. We chose three by the error on MNIST's *training* images: it
# lies between 0.5 and 1.5, as it does for L1 with $\lambda = 0.1$ and $0.3$. So section 5
# can compare codes of similar errors. (The cell prints test errors.)

# %%
kl_models = {}
for weight in 0.05, 0.2, 1.0:
    penalty = target_rate(0.02, weight)
    model = train(torch.sigmoid, penalty, start=-3.0)  # rates start low
    kl_models[f"weight = {weight}"] = model
    report(f"KL, weight = {weight}", model)

# %% tags=["claims"]
if on_mnist:
    for model in [*kl_models.values(), *list(l1_models.values())[:2]]:
        assert 0.5 < measure(model, x[:10_000])[1] < 1.5

# %% [markdown]
# All 392 units are active, for every image: a sigmoid is never exactly 0. Section
# 5 comes back to this.
#
# ## 4. Top-k
#
# The most direct way is to keep the $k$ largest entries and set the others to 0.
# There is no penalty and no $\lambda$: you choose the sparsity itself. There is a
# reason for it too. If the features were orthonormal, $W^\top W = I$, then with
# $a = W^\top (x - b)$
#
# $$\min_{\text{at most } k \text{ of } z_j \ne 0} \lVert x - b - W z \rVert^2
# = \lVert x - b \rVert^2 - \sum_{j \in \text{top } k} a_j^2 , \tag{2.5}$$
#
# where *top k* are the $k$ largest $\lvert a_j \rvert$: no other choice of $k$
# features does better.
#
# <details><summary>Derivation</summary>
#
# For orthonormal features, multiplying out gives
# $\lVert x - b \rVert^2 - 2\, z^\top a + \lVert z \rVert^2$, since $W^\top W = I$. Complete
# the square for each $j$:
#
# $$\lVert x - b - W z \rVert^2
# = \lVert x - b \rVert^2 - \lVert a \rVert^2 + \sum_j (a_j - z_j)^2 .$$
#
# An entry that is kept should be $z_j = a_j$, and its term is 0. An entry that is 0
# leaves $a_j^2$. So keep the largest.
#
# </details>

# %%
# Check (2.5)
from itertools import combinations

W = torch.linalg.qr(torch.randn(20, 8, dtype=torch.float64)).Q  # orthonormal
image = torch.randn(20, dtype=torch.float64)  # x - b
errors = []
for chosen in combinations(range(8), 3):  # all 56 choices of 3 features
    some = W[:, list(chosen)]
    z = torch.linalg.lstsq(some, image[:, None]).solution
    errors.append((image - (some @ z).squeeze(1)).square().sum())
largest = (W.T @ image).square().topk(3).values.sum()
verify.equal("2.5", min(errors), image.square().sum() - largest)

# %% [markdown]
# Two things differ in our model.
#
# - Its codes are not negative. With $z \ge 0$ the same argument keeps the $k$
#   largest *positive* $a_j$: hence the ReLU below. (Exercise 1 keeps the signs.)
# - Overcomplete features are not orthonormal, so the top $k$ need not be the best
#   choice; to find that one is a hard search. But $E$ is trained, and can learn to
#   give large numbers to the features that help. (A *Further* section measures
#   how well.)


# %%
def keep_largest(k):
    """Return an activation: ReLU, then all but the k largest become 0."""

    def activation(before):
        values, places = torch.relu(before).topk(k, dim=1)  # (B, k) each
        return torch.zeros_like(before).scatter(1, places, values)

    return activation


# %%
topk_models = {}
for k in 5, 10, 20, 40:
    topk_models[f"k = {k}"] = train(keep_largest(k))
    report(f"top-k, k = {k}", topk_models[f"k = {k}"])

# %% [markdown]
# On MNIST five units of 392 bring the error from the mean image's 10.2 down to 2.74. L1
# with as many units had 4.87.
#
# ## 5. Side by side
#
# How sparse is a code? Count its active units. Where entries are exactly 0, that
# is clear. Where they never are, the count needs a **threshold**, and a threshold
# can mislead: the entries below it may still carry information. Look at the
# values first.

# %% alt="Histograms of the entries of two codes on a logarithmic axis. The sigmoid code, dashed, has one broad hump from 0.001 to 1 and no gap at 0.02 or 0.1. The L1 code, solid, lies mostly between 0.02 and 1."
looked_at = {
    "L1, λ = 0.3": (l1_models["λ = 0.3"], "-"),
    "KL, weight = 0.2": (kl_models["weight = 0.2"], "--"),
}
bins = torch.logspace(-4, 0.5, 46)
for name, (model, style) in looked_at.items():
    z = model.encode(test[:1000]).detach()
    share = 100 * torch.histogram(z.flatten(), bins).hist / z.numel()
    plt.stairs(share, bins, ls=style, lw=2, label=name)
    print(f"{name}: {(z == 0).float().mean():.0%} of the entries are 0")
plt.xscale("log")
plt.xlabel("value of an entry of the code (zeros are left out)")
plt.ylabel("entries (%)")
plt.legend(loc="upper left")
plt.show()

# %% [markdown]
# The sigmoid's values have no gap where a threshold would be natural. The honest
# test is to *drop* what you don't count: set it to 0 before decoding, as `measure`
# does. (Part of what is dropped may be the same for every image, and a new $b$ could make
# up for it. So the last line below adds the mean of $x - \hat x$ to all reconstructions.)
#
# **Predict:** with the threshold 0.1, what does dropping do to the error of the
# sigmoid code? (a) It rises by less than a tenth. (b) It about doubles. (c) It
# rises to that of the mean image.
#
# We choose the threshold on training images, since the test images are for the
# comparison.

# %%
code, some = kl_models["weight = 0.2"], x[:10_000]
whole = measure(code, some)[1]
print(f"nothing dropped: {K} units, error {whole:.2f} per training image")
for threshold in 0.1, 0.05, 0.03, 0.02, 0.01:
    active, error = measure(code, some, threshold)
    print(f"above {threshold:4}: {active:9.0f} units, error {error:.2f}")
with torch.no_grad():
    z = F.threshold(code.encode(some), 0.1, 0)
    missing = some.flatten(1) - code.decode(z)
added = (missing - missing.mean(0)).square().sum(1).mean()
print(f"above  0.1, the mean of what is missing added: error {added:.2f}")

# %% tags=["claims"]
(few, worse), (many, same) = (measure(code, some, t) for t in (0.1, 0.02))
assert worse > (2 if on_mnist else 1.8) * whole and many > 4 * few
assert same < (1.01 if on_mnist else 1.3) * whole
assert same > 1.15 * whole or on_mnist
assert worse > added > (1.9 if on_mnist else 1.5) * whole

# %% [markdown]
# On MNIST it is (b), and a little more. Counted above 0.1 the code seems wonderfully
# sparse, but without the units that were not counted the error is more than twice as
# large, and about twice with the mean added. Of these thresholds, 0.02 is the
# largest one that costs nothing there. (On the scikit-learn digits it costs a fifth of
# the error.) Dropping the smallest entries even helps a little: a sigmoid can't reach
# 0, so units leave traces where they are not needed. From here on: **threshold 0.02
# for the sigmoid codes, 0 for the others, and what is not counted is dropped.**
#
# Now all three ways in one plot, beside PCA with as many components as there are
# active units.

# %%
from sklearn.decomposition import PCA

pca = PCA().fit(x[:20_000].flatten(1).numpy())
axes = torch.from_numpy(pca.components_)  # (196, 196), a component a row


# %%
def pca_error(n):
    """Return the error of PCA with n components, per test image."""
    centred = test.flatten(1) - torch.from_numpy(pca.mean_)
    z = centred @ axes[:n].T
    return losses.squared_error(z @ axes[:n], centred).mean().item()


sizes = [5, 10, 20, 40, 80, 160]
ticks = [*sizes, 320]  # of the plots
for n in sizes:
    print(f"PCA: {n:5} components, error {pca_error(n):.2f}")

# %% [markdown]
# And the three ways, each with its threshold. Only the sigmoid codes' numbers are
# new. The dotted line of the figure cheats: it counts only the sigmoid units above 0.1, but
# decodes with all of them.
#
# (With nothing dropped the sigmoid codes' errors were 0.52, 0.97 and 1.42 on MNIST. The
# threshold was chosen for the middle code. For the last one it costs a little: a smaller
# threshold would count even more units.)

# %%
kinds = {"L1": l1_models, "KL": kl_models, "top-k": topk_models}
thresholds = {"L1": 0, "KL": 0.02, "top-k": 0}
curves = {
    kind: [
        measure(model, test, thresholds[kind]) for model in trained.values()
    ]
    for kind, trained in kinds.items()
}
for active, error in curves["KL"]:
    print(f"KL, above 0.02: {active:5.1f} active, error {error:.2f}")

# %% name="sparsity-and-error" tags=["slide-figure"] alt="Squared error against active units, on a logarithmic axis. With 5 units top-k has 2.7, L1 4.9 and PCA 6.1. PCA wins from 80 on. KL needs 100 units or more, unless units below 0.1 are not counted."
plt.plot(sizes, [pca_error(n) for n in sizes], "--", color="gray", label="PCA")
for (kind, curve), look in zip(curves.items(), ["s-", "^-.", "o-"]):
    plt.plot(*zip(*curve), look, label=kind)
undropped = [
    (measure(model, test, 0.1)[0], measure(model, test)[1])
    for model in kl_models.values()
]
plt.plot(*zip(*undropped), "v:", label="KL, counted above 0.1, not dropped")
plt.xscale("log")
plt.xticks(ticks, ticks)
plt.xlabel("active units (PCA: components) per test image")
plt.ylabel("squared error per test image")
plt.legend()
plt.show()

# %% tags=["claims"]
by_k = {n: error for n, error in curves["top-k"]}
assert by_k[10] < 0.7 * pca_error(10) and by_k[20] < 0.95 * pca_error(20)
assert by_k[5] < 0.85 * pca_error(10) and by_k[40] > 1.5 * pca_error(80)
if on_mnist:
    assert all(by_k[k] < 0.8 * pca_error(k) for k in (5, 10, 20, 40))
active, error = curves["L1"][1]  # λ = 0.3
assert active > 1.15 * 20 and error > 0.95 * by_k[20]
active, error = curves["KL"][2]  # weight = 1.0
assert active > 2 * 40 and error > 1.5 * by_k[40]
assert undropped[2][0] < 0.5 * active  # the same model

# %% [markdown]
# <details><summary>What to notice</summary>
#
# On MNIST:
#
# - *Top-k has the smallest error for few active units*, and beats PCA with as
#   many components. Each image picks its own features. PCA must use the same ones
#   for all.
# - *L1 needs more units* for the same error: 41 of them do what top-k does with 20.
# - *The sigmoid code is hardly sparse* once it is counted honestly: more than 100
#   units. The dotted line, the same models counted above 0.1 and not
#   dropped, would make it look as good as top-k.
# - *By another count PCA can win.* Forty active units are 40 numbers *and* 40
#   places. If a place costs as much as a number, compare with PCA's 80
#   components: 0.23 against 0.79. Five units against 10 components: top-k is
#   better, 2.74 against 4.29.
#
# </details>

# %% [markdown]
# ## 6. Dead units
#
# A unit that is 0 for every image is **dead**. Its part of $E$ and $c$ gets no gradient,
# since the ReLU is flat there, or top-k has put in a constant 0. Its feature gets none
# either, since it is multiplied by $z_j = 0$. So it hardly ever comes back. (It still can,
# as $b$ and the other units change.) A sigmoid is never 0,
# so KL's units can't die in this sense. How often is each unit of the other codes
# active, among 10,000 training images?
#
# **Predict:** which code has the most dead units? (a) L1, $\lambda = 1$. (b) Top-k
# with $k = 5$. (c) Top-k with $k = 40$.


# %%
@torch.no_grad()
def how_often(model, threshold=0.0):
    """Return the share of 10,000 training images with each unit active."""
    active = model.encode(x[:10_000]) > threshold
    return active.float().mean(0)  # (K,)


# %%
dead = {}
for kind in "L1", "top-k":
    for name, model in kinds[kind].items():
        dead[kind, name] = int((how_often(model) == 0).sum())
        print(f"{kind:6} {name:14} {dead[kind, name]:4} of {K} units are dead")

# %% tags=["claims"]
dead_by_k = [dead["top-k", f"k = {k}"] for k in (5, 10, 20, 40)]
assert dead_by_k == sorted(dead_by_k, reverse=True) and dead_by_k[0] > 100
l1_dead = [dead["L1", name] for name in l1_models]
assert l1_dead[2] > max(l1_dead[:2])
assert l1_dead[2] < dead_by_k[0] / 2 or not on_mnist
assert l1_dead[2] > 28 or on_mnist  # 28 on MNIST

# %% [markdown]
# <details><summary>Answer</summary>
#
# On MNIST it is (b): 221 of 392. The smaller $k$, the more are dead. It probably feeds
# on itself: a unit that wins often gets more gradient, fits better, and wins more
# often, while a unit that no longer wins stays as it is. A strong L1 kills units
# as well, on the scikit-learn digits even more. For L1, (2.2) suggests a reason: a unit
# that saves less error than it costs is pushed to 0, and at 0 no gradient brings it back.
#
# </details>
#
# ## 7. What the features look like
#
# A picture has room for a few features only, and a hand-picked choice can prove
# anything. Units start at random, so the first twelve that are alive are a fair
# sample.


# %%
def first_alive(model, threshold=0.0, n=12):
    """Return the numbers of the first n units that are not dead."""
    return how_often(model, threshold).nonzero().flatten()[:n]


# %%
def pictures_of(model, units):
    """Return the features of some units as pictures, 0 in grey."""
    features = model.features().detach().T[units]
    return plotting.signed(features.reshape(-1, 1, 14, 14))


# %% [markdown]
# Take one model of each kind: $\lambda = 0.3$, weight 1 and $k = 20$. (They start
# from the same random features, so columns of different rows can look alike.)

# %%
l1_model, kl_model = l1_models["λ = 0.3"], kl_models["weight = 1.0"]
topk_model = topk_models["k = 20"]

# %% name="features" tags=["slide-figure"] alt="Five rows of twelve features. PCA: smooth patterns over the whole image. No penalty: noise. L1 and KL: mostly outlines of whole digits on plain grey. Top-k: some outlines, some strokes, and a few that are noisy."
rows = {
    "PCA": plotting.signed(axes[:12].reshape(-1, 1, 14, 14)),
    "no penalty": pictures_of(free, first_alive(free)),
    "L1": pictures_of(l1_model, first_alive(l1_model)),
    "KL": pictures_of(kl_model, first_alive(kl_model, 0.02)),
    "top-k": pictures_of(topk_model, first_alive(topk_model)),
}
plotting.show_rows(rows)
plt.show()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# Without a penalty: noise. L1 and KL: mostly outlines of whole digits, or of most of
# one, black with a white halo; only a few are single strokes. Top-k: some outlines,
# some strokes, and some that are still noisy. PCA's components cover the whole image,
# and must cancel each other. Black adds ink, white takes it away.
#
# </details>
#
# What does a unit respond to? Ask which images excite it most: those with its
# largest $z_j$. Here are three for each unit of the last row.

# %%
units = first_alive(topk_model)
with torch.no_grad():
    z = topk_model.encode(x[:10_000])[:, units]  # (N, 12)
favourites = x[z.topk(3, dim=0).indices]  # (3, 12, 1, 14, 14)
print("of 10,000 images, active for", *(z > 0).sum(0).tolist())

# %% alt="Four rows of twelve. Above, features of the top-k model; below each, the three training images that excite the unit most. Clear features resemble parts of their digits; under the noisy ones the digits have little in common."
rows = {"feature": pictures_of(topk_model, units)}
rows |= dict(zip(["first image", "second image", "third image"], favourites))
plotting.show_rows(rows)
plt.show()

# %% [markdown]
# A unit likes digits that contain its outline. The noisiest features belong to units
# that are hardly ever active, and so have hardly been trained. (Where fewer than
# three images excite a unit, the others are arbitrary.)

# %% [markdown]
# ## 8. Are the features useful?
#
# A picture is not a measurement. A common test: freeze the code, and train a
# **linear probe** on it, a linear classifier of the digit's label. If
# straight cuts separate the classes, the code has made them explicit. A number
# means nothing without rivals:
#
# - *raw pixels*: does the code help at all?
# - *PCA*, with 64 components that hold nearly all variance: does it need a network?
# - *random features*: an encoder of the same size that was **never trained**,
#   $\operatorname{relu}(R^\top (x - b))$ with a random $R$. Does *learning* help?
# - *no penalty*: the code of section 1. Does *sparsity* help?
#
# Protocol: 1,000 labelled training images; logistic regression, whose penalty is
# chosen by cross-validation on them; accuracy on all test images.
#
# **Predict** the order, from worst to best, with $\lambda = 0.3$ for L1:
#
# - (a) pixels, random, no penalty, L1;
# - (b) no penalty, pixels, random, L1;
# - (c) random, pixels, L1, no penalty.

# %%
from course_lib.evaluation import linear_probe


def probe(codes, test_codes):
    """Return the accuracy of a linear probe on test codes."""
    labels, answers = dataset.train_labels[:1000], dataset.test_labels
    return linear_probe(codes.detach(), labels, test_codes.detach(), answers)


# %% [markdown]
# The four rivals first:


# %%
def centred(images):
    """Return images as rows, less the mean image."""
    return images.flatten(1) - mean_image


# %%
R = torch.randn(D, K, generator=torch.Generator().manual_seed(0))
R = F.normalize(R, dim=0)
rivals = {
    "raw pixels": lambda images: images.flatten(1),
    "PCA, 64": lambda images: centred(images) @ axes[:64].T,
    "random": lambda images: torch.relu(centred(images) @ R),
    "no penalty": free.encode,
}
accuracy = {}
for name, encode in rivals.items():
    accuracy[name] = probe(encode(x[:1000]), encode(test))
    print(f"{name:10} {accuracy[name]:.1%} of test images right")

# %% [markdown]
# And the sparse codes, all ten. What is not counted is dropped here too.

# %%
for kind, trained in kinds.items():
    for (name, model), (active, _) in zip(trained.items(), curves[kind]):
        codes = [model.encode(images) for images in (x[:1000], test)]
        kept = [F.threshold(z, thresholds[kind], 0) for z in codes]
        accuracy[kind, name] = right = probe(*kept)
        print(f"{kind:6}{name:14} {active:5.0f} active, {right:.1%} right")

# %% name="probes" tags=["slide-figure"] alt="Accuracy of the probe against active units. KL is highest, above 91 percent near 100 units. Top-k and L1 have humps in the middle; L1 with 5 units falls to 81. Horizontal lines: random 88, pixels 87. No penalty: 86."
for (kind, curve), look in zip(curves.items(), ["s-", "^-.", "o-"]):
    counts = [active for active, _ in curve]
    rights = [100 * accuracy[kind, name] for name in kinds[kind]]
    plt.plot(counts, rights, look, label=kind)
dense = measure(free, test)[0], 100 * accuracy["no penalty"]
plt.plot(*dense, "kx", label="no penalty")
for name, style in {"random": "--", "raw pixels": ":"}.items():
    plt.axhline(100 * accuracy[name], color="gray", ls=style, label=name)
plt.xscale("log")
plt.xticks(ticks, ticks)
plt.xlabel("active units per test image")
plt.ylabel("test images right (%)")
plt.legend()
plt.show()

# %% tags=["claims"]
pixels, random = accuracy["raw pixels"], accuracy["random"]
of_l1 = [accuracy["L1", name] for name in l1_models]
of_kl = [accuracy["KL", name] for name in kl_models]
of_topk = [accuracy["top-k", name] for name in topk_models]
if on_mnist:
    assert pca_error(64) < 0.05 * baseline
    assert random > pixels + 0.005 and abs(accuracy["PCA, 64"] - pixels) < 0.01
    assert accuracy["no penalty"] < min(random - 0.01, pixels + 0.005)
    assert min(max(of_l1), max(of_kl), max(of_topk)) > random + 0.01
    assert of_kl[2] > of_l1[0] + 0.01 and of_l1[2] < pixels
    assert max(of_topk[:3]) > of_topk[3]
    assert sum(right > random for right in of_l1 + of_kl + of_topk) > 7
    assert 0.025 < max(of_l1 + of_kl + of_topk) - random < 0.04
else:
    assert random > max(of_l1 + of_kl + of_topk) - 0.012  # two errors

# %% [markdown]
# <details><summary>What to notice</summary>
#
# On MNIST:
#
# - It is (b). The code without a penalty is no better than pixels, though no other
#   network here reconstructs as well. PCA adds nothing that a linear probe could
#   not find by itself.
# - Random features beat pixels. Papers that compare only with pixels credit
#   learning with what width and a ReLU do.
# - Most sparse codes beat random features, by up to 3.6 points. (One standard error of an
#   accuracy is $\sqrt{0.9 \cdot 0.1 / 10{,}000}$, or 0.3 points. Other labels and other
#   starts come on top: with four other seeds it was 2.8 to 3.7 points.)
# - *The number of active units does not decide.* Near 100 units L1 has 89%, KL
#   more than 91%. And L1 with 5 units falls below the pixels.
#
# On the scikit-learn digits, random features are as good as learned ones. (With 500
# test images, one standard error is 0.6 points at 98%.)
#
# </details>

# %% [markdown]
# Don't read an order into neighbouring points of a curve. Even the same code on another
# machine moved top-k's $k = 10$ from 90.1% to 89.3%.

# %% [markdown]
# ### Is it the sparsity?
#
# Sparse codes differ from random features in two ways that concern sparsity: their
# features were *learned under* it, and the code itself *is* sparse. Take these apart. Give four sets
# of features $W$ the same simple encoder, $h(W^\top (x - b))$, and let $h$ be the
# ReLU of all units, or keep the 20 largest:
#
# - *random*: the $R$ above;
# - *no penalty*: those of section 1, trained without sparsity;
# - *392 images*: training images, less their mean, scaled to length 1, not trained;
# - *learned*: the features of the top-k model with $k = 20$, without its $E$.
#
# (The models' own encoders were trained as well. So their codes can do better than these.)
#
# **Predict:** keeping only 20 of the random features (a) raises the accuracy, since
# sparse codes are easier to separate; (b) hardly changes it; (c) lowers it.

# %%
generator = torch.Generator().manual_seed(0)
drawn = torch.randperm(len(x), generator=generator)[:K]
features = {
    "random": R,
    "no penalty": free.features().detach(),
    "392 images": F.normalize(centred(x[drawn]).T, dim=0),
    "learned": topk_model.features().detach(),
}

# %%
activations = {"all units": torch.relu, "the 20 largest": keep_largest(20)}
for name, W in features.items():
    for kept, h in activations.items():
        codes = [h(centred(images) @ W) for images in (x[:1000], test)]
        accuracy[name, kept] = right = probe(*codes)
        print(f"features: {name:10}  code: {kept:14}  {right:.1%} right")

# %% tags=["claims"]
every, largest = (
    [accuracy[name, kept] for name in features] for kept in activations
)
if on_mnist:
    assert largest[0] < every[0] - 0.03  # random features
    assert 0.025 > every[2] - largest[2] > 0.01
    assert 0 < every[3] - largest[3] < 0.015
    gain = every[3] - every[0]
    assert 0.02 < gain < 0.035
    assert every[0] + 0.45 * gain < every[1] < every[3]
    assert every[0] + 0.3 * gain < every[2] < every[3]
else:
    assert abs(every[3] - every[0]) < 0.012 and largest[0] < every[0] + 0.006

# %% [markdown]
# It is (c), by about six points on MNIST. So a sparse code as such does not help. Keeping
# 20 costs the features trained without a penalty almost five points, the images two, and
# the learned ones one or less, though these were trained with 20. What helps is the
# *features*: with all units, learned ones beat random ones by three points. (With four
# other seeds, by two or two and a half.)

# %% [markdown]
# Is that due to sparsity? In part. Features trained without a penalty look like noise,
# and yet have more than half of the gain here: 1.6 of 2.9 points. (That model's own code
# had less than the pixels: there its $E$ and $c$ made the code, here $W^\top$ does.) And
# 392 images that nobody trained have three quarters of it: 2.2 of 2.9. (With four other
# seeds the first share was never below a half, the second never below a third.) What seems
# to help is that features fit the data; sparse training is one way to get there.
#
# On the scikit-learn digits, learned and random features are equally good.
# (Coates and Ng took training and encoding apart in this way, also with images as
# features. On photographs, they found, the encoding matters more.)
#
# The exercises come after three sections of *Further*.

# %% [markdown]
# ## Further: reviving dead units
#
# Give a dead unit something to do: point it at what the model draws
# worst. Pick images at random, with probability proportional to their error, and let the
# dead unit look for what is missing there, the residual $x - \hat x$.


# %%
@torch.no_grad()
def revive(model, images):
    """Point each dead unit at the residual of a badly drawn image."""
    residual = images.flatten(1) - model.decode(model.encode(images))
    dead = how_often(model) == 0  # (K,)
    chance = residual.square().sum(1)  # (N,)
    picked = torch.multinomial(chance, int(dead.sum()))
    feature = F.normalize(residual[picked], dim=1)  # (dead, D)
    model.W[:, dead], model.E[dead], model.c[dead] = feature.T, feature, 0.0


# %% [markdown]
# Then train 500 more steps. To be fair, a copy trains as long, without revival.
#
# **Predict:** compared with the copy, the error (a) halves; (b) falls by a tenth
# or less; (c) rises.

# %%
import copy

patient = topk_models["k = 5"]
control = copy.deepcopy(patient)
torch.manual_seed(0)  # the same draws each time that you run this cell
revived = copy.deepcopy(patient)
revive(revived, x[:10_000])
for model in revived, control:
    history = training.fit(model, loss_with(lambda z: 0), x, **fit_options)

# %%
stages = {"500 steps": patient, "1,000 steps": control}
stages["1,000 steps, revived half-way"] = revived
for name, model in stages.items():
    dead_now, error = (how_often(model) == 0).sum(), measure(model, test)[1]
    print(f"{name:30} dead {dead_now:4}, error {error:.2f}")

# %% tags=["claims"]
assert dead_now < 0.7 * (how_often(control) == 0).sum()
assert 0.9 < error / measure(control, test)[1] < 1

# %% [markdown]
# It is (b). Most of the revived units live on, but the error falls only from 2.60
# to 2.49 on MNIST: here it is probably the five that limit, not how many there are to
# choose from. Look at the count *and* at the error before you fight dead units.

# %% [markdown]
# ## Further: what the encoder leaves on the table
#
# By (2.2) L1 makes the numbers of a code too small. And any encoder has to find all
# of them in one step. What does each cost? First keep the units that the encoder
# chose, and find the best numbers for them, not negative, by least squares.


# %%
from scipy.optimize import nnls  # least squares, not negative


@torch.no_grad()
def refitted_error(model, images):
    """Return the error with the best numbers for the units chosen."""
    codes, W, errors = model.encode(images), model.features(), []
    for image, z in zip(images.flatten(1) - model.b, codes):
        chosen = W[:, z > 0]  # (D, active)
        _, distance = nnls(chosen.numpy(), image.numpy())
        errors.append(distance**2)
    return sum(errors) / len(errors)


# %%
refitted = {}
pairs = {"L1, λ = 0.3": l1_models["λ = 0.3"], "k = 40": topk_models["k = 40"]}
for name, model in pairs.items():
    error = measure(model, test[:300])[1]
    refitted[name] = refitted_error(model, test[:300])
    print(f"{name:12} error {error:.2f}, refitted {refitted[name]:.2f}")

# %% tags=["claims"]
left = {
    name: refitted[name] / measure(model, test[:300])[1]
    for name, model in pairs.items()
}
assert left["L1, λ = 0.3"] < 0.6
assert not on_mnist or left["L1, λ = 0.3"] < 0.8 * left["k = 40"]

# %% [markdown]
# About half of L1's error is in the numbers, not in the choice of units. On MNIST
# top-k loses less in this way, since nothing pulls its numbers down.
#
# Has top-k's $E$ learned to choose? Let $W^\top$ choose in its place, as (2.5)
# would for orthonormal features, again with the best numbers.

# %%
import copy

by_E = topk_models["k = 20"]
by_W = copy.deepcopy(by_E)
by_W.E.data, by_W.c.data = by_E.features().detach().T, torch.zeros(K)
chosen_by = [refitted_error(model, test[:300]) for model in (by_E, by_W)]
print(f"k = 20, chosen by E: {chosen_by[0]:.2f}, by W: {chosen_by[1]:.2f}")

# %% tags=["claims"]
assert chosen_by[0] < 0.9 * chosen_by[1]

# %% [markdown]
# It has. And what would the best code be? With the features fixed, L1's loss
# $\lVert x - \hat x \rVert^2 + \lambda \lVert z \rVert_1$ is convex in $z$. Take
# steps down the gradient of the error, each followed by a shrinking as in (2.2):
#
# $$z \leftarrow \max\left(0,\; z + 2 \eta\, W^\top (x - \hat x) - \eta \lambda
# \right) .$$
#
# For a step size $\eta$ up to $1 / (2 \sigma^2)$, with $\sigma$ the largest
# singular value of $W$, the loss never rises, and its limit is the minimum. This is
# **ISTA**, the iterative shrinkage-thresholding algorithm. (For one unit,
# $\eta = 1/2$ gives (2.2) in one step.)

# %%
model, lam = l1_models["λ = 0.3"], 0.3
W = model.features().detach()
step, reached = 0.5 / torch.linalg.matrix_norm(W, 2) ** 2, {}
z = model.encode(test[:300]).detach()
for count in range(401):
    x_hat = model.decode(z).detach()
    left_over = test[:300].flatten(1) - x_hat
    if count in (0, 200, 400):
        error = left_over.square().sum(1).mean()
        reached[count] = loss, _ = error + lam * z.sum(1).mean(), error
        print(f"{count:3} steps: loss {loss:.2f}, error {error:.2f}", end=", ")
        print(f"{(z > 0).sum() / len(z):.0f} active units")
    z = (z + step * (2 * left_over @ W - lam)).clamp(min=0)

# %% tags=["claims"]
assert reached[200][0] < 0.95 * reached[0][0]
assert reached[200][1] < 0.85 * reached[0][1]
assert reached[200][0] < 1.01 * reached[400][0]  # nearly the minimum

# %% [markdown]
# The same features give a smaller error with fewer units, at the price of 200 steps
# for each image; 200 more hardly change it. (The refitted error above was smaller still:
# there only the error counted, here the penalty counts too, and pulls the numbers down.)
# Olshausen and Field had no encoder: they
# alternated such a search for codes with small steps of the features. That is
# **dictionary learning**. An encoder makes one good guess, the same function for all
# images. Lesson 5 returns to this choice.
#
# ## Further: edges from photographs
#
# In 1996 Olshausen and Field trained a sparse code on patches of photographs. Two
# photographs come with scikit-learn: enough for a trial in their spirit.

# %%
import numpy as np
from sklearn.datasets import load_sample_images
from sklearn.feature_extraction.image import extract_patches_2d

photographs = [photo.mean(2) / 255 for photo in load_sample_images().images]
cut = {"patch_size": (12, 12), "max_patches": 40_000, "random_state": 0}
raw_patches = [extract_patches_2d(photo, **cut) for photo in photographs]
raw_patches = torch.from_numpy(np.concatenate(raw_patches)).float().flatten(1)

# %% alt="Two rows of eighteen small grey patches of photographs. They show diagonal stripes, straight edges and fine speckled texture; a few are plain but for a bright corner."
patches = raw_patches - raw_patches.mean(1, keepdim=True)  # brightness
contrast = patches.std(1, keepdim=True)
patches = (patches / contrast)[contrast.squeeze(1) > 0.05]  # no empty sky
pictures = plotting.signed(patches[:36].reshape(-1, 1, 12, 12))
plotting.show_grid(pictures, columns=18)
plt.show()

# %% [markdown]
# Neighbouring pixels of a photograph are nearly equal, so a few large, smooth shapes
# hold most of the power (the mean square), and most of a squared error. **Whitening** brings the
# power of all directions nearer together. Here $x$ is a patch. Let
# $C = \frac1N \sum x x^\top = V \Gamma V^\top$ be the patches' second moments:
# the columns of $V$ are eigenvectors, and $\Gamma$ has the second moments $\gamma_i$
# along them on its diagonal. With a small $\gamma_0$, which keeps noise from being
# blown up, take
#
# $$\tilde x = V (\Gamma + \gamma_0 I)^{-1/2} V^\top x, \qquad
# \frac1N \sum \tilde x \tilde x^\top = V \Gamma (\Gamma + \gamma_0 I)^{-1}
# V^\top . \tag{2.6}$$
#
# The last matrix is close to $I$ in all directions with $\gamma_i \gg \gamma_0$.
# Elsewhere second moments stay below 1. We take 1% of the largest $\gamma_i$ for
# $\gamma_0$. (The $V$ on the left turns back to pixels, so that whitened patches
# still look like patches.)

# %%
# Check (2.6)
P = patches.double()
gamma, V = torch.linalg.eigh(P.T @ P / len(P))  # ascending
gamma_0 = 0.01 * gamma.max()
after = gamma / (gamma + gamma_0)
white = P @ V @ torch.diag((gamma + gamma_0).rsqrt()) @ V.T  # (N, 144)
moments = white.T @ white / len(white)
verify.equal("2.6", moments, V @ torch.diag(after) @ V.T)
for name, values in {"before": gamma, "after": after}.items():
    share = values[-20:].sum() / values.sum()
    print(f"{name} whitening, 20 of 144 directions hold {share:.0%}")
print(f"equal shares would be {20 / 144:.0%}")

# %% tags=["claims"]
assert gamma[-20:].sum() > 0.55 * gamma.sum()
assert after[-20:].sum() < 0.3 * after.sum()

# %% [markdown]
# A simple sparse model will do: 144 features, the same ones for encoder and
# decoder, and the five largest *absolute* values stay, with their signs. (A dark
# edge is a bright one, times a negative number.)


# %%
class TiedTopK(nn.Module):
    """Patches (B, 144) -> reconstructions from k of 144 features."""

    def __init__(self, k):
        super().__init__()
        W = F.normalize(torch.randn(144, 144), dim=0)
        self.W, self.k = nn.Parameter(W), k

    def forward(self, x):
        W = F.normalize(self.W, dim=0)
        a = x @ W  # (B, 144)
        smallest = a.abs().topk(self.k, dim=1).values[:, -1:]  # that is kept
        return torch.where(a.abs() < smallest, 0, a) @ W.T


# %%
def patch_error(model, x):
    """Return the squared error of each patch, shape (B,)."""
    return {"loss": losses.squared_error(model(x), x)}


# %% [markdown]
# **Predict:** what will the 144 features look like, beside PCA's components?
# (a) Both are waves over the whole patch. (b) Sparse features are small edges, PCA's
# are waves. (c) Sparse features are pieces of the photographs' objects.

# %%
torch.manual_seed(0)
patch_model = TiedTopK(5)
start = patch_model.W.detach().clone()
options = {"steps": 1500, "lr": 5e-3, "lr_schedule": training.cosine}
history = training.fit(patch_model, patch_error, white.float(), **options)

# %%
with torch.no_grad():
    error = losses.squared_error(patch_model(white.float()), white).mean()
print(f"squared error {error:.1f} per whitened patch,", end=" ")
print(f"{white.square().sum(1).mean():.1f} if nothing is drawn")

# %% [markdown]
# Here are the features, beside those at the start and PCA's:

# %% alt="Three grids of 144 small features. Random: noise. PCA: waves over the whole patch, broad at the top, finer further down. Sparse: mostly single edges or stripes in many directions, often in a small part of the patch."
sets = {
    "random": start,
    "PCA": V.flip(1)[:, :143].float(),
    "sparse": patch_model.W.detach(),
}
fig, panels = plt.subplots(1, 3, figsize=(9, 3.4))
for ax, (name, W) in zip(panels, sets.items()):
    pictures = plotting.signed(W.T.reshape(-1, 1, 12, 12))
    plotting.show_grid(pictures, ax=ax, title=name)
plt.show()

# %% [markdown]
# (PCA has 143 components here: the 144th is the direction of a patch's mean, which we
# took out.)
#
# How much of a patch does a feature $w$ cover? If $n$ of its pixels had the same size,
# and the others were 0, then $(\sum w_i^2)^2 / \sum w_i^4$ would be $n$. Take this
# number for all features.

# %%
covered = {}
for name, W in sets.items():
    covered[name] = W.square().sum(0).square() / W.pow(4).sum(0)
    print(f"{name:7} median: {covered[name].median():.0f} of 144 pixels")

# %% tags=["claims"]
middle = {name: numbers.median() for name, numbers in covered.items()}
assert middle["sparse"] < 0.6 * min(middle["random"], middle["PCA"])

# %% [markdown]
# It is (b). Most sparse features are single edges or stripes, and cover half as much
# as PCA's waves. (Noise covers less than 144 too: some of its pixels are large by
# chance.) Olshausen and Field found such features too, and compared them with the
# receptive fields of cells in the visual cortex. Nobody asked for edges, but an edge is
# what few numbers can say about a photograph. Without sparsity, `TiedTopK(144)`,
# features stay noise. PCA gives waves, by second moments alone: where statistics are
# the same everywhere, the covariance has, nearly, waves for eigenvectors.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: top-k with signs
#
# Keep in each row the $k$ entries of largest absolute value, *with* their signs.
# Exactly $k$, also where entries are equal.
#
# <details><summary>Hint</summary>
#
# `topk(...).indices` of the absolute values; then `scatter` what you `gather`
# there into zeros. A comparison with the $k$-th value would keep too many where
# entries are equal.
#
# </details>

# %%
from course_lib import checks


def topk(z, k):
    """Keep the k entries of largest absolute value in each row.

    z: codes, (B, K); k: how many to keep
    returns: (B, K), all other entries 0; gradients pass through what is kept
    """
    # BEGIN SOLUTION
    places = z.abs().topk(k, dim=1).indices  # (B, k)
    return torch.zeros_like(z).scatter(1, places, z.gather(1, places))
    # END SOLUTION


checks.topk(topk)

# %% [markdown]
# ### Exercise 2: the target rate's penalty
#
# Section 3 left (2.4) to `torch.distributions`. Write the sum over units from
# logarithms alone, for a batch of codes. It must stay finite where a unit is 0 for
# the whole batch, or 1.
#
# <details><summary>Hint</summary>
#
# First the rate of each unit, a mean over the batch; keep it within
# $[10^{-6}, 1 - 10^{-6}]$. Which of the two rates is in the denominators?
#
# </details>


# %%
def kl_sparsity(z, rho):
    """Return the sum over units of KL(rho || rate of the unit), a scalar.

    z: codes in [0, 1], (B, K); rho: the target rate, a float
    rates are kept within [1e-6, 1 - 1e-6]
    """
    # BEGIN SOLUTION
    rate = z.mean(0).clamp(1e-6, 1 - 1e-6)  # (K,)
    on = rho * torch.log(rho / rate)
    off = (1 - rho) * torch.log((1 - rho) / (1 - rate))
    return (on + off).sum()
    # END SOLUTION


checks.kl_sparsity(kl_sparsity)

# %% [markdown]
# ### Exercise 3: count the dead
#
# Section 6's code looks for units that are never above a threshold. Codes as in
# exercise 1 have either sign, so that would be wrong for them. Count the units that
# are 0 for every image.
#
# <details><summary>Hint</summary>
#
# A unit is a column. Its mean can be 0 although it is alive.
#
# </details>


# %%
def dead_units(z):
    """Return the number of units that are 0 for all N images.

    z: codes, (N, K), of any sign
    """
    # BEGIN SOLUTION
    return (z == 0).all(dim=0).sum()
    # END SOLUTION


checks.dead_units(dead_units)

# %% [markdown]
# ### Exercise 4: columns of length 1
#
# Divide each column by its length, without `F.normalize`. A column of zeros stays
# as it is.
#
# <details><summary>Hint</summary>
#
# `W.norm(dim=0)` has one number a column. What is 0 / 0? `clamp(min=...)` helps.
#
# </details>


# %%
def unit_columns(W):
    """Return W with every column divided by its Euclidean length.

    W: (D, K); zero columns stay zero
    """
    # BEGIN SOLUTION
    return W / W.norm(dim=0).clamp(min=1e-12)
    # END SOLUTION


checks.unit_columns(unit_columns)

# %% [markdown]
# ## Summary
#
# - A code larger than the image can copy it. A small error then means nothing.
# - Sparsity restores a bottleneck: few units an image, chosen out of many. L1
#   shrinks, and needs features of fixed length. A target rate speaks about
#   batches, and its codes are not really sparse. Top-k does what it says, and lets
#   units die, as a strong L1 does.
# - Counting active units needs a threshold. Drop what you don't count.
# - With few active units, top-k beats PCA with as many components. Where the
#   places count too, PCA wins once $k$ is large.
# - Compare learned features with random ones, and with images, not only with
#   pixels. On MNIST sparse training gave better features; a sparse code as such did
#   not help the probe.
#
# **Next:** [lesson 3](03_denoising_autoencoder.ipynb). There it is not the code
# that is restricted, but the input that is spoiled.

# %% [markdown]
# ## References
#
# - B. A. Olshausen, D. J. Field. *Emergence of simple-cell receptive field
#   properties by learning a sparse code for natural images.* Nature 381 (1996),
#   607–609.
# - R. Tibshirani. *Regression shrinkage and selection via the lasso.* Journal of
#   the Royal Statistical Society B 58 (1996), 267–288. L1.
# - H. Lee, C. Ekanadham, A. Ng. *Sparse deep belief net model for visual area
#   V2.* NIPS 2007. A squared penalty on the mean activation.
# - A. Ng. *Sparse autoencoder.* CS294A lecture notes, Stanford (2011). The KL penalty.
# - A. Makhzani, B. Frey. *k-Sparse autoencoders.* ICLR 2014, arXiv:1312.5663.
# - I. Daubechies, M. Defrise, C. De Mol. *An iterative thresholding algorithm for
#   linear inverse problems with a sparsity constraint.* Communications on Pure and
#   Applied Mathematics 57 (2004), 1413–1457. ISTA.

# %% [markdown]
# - A. Coates, A. Ng, H. Lee. *An analysis of single-layer networks in
#   unsupervised feature learning.* AISTATS 2011, 215–223. Width, stride and
#   whitening can matter more than the algorithm.
# - A. Coates, A. Ng. *The importance of encoding versus training with sparse coding
#   and vector quantization.* ICML 2011, 921–928.
# - G. Alain, Y. Bengio. *Understanding intermediate layers using linear
#   classifier probes.* ICLR workshop 2017, arXiv:1610.01644.
# - A. J. Bell, T. J. Sejnowski. *The "independent components" of natural scenes
#   are edge filters.* Vision Research 37 (1997), 3327–3338. ZCA whitening.
# - T. Bricken and others. *Towards monosemanticity: decomposing language models
#   with dictionary learning.* Transformer Circuits Thread (2023). Revival by
#   resampling where the error is large.
