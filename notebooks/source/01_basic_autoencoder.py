# %% [markdown]
# # 1. The basic autoencoder
#
# After this lesson you can
#
# - build an autoencoder and write its training loop, line by line;
# - say why a linear autoencoder finds what PCA finds, and show it;
# - say when a non-linear one beats PCA, when it does not, and why;
# - choose between squared error and cross-entropy;
# - show why you can't generate images by decoding random codes.
#
# **Builds on:** [lesson 0](00_start_here.ipynb): the data, the reduction rule.
# **Time:** 75 minutes to read and work, half a minute to run.

# %%
import matplotlib.pyplot as plt
import torch
from torch import nn

import course_lib

course_lib.start()

# %%
from course_lib import data, plotting

dataset = data.load()
x, test = dataset.train_images, dataset.test_images  # (N, 1, 28, 28)
on_mnist = dataset.name == "mnist"
print(dataset)

# %% [markdown]
# ## 1. What must be beaten
#
# A model is good only in comparison. The simplest reconstruction answers with
# the same image $c$ whatever the input. Which constant is best?
#
# $$\frac1N \sum_{n=1}^{N} \lVert x_n - c \rVert^2
# = \frac1N \sum_{n=1}^{N} \lVert x_n - \bar x \rVert^2
# + \lVert \bar x - c \rVert^2 , \tag{1.1}$$
#
# where $\bar x$ is the mean image. The first term does not depend on $c$, and
# the second is 0 for $c = \bar x$. So no constant beats the mean.
#
# <details><summary>Where does (1.1) come from?</summary>
#
# Write $x_n - c = (x_n - \bar x) + (\bar x - c)$ and expand the square. The
# mixed term is $2 (\bar x - c) \cdot \frac1N \sum_n (x_n - \bar x)$, and the
# deviations from a mean sum to 0.
#
# </details>

# %%
# Check (1.1)
X = x[:1000].flatten(1).double()  # (1000, 784)
c = torch.rand(784, dtype=torch.float64)
X_mean = X.mean(0)
left = (X - c).square().sum(1).mean()
right = (X - X_mean).square().sum(1).mean() + (X_mean - c).square().sum()
torch.testing.assert_close(left, right, rtol=0, atol=1e-8)

# %%
mean_image = x.mean(0)
baseline = (test - mean_image).square().flatten(1).sum(1).mean().item()
print(f"Squared error of the mean image: {baseline:.1f} per test image.")

# %% [markdown]
# ## 2. Two halves and a bottleneck
#
# An **encoder** $f_\phi$ takes an image to a **code** $z$ of $K$ numbers. A
# **decoder** $g_\theta$ takes the code back to an image:
#
# $$z = f_\phi(x), \qquad \hat x = g_\theta(z) .$$
#
# Because $K$ is smaller than $D = 784$, the code is a **bottleneck**: the pair
# can't just copy its input. It must find out what images have in common.
#
# <details><summary>Why do we need both halves?</summary>
#
# Nobody can say what the right code of an image is, so the encoder has no
# target of its own. The decoder makes codes testable: a code is good if the
# image can be found again from it. And a decoder alone would have no codes to
# start from. The input is compared with the output because the input is the
# only target that we have. No labels are used.
#
# </details>

# %% [markdown]
# Here is the classical form: 784-128-64-32 and back. Two choices need a word.
#
# - **No ReLU on the code.** It would cut off half of the code's space.
# - **The decoder ends in logits**, which can be any number. The sigmoid
#   $\sigma(a) = 1 / (1 + e^{-a})$ turns them into pixels between 0 and 1.


# %%
def build_encoder():
    """Return an encoder: images (B, 1, 28, 28) -> codes (B, 32)."""
    return nn.Sequential(
        nn.Flatten(),  # (B, 784)
        nn.Linear(784, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
    )


# %%
def build_decoder():
    """Return a decoder: codes (B, 32) -> logits (B, 1, 28, 28)."""
    return nn.Sequential(
        nn.Linear(32, 64),
        nn.ReLU(),
        nn.Linear(64, 128),
        nn.ReLU(),
        nn.Linear(128, 784),
        nn.Unflatten(1, (1, 28, 28)),
    )


# %%
torch.manual_seed(0)
encoder, decoder = build_encoder(), build_decoder()
z = encoder(x[:5])
x_hat = torch.sigmoid(decoder(z))
for name, tensor in {"x": x[:5], "z": z, "x_hat": x_hat}.items():
    print(f"{name:5} has shape {tuple(tensor.shape)}")

# %% [markdown]
# ## 3. The training loop, by hand
#
# We keep a copy of the untrained halves, to train them once more later.

# %%
import copy

twin_encoder, twin_decoder = copy.deepcopy((encoder, decoder))
parameters = [*encoder.parameters(), *decoder.parameters()]
optimizer = torch.optim.Adam(parameters, lr=1e-3)
generator = torch.Generator().manual_seed(0)
epochs = 2 if on_mnist else 80  # about 900 steps

# %%
record = []
for epoch in range(epochs):
    order = torch.randperm(len(x), generator=generator)
    for index in order.split(128):
        batch = x[index]  # (128, 1, 28, 28)
        x_hat = torch.sigmoid(decoder(encoder(batch)))
        loss = (x_hat - batch).square().flatten(1).sum(1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        record.append(loss.detach())
print(f"{len(record)} steps; the last batch's error is {record[-1]:.1f}.")

# %% [markdown]
# Line by line:
#
# - `randperm`, `split`: each epoch visits every image once, in a new order,
#   128 at a time. The last batch of an epoch may be shorter.
# - `x_hat = …`: encode, decode, squash into [0, 1]. Give the reconstruction a
#   name of its own! With `batch = …` the next line would compare `batch` with
#   itself: the loss is 0, every gradient is 0, and nothing complains.
# - `loss = …`: sum over pixels, mean over the batch.
# - `zero_grad`: PyTorch *adds* gradients to those of the last step, so they
#   must be cleared first.
# - `backward`: the gradient of the loss for every parameter of both halves.
# - `step`: Adam moves each parameter a little against its gradient.
# - `detach`: keep the number, not the graph that computed it. And no `.item()`
#   here: on a GPU it would make the processor wait at every step.

# %%
plt.plot(torch.stack(record), lw=0.7)
plt.axhline(baseline, color="gray", ls="--", label="mean image (test)")
plt.xlabel("step")
plt.ylabel("squared error per image")
plt.legend()
plt.show()

# %% [markdown]
# The curve falls steeply, and bends near the dashed line.
#
# **Predict:** what does the network draw when it is at the bend?
#
# <details><summary>Answer</summary>
#
# Nearly the same image for every input: one that is close to the mean image.
# The output bias learns it fast, since it gets the same gradient from all
# images. Only then does the code begin to matter. Section 5 starts the bias at
# the mean image and saves these steps.
#
# </details>

# %% [markdown]
# ### The same with `fit`
#
# You have now written the loop, and from here on `course_lib` writes it for
# you. `Autoencoder` joins two halves. Its `reconstruct` applies the sigmoid.
# `fit` does what our loop did, with any loss that returns one number an image.
# Started from the same weights, it must give the same numbers.

# %%
from course_lib import losses, models, training


def squared_error(model, x):
    """Return the squared error of each image, shape (B,)."""
    return {"loss": losses.squared_error(model.reconstruct(x), x)}


twin = models.Autoencoder(twin_encoder, twin_decoder)
history = training.fit(twin, squared_error, x, steps=len(record), device="cpu")
difference = history.terms["loss"] - torch.stack(record)
print(f"Largest difference in 100 steps: {difference[:100].abs().max():.0e}")
assert difference[:100].abs().max() < 1e-3

# %% [markdown]
# The two agree to rounding. Later they drift apart a little: `fit` uses a fused
# form of Adam, which rounds differently, and training amplifies what small
# differences there are.
#
# `fit` returns a `History`. It draws itself, makes a table, and writes a log
# for TensorBoard if you like to watch there:
# `history.to_tensorboard("runs/first")`.

# %%
print(history.table())

# %% [markdown]
# ## 4. A linear autoencoder is PCA
#
# **Principal component analysis** (PCA) also takes an image to $K$ numbers and
# back, by straight projection. Let $V$ be the matrix whose columns are the $K$
# eigenvectors of the data's covariance with the largest eigenvalues. Then
#
# $$\hat x = \bar x + V V^\top (x - \bar x) . $$
#
# What is lost is what lies along the other eigenvectors. So the mean error on
# the training set is the sum of the eigenvalues that are left out:
#
# $$\frac1N \sum_{n=1}^{N} \lVert x_n - \hat x_n \rVert^2
# = \sum_{i=K+1}^{D} \lambda_i . \tag{1.2}$$

# %%
# Check (1.2)
from sklearn.decomposition import PCA

K = 16
pca = PCA().fit(X)  # the first 1,000 images, in float64
V = torch.from_numpy(pca.components_.T)[:, :K]  # a component a column
centred = X - X_mean
left_over = (centred - centred @ V @ V.T).square().sum(1).mean()
# explained_variance_ divides by N - 1, the mean in (1.2) by N
left_out = pca.explained_variance_[K:].sum() * (len(X) - 1) / len(X)
assert abs(left_over - left_out) < 1e-8

# %% [markdown]
# From here on, PCA is fitted to all training images.

# %%
pca = PCA(svd_solver="covariance_eigh").fit(x.flatten(1))
components = torch.from_numpy(pca.components_.T).float()  # (784, 784)


def pca_reconstruct(images, K):
    """Project images on the first K components of the training set."""
    V = components[:, :K]
    codes = (images - mean_image).flatten(1) @ V  # (B, K)
    return mean_image + (codes @ V.T).view_as(images)


def pca_error(images, K):
    """Return PCA's squared error per image."""
    x_hat = pca_reconstruct(images, K)
    return losses.squared_error(x_hat, images).mean().item()


print(f"PCA, {K} components: {pca_error(x, K):.2f} per training image.")

# %% [markdown]
# Now an autoencoder with no non-linearity at all: one matrix in, one matrix
# out. The theorem of Eckart and Young says that no linear map through $K$
# numbers has a smaller error than PCA. Baldi and Hornik showed in 1989 that the
# error has no other minimum (for a covariance of full rank): all its other
# critical points are saddles. So training should find PCA's subspace.
#
# **Predict:** will it find PCA's *eigenvectors* as well?

# %%
images = x - mean_image
linear = nn.Sequential(
    nn.Flatten(),
    nn.Linear(784, K),
    nn.Linear(K, 784),
    nn.Unflatten(1, (1, 28, 28)),
)


def linear_error(model, x):
    """Return the squared error of each image; the output is not squashed."""
    return {"loss": losses.squared_error(model(x), x)}


training.fit(
    linear,
    linear_error,
    images,
    steps=1500,
    lr=1e-2,
    lr_schedule=training.cosine,
)

# %%
from course_lib.evaluation import evaluate

ratio = evaluate(linear, linear_error, images)["loss"] / pca_error(x, K)
print(f"Error of the linear autoencoder: {ratio:.4f} times that of PCA.")
assert 1 - 1e-5 < ratio < 1.01

# %% [markdown]
# Never below 1, and within one per cent. (The learning rate falls to 0 along a
# cosine. With a constant one, the error stays higher and the subspace is not
# found.)
#
# Are the *subspaces* the same? Let $Q_A$ and $Q_B$ be orthonormal bases of two
# subspaces of dimension $K$. The **principal angles** between them are
#
# $$\cos\theta_i = \text{the } i\text{-th singular value of } Q_A^\top Q_B .
# \tag{1.3}$$
#
# All are 0 if the subspaces are the same, whatever their bases. Exercise 3
# writes (1.3); here it meets a case that we know: two planes that share one
# direction and open by 30° in the other.

# %%
# Check (1.3)
from course_lib.evaluation import principal_angles

tilt = torch.tensor(torch.pi / 6, dtype=torch.float64)
A = torch.tensor([[1.0, 0], [0, 1], [0, 0]], dtype=torch.float64)
B = torch.stack([A[:, 0], torch.stack([0 * tilt, tilt.cos(), tilt.sin()])], 1)
mixed = B @ torch.tensor([[1.0, 2], [3, 4]], dtype=torch.float64)  # same plane
expected = torch.tensor([0, torch.pi / 6], dtype=torch.float64)
torch.testing.assert_close(
    principal_angles(A, mixed), expected, rtol=0, atol=1e-7
)

# %%
first_layer, last_layer = linear[1], linear[2]
W = last_layer.weight.detach()  # (784, K): what the decoder can draw
E = first_layer.weight.detach().T  # (784, K): what the encoder looks at
first = components[:, :K]
for name, matrix in {"decoder": W, "encoder": E}.items():
    angles = principal_angles(matrix, first).rad2deg()
    print(f"{name}: mean {angles.mean():.1f}°, largest {angles.max():.1f}°")

# %%
assert principal_angles(W, first).rad2deg().mean() < 5
assert principal_angles(E, first).rad2deg().mean() > 40

# %% [markdown]
# <details><summary>Why is the encoder not in PCA's subspace?</summary>
#
# Some pixels are the same in every training image, such as the corners. After
# centring they are 0, so the weights that read them never get a gradient.
# They keep their random start, and that tilts the encoder's columns. It does no
# harm: those weights are multiplied by 0. The decoder's weights for the same
# pixels do get a gradient, and learn to answer 0.
#
# </details>

# %% [markdown]
# And the single eigenvectors? Compare PCA's first components with the decoder's
# columns.


# %% name="pca-and-linear" tags=["slide-figure"]
def scaled(columns):
    """Return columns (784, n) as images; 0 becomes middle grey."""
    columns = columns / columns.abs().amax(0)
    return 0.5 + 0.5 * columns.T.reshape(-1, 1, 28, 28)


plotting.show_rows(
    {"PCA": scaled(first[:, :8]), "linear decoder": scaled(W[:, :8])}
)
plt.show()

# %% [markdown]
# The decoder's columns are *mixtures* of components. They span the same space,
# but nothing orders them or keeps them apart. The reason is a freedom in every
# autoencoder: for any invertible map $A$,
#
# $$g(A^{-1}(A\,f(x))) = g(f(x)) . \tag{1.4}$$
#
# Encoder $A f$ and decoder $g A^{-1}$ have the same error as $f$ and $g$. So the
# single coordinates of a code have no meaning of their own. Keep this in mind
# when somebody shows you what "the third latent unit" stands for.

# %%
# Check (1.4)
f, g = first_layer.double(), last_layer.double()
A = torch.randn(K, K, dtype=torch.float64)
few = centred[:100]
other_code = f(few) @ A.T
same = g(torch.linalg.solve(A, other_code.T).T)
torch.testing.assert_close(same, g(f(few)), rtol=0, atol=1e-8)

# %% [markdown]
# ## 5. Against PCA
#
# Our 784-128-64-32 network keeps 32 numbers, and it is non-linear.
#
# **Predict:** PCA with 32 components against the network that you have
# trained. Which has the smaller error on test images, and by how much?


# %%
by_hand = models.Autoencoder(encoder, decoder)
for name, images in {"test": test, "training": x}.items():
    network_error = evaluate(by_hand, squared_error, images)["loss"]
    rival = pca_error(images, 32)
    print(f"{name} images: our network {network_error:.1f}, PCA {rival:.1f}")
    assert network_error > 1.3 * rival

# %% [markdown]
# A method from 1901 beats our network, by far. Is the idea bad, or only its
# training? It loses on the training images too, so it is not overfitted. And
# its 64 ReLUs could carry PCA's 32 numbers unchanged, each as a pair
# $\max(u, 0)$ and $\max(-u, 0)$. So a good answer is within its reach. It is
# *undertrained*.
#
# Three small changes, none of which costs time:
#
# 1. **Start the output bias at the mean image** (as logits), so that no step is
#    spent on the plateau.
# 2. **GELU in place of ReLU**, which is smooth and has no dead units.
# 3. **A learning rate five times higher that falls to 0** along a cosine:
#    fast at first, exact at the end.


# %%
def train(K, *hidden, loss=squared_error):
    """Train 784-hidden-K and its mirror image for 800 steps."""
    torch.manual_seed(0)
    model = models.Autoencoder(
        models.mlp_encoder(784, *hidden, K),
        models.mlp_decoder(K, *reversed(hidden), 784),
    )
    models.start_at_mean(model.decoder, x)
    training.fit(
        model, loss, x, steps=800, lr=5e-3, lr_schedule=training.cosine
    )
    return model


# %% [markdown]
# And not for one $K$ only. We sweep the size of the code, with the same 800
# steps each. **Predict** both curves: where are they close, where do they
# cross?

# %%
sizes = [2, 4, 8, 16, 32, 64]
trained = {K: train(K, 128, 64) for K in sizes}
network = [evaluate(trained[K], squared_error, test)["loss"] for K in sizes]
classical = [pca_error(test, K) for K in sizes]

# %% name="bottleneck" tags=["slide-figure"]
plt.axhline(baseline, color="gray", ls="--", label="mean image")
plt.plot(sizes, classical, "s-", label="PCA")
plt.plot(sizes, network, "o-", label="784-128-64-K, 800 steps")
plt.xscale("log", base=2)
plt.xticks(sizes, sizes)
plt.ylim(0)
plt.xlabel("size of the code, K")
plt.ylabel("squared error per test image")
plt.legend()
plt.show()

# %%
for K, a, b in zip(sizes, network, classical):
    print(f"K = {K:2d}: network {a:5.1f}, PCA {b:5.1f}, ratio {a / b:.2f}")
ratios = {K: a / b for K, a, b in zip(sizes, network, classical)}
assert ratios[4] < 0.75 and ratios[8] < 0.75  # the network wins,
assert ratios[64] > 1.3  # and loses, on both data sets
assert not on_mnist or ratios[32] < 1

# %% [markdown]
# **Small codes: the network wins**, clearly. Images of digits don't lie in a
# plane. When a stroke turns or shifts, pixels change in a curve, and a plane of
# few dimensions can't follow it. A non-linear decoder can.
#
# **Large codes: PCA wins.** Its error falls to 0 as $K$ grows. (With 64
# components it is 0 on the scikit-learn digits: they were 8 × 8 pixels.) The
# network's error stops falling, because the code is no longer its bottleneck.
# But what is? The candidates are overfitting, and the 128-64 layers with only
# 800 steps to train them.

# %%
train_error = evaluate(trained[64], squared_error, x)["loss"]
wide = evaluate(train(64, 256), squared_error, test)["loss"]
print(
    f"784-128-64-64: test error {network[-1]:.1f}, training {train_error:.1f}"
)
print(f"784-256-64:    test error {wide:.1f}")
print(f"PCA:           test error {classical[-1]:.1f}")
assert wide < 0.7 * network[-1]
assert not on_mnist or (
    abs(train_error / network[-1] - 1) < 0.05 and wide < classical[-1]
)

# %% [markdown]
# <details><summary>What to notice</summary>
#
# On MNIST training and test error are the same, so it is not overfitting. One
# wide hidden layer in place of two narrow ones, trained for the same 800 steps,
# has less than 70 % of the error, and on MNIST it beats PCA even here. It was
# never the code; it was what stands around it, and how it was trained. On the
# small digits nothing beats an exact answer, and the network overfits a little:
# it has seen 1,297 images only.
#
# So: *say what you compare with, and at which budget.* At $K = 64$, PCA is
# fitted in a second and has no settings to tune.
#
# </details>
#
# <details><summary>Why must the network be non-linear?</summary>
#
# Stacked linear layers are one linear layer: $W_2 W_1 x$ is again a matrix
# times $x$. By section 4 such a network can't beat PCA, however deep it is.
#
# </details>

# %% [markdown]
# ## 6. Squared error or cross-entropy
#
# MNIST's pixels are nearly black or white. So one can read $\hat x$ as a
# probability of ink, $p = \sigma(a)$, and take the **cross-entropy** of each
# pixel, summed over pixels:
#
# $$\ell(a, x) = -x \log p - (1 - x) \log(1 - p) .$$
#
# What do the two losses ask for? Take a pixel whose value varies, with mean
# $\mathbb E[x]$, and one answer $p$ for all. Both are smallest at
#
# $$p^\star = \mathbb E[x] , \tag{1.5}$$
#
# as you see by setting the derivative for $p$ to 0. So both draw *means*: where
# the code leaves a pixel open, the reconstruction is blurred.

# %%
# Check (1.5)
values = torch.rand(500, dtype=torch.float64) ** 3  # a skewed grey pixel
p = torch.linspace(0.001, 0.999, 999, dtype=torch.float64)[:, None]  # (999, 1)
squared = (values - p).square().mean(1)
entropy = -(values * p.log() + (1 - values) * (1 - p).log()).mean(1)
for curve in squared, entropy:
    assert abs(p[curve.argmin()] - values.mean()) <= 0.0005 + 1e-9

# %% [markdown]
# They differ on the way there. The chain rule gives the squared error's
# gradient with respect to the logit:
#
# $$\frac{\partial}{\partial a} (p - x)^2 = 2\,(p - x)\,p\,(1 - p) ,
# \qquad p = \sigma(a) . \tag{1.6}$$
#
# The factor $p (1 - p)$ is nearly 0 when the network is *confident*, even if it
# is confidently wrong. In exercise 4 you derive the gradient of the
# cross-entropy by hand. Here autograd draws both, for a pixel that is 1.

# %%
# Check (1.6)
a = torch.linspace(-8, 8, 161, dtype=torch.float64, requires_grad=True)
p, target = torch.sigmoid(a), torch.ones_like(a)
(slope,) = torch.autograd.grad(
    (p - target).square().sum(), a, retain_graph=True
)
torch.testing.assert_close(
    slope, 2 * (p - target) * p * (1 - p), rtol=0, atol=1e-8
)

# %% name="loss-gradients" tags=["slide-figure"]
entropy = nn.functional.binary_cross_entropy(p, target, reduction="sum")
(entropy_slope,) = torch.autograd.grad(entropy, a)
plt.plot(a.detach(), slope.detach(), label="squared error")
plt.plot(a.detach(), entropy_slope, label="cross-entropy")
plt.xlabel("logit a (the pixel is 1: wrong on the left, right on the right)")
plt.ylabel("gradient")
plt.legend()
plt.show()

# %% [markdown]
# **Predict:** a pixel is 1, but the logit starts at $-6$, so $p = 0.002$. How
# many steps of gradient descent, at learning rate 1, until $p > 0.9$?


# %%
def steps_until_right(loss, a=-6.0):
    """Count the steps of gradient descent from logit a until p > 0.9."""
    a, steps = torch.tensor(a, requires_grad=True), 0
    while torch.sigmoid(a) < 0.9:
        (slope,) = torch.autograd.grad(loss(torch.sigmoid(a)), a)
        a = (a - slope).detach().requires_grad_()
        steps += 1
    return steps


slow = steps_until_right(lambda p: (1 - p) ** 2)
fast = steps_until_right(lambda p: -torch.log(p))
print(f"squared error: {slow} steps; cross-entropy: {fast} steps")
assert slow > 10 * fast

# %% [markdown]
# Does it matter for our autoencoder? Train the $K = 32$ network again, on the
# cross-entropy, and measure both models by the squared error.


# %%
def cross_entropy(model, x):
    """Return the cross-entropy of each image in nats, shape (B,)."""
    return {"loss": losses.bernoulli_nll(model(x), x)}


with_entropy = train(32, 128, 64, loss=cross_entropy)
for name, model in {
    "squared error": trained[32],
    "cross-entropy": with_entropy,
}.items():
    error = evaluate(model, squared_error, test)["loss"]
    print(f"trained on {name}: squared error {error:.1f} per test image")
assert abs(error / network[4] - 1) < 0.2

# %% [markdown]
# Hardly: within a fifth. Starting at the mean image, no pixel begins
# confidently wrong. So choose by what you will do with the output. To measure
# distance, take squared error. To read the output as probabilities, take
# cross-entropy: part II needs just that, and says what it means when pixels
# are grey.

# %% [markdown]
# ## 7. A map of codes
#
# With $K = 2$ every image is a point in a plane, and we can look at all of
# them. Colours are the labels, which the network has never seen.

# %%
model = trained[2]
with torch.no_grad():
    codes = model.encoder(x)  # (N, 2)
low, high = codes.quantile(torch.tensor([0.01, 0.99]), dim=0)  # middle 98 %
grid = plotting.plane((low[0], high[0]), (low[1], high[1]), size=16)
with torch.no_grad():
    decoded = torch.sigmoid(model.decoder(grid))

# %% name="latent-map" tags=["slide-figure"]
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 5))
plotting.show_codes(codes[:5000], dataset.train_labels[:5000], ax=left)
left.set(
    xlim=(low[0], high[0]),
    ylim=(low[1], high[1]),
    title="Codes of training images",
)
plotting.show_grid(
    decoded, columns=16, ax=right, title="Decoded: the same region"
)
plt.show()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# Similar digits lie together, although no label was used. Neighbouring points
# decode to similar images, since the decoder is continuous. But the map has no
# order that we chose: no centre, no scale, thin rays in some places, empty
# regions in others. Train with another seed and you get another map (1.4).
#
# </details>

# %% [markdown]
# Move a point in this plane yourself, with the mouse or the arrow keys. The
# sliders cover the same region as the picture above. No sliders? Then this
# notebook is not running: the picture on the right shows what they would.

# %%
from course_lib import widgets

widgets.latent_explorer(
    lambda z: torch.sigmoid(model.decoder(z)),
    list(zip(low.tolist(), high.tolist())),
)

# %% [markdown]
# ### Can it invent digits?
#
# The decoder turns codes into digits. So draw a random code, decode it, and you
# have a new digit. Or have you? We take the $K = 32$ model, which reconstructs
# well, and three ways to draw a code:
#
# - standard normal numbers;
# - uniform in the box that holds all training codes;
# - normal, with the mean and the covariance of the training codes.
#
# **Predict:** which of the three gives digits?

# %%
model = trained[32]
with torch.no_grad():
    codes = model.encoder(x)  # (N, 32)
    real = model.encoder(test[:200])
noise = torch.randn(200, 32)
low, high = codes.amin(0), codes.amax(0)
spread = torch.linalg.cholesky(codes.T.cov())  # (32, 32)
samples = {
    "real codes": real,
    "standard normal": noise,
    "uniform in the box": low + (high - low) * torch.rand(200, 32),
    "fitted normal": codes.mean(0) + noise @ spread.T,
}

# %% name="random-codes" tags=["slide-figure"]
with torch.no_grad():
    drawn = {
        name: torch.sigmoid(model.decoder(z)) for name, z in samples.items()
    }
plotting.show_rows({name: images[:12] for name, images in drawn.items()})
plt.show()

# %% [markdown]
# Two numbers say what you see. **Distance:** the squared error between a decoded
# image and the training image nearest to it, on average. It is large when the
# decoder draws what is no digit. **Variety:** the variance among the decoded
# images, summed over pixels. It is small when they are all alike.


# %%
def distance(images):
    """Return the mean squared error to the nearest training image."""
    nearest = torch.cdist(images.flatten(1), x.flatten(1)).amin(1)
    return nearest.square().mean().item()


def variety(images):
    """Return the variance among images, summed over pixels."""
    return images.flatten(1).var(0).sum().item()


far = {name: distance(images) for name, images in drawn.items()}
varied = {name: variety(images) for name, images in drawn.items()}
for name in drawn:
    print(f"{name:20} distance {far[name]:4.1f}, variety {varied[name]:4.1f}")

# %%
real = "real codes"
assert varied["standard normal"] < 0.3 * varied[real]
assert far["uniform in the box"] > 2 * far[real]
assert far["fitted normal"] > 1.3 * far[real]

# %% [markdown]
# None is good enough. Standard normal codes all lie near one spot, and give
# much the same pale blot again and again. Codes from the box fall where no
# image ever was. The decoder has never been asked about these places, and
# answers with scribbles. The fitted normal is the best of the three: now and
# then a digit, more often something between two, since the codes don't fill an
# ellipsoid.
#
# (The first row's distance is small for a cheap reason as well: blurred images
# are near to everything. That is why we need two numbers.)
#
# The cause is in the loss. It asks for good reconstructions and *says nothing
# about where codes lie*. So the encoder puts them where it likes, and we don't
# know the distribution to draw from.
#
# **The question for part II:** how do we make codes follow a distribution that
# we chose, and keep the reconstructions? The answer is the variational
# autoencoder, lesson 7.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: a training step
#
# Write the five lines in the middle of the loop as a function.
#
# <details><summary>Hint</summary>
#
# Give the reconstruction a name of its own, and clear the old gradients before
# you compute new ones.
#
# </details>

# %%
from course_lib import checks


def train_step(model, optimizer, x):
    """Do one step on the squared error (sum over pixels, mean over batch).

    model: images (B, ...) -> logits of the same shape
    optimizer: holds the model's parameters
    x: a batch of images in [0, 1], shape (B, ...)
    returns: the loss before the step, a scalar without a graph
    """
    # BEGIN SOLUTION
    x_hat = torch.sigmoid(model(x))
    loss = (x_hat - x).square().flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
    # END SOLUTION


checks.train_step(train_step)

# %% [markdown]
# ### Exercise 2: PCA by hand
#
# Reconstruct new images from the first $K$ principal components of a training
# set, with `torch` alone.
#
# <details><summary>Hint 1</summary>
#
# Everything is learned from the training set: the mean too.
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# `torch.linalg.svd(centred, full_matrices=False)` returns `U, S, Vh`; the rows
# of `Vh` are the components, largest first. `torch.linalg.eigh` of the
# covariance sorts the other way round.
#
# </details>


# %%
def pca_by_hand(train, x, K):
    """Reconstruct x from the first K principal components of train.

    train: (N, D); x: (B, D); K: number of components
    returns: reconstructions, (B, D)
    """
    # BEGIN SOLUTION
    mean = train.mean(0)
    Vh = torch.linalg.svd(train - mean, full_matrices=False).Vh[:K]  # (K, D)
    return mean + (x - mean) @ Vh.T @ Vh
    # END SOLUTION


checks.pca_reconstruct(pca_by_hand)

# %% [markdown]
# ### Exercise 3: principal angles
#
# Write (1.3) for columns that are not orthonormal yet.
#
# <details><summary>Hint</summary>
#
# `torch.linalg.qr` makes columns orthonormal. Rounding can make a cosine a
# little larger than 1, and `acos` then returns NaN: clamp it.
#
# </details>


# %%
def angles_between(A, B):
    """Return the principal angles between two column spaces, ascending.

    A, B: (D, K), columns independent but not orthonormal
    returns: (K,), in radians
    """
    # BEGIN SOLUTION
    QA = torch.linalg.qr(A).Q
    QB = torch.linalg.qr(B).Q
    cosines = torch.linalg.svdvals(QA.T @ QB)
    return torch.acos(cosines.clamp(-1, 1))
    # END SOLUTION


checks.principal_angles(angles_between)

# %% [markdown]
# ### Exercise 4: the gradient of the cross-entropy
#
# Derive $\partial \ell / \partial a$ on paper, as (1.6) was derived, and
# simplify. What has become of the factor $p (1 - p)$?
#
# <details><summary>Hint</summary>
#
# $\partial \ell / \partial p = \frac{p - x}{p (1 - p)}$, and
# $\partial p / \partial a = p (1 - p)$.
#
# </details>


# %%
def bce_logit_grad(a, x):
    """Return the derivative of the cross-entropy for the logit.

    a: logits; x: pixels in [0, 1]; the same shape
    returns: d loss / d a, element by element, in that shape
    """
    # BEGIN SOLUTION
    return torch.sigmoid(a) - x
    # END SOLUTION


checks.bce_logit_grad(bce_logit_grad)

# %% [markdown]
# ## Summary
#
# - An autoencoder is an encoder and a decoder, trained together to return the
#   input through a code of $K$ numbers.
# - A linear one finds PCA's subspace, in mixed coordinates. No linear one is
#   better than PCA.
# - A non-linear one wins where the code is small. Where it is large, PCA is
#   hard to beat, and training decides.
# - Squared error and cross-entropy both ask for the mean. The cross-entropy's
#   gradient does not fade where the network is confidently wrong.
# - A code's coordinates have no meaning of their own, and its distribution is
#   not known. So decoding random codes gives no digits.
#
# **Next:** lesson 2, codes that are larger than the image, but sparse.

# %% [markdown]
# ## References
#
# - K. Pearson. *On lines and planes of closest fit to systems of points in
#   space.* Philosophical Magazine 2 (1901), 559–572. PCA.
# - C. Eckart, G. Young. *The approximation of one matrix by another of lower
#   rank.* Psychometrika 1 (1936), 211–218.
# - H. Bourlard, Y. Kamp. *Auto-association by multilayer perceptrons and
#   singular value decomposition.* Biological Cybernetics 59 (1988), 291–294.
# - P. Baldi, K. Hornik. *Neural networks and principal component analysis:
#   learning from examples without local minima.* Neural Networks 2 (1989),
#   53–58.
# - G. E. Hinton, R. R. Salakhutdinov. *Reducing the dimensionality of data with
#   neural networks.* Science 313 (2006), 504–507.
# - Å. Björck, G. H. Golub. *Numerical methods for computing angles between
#   linear subspaces.* Mathematics of Computation 27 (1973), 579–594.
# - D. Hendrycks, K. Gimpel. *Gaussian error linear units (GELUs).*
#   arXiv:1606.08415 (2016).
# - I. Loshchilov, F. Hutter. *SGDR: stochastic gradient descent with warm
#   restarts.* ICLR 2017.
