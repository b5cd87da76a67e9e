# %% [markdown]
# # 2. The sparse autoencoder
#
# After this lesson you can
#
# - say why a code larger than the image learns nothing by itself;
# - make codes sparse in three ways, and derive what each one does;
# - measure sparsity honestly, with a threshold that you can defend;
# - find dead units, and revive them;
# - judge features by a linear probe, against random features.
#
# **Builds on:** [lesson 1](01_basic_autoencoder.ipynb): autoencoders, `fit`, PCA.
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
# Lesson 1 made codes *small*. This lesson makes them **larger than the image**,
# and asks that most of their entries be 0. To train many such models in seconds,
# we average blocks of 2 × 2 pixels. An image then has $D = 196$ pixels.

# %%
import torch.nn.functional as F

from course_lib import data, plotting

dataset = data.load()
x = F.avg_pool2d(dataset.train_images, 2)  # (N, 1, 14, 14)
test = F.avg_pool2d(dataset.test_images, 2)

# %%
labels, test_labels = dataset.train_labels, dataset.test_labels
on_mnist = dataset.name == "mnist"
mean_image = x.mean(0).flatten()  # (196,)

# %% alt="Two rows of the same twelve test digits, 28 by 28 pixels above, 14 by 14 below. The small ones are coarser and greyer, with visible pixels, but every digit can still be read."
plotting.show_rows({"28 × 28": dataset.test_images[:12], "14 × 14": test[:12]})
plt.show()

# %% [markdown]
# ## 1. A code with too much room
#
# Take $K = 2D = 392$ units with a ReLU. Let $b$ be the mean image. Then there is
# a way to reconstruct *every* image without error. Give each pixel two units,
# one for brighter than $b$, one for darker:
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
D, K = 196, 392
X, b = x[:1000].flatten(1).double(), mean_image.double()
eye = torch.eye(D, dtype=torch.float64)
z = torch.relu((X - b) @ torch.cat([eye, -eye]).T)  # (1000, 392)
x_hat = b + z @ torch.cat([eye, -eye], dim=1).T
torch.testing.assert_close(x_hat, X, rtol=0, atol=1e-8)

# %% [markdown]
# The error is 0, and nothing about digits was used. Such a code is called
# **overcomplete**. Does training find something better? Here is the model of
# this lesson. Column $w_j$ of $W$ is the **feature** of unit $j$, and an image is
# a sum of features:
#
# $$z = h(E\,(x - b) + c), \qquad \hat x = b + \sum_{j=1}^{K} z_j w_j .$$
#
# - The features have **length 1**. You will see why in section 2.
# - $E$ starts as $W^\top$: a unit first looks for what it draws. Both then train
#   freely.
# - $h$ is the activation. The output is linear, so that features simply add up.


# %%
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
        a = (x.flatten(1) - self.b) @ self.E.T + self.c
        return self.activation(a)

    def features(self):
        return F.normalize(self.W, dim=0)

    def decode(self, z):
        return self.b + z @ self.features().T


# %% [markdown]
# The loss is the squared error, and a penalty on the codes where there is one.

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
# **Predict:** trained without any penalty, what error does it reach, and what do
# its features look like?

# %%
torch.manual_seed(0)
untrained = SparseAutoencoder(torch.relu)
free = train()

# %%
with torch.no_grad():
    error = losses.squared_error(
        free.decode(free.encode(test)), test.flatten(1)
    )
    baseline = (test.flatten(1) - mean_image).square().sum(1).mean().item()
print(f"error {error.mean():.3f}; that of the mean image is {baseline:.1f}")
assert error.mean() < 0.01 * baseline

# %% alt="Two rows of twelve features, at the start above and trained below, in greys. Both rows look like random noise, and a trained feature still resembles the one above it: there are no clear strokes."
rows = {}
for name, model in {"at the start": untrained, "trained": free}.items():
    features = model.features().detach().T[:12]  # (12, 196)
    rows[name] = plotting.signed(features.reshape(-1, 1, 14, 14))
plotting.show_rows(rows)
plt.show()

# %%
cosine = (untrained.features() * free.features()).sum(0)  # of each feature
print(f"Features turned by {cosine.acos().rad2deg().mean():.0f}° on average;")
print("two random ones are 90° apart.")
assert cosine.mean() > 0.85

# %% [markdown]
# The error is nearly 0, and the features have turned a little, but they are still
# noise. Had they any need to change? Keep them as they start, and train the encoder
# alone, for 200 steps:

# %%
torch.manual_seed(0)
frozen = SparseAutoencoder(torch.relu)
frozen.W.requires_grad_(False)
training.fit(frozen, loss_with(lambda z: 0), x, **fit_options | {"steps": 200})

# %%
with torch.no_grad():
    x_hat = frozen.decode(frozen.encode(test))
frozen_error = losses.squared_error(x_hat, test.flatten(1)).mean().item()
print(f"features frozen, after 200 steps: error {frozen_error:.3f}")
assert frozen_error < 0.03 * baseline

# %% [markdown]
# Hardly: after those few steps the encoder alone builds images out of random features,
# with less than 3 % of the mean image's error. **A small error proves nothing where
# the code has room.** Something else must make the units share the work in a
# meaningful way.
#
# That something is **sparsity**: explain each image by *few* features out of
# many. Olshausen and Field showed in 1996 what it does to photographs. (You will
# repeat it in the last section.) Three ways follow.

# %% [markdown]
# ## 2. An L1 penalty
#
# Add the sum of absolute values, $\lambda \lVert z \rVert_1 = \lambda \sum_j
# \lvert z_j \rvert$, to the squared error. Why does this give *zeros*, and not
# just small numbers? Take one image and one unit with a feature $w$ of length 1.
# With $a = w^\top (x - b)$, the error is $(a - z)^2$ plus what $w$ can't draw. So
# we minimise $(a - z)^2 + \lambda z$ over $z \ge 0$:
#
# $$z^\star = \max\left(0,\; a - \tfrac{\lambda}{2}\right) . \tag{2.2}$$
#
# <details><summary>Derivation</summary>
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
asked = torch.linspace(-1, 2, 61, dtype=torch.float64)[:, None]  # a, (61, 1)
grid = torch.linspace(0, 3, 3001, dtype=torch.float64)  # candidates for z
lam = 0.7
best = grid[((asked - grid) ** 2 + lam * grid).argmin(1)]
shrunk = (asked.squeeze(1) - lam / 2).clamp(min=0)
assert (best - shrunk).abs().max() < 0.0006  # half a step of the grid

# %% [markdown]
# A squared penalty $\lambda z^2$ would give $z^\star = \max(0, a) / (1 + \lambda)$:
# for $a > 0$ smaller, but never 0.

# %%
best = grid[((asked - grid) ** 2 + lam * grid**2).argmin(1)]
scaled = asked.squeeze(1).clamp(min=0) / (1 + lam)
assert (best - scaled).abs().max() < 0.0006

# %% name="shrinkage" tags=["slide-figure"] alt="Best z against a. L1 gives 0 up to a = 0.35, then a line parallel to the diagonal, lower by 0.35. The squared penalty's line leaves 0 at once, but reaches only 1.2 at a = 2."
a = torch.linspace(0, 2, 100)
plt.plot(a, a, color="gray", ls="--", label="no penalty")
plt.plot(a, (a - 0.35).clamp(min=0), label="L1, λ = 0.7")
plt.plot(a, a / 1.7, label="squared, λ = 0.7")
plt.xlabel("a, what the image asks of the unit")
plt.ylabel("best z")
plt.legend()
plt.show()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# L1 sets small answers to 0 and makes *all* others smaller by $\lambda / 2$. So
# an L1 code reconstructs too pale: that is its price. The squared penalty
# shrinks large answers most, and leaves none at 0.
#
# </details>
#
# ### Why features have length 1
#
# Without that rule the penalty can be cheated. For every $s > 0$
#
# $$\left(s W\right) \frac{z}{s} = W z , \qquad
# \left\lVert \frac{z}{s} \right\rVert_1 = \frac{\lVert z \rVert_1}{s} .
# \tag{2.3}$$
#
# Long features and short codes draw the same image at any penalty you like.
# `F.normalize` in `features` closes this door.

# %%
# Check (2.3)
W = torch.randn(D, K, dtype=torch.float64)
zs = torch.rand(100, K, dtype=torch.float64)
s = 10.0
torch.testing.assert_close((zs / s) @ (s * W).T, zs @ W.T, rtol=0, atol=1e-8)

# %%
smaller, total = (zs / s).abs().sum(1), zs.abs().sum(1)
torch.testing.assert_close(smaller, total / s, rtol=0, atol=1e-8)


# %%
def l1(lam):
    """Return a penalty: codes (B, K) -> (B,)."""
    return lambda z: lam * z.abs().sum(1)


l1_models = {f"λ = {lam}": train(penalty=l1(lam)) for lam in (0.1, 0.3, 1.0)}

# %% [markdown]
# ## 3. A target rate
#
# Older, and still in many courses: let units be sigmoids, so that $z_j$ lies in
# $(0, 1)$. Call its mean over a batch the unit's **rate** $\hat\rho_j$, and pull
# every rate to a small target $\rho$, say 0.02. The distance between rates is a
# Kullback-Leibler divergence, between coins that fall heads with probability
# $\rho$ and $\hat\rho_j$:
#
# $$\mathrm{KL}(\rho \,\Vert\, \hat\rho_j) = \rho \log\frac{\rho}{\hat\rho_j} +
# (1 - \rho) \log\frac{1 - \rho}{1 - \hat\rho_j} . \tag{2.4}$$
#
# It is 0 where the rates agree, and positive elsewhere. (Lesson 5 proves it.)

# %%
# Check (2.4)
from torch.distributions import Bernoulli, kl_divergence

rho = torch.tensor(0.02, dtype=torch.float64)
rate = torch.logspace(-4, -0.01, 99, dtype=torch.float64)
first, second = rho / rate, (1 - rho) / (1 - rate)
by_formula = rho * first.log() + (1 - rho) * second.log()
oracle = kl_divergence(Bernoulli(rho), Bernoulli(rate))
torch.testing.assert_close(by_formula, oracle, rtol=0, atol=1e-8)

# %% alt="KL penalty in nats against a unit's rate, on a logarithmic axis. It is 0 at the target 0.02, rises slowly to the left, to 0.09 at rate 0.0001, but steeply to the right, to 0.5 near rate 0.45."
plt.plot(rate, by_formula)
plt.axvline(0.02, color="gray", ls="--", label="target ρ = 0.02")
plt.xscale("log")
plt.ylim(0, 0.5)
plt.xlabel("rate of a unit")
plt.ylabel("KL penalty (nats)")
plt.legend()
plt.show()

# %% [markdown]
# **Predict:** which is punished more, a unit at rate 0 or one at rate 0.1?

# %%
often = torch.tensor(0.1, dtype=torch.float64)
at_tenth = kl_divergence(Bernoulli(rho), Bernoulli(often)).item()
lowest = torch.tensor(1e-6, dtype=torch.float64)
at_clamp = kl_divergence(Bernoulli(rho), Bernoulli(lowest)).item()
print(f"At rate 0.1: {at_tenth:.3f} nats. At 1e-6: {at_clamp:.3f} nats.")
assert round(at_tenth, 2) == 0.05 and round(at_clamp, 2) == 0.18

# %% [markdown]
# <details><summary>Answer</summary>
#
# At rate 0.1 the penalty is 0.05 nats. At rate 0 it is infinite, since the first
# term divides by $\hat\rho_j$. (The curve is steep there only very close to 0.)
# So this penalty keeps units *alive*. That is its good side. The other side: it
# speaks about batches, not about images. Nothing stops a unit from being 0.02
# for *every* image.
#
# </details>
#
# In code, rates are kept within $[10^{-6}, 1 - 10^{-6}]$, so that a unit that
# never fires costs 0.18 nats, and not infinity. (Beyond the limits the penalty has
# no gradient. Our units start at a rate near 0.05, and do not get there.)


# %%
def target_rate(rho, weight):
    """Return a penalty: codes (B, K) in (0, 1) -> a scalar."""

    def penalty(z):
        rate = z.mean(0).clamp(1e-6, 1 - 1e-6)  # (K,)
        kl = kl_divergence(Bernoulli(torch.tensor(rho)), Bernoulli(rate))
        return weight * kl.sum()

    return penalty


# %%
kl_models = {}
for weight in 0.05, 0.2, 1.0:
    penalty = target_rate(0.02, weight)
    model = train(torch.sigmoid, penalty, start=-3.0)  # rates start low
    kl_models[f"weight = {weight}"] = model

# %% [markdown]
# ## 4. Top-k
#
# The most direct way: keep the $k$ largest entries, set the others to 0. No
# penalty, no $\lambda$, and you choose the sparsity itself. It has a reason too.
# If the features were orthonormal, $W^\top W = I$, then with
# $a = W^\top (x - b)$
#
# $$\min_{z \text{ with } k \text{ entries}} \lVert x - b - W z \rVert^2
# = \lVert x - b \rVert^2 - \sum_{j \in \text{top } k} a_j^2 , \tag{2.5}$$
#
# where *top k* are the $k$ largest $\lvert a_j \rvert$: no other choice of $k$
# features does better.
#
# <details><summary>Derivation</summary>
#
# For orthonormal features, $\lVert x - b - W z \rVert^2 = \lVert x - b \rVert^2
# - \lVert a \rVert^2 + \sum_j (a_j - z_j)^2$. An entry that is kept should be
# $z_j = a_j$, and its term is 0. An entry that is 0 leaves $a_j^2$. So keep the
# largest.
#
# </details>
#
# Our codes are not negative. With $z \ge 0$ the same argument keeps the $k$ largest
# *positive* $a_j$: hence the ReLU in `keep_largest` below. (Exercise 1 and the last
# section keep the signs.)

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
assert abs(min(errors) - (image.square().sum() - largest)) < 1e-8

# %% [markdown]
# Overcomplete features are not orthonormal, so top-k of $E(x - b) + c$ is no
# longer the best choice. Finding the best one is a hard search. Training makes up
# for it: $E$ learns to give large numbers to features that help.


# %%
def keep_largest(k):
    """Return an activation: ReLU, then all but the k largest become 0."""

    def activation(a):
        values, places = torch.relu(a).topk(k, dim=1)  # (B, k) each
        return torch.zeros_like(a).scatter(1, places, values)

    return activation


topk_models = {f"k = {k}": train(keep_largest(k)) for k in (5, 10, 20, 40)}

# %% [markdown]
# ## 5. Side by side
#
# How sparse is a code? Count its active units. But what is *active*? Where
# entries are exactly 0, the answer is clear. A sigmoid is never 0. So the count
# needs a **threshold**, and the threshold can lie: entries below it may still
# carry information. The honest way is to *drop* what you don't count: set it to
# 0 before decoding.


# %%
@torch.no_grad()
def measure(model, threshold=0.0, drop=True):
    """Return the mean number of active units and the error, per test image."""
    z = model.encode(test)
    active = z > threshold
    x_hat = model.decode(torch.where(active, z, 0) if drop else z)
    error = losses.squared_error(x_hat, test.flatten(1))
    return active.float().sum(1).mean().item(), error.mean().item()


# %% [markdown]
# Take the sigmoid code with weight 0.2. **Predict:** a unit counts as active above
# 0.1. What happens to the error if you drop all the others?

# %%
code = kl_models["weight = 0.2"]
count, naive = measure(code, 0.1, drop=False)
for limit in 0.1, 0.02:
    count, dropped = measure(code, limit)
    print(
        f"above {limit}: {count:.0f} active; error {naive:.2f} "
        f"with all units, {dropped:.2f} with the active ones"
    )

# %%
(few, worse), (many, similar) = measure(code, 0.1), measure(code, 0.02)
assert worse > 1.8 * naive and similar < 1.3 * naive and many > 4 * few

# %% [markdown]
# With a threshold of 0.1 the code seems wonderfully sparse. But drop the units that
# were not counted, and the error is about twice as large or more. At 0.02 little is
# lost, and the count is many times larger. From here on: **threshold 0.02 for the
# sigmoid code, 0 for the others, and what is not counted is dropped.**
#
# Now all three on one plot. PCA with as many components as there are active
# units stands beside them.

# %%
from sklearn.decomposition import PCA

pca = PCA().fit(x[:20_000].flatten(1).numpy())
axes = torch.from_numpy(pca.components_)  # (196, 196), a component a row


def pca_error(n):
    """Return the error of PCA with n components, per test image."""
    centred = test.flatten(1) - torch.from_numpy(pca.mean_)
    z = centred @ axes[:n].T
    return losses.squared_error(z @ axes[:n], centred).mean().item()


# %%
kinds = {"L1": l1_models, "KL": kl_models, "top-k": topk_models}
threshold = {"L1": 0, "KL": 0.02, "top-k": 0}
curves = {
    kind: [measure(model, threshold[kind]) for model in trained.values()]
    for kind, trained in kinds.items()
}

# %% name="sparsity-and-error" tags=["slide-figure"] alt="Squared error against active units, on a logarithmic axis. With 5 units top-k has 2.7, L1 4.9 and PCA 6.1. PCA wins from 80 on. KL needs 100 units or more, unless units below 0.1 are not counted."
sizes = [5, 10, 20, 40, 80, 160]
plt.plot(sizes, [pca_error(n) for n in sizes], "--", color="gray", label="PCA")
for (kind, curve), mark in zip(curves.items(), "s^o"):
    plt.plot(*zip(*curve), f"{mark}-", label=kind)
undropped = [measure(m, 0.1, drop=False) for m in kl_models.values()]
plt.plot(*zip(*undropped), "^:", label="KL, counted above 0.1, not dropped")
plt.xscale("log")
plt.xticks(sizes, sizes)
plt.xlabel("active units (PCA: components) per test image")
plt.ylabel("squared error per test image")
plt.legend()
plt.show()

# %%
print("                       active   error")
for kind, trained in kinds.items():
    for name, (count, error) in zip(trained, curves[kind]):
        print(f"{kind:7}{name:15}{count:7.1f} {error:7.2f}")
for n, error in zip(sizes, map(pca_error, sizes)):
    print(f"{'PCA':7}{'':15}{n:7.1f} {error:7.2f}")

# %%
by_k = {n: error for n, error in curves["top-k"]}
assert by_k[10] < 0.7 * pca_error(10) and by_k[20] < 0.95 * pca_error(20)
assert by_k[5] < 0.85 * pca_error(10) and by_k[40] > 1.5 * pca_error(80)

# %%
count, error = curves["L1"][1]  # λ = 0.3
assert count > 1.15 * 20 and error > by_k[20]
count, error = curves["KL"][2]  # weight = 1.0
assert count > 2 * 40 and error > 1.5 * by_k[40]
assert (
    undropped[2][0] < 0.5 * count
)  # the same model, by the dotted line's count

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - *Top-k has the smallest error for few active units*, and beats PCA with as
#   many components. Each image picks its own features. PCA must use the same ones
#   for all.
# - *L1 needs clearly more units* for the same error.
# - *The sigmoid code is hardly sparse* once it is counted honestly. The dotted
#   line, the same models counted above 0.1 and not dropped, would make it look
#   sparser by more than half.
# - *PCA wins by another count.* Forty active units are 40 numbers *and* 40
#   places. If a place costs as much as a number, compare with PCA's 80
#   components: PCA is better by far. Five units against 10 components: top-k is.
#
# </details>

# %% [markdown]
# ### What L1 leaves on the table
#
# By (2.2) L1 makes the number of a single unit too small. With many units that holds
# on the whole: the reconstruction should be multiplied by more than 1. (So "too
# pale" was right.) Is that all that is wrong, or does L1 also choose the wrong
# units?

# %%
pairs = {"L1, λ = 0.3": l1_models["λ = 0.3"], "k = 40": topk_models["k = 40"]}
factor = {}
for name, model in pairs.items():
    drawn = (model.decode(model.encode(test)) - model.b).detach()
    target = test.flatten(1) - model.b.detach()
    factor[name] = ((target * drawn).sum() / drawn.square().sum()).item()
    print(f"{name:12} multiply x_hat - b by {factor[name]:.3f}")

# %%
assert factor["L1, λ = 0.3"] > 1.05 and abs(factor["k = 40"] - 1) < 0.02

# %% [markdown]
# Now keep the units that the encoder chose, and find the best numbers for them by
# least squares.


# %%
@torch.no_grad()
def refitted_error(model, images):
    """Return the error with the best numbers for the units chosen."""
    codes, W, errors = model.encode(images), model.features(), []
    for image, z in zip(images.flatten(1) - model.b, codes):
        chosen = W[:, z > 0]  # (D, active)
        best = torch.linalg.lstsq(chosen, image[:, None]).solution
        errors.append((image - (chosen @ best).squeeze(1)).square().sum())
    return torch.stack(errors).mean().item()


# %%
left = {}
for name, model in pairs.items():
    z = model.encode(test[:300]).detach()
    error = losses.squared_error(model.decode(z), test[:300].flatten(1)).mean()
    left[name] = refitted_error(model, test[:300]) / error.item()
    print(f"{name:12} error {error:.2f}, refitted {left[name] * error:.2f}")

# %%
assert left["L1, λ = 0.3"] < 0.6
assert not on_mnist or left["L1, λ = 0.3"] < 0.8 * left["k = 40"]

# %% [markdown]
# More than 40 % of L1's error is in the numbers, not in the choice. On MNIST top-k
# loses less in this way, since nothing pulls its numbers down. What it still
# loses is the price of guessing all numbers in one step, by an encoder.
#
# And has $E$ learned to choose? Let $W^\top$ choose in its place, as (2.5) would for
# orthonormal features, again with the best numbers for the units chosen.

# %%
import copy

by_E = topk_models["k = 20"]
by_W = copy.deepcopy(by_E)
with torch.no_grad():
    by_W.E.copy_(by_E.features().T)
    by_W.c.zero_()

# %%
chosen = {
    name: refitted_error(m, test[:300])
    for name, m in {"E": by_E, "W": by_W}.items()
}
print(f"k = 20, chosen by E: {chosen['E']:.2f}, by W: {chosen['W']:.2f}")
assert chosen["E"] < 0.9 * chosen["W"]

# %% [markdown]
# It has.
#
# ## 6. Dead units
#
# A unit that is 0 for every image gets no gradient, so it hardly ever comes back.
# Count such units, on 10,000 training images. **Predict:** which kind has most?


# %%
@torch.no_grad()
def count_dead(model, threshold=0.0):
    """Count units that are active for none of 10,000 training images."""
    z = model.encode(x[:10_000])  # (10000, K)
    return int((z > threshold).sum(0).eq(0).sum())


# %%
dead = {}
for kind, trained in kinds.items():
    for name, model in trained.items():
        dead[kind, name] = count_dead(model, threshold[kind])
        print(f"{kind:6} {name:14} {dead[kind, name]:4} of {K} units are dead")

# %%
dead_by_k = [dead["top-k", f"k = {k}"] for k in (5, 10, 20, 40)]
assert dead_by_k == sorted(dead_by_k, reverse=True)
assert dead_by_k[0] > 100
assert max(dead["KL", name] for name in kl_models) == 0
l1_dead = [dead["L1", name] for name in l1_models]
assert l1_dead[2] > max(l1_dead[:2])
assert not on_mnist or l1_dead[2] < dead_by_k[0] / 2

# %% [markdown]
# On MNIST top-k has most, and the smaller $k$, the more. It feeds on itself: a unit
# that wins often gets more gradient, fits better, and wins more often. A unit that
# no longer wins stays as it is. A strong L1 kills units as well, on the digits even
# more. The target rate leaves none dead.
#
# **Revival.** Give a dead unit something to do: put its feature where the model is
# worst. Draw images with probability proportional to their error, and let the
# dead unit look for what is missing there, the residual $x - \hat x$.


# %%
@torch.no_grad()
def revive(model, images):
    """Point each dead unit at the residual of a badly drawn image."""
    z = model.encode(images)
    residual = images.flatten(1) - model.decode(z)  # (N, D)
    dead = (z > 0).sum(0) == 0  # (K,)
    chance = residual.square().sum(1)
    picked = torch.multinomial(chance, int(dead.sum()))
    feature = F.normalize(residual[picked], dim=1)  # (dead, D)
    model.W[:, dead], model.E[dead], model.c[dead] = feature.T, feature, 0.0


# %% [markdown]
# Then train on. To be fair, train a copy on for as many steps without revival.
# **Predict:** how much better does the error become?

# %%
patient = topk_models["k = 5"]
control = copy.deepcopy(patient)
torch.manual_seed(0)  # the same draws each time that you run this cell
revived = SparseAutoencoder(patient.activation)
revived.load_state_dict(patient.state_dict())
revive(revived, x[:10_000])
for model in revived, control:
    training.fit(model, loss_with(lambda z: 0), x, **fit_options)

# %%
stages = {"500 steps": patient, "1,000 steps": control}
stages["1,000 steps, revived half-way"] = revived
for name, model in stages.items():
    error = measure(model)[1]
    print(f"{name:30} dead {count_dead(model):4}, error {error:.2f}")

# %%
assert count_dead(revived) < 0.7 * count_dead(control)
assert 0.9 < measure(revived)[1] / measure(control)[1] < 1

# %% [markdown]
# A good part of the revived units lives on. The error falls by less than a tenth:
# at $k = 5$ it is the five that limit, not how many there are to choose from.
# Dead units waste memory more than quality. Look at the count *and* the error
# before you fight them.
#
# ## 7. What the features look like
#
# Most features of a model can't be shown, and a hand-picked choice can prove
# anything. Units start at random, so the first twelve that are alive are a fair
# sample.


# %%
@torch.no_grad()
def first_features(model, n=12):
    """Return the first n features that any test image uses, as pictures."""
    alive = (model.encode(test) > 0.02).any(0)  # (K,)
    features = model.features().T[alive][:n]
    return plotting.signed(features.reshape(-1, 1, 14, 14))


# %%
l1_model, kl_model = l1_models["λ = 0.3"], kl_models["weight = 1.0"]
topk_model = topk_models["k = 20"]

# %% name="features" tags=["slide-figure"] alt="Five rows of twelve features. PCA: smooth patterns over the whole image. No penalty: noise. L1 and KL: strokes, loops, and a few nearly whole digits on plain grey. Top-k: the same, but some are still noisy."
rows = {"PCA": plotting.signed(axes[:12].reshape(-1, 1, 14, 14))}
rows |= {"no penalty": first_features(free), "L1": first_features(l1_model)}
rows |= {"KL": first_features(kl_model), "top-k": first_features(topk_model)}
plotting.show_rows(rows)
plt.show()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# Without a penalty: noise. With sparsity: bits of strokes, loops, and now and
# then most of a digit, each at its place. Some are still noisy after 500 steps.
# PCA's components cover the whole image, and must cancel each other. Black adds
# ink, white takes it away.
#
# </details>
#
# One digit as a sum of features, largest first:

# %%
with torch.no_grad():
    z = topk_model.encode(test[:1]).squeeze(0)  # (K,)
    values, units = z.sort(descending=True)
    W_k = topk_model.features()
    sums = (W_k[:, units] * values).cumsum(1) + topk_model.b[:, None]  # (D, K)

# %% name="one-digit-in-pieces" tags=["slide-figure"] alt="Two rows of ten pictures that build a 7 from up to 20 features, largest first. Above, single features, first a horizontal bar; below, the sum so far, from a grey blur under a dark bar to a clear 7."
steps = [0, 1, 2, 3, 5, 7, 9, 11, 14, 19]
pieces = plotting.signed(W_k[:, units[steps]].T.reshape(-1, 1, 14, 14))
so_far = sums[:, steps].T.reshape(-1, 1, 14, 14).clamp(0, 1)
axes_ = plotting.show_rows({"feature": pieces, "sum so far": so_far})
axes_[1].set_xlabel(
    "number of features: " + ", ".join(str(s + 1) for s in steps)
)
plt.show()

# %% [markdown]
# ## 8. Are the features useful?
#
# A picture is no measurement. A common test: freeze the code, and train a
# **linear probe** on it, a linear classifier of the digit's label. If a straight
# cut separates the classes, the code has made them explicit.
#
# A number means nothing without rivals:
#
# - *raw pixels*: does the code help at all?
# - *PCA*: does it need a network?
# - *random features*: an encoder of the same size that was **never trained**,
#   $\operatorname{relu}(R (x - b))$ with random $R$. Does the *learning* help?
#
# Protocol: 1,000 labelled training images, multinomial logistic regression, its
# penalty chosen by cross-validation on those 1,000, accuracy on all test images.
#
# **Predict** the order, before you run.

# %%
generator = torch.Generator().manual_seed(0)
R = torch.randn(D, K, generator=generator) / D**0.5
codes = {
    "raw pixels": lambda images: images.flatten(1),
    "PCA, 64": lambda images: (images.flatten(1) - mean_image) @ axes[:64].T,
    "random": lambda images: torch.relu((images.flatten(1) - mean_image) @ R),
    "no penalty": free.encode,
    "L1": l1_model.encode,
    "KL": kl_model.encode,
    "top-k": topk_model.encode,
}

# %%
from course_lib.evaluation import linear_probe

accuracy = {}
for name, encode in codes.items():
    with torch.no_grad():
        train_codes, test_codes = encode(x[:1000]), encode(test)
    accuracy[name] = linear_probe(
        train_codes, labels[:1000], test_codes, test_labels
    )
    print(f"{name:11} {accuracy[name]:.1%} of test images right")

# %%
sparse = [accuracy[name] for name in ("L1", "KL", "top-k")]
assert not on_mnist or accuracy["random"] > accuracy["raw pixels"] + 0.005
assert not on_mnist or accuracy["no penalty"] < accuracy["random"] - 0.01
assert not on_mnist or accuracy["no penalty"] < accuracy["raw pixels"] + 0.005
assert not on_mnist or min(sparse) > accuracy["random"] + 0.01
pca_gain = accuracy["PCA, 64"] - accuracy["raw pixels"]
assert not on_mnist or abs(pca_gain) < 0.01
assert on_mnist or accuracy["random"] > max(sparse) - 0.012  # two errors

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - On MNIST the code without a penalty is *worse than random features*, and no
#   better than pixels, though no other network here reconstructs as well.
# - On MNIST the sparse codes beat random features by more than a point. (One
#   standard error is $\sqrt{0.9 \cdot 0.1 / 10{,}000}$ = 0.003, or 0.3 points.
#   Other 1,000 training images move all rows together, and by more.)
# - On MNIST PCA's 64 numbers do as well as pixels, within a point. A linear map adds
#   nothing that a linear probe could not find by itself.
# - On MNIST random features alone beat pixels. Papers that compare only with pixels
#   credit learning with what width and a ReLU do.
# - On the scikit-learn digits, random features are as good as learned ones: 500 test
#   images can't tell 98 % from 99 %. (One standard error is 0.006.)
#
# </details>

# %% [markdown]
# ## Further: edges from photographs
#
# In 1996 Olshausen and Field trained a sparse code on patches of photographs, and
# its features became small oriented edges, like the receptive fields of cells in
# the visual cortex. Two photographs come with scikit-learn: enough to see it.

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
# hold most of the variance, and most of a squared error. **Whitening** brings the
# variances of all directions nearer together. Let
# $C = \frac1N \sum x x^\top = V \Lambda V^\top$ be the second moments of the
# patches. With a small $\varepsilon$, which keeps noise from being blown up, take
#
# $$\tilde x = V (\Lambda + \varepsilon I)^{-1/2} V^\top x, \qquad
# \frac1N \sum \tilde x \tilde x^\top = V \Lambda (\Lambda + \varepsilon I)^{-1}
# V^\top . \tag{2.6}$$
#
# The last matrix is close to $I$ in all directions with
# $\lambda_i \gg \varepsilon$. (The $V$ on the left turns back to pixels, so that
# whitened patches still look like patches.) Elsewhere variances stay below 1.

# %%
# Check (2.6)
P = patches.double()
eigenvalues, V = torch.linalg.eigh(P.T @ P / len(P))  # ascending
eps = 0.01 * eigenvalues.max()
after = eigenvalues / (eigenvalues + eps)  # the variances then
whiten = V @ torch.diag((eigenvalues + eps).rsqrt()) @ V.T  # (144, 144)
white = P @ whiten
expected = V @ torch.diag(after) @ V.T
moments = white.T @ white / len(white)
torch.testing.assert_close(moments, expected, rtol=0, atol=1e-8)

# %%
for name, variances in {"before": eigenvalues, "after": after}.items():
    share = variances[-20:].sum() / variances.sum()
    print(f"{name} whitening, 20 of 144 directions hold {share:.0%}")
assert eigenvalues[-20:].sum() > 0.55 * eigenvalues.sum()
assert after[-20:].sum() < 0.3 * after.sum()

# %% [markdown]
# The simplest sparse model will do: 144 features, the same ones for encoder and
# decoder, and the five largest *absolute* values stay, with their signs. (A dark
# edge is a bright one, negative.)


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
        places = a.abs().topk(self.k, dim=1).indices
        z = torch.zeros_like(a).scatter(1, places, a.gather(1, places))
        return z @ W.T


# %%
def patch_error(model, x):
    """Return the squared error of each patch, shape (B,)."""
    return {"loss": losses.squared_error(model(x), x)}


# %%
torch.manual_seed(0)
patch_model = TiedTopK(5)
start = patch_model.W.detach().clone()
options = {"steps": 1500, "lr": 5e-3, "lr_schedule": training.cosine}
training.fit(patch_model, patch_error, white.float(), **options)

# %% [markdown]
# **Predict:** what will the 144 features look like, and what PCA's components?

# %% name="edges" tags=["slide-figure"] alt="Three square grids of 144 small features. Random: noise throughout. PCA: waves over the whole patch, broad at the top, finer further down. Sparse: mostly single edges or stripes in many directions, often in a small part of the patch."
sets = {
    "random": start,
    "PCA": V.flip(1).float(),
    "sparse": patch_model.W.detach(),
}
fig, panels = plt.subplots(1, 3, figsize=(9, 3.4))
for ax, (name, W) in zip(panels, sets.items()):
    pictures = plotting.signed(W.T.reshape(-1, 1, 12, 12))
    plotting.show_grid(pictures, ax=ax, title=name)
plt.show()

# %% [markdown]
# How many are *oriented*? Take a feature's power spectrum. A plane wave at angle
# $\theta$ has its power at the angles $\theta$ and $\theta + \pi$. Average
# $e^{2 i \theta}$ over the spectrum, weighted by power. The length of the average
# is 1 if all power lies on one line, and near 0 if it is spread. Call a feature
# oriented above 0.5.


# %%
def orientation(W, size=24):
    """Return each feature's orientation index in [0, 1]; W is (144, n)."""
    pictures = W.T.reshape(-1, 12, 12)
    power = torch.fft.fft2(pictures, s=(size, size)).abs().square()
    f = torch.fft.fftfreq(size)
    angle = torch.atan2(f[:, None], f[None, :])  # (size, size)
    power[:, 0, 0] = 0  # a constant has no direction
    weight = power / power.sum((1, 2), keepdim=True)
    return (weight * torch.exp(2j * angle)).sum((1, 2)).abs()


# %%
oriented = {}
for name, W in sets.items():
    oriented[name] = (orientation(W) > 0.5).float().mean().item()
    print(f"{name:7} {oriented[name]:.0%} of the features are oriented")

# %%
assert oriented["random"] < 0.05
assert oriented["sparse"] > oriented["PCA"] + 0.3 and oriented["sparse"] > 0.6

# %% [markdown]
# Sparsity and whitening are enough: nobody asked for edges. An edge is what few
# numbers can say about a photograph. PCA gives waves over the whole patch. That
# follows from second moments alone: where statistics are the same everywhere,
# the covariance has waves for eigenvectors. (PCA's last tile is flat: it is the
# direction of a patch's mean, which we took out.)
#
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


def topk(h, k):
    """Keep the k entries of largest absolute value in each row.

    h: codes, (B, M); k: how many to keep
    returns: (B, M), all other entries 0; gradients pass through what is kept
    """
    # BEGIN SOLUTION
    places = h.abs().topk(k, dim=1).indices  # (B, k)
    return torch.zeros_like(h).scatter(1, places, h.gather(1, places))
    # END SOLUTION


checks.topk(topk)

# %% [markdown]
# ### Exercise 2: the target rate's penalty
#
# Write (2.4), summed over units, without `torch.distributions`.
#
# <details><summary>Hint</summary>
#
# First the rate of each unit, a mean over the batch; keep it within
# $[10^{-6}, 1 - 10^{-6}]$. Which of the two rates stands inside both logarithms'
# denominators?
#
# </details>


# %%
def kl_sparsity(h, rho):
    """Return the sum over units of KL(rho || rate of the unit), a scalar.

    h: activations in [0, 1], (B, M); rho: the target rate, a float
    rates are kept within [1e-6, 1 - 1e-6]
    """
    # BEGIN SOLUTION
    rate = h.mean(0).clamp(1e-6, 1 - 1e-6)  # (M,)
    on = rho * torch.log(rho / rate)
    off = (1 - rho) * torch.log((1 - rho) / (1 - rate))
    return (on + off).sum()
    # END SOLUTION


checks.kl_sparsity(kl_sparsity)

# %% [markdown]
# ### Exercise 3: count the dead
#
# Count the units that are 0 for every image. Codes may have either sign.
#
# <details><summary>Hint</summary>
#
# A unit is a column. Its mean can be 0 although it is alive.
#
# </details>


# %%
def dead_units(h):
    """Return the number of units that are 0 for all N images.

    h: codes, (N, M), of any sign
    """
    # BEGIN SOLUTION
    return (h == 0).all(dim=0).sum()
    # END SOLUTION


checks.dead_units(dead_units)

# %% [markdown]
# ### Exercise 4: columns of length 1
#
# Divide each column by its length. A column of zeros stays as it is.
#
# <details><summary>Hint</summary>
#
# `W.norm(dim=0)` has one number a column. What is 0 / 0? `clamp(min=...)` helps.
#
# </details>


# %%
def unit_columns(W):
    """Return W with every column divided by its Euclidean length.

    W: (D, M); zero columns stay zero
    """
    # BEGIN SOLUTION
    return W / W.norm(dim=0).clamp(min=1e-12)
    # END SOLUTION


checks.unit_columns(unit_columns)

# %% [markdown]
# ## Summary
#
# - A code larger than the image can copy it. A small error then means nothing,
#   and on MNIST a probe finds the code worse than random features.
# - Sparsity restores a bottleneck: few units an image, chosen out of many. L1
#   shrinks, and needs features of fixed length. A target rate speaks about
#   batches, keeps units alive, and gives codes that are not really sparse. Top-k
#   does what it says, and lets units die, as a strong L1 does.
# - Counting active units needs a threshold. Drop what you don't count.
# - With few active units, top-k beats PCA with as many components. Where the
#   places count too, PCA wins again once $k$ is large.
# - Compare learned features with random ones, not only with pixels.
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
#   V2.* NIPS 2007. A penalty on the mean activation.
# - A. Makhzani, B. Frey. *k-Sparse autoencoders.* ICLR 2014, arXiv:1312.5663.

# %% [markdown]
# - A. Coates, A. Ng, H. Lee. *An analysis of single-layer networks in
#   unsupervised feature learning.* AISTATS 2011, 215–223. Random features and
#   whitening as baselines.
# - G. Alain, Y. Bengio. *Understanding intermediate layers using linear
#   classifier probes.* ICLR workshop 2017, arXiv:1610.01644.
# - A. J. Bell, T. J. Sejnowski. *The "independent components" of natural scenes
#   are edge filters.* Vision Research 37 (1997), 3327–3338. ZCA whitening.
# - T. Bricken and others. *Towards monosemanticity: decomposing language models
#   with dictionary learning.* Transformer Circuits Thread (2023). Revival by
#   resampling where the error is large.
