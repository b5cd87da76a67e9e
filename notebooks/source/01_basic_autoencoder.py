# %% [markdown]
# # 1. The basic autoencoder
#
# After this lesson you can
#
# - build an autoencoder and write its training loop, line by line;
# - say why a linear autoencoder is as good as PCA, and show it;
# - say when a deeper one beats PCA, when it does not, and why;
# - choose between squared error and cross-entropy;
# - show what is missing before an autoencoder can invent images.
#
# **Builds on:** [lesson 0](00_start_here.ipynb): the data, the reduction rule.
# **You should know:** gradient descent and backpropagation in PyTorch; orthogonal
# projections and the eigenvectors of a symmetric matrix; mean, variance, covariance.
# (PCA is introduced in section 4.) For *Further*, the singular value decomposition.
# **Time:** 90 minutes for the core, 30 for the exercises, 25 for what is headed
# *Further*. It runs in less than a minute.
#
# Clear the stored outputs before you start, so that your predictions are your own:
# *Edit → Clear Outputs of All Cells*.

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
# ## 1. The error to beat
#
# An error means little by itself: we need something to compare it with. The simplest
# reconstruction is the same image $c$ whatever the input. Which constant is best?
#
# $$\frac1N \sum_{n=1}^{N} \lVert x_n - c \rVert^2
# = \frac1N \sum_{n=1}^{N} \lVert x_n - \bar x \rVert^2 +
# \lVert \bar x - c \rVert^2 , \tag{1.1}$$
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
from course_lib import verify

X = x[:1000].flatten(1).double()  # (1000, 784)
c = x[1000].flatten().double()  # some other image, for every input
X_mean = X.mean(0)
left = (X - c).square().sum(1).mean()
right = (X - X_mean).square().sum(1).mean() + (X_mean - c).square().sum()
verify.equal("1.1", left, right)

# %% [markdown]
# Every model has to beat this: the mean of the training images, as the
# reconstruction of each test image.

# %%
mean_image = x.mean(0)
mean_error = (test - mean_image).square().flatten(1).sum(1).mean().item()
print(f"Squared error of the mean image: {mean_error:.1f} per test image.")

# %% [markdown]
# ## 2. Two halves and a bottleneck
#
# An **encoder** $f_\phi$ takes an image to a **code** $z = f_\phi(x)$ of $K$ numbers.
# A **decoder** $g_\theta$ takes the code back to an image, $\hat x = g_\theta(z)$.
# ($\phi$ and $\theta$ stand for their weights.)
#
# Because $K$ is smaller than $D = 784$, the code is a **bottleneck**: the pair
# can't just copy its input. It must find out what images have in common.
#
# <details><summary>Why do we need both halves?</summary>
#
# Nobody can say what the right code of an image is, so the encoder has no
# target of its own. The decoder makes codes testable: a code is good if the
# image can be recovered from it. And a decoder alone would have no codes to
# start from. The input is compared with the output because the input is the
# only target that we have. No labels are used.
#
# </details>

# %% [markdown]
# Here is a common form: 784-128-64-32 and back. Two choices need a reason.
#
# - **No ReLU on the code.** It would forbid negative numbers there.
# - **The decoder ends in logits**, which can be any number. The sigmoid
#   $s(a) = 1 / (1 + e^{-a})$ turns them into pixels between 0 and 1. So in
#   code, $g_\theta$ is `decoder` followed by the sigmoid.


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


# %% [markdown]
# The random start is the same at each call of `untrained`, so that you can train the
# same network again. Send five images through both halves, and see their shapes.


# %%
def untrained():
    """Return both halves before training, the same at each call."""
    torch.manual_seed(0)
    return build_encoder(), build_decoder()


# %%
new_encoder, new_decoder = untrained()
with torch.no_grad():
    z = new_encoder(x[:5])
    x_hat = torch.sigmoid(new_decoder(z))
for name, tensor in {"x": x[:5], "z": z, "x_hat": x_hat}.items():
    print(f"{name:5} has shape {tuple(tensor.shape)}")

# %% [markdown]
# As a drawing, with the first of the five:

# %% name="bottleneck-network" tags=["slide-figure"] alt="A training image of a digit, 784 pixels; an encoder narrows it to a code of 32 numbers; a decoder widens that to the reconstruction, compared with the image. Before training the reconstruction is even grey noise."
from course_lib import diagrams

diagrams.autoencoder(x[0], x_hat[0], latent_dim=32)
plt.show()

# %% [markdown]
# Before training the decoder draws grey noise, whatever the image.

# %% [markdown]
# ## 3. The training loop, by hand
#
# A cell that trains a model also builds it. So you can run it again: training
# starts anew, from the same random numbers, and ends with the same model.

# %%
encoder, decoder = untrained()
parameters = [*encoder.parameters(), *decoder.parameters()]
optimizer = torch.optim.Adam(parameters, lr=1e-3)
generator = torch.Generator().manual_seed(0)
record = []
for epoch in range(2 if on_mnist else 55):  # 938 or 605 steps
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
#   name of its own! Were both called `batch`, the next line would compare `batch`
#   with itself: the loss is 0, every gradient is 0, and nothing complains.
# - `loss = …`: sum over pixels, mean over the batch.
# - `zero_grad`: PyTorch *adds* gradients to those of the last step, so they
#   must be cleared first.
# - `backward`: the gradient of the loss for every parameter of both halves.
# - `step`: Adam moves each parameter a little, against a running mean of its
#   gradients, divided by their recent size.
# - `detach`: keep the number, not the graph that computed it.

# %% alt="Line chart of squared error per image against training step. It falls from 182 to about 60 within 40 steps, bends just above the dashed line of the mean image, at 53, then falls slowly to 21 at step 938."
plt.plot(torch.stack(record), lw=0.7)
plt.axhline(mean_error, color="gray", ls="--", label="mean image (test)")
plt.xlabel("step")
plt.ylabel("squared error per image")
plt.legend()
plt.show()

# %% [markdown]
# The curve falls steeply, and bends near the dashed line. **Predict:** what
# does the network draw at the bend, after 40 steps? (a) grey noise (b) nearly the same
# blot for every image (c) blurred versions of each digit. Below we train a twin for 40
# steps, and look.

# %% [markdown]
# ### The same with `fit`
#
# You know every line of the loop now, and in exercise 1 you write it yourself. From here
# on `course_lib` runs it for you. `Autoencoder` joins two halves; its `reconstruct` applies the sigmoid.
# `fit` does what our loop did, with any loss that returns one number per image.
# (In a dictionary, because a loss may have several terms: that of a variational
# autoencoder has two. `fit` records all of them, and minimises the one called
# "loss".) Its defaults are our settings: batches of 128, learning rate $10^{-3}$,
# seed 0 for the order. Started from the same weights, it must give the same numbers.

# %%
from course_lib import losses, models, training


def squared_error(model, x):
    """Return the squared error of each image, shape (B,)."""
    return {"loss": losses.squared_error(model.reconstruct(x), x)}


# %%
twin = models.Autoencoder(*untrained())
history = training.fit(twin, squared_error, x, steps=40, device="cpu")
difference = (history.terms["loss"] - torch.stack(record[:40])).abs().max()
print(f"Largest difference in 40 steps: {difference:.0e}")

# %% tags=["claims"]
assert difference < 1e-3

# %% [markdown]
# They agree up to rounding. (Over more steps they drift apart a little: `fit` uses
# another implementation of Adam, which rounds differently, and training amplifies small
# differences.) And here is what the network draws at the bend:

# %% name="after-40-steps" tags=["slide-figure"] alt="Three rows of twelve images. Above, different test digits. In the middle, after 40 steps: nearly the same grainy grey blob for every digit. Below, the mean image twelve times, a smooth blob of that shape."
with torch.no_grad():
    early = twin.reconstruct(test)
rows = {"image": test[:12], "after 40 steps": early[:12]}
plotting.show_rows(rows | {"mean image": mean_image.expand(12, -1, -1, -1)})
plt.show()

# %%
spread = early.flatten(1).var(0).sum() / test.flatten(1).var(0).sum()
print(f"Their variance is {spread:.1%} of that of the real images.")

# %% tags=["claims"]
assert spread < 0.05
assert (early.mean(0) - mean_image).square().sum() < 0.2 * mean_error

# %% [markdown]
# Nearly the same image for every input, and close to the mean image: (b). All images
# pull the output the same way, so the network first learns what they have in
# common. Only then does the code begin to matter. Section 5 starts the output at
# the mean, and saves these steps.

# %% [markdown]
# ## 4. A linear autoencoder is as good as PCA
#
# **Principal component analysis** (PCA) also takes an image to $K$ numbers and back.
# Take the covariance matrix $C$ of the images (with $1/N$) and its eigenvectors $v_i$,
# which are orthonormal. Along any unit vector $v$ the images have the variance
# $v^\top C v$, so along $v_i$ it is the eigenvalue $\lambda_i$. Sort them, largest
# first. Let the columns of $V$ be the first $K$ eigenvectors. Then
# $z = V^\top (x - \bar x)$ and $\hat x = \bar x + V z$.
#
# So PCA *is* an autoencoder, with one matrix for each half. It loses what
# lies along the other eigenvectors:
#
# $$\frac1N \sum_{n=1}^{N} \lVert x_n - \hat x_n \rVert^2
# = \sum_{i=K+1}^{D} \lambda_i . \tag{1.2}$$
#
# <details><summary>Where does (1.2) come from?</summary>
#
# The eigenvectors $v_i$ are an orthonormal basis, so
# $x_n - \bar x = \sum_{i=1}^{D} u_{ni} v_i$ with $u_{ni} = v_i \cdot (x_n - \bar x)$.
# PCA keeps the first $K$ terms. The others have the squared length
# $\sum_{i>K} u_{ni}^2$, and the mean of $u_{ni}^2$ over $n$ is the variance along
# $v_i$, which is $\lambda_i$.
#
# </details>

# %%
# Check (1.2)
from sklearn.decomposition import PCA

K = 16
small = PCA().fit(X)  # the first 1,000 images, in float64
V = torch.from_numpy(small.components_.T)[:, :K]  # an eigenvector a column
centred = X - X_mean
lost = (centred - centred @ V @ V.T).square().sum(1).mean()
covariance = X.T.cov(correction=0)  # with 1/N
eigenvalues = torch.linalg.eigvalsh(covariance).flip(0)  # largest first
verify.equal("1.2", lost, eigenvalues[K:].sum())

# %% [markdown]
# In this section $K = 16$: pictures of 16 components are easier to compare than of 32.
# Section 5 goes back to 32. From here on, PCA is fitted to all training images.

# %%
pca = PCA(svd_solver="covariance_eigh").fit(x.flatten(1).numpy())


def reconstruct_by_pca(images, K):
    """Project images on the first K components of the training set."""
    V = torch.from_numpy(pca.components_[:K].T)  # (784, K)
    z = (images - mean_image).flatten(1) @ V  # (B, K)
    return mean_image + (z @ V.T).view_as(images)


# %%
def pca_error(images, K):
    """Return PCA's squared error per image."""
    x_hat = reconstruct_by_pca(images, K)
    return losses.squared_error(x_hat, images).mean().item()


# by (1.2); explained_variance_ divides by N - 1, the mean in (1.2) by N
best = pca.explained_variance_[K:].sum() * (len(x) - 1) / len(x)
print(f"PCA, {K} components: {best:.2f} per training image.")
print(f"On test images: {pca_error(test, K):.2f}.")

# %% [markdown]
# (On MNIST the test images have the smaller error. That is no mistake: these 10,000 happen
# to be a little easier.)
#
# Now an autoencoder with no non-linearity at all, trained like any other: one
# matrix in, one matrix out, each with a bias. We give it $x - \bar x$, as PCA does. A
# theorem of Eckart and Young says that no linear map through $K$ numbers, with or
# without biases, has a smaller squared error on the training images than PCA. But
# gradient descent knows nothing of eigenvectors.
#
# **Predict:** where does training end? (a) at twice PCA's error (b) ten per cent above
# it (c) less than one per cent above it.

# %%
from course_lib.evaluation import evaluate

centred_x = x - mean_image


def linear_error(model, x):
    """Return the squared error of each image; the output is not squashed."""
    return {"loss": losses.squared_error(model(x), x)}


# %%
torch.manual_seed(1)
linear = nn.Sequential(
    nn.Flatten(),
    nn.Linear(784, K),
    nn.Linear(K, 784),
    nn.Unflatten(1, (1, 28, 28)),
)
cosine = training.cosine  # takes the learning rate from lr to 0
options = {"steps": 1500, "lr": 2e-2, "lr_schedule": cosine}
training.fit(linear, linear_error, centred_x, **options)
ratio = evaluate(linear, linear_error, centred_x)["loss"] / best
print(f"Error of the linear autoencoder: {ratio:.4f} times that of PCA.")

# %% tags=["claims"]
assert 1 - 1e-5 < ratio < 1.01

# %% [markdown]
# (c): PCA's error, to less than one per cent. The schedule matters: it takes the learning
# rate to 0. With a rate that stays high, the weights jump about the minimum. (To see
# it, leave `lr_schedule` out of `options` and run the cell. Then put it back, and run
# it once more: later cells use `linear`.)
#
# So a linear autoencoder is as good as PCA. PCA is one itself, so the best is no worse; by
# Eckart and Young none is better; and training gets there. **Predict:** are the
# decoder's columns PCA's eigenvectors? (a) yes, in the same order (b) yes, but in another
# order (c) no.


# %% name="pca-and-linear" tags=["slide-figure"] alt="Two rows of eight patterns, middle grey for 0, black and white for the two signs. PCA begins with a ring and grows more intricate; the linear decoder's columns are all about equally intricate, and none equals a PCA component."
def as_images(columns):
    """Return columns (784, n) as images; 0 becomes middle grey."""
    return plotting.signed(columns.T.reshape(-1, 1, 28, 28))


first = torch.from_numpy(pca.components_[:K].T)  # (784, K)
W = linear[2].weight.detach()  # (784, K): what the decoder can draw
rows = {
    "PCA": as_images(first[:, :8]),
    "linear decoder": as_images(W[:, :8]),
}
plotting.show_rows(rows)
plt.show()

# %% [markdown]
# Do the columns span the same space? Project each eigenvector onto the columns' span, and
# see how much of its squared length is left: 100% if the spaces are the same.

# %%
Q = torch.linalg.qr(W).Q  # (784, K): orthonormal, with the same span as W
share = (Q.T @ first).square().sum() / K
print(f"{share:.2%} of the eigenvectors' squared length is in W's span.")

# %% [markdown]
# Is any column an eigenvector? Then its cosine with one of them is 1 or −1.

# %%
cosines = (W / W.norm(dim=0)).T @ first  # of each column and eigenvector
nearest = cosines.abs().amax(1)  # (K,)
print(f"Cosine with the nearest eigenvector, on average: {nearest.mean():.2f}")

# %% tags=["claims"]
assert nearest.mean() < 0.8
assert share > 0.98

# %% [markdown]
# (c): the columns are *mixtures* of the eigenvectors. They span the same space:
# projected onto the span of the columns, the eigenvectors keep nearly all of their
# squared length. But inside that space nothing orders the columns or keeps them apart.
#
# The reason is a freedom that an autoencoder has where the code lies between two
# linear layers. For any invertible matrix $A$,
#
# $$g(A^{-1}(A\,f(x))) = g(f(x)) . \tag{1.3}$$
#
# Encoder $A f$ and decoder $g A^{-1}$ have the same error as $f$ and $g$. And they are
# networks of the same sizes: the encoder's last layer takes up $A$, the decoder's first
# layer $A^{-1}$. So the
# loss gives the single coordinates of a code no meaning. Keep this in mind
# when somebody shows you what "the third latent unit" stands for.

# %%
# Check (1.3)
import copy

f, g = copy.deepcopy((encoder, decoder))  # the halves trained by hand
A_f, g_A_inverse = copy.deepcopy((f.double(), g.double()))
A = torch.ones(32, 32, dtype=torch.float64).triu()  # invertible
with torch.no_grad():
    A_f[-1].weight.copy_(A @ f[-1].weight)  # in f's last layer
    A_f[-1].bias.copy_(A @ f[-1].bias)
    g_A_inverse[0].weight.copy_(g[0].weight @ A.inverse())  # in g's first
verify.equal("1.3", g_A_inverse(A_f(X)), g(f(X)))

# %% [markdown]
# ## 5. Against PCA
#
# Back to 32 numbers. Our 784-128-64-32 network is non-linear, so it can do what no
# linear map can.
#
# **Predict:** PCA with 32 components against the network that you have
# trained. Who has the smaller error? (a) the network, by far (b) the network, narrowly
# (c) PCA.

# %%
by_hand, ours, rival = models.Autoencoder(encoder, decoder), {}, {}
for name, images in {"training": x[:10_000], "test": test}.items():
    ours[name] = evaluate(by_hand, squared_error, images)["loss"]
    rival[name] = pca_error(images, 32)
    print(f"{name}: our network {ours[name]:.1f}, PCA {rival[name]:.1f}")

# %% tags=["claims"]
for name in ours:
    assert ours[name] > 1.3 * rival[name]
assert not on_mnist or abs(ours["training"] / ours["test"] - 1) < 0.05

# %% [markdown]
# (c): a method from 1901 wins, by far, and on the training images too. So overfitting is
# not the reason. Either the network is too small, or it is *undertrained*. It is the
# second, as we'll see: a network of the same size can come down to about half this error.
# We could train it for longer. Instead we make three changes that cost nothing:

# %% [markdown]
# 1. **Start the output bias at the mean image.** `start_at_mean` sets it to the
#    logit of each pixel's mean, the $a$ for which $s(a)$ is that mean. So no step is
#    spent on finding it. (Means are kept in [0.001, 0.999]: the logit of 0 is
#    $-\infty$.)
# 2. **A learning rate of $5 \cdot 10^{-3}$** instead of $10^{-3}$.
# 3. **GELU instead of ReLU**: nearly the same curve, but smooth. A ReLU has no
#    gradient at all below 0, and a unit that is below 0 for all images is dead.


# %%
def train(
    K,
    *hidden,
    loss=squared_error,
    activation=nn.GELU,
    lr=5e-3,
    steps=600,
    **options,
):
    """Train 784-hidden-K and its mirror image."""
    torch.manual_seed(0)
    model = models.Autoencoder(
        models.mlp_encoder(784, *hidden, K, activation=activation),
        models.mlp_decoder(K, *reversed(hidden), 784, activation=activation),
    )
    models.start_at_mean(model.decoder, x)
    training.fit(model, loss, x, steps=steps, lr=lr, **options)
    return model


# %% [markdown]
# We add the three changes one after the other. **Predict:** which of the last two helps
# more? (a) the higher rate (b) GELU (c) both about the same.

# %%
ladder = {
    "bias at the mean": train(32, 128, 64, lr=1e-3, activation=nn.ReLU),
    "and a higher rate": train(32, 128, 64, activation=nn.ReLU),
    "and GELU": train(32, 128, 64),
}

# %%
rungs = [evaluate(m, squared_error, test)["loss"] for m in ladder.values()]
for name, error in zip(ladder, rungs):
    print(f"{name:18} {error:5.1f} per test image")
remaining = rungs[2] / ours["test"]
print(f"All three: {remaining:.0%} of the error of the network above.")

# %% [markdown]
# And PCA, as it is and *clipped*: what is below 0 becomes 0, what is above 1 becomes 1.

# %%
clipped_32 = reconstruct_by_pca(test, 32).clamp(0, 1)
clipped_error = losses.squared_error(clipped_32, test).mean().item()
print(f"PCA: {rival['test']:.1f}, clipped to [0, 1]: {clipped_error:.1f}")

# %% tags=["claims"]
assert rungs[0] < 0.97 * ours["test"]
assert min(rungs[0] - rungs[1], rungs[1] - rungs[2]) > 0.03 * rungs[1]
assert not on_mnist or rungs[0] - rungs[1] > rungs[1] - rungs[2]
assert rungs[2] < 0.6 * ours["test"]
assert not on_mnist or rungs[2] < 0.95 * rival["test"]
assert not on_mnist or abs(rungs[2] / clipped_error - 1) < 0.05

# %% [markdown]
# On MNIST it is (a). Each change helps; added in this order, the higher rate helps more
# than GELU. (One seed is shown. With five seeds the order was the same each time.)
# Together the three remove about half of the error, or more, in 600 steps instead of 938.
#
# On MNIST the network now beats PCA, 11.7 against 13.2. But the sigmoid keeps its output
# in [0, 1], and PCA must do without one. Clipped PCA has 11.9: a tie.
#
# Lesson 0's network, with one hidden layer in each half, reached 9.3 in 1,000 steps. Does
# a second layer pay? At the end of this section we compare at equal steps, for $K = 64$.
#
# We judge settings by the test images here. That flatters the winner a little: for a
# number to report, choose on images kept apart from training.

# %% [markdown]
# ### Where does depth pay?
#
# Now let $K$ go from 2 to 64. Three rivals, 600 steps for each network:
#
# - **PCA**, and in the table also clipped;
# - **no hidden layer**: a matrix from 784 to $K$, a matrix back, and the sigmoid;
# - **deep**: 784-128-64-$K$ and back.
#
# **Predict:** who wins? (a) the deep network for every $K$ (b) the deep network for
# small $K$, another for large $K$ (c) another for small $K$, the deep network for large
# $K$.

# %%
sizes = [2, 4, 8, 16, 32, 64]
trained = {32: ladder["and GELU"]}
for size in 2, 4, 8, 16, 64:
    trained[size] = train(size, 128, 64)
no_hidden = {size: train(size) for size in sizes}
print(f"{len(trained)} deep networks, {len(no_hidden)} without hidden layers")

# %%
curves = {"PCA": [], "PCA, clipped": [], "no hidden layer": [], "deep": []}
for size in sizes:
    x_hat = reconstruct_by_pca(test, size)
    for name, image in ("PCA", x_hat), ("PCA, clipped", x_hat.clamp(0, 1)):
        curves[name].append(losses.squared_error(image, test).mean().item())
    for name, networks in ("no hidden layer", no_hidden), ("deep", trained):
        error = evaluate(networks[size], squared_error, test)["loss"]
        curves[name].append(error)
print(f"{'K':>14} " + "".join(f"{size:7}" for size in sizes))
for name, errors in curves.items():
    print(f"{name:15}" + "".join(f"{error:7.1f}" for error in errors))

# %% [markdown]
# The same numbers as curves:

# %% name="bottleneck" tags=["slide-figure"] alt="Squared error per test image against code size K. Up to 16 the deep network is lowest: at 8 it has 16, PCA 29. It levels off near 11.5; at 64 the one without hidden layers has 3, PCA 7."
plt.figure(figsize=(6.4, 2.7))
plt.axhline(mean_error, color="gray", ls="--")
plt.text(64, mean_error + 1, "mean image", ha="right", color="dimgray")
names = {"PCA": ("s-", 2, 8, 6), "no hidden layer": ("^:", 4, -104, -12)}
names["deep"] = "o--", 1, -36, -18  # line, number of the place, offset
for color, (name, (line, k, *offset)) in enumerate(names.items()):
    plt.plot(sizes, curves[name], line)
    plt.annotate(
        name,
        (sizes[k], curves[name][k]),
        offset,
        textcoords="offset points",
        color=f"C{color}",
    )
plt.xscale("log", base=2)
plt.xticks(sizes, sizes)
plt.ylim(0, 60)
plt.xlabel("size of the code, K")
plt.ylabel("squared error per test image")
plt.show()

# %% tags=["claims"]
at = {K: place for place, K in enumerate(sizes)}
classical, clipped, shallow, deep = curves.values()
for size in 4, 8:  # small codes: depth pays
    assert deep[at[size]] < 0.75 * min(shallow[at[size]], clipped[at[size]])
assert deep[at[64]] > 1.2 * max(shallow[at[64]], classical[at[64]])
assert deep[at[64]] > 0.9 * deep[at[32]]  # it has stopped improving
assert on_mnist or classical[at[64]] < 1e-3
assert not on_mnist or shallow[at[32]] < 0.75 * clipped[at[32]]
assert not on_mnist or shallow[at[32]] < 0.9 * deep[at[32]]

# %% [markdown]
# (b). **Small codes: depth wins.** Look at eight numbers per image:

# %% name="eight-numbers" tags=["slide-figure"] alt="Three rows of twelve test digits: the images; PCA with eight numbers, blurred and grey, some unreadable; the deep network with eight numbers, much sharper. Nearly all its digits can be read, but the 5 is lost."
with torch.no_grad():
    x_hat = trained[8].reconstruct(test[:12])
by_pca = reconstruct_by_pca(test[:12], 8).clamp(0, 1)  # pixels
rows = {"image": test[:12], "PCA, K = 8": by_pca}
plotting.show_rows(rows | {"deep, K = 8": x_hat})
plt.show()

# %% [markdown]
# Why? Because images *bend*. Move a stroke of the pen to the right. One number
# says where it is. But pixels switch on and off as it passes, so its path
# through the 784 dimensions is a curve. **Predict:** how much of that curve's
# variance can a straight line, PCA's first component, follow? (a) nearly all (b) a
# half (c) a fifth.

# %% name="moving-stroke" tags=["slide-figure"] alt="Eleven frames in a row, each with the same black vertical bar. From frame to frame nothing changes but its horizontal position, from the left edge to the right: one number describes them all."
stroke = torch.zeros(1, 28, 28)
stroke[:, 4:24, 2:5] = 1
slides = torch.stack([stroke.roll(step, dims=-1) for step in range(0, 22, 2)])
_, axes = plt.subplots(1, len(slides), figsize=(9, 1))
for ax, slide in zip(axes, slides):
    ax.imshow(slide[0])
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set_visible(True)
plt.show()
follows = PCA().fit(slides.flatten(1)).explained_variance_ratio_
print(f"The first component follows {follows[0]:.0%} of the variance,")
print(f"the first four together {follows[:4].sum():.0%}.")

# %% tags=["claims"]
assert f"{follows[0]:.0%} {follows[:4].sum():.0%}" == "17% 59%"

# %% [markdown]
# (c): a line can't follow a curve. Without hidden layers a network is little better: as
# you move along a line in its code, a pixel can only brighten or only darken. It can't
# switch on and off again. A deep network can.
#
# **Large codes: after 600 steps, depth loses.** With many components, straight lines
# are good enough, and PCA's error falls to 0 as $K$ grows. (The scikit-learn digits
# have 8 × 8 pixels: there PCA is exact at $K = 64$, up to rounding.) On MNIST the network
# without hidden layers does better still, thanks to its sigmoid (*Further* shows where).
#
# But the deep network stops improving between $K = 32$ and $K = 64$. **Predict:** why?
# (a) it overfits (b) its code is too small (c) it has not been trained enough.

# %%
networks = {
    "deep, 600 steps": trained[64],
    "one hidden layer, 600 steps": train(64, 128),
    "deep, 2,000 steps": train(64, 128, 64, steps=2000),
}
pairs, some = {}, x[:10_000]  # training images
for name, model in networks.items():
    both = [evaluate(model, squared_error, i)["loss"] for i in (test, some)]
    pairs[name] = both
pairs["PCA"] = pca_error(test, 64), pca_error(some, 64)
for name, (on_test, on_training) in pairs.items():
    print(f"{name:28} test {on_test:5.1f}, training {on_training:5.1f}")

# %% tags=["claims"]
(short, short_train), (hidden, _), (long, _), (by_64, by_64_train) = (
    pairs.values()
)
assert short_train > 1.1 * by_64_train
assert hidden < 0.8 * short and long < 0.8 * short
assert not on_mnist or abs(short_train / short - 1) < 0.05
assert on_mnist or short_train < 0.9 * short
assert not on_mnist or (hidden < by_64 and long < 1.1 * by_64)
assert not on_mnist or shallow[at[64]] < hidden

# %% [markdown]
# <details><summary>What to notice</summary>
#
# (c). On MNIST the training error is as large as the test error, so it does not
# overfit. (On the 1,297 digits it does, a little.) And its code is not too small: the
# same 64 numbers are enough for its rivals. It is the training: 600 steps are few for six
# matrices. After 2,000 the deep network is about as good as PCA on MNIST (7.5 and 7.1;
# clipped PCA has 6.1). At 600 steps fewer layers are easier to train: one hidden layer in
# each half comes to 6.3, none to 3.3.
#
# *Say what you compare with, and at which budget.* PCA takes a second and has
# nothing to tune.
#
# </details>

# %% [markdown]
# <details><summary>Why must the network be non-linear?</summary>
#
# Stacked linear layers are one linear layer: $W_2 W_1 x$ is again a matrix
# times $x$. By section 4 it can't beat PCA on the training images, however deep
# it is.
#
# </details>

# %% [markdown]
# ## 6. Squared error or cross-entropy
#
# Most of MNIST's pixels are black or white. So one can read $\hat x$ as a probability
# of ink, $p = s(a)$, and ask that what is there be probable: a pixel that is 1 costs
# $-\log p$, one that is 0 costs $-\log(1 - p)$. A grey pixel costs a mixture. This is
# the **cross-entropy**, $\ell(a, x) = -x \log p - (1 - x) \log(1 - p)$, summed over
# pixels.
#
# Both losses ask for the same. Where one answer $p$ must do for a pixel that is
# different in different images, both are smallest, on average, if $p$ is the mean of the
# pixel. (For the squared error this is (1.1) again. *Further* shows it for both.) So
# both draw *means*: where the code leaves a pixel open, the reconstruction is blurred.

# %% [markdown]
# They differ on the way there. The sigmoid's derivative is
# $s'(a) = e^{-a} / (1 + e^{-a})^2 = p\,(1 - p)$, because
# $1 - p = e^{-a} / (1 + e^{-a})$. So the chain rule gives the squared error's gradient
# with respect to the logit:
#
# $$\frac{\partial}{\partial a} (p - x)^2 = 2\,(p - x)\,p\,(1 - p) ,
# \qquad p = s(a) . \tag{1.4}$$
#
# The factor $p (1 - p)$ is nearly 0 when the network is *confident*, even if it
# is confidently wrong. In exercise 3 you derive the gradient of the
# cross-entropy by hand. Here autograd draws both, for a pixel that is 1.

# %%
# Check (1.4)
a = torch.linspace(-8, 8, 161, dtype=torch.float64, requires_grad=True)
# target: x in (1.4), the middle pixel of 161 images
p, target = torch.sigmoid(a), X[:161, 406]
error = (p - target).square().sum()
(slope,) = torch.autograd.grad(error, a, retain_graph=True)
verify.equal("1.4", slope, 2 * (p - target) * p * (1 - p))

# %% name="loss-gradients" tags=["slide-figure"] alt="Two gradients against the logit of a pixel that is 1. At logit minus 8 the cross-entropy's, dashed, is minus 1, the squared error's, solid, 0 with a peak of minus 0.3 near 0. At the right both vanish."
plt.figure(figsize=(8, 2.6))
one_pixel = {"squared error": (1 - p).square(), "cross-entropy": -p.log()}
for (name, curve), style in zip(one_pixel.items(), ["-", "--"]):
    (slope,) = torch.autograd.grad(curve.sum(), a, retain_graph=True)
    plt.plot(a.detach(), slope, style, label=name)
plt.xlabel("logit a (the pixel is 1: wrong on the left, right on the right)")
plt.ylabel("gradient")
plt.legend(loc="lower right")
plt.show()

# %% [markdown]
# **Predict:** a pixel is 1, but the logit starts at $-6$, so $p = 0.002$. Gradient
# descent at learning rate 1 takes 17 steps with the cross-entropy until $p > 0.9$. And
# with the squared error? (a) about as many (b) about 50 (c) more than 200. (Compute its
# gradient at $-6$ from (1.4). The cross-entropy's is nearly $-1$.)


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
print(f"p at the start: {torch.sigmoid(torch.tensor(-6.0)):.3f}")
print(f"squared error: {slow} steps; cross-entropy: {fast} steps")

# %% tags=["claims"]
assert fast == 17 and slow > 200

# %% [markdown]
# (c). Does it matter for our autoencoder? Train the $K = 32$ network again, on the
# cross-entropy, and measure both models by both losses. (`bernoulli_nll` is our
# cross-entropy, computed from the logits. Part II explains its name. It is measured in
# **nats**: like bits, but with the natural logarithm in place of the one to the base 2.)


# %%
def cross_entropy(model, x):
    """Return the cross-entropy of each image in nats, shape (B,)."""
    return {"loss": losses.bernoulli_nll(model(x), x)}


trained_on = {"squared error": trained[32]}
trained_on["cross-entropy"] = train(32, 128, 64, loss=cross_entropy)
found = {}
for name, network in trained_on.items():
    error = evaluate(network, squared_error, test)["loss"]
    nats = evaluate(network, cross_entropy, test)["loss"]
    found[name] = error, nats
    print(f"trained on {name}: error {error:.1f}, {nats:.1f} nats per image")
wrong = (mean_image < 0.05) & (test > 0.5)  # (10000, 1, 28, 28)
mean_wrong = wrong.flatten(1).sum(1).float().mean()
print(f"Confidently wrong at the start: {mean_wrong:.1f} pixels an image.")

# %% tags=["claims"]
assert mean_wrong < 5
(error, nats), (other_error, other_nats) = found.values()
assert abs(other_error / error - 1) < 0.25
assert not on_mnist or other_error > error
assert 0.99 < other_nats / nats < 1.1

# %% [markdown]
# Not much: training on the cross-entropy gained next to nothing, even by its own measure
# (85.3 nats for both on MNIST). A likely reason: the network doesn't start confidently
# wrong. At the mean image only a handful of an image's 784 pixels are, those with ink
# (above 0.5) where the mean image has hardly any (below 0.05). And Adam, unlike plain
# gradient descent, divides by the recent size of the gradients, so small gradients needn't
# mean small steps.
#
# So choose by what you will do with the output. To measure distance, take the squared
# error. To read the output as probabilities, take the cross-entropy. Part II needs it,
# and says what it means when pixels are grey.

# %% [markdown]
# ## 7. A map of codes
#
# With $K = 2$ every image is a point in a plane, so we can draw all codes, and decode
# every place. Each dot below is an image, and where there is room it is drawn as its
# label. (Colours repeat the labels. The network has never seen them.)


# %%
def draw(decoder, z):
    """Decode codes (B, K) to images (B, 1, 28, 28) in [0, 1]."""
    with torch.no_grad():
        return torch.sigmoid(decoder(z))


plane_model = trained[2]
with torch.no_grad():
    plane_codes = plane_model.encoder(x)  # (N, 2)
middle = torch.tensor([0.01, 0.99])  # the middle 98 % of the codes
low, high = plane_codes.quantile(middle, dim=0)
for name, left, right in zip(("z1", "z2"), low, high):
    print(f"{name} lies between {left:.1f} and {right:.1f} for most images.")
grid = plotting.plane((low[0], high[0]), (low[1], high[1]), size=12)
decoded = draw(plane_model.decoder, grid)  # (144, 1, 28, 28)

# %% name="latent-map" tags=["slide-figure"] alt="Left, dots in a plane, the codes of training images, some drawn as their digits: 1, 2, 7 and 0 spread outwards, 3, 5 and 8 crowd near the origin. Right, the plane decoded: digits change gradually into their neighbours."
panels = {"width_ratios": [1.25, 1], "figsize": (9, 4)}
fig, (left, right) = plt.subplots(1, 2, **panels)
plotting.show_codes(plane_codes[:1500], dataset.train_labels[:1500], ax=left)
left.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
left.set_title("Codes of training images")
plotting.show_grid(
    decoded, columns=12, title="The same region, decoded", ax=right
)
plt.show()

# %% [markdown]
# <details><summary>What to notice</summary>
#
# Similar digits lie together, although no label was used. Some overlap: two
# numbers are not enough to tell all ten apart, and 3, 5 and 8 share the heap near the
# origin, too dense for most labels. Neighbouring points decode to
# similar images, since the decoder is continuous. But the map has no order that
# we chose: no centre, no scale, crowds in some places and deserts in others.
# Train with another seed, and you get another map. (1.3) is one reason.
#
# </details>

# %% [markdown]
# Decode any place yourself. Each slider moves one coordinate of the code through the
# region of the map. They start at the code of the first training image. (They need a
# running notebook: run the cell.)

# %%
from course_lib import widgets

ranges = list(zip(low.tolist(), high.tolist()))
widgets.latent_explorer(
    lambda z: draw(plane_model.decoder, z), ranges, start=plane_codes[0]
)

# %% [markdown]
# ### Can it invent digits?
#
# On this map, many places decode to something like a digit. So draw a random
# code, decode it, and you have a new one. But with two numbers the network
# draws badly. Does it still work with 32? There are three obvious ways to draw a code:
#
# - (a) standard normal numbers;
# - (b) uniform in the box that holds all training codes;
# - (c) normal, with the mean and the covariance of the training codes. (If $\epsilon$ is
#   standard normal, $L \epsilon$ has the covariance $L L^\top$, and `cholesky` finds such
#   an $L$.)
#
# **Predict:** which of the three gives a clear digit nearly every time, or (d) none?

# %%
wide = trained[32]
with torch.no_grad():
    codes, test_codes = wide.encoder(x), wide.encoder(test[:100])
torch.manual_seed(1)
noise, uniform = torch.randn(100, 32), torch.rand(100, 32)
lowest, highest = codes.amin(0), codes.amax(0)
root = torch.linalg.cholesky(codes.T.cov())  # root @ root.T: the covariance
samples = {
    "real codes": test_codes,
    "standard normal": noise,
    "uniform in the box": lowest + (highest - lowest) * uniform,
    "fitted normal": codes.mean(0) + noise @ root.T,
}
drawn = {name: draw(wide.decoder, z) for name, z in samples.items()}

# %% name="random-codes" tags=["slide-figure"] alt="Four rows of twelve decoded images. Real codes give clear digits; standard normal codes pale, similar blots; codes uniform in the box heavy, broken strokes; the fitted normal varied shapes, a few of them digits, most between two."
plotting.show_rows({name: images[:12] for name, images in drawn.items()})
plt.show()

# %% [markdown]
# (d): none of the three gives a clear digit nearly every time.
#
# - **Standard normal** codes give pale blots.
# - **Uniform** codes give heavy, broken strokes on MNIST.
# - The **fitted normal** looks best of the three: now and then a digit, more often
#   something between two.
#
# Why? The decoder has been trained at the codes of images, and nowhere else. How long
# are random codes, and how far from the nearest code of a training image? (The "real
# codes" are those of test images, so they are new to the decoder too.)

# %%
away = {}
print(f"{'':20}length  to the nearest code")
for name, z in samples.items():
    away[name] = torch.cdist(z, codes).amin(1).mean()
    print(f"{name:20}{z.norm(dim=1).mean():6.1f}{away[name]:21.1f}")

# %% tags=["claims"]
real, standard, box, fitted = away.values()
assert min(standard, box, fitted) > (1.6 if on_mnist else 1.3) * real
assert box > 2 * fitted
norms = [z.norm(dim=1).mean() for z in samples.values()]
assert norms[1] < 0.8 * norms[0] and norms[2] > 1.4 * norms[0]
assert abs(norms[3] / norms[0] - 1) < 0.15

# %% [markdown]
# All random codes are further from the training codes than real ones are, on MNIST nearly
# twice as far or more. The standard normal ones are too short. The uniform ones are too
# long: along each axis the box reaches to the most extreme code. The fitted normal has the
# right length. But if the codes *were* normal, its draws would be as near to them as real
# codes are. Two distributions can share mean and covariance, and differ in all else.

# %% [markdown]
# The cause is the loss. It asks for good reconstructions and *says nothing
# about where codes lie*. So the encoder puts them where it likes, and we don't
# know the distribution to draw from.
#
# **The question for part II:** how do we make codes follow a distribution that
# we chose, and keep the reconstructions? The answer is the variational
# autoencoder, lesson 7.

# %% [markdown]
# ## Further: a number for random codes
#
# Can a number say that random codes fail? Try the **distance:** the squared error
# between a decoded image and the nearest of (at most) 30,000 training images, on
# average. It should be small for digits. **Predict:** which of the four rows has the
# smallest distance? (a) real codes (b) standard normal (c) fitted normal. For
# comparison, the table has real test images too, and an empty sheet of paper.


# %%
def distance(images):
    """Return the mean squared error to the nearest training image."""
    training_images = x[:30_000].flatten(1)
    nearest = torch.cdist(images.flatten(1), training_images).amin(1)
    return nearest.square().mean().item()


# %%
compared = {"real images": test[:100]} | drawn
compared["empty sheet"] = torch.zeros(1, 1, 28, 28)
far, length = {}, {}
print(f"{'':20}distance  squared length  ratio")
for name, images in compared.items():
    far[name] = distance(images)
    length[name] = images.square().flatten(1).sum(1).mean().item()
    ratio = f"{far[name] / length[name]:.0%}" if length[name] else "none"
    print(f"{name:20}{far[name]:8.1f}{length[name]:16.1f}{ratio:>7}")

# %% tags=["claims"]
ratios = {name: far[name] / length[name] for name in drawn}
assert far["real codes"] < far["real images"]
assert not on_mnist or far["empty sheet"] < min(far[name] for name in drawn)
assert ratios["real codes"] < 0.8 * min(list(ratios.values())[1:])
assert ratios["real codes"] < far["real images"] / length["real images"]
assert not on_mnist or far["standard normal"] < 1.2 * far["real codes"]
assert ratios["fitted normal"] < ratios["uniform in the box"]
assert ratios["standard normal"] > 1.2 * ratios["uniform in the box"]
assert not on_mnist or far["standard normal"] < 1.2 * far["real images"]
assert far["uniform in the box"] > 2 * far["real codes"]
assert 1.3 * far["real codes"] < far["fitted normal"]
assert far["fitted normal"] < 0.8 * far["uniform in the box"]
assert length["standard normal"] < 0.9 * length["real codes"]
assert (
    not on_mnist or length["uniform in the box"] > 1.1 * length["real codes"]
)

# %% [markdown]
# <details><summary>What to notice</summary>
#
# (b) on MNIST, if narrowly: the row that looks worst. (With one of four other seeds the
# real codes were ahead.) The empty sheet's distance is smaller still: a pale image is near every thin digit. (The scikit-learn digits have no
# thin strokes, so there paleness earns nothing.) So divide the distance by how much ink
# there is, the mean squared length of the images. Now the pale blots have the largest
# ratio, and real codes the smallest.
#
# But it is smaller even than that of real images. They have fine detail, in which two
# real digits always differ; decoded images lack it. So the ratio still rewards blur. And
# on MNIST the fitted normal's is only a little smaller than that of uniform codes (37%
# against 41%), though its images look better. Trust your eyes more than either number.
#
# </details>

# %% [markdown]
# ## Further: both losses ask for the mean
#
# Section 6 says that both losses ask for the mean of a pixel. Let its value vary, with
# mean $\mathbb E[x]$, and let one answer $p$, $0 < p < 1$, do for all. Both losses are
# smallest, on average, at
#
# $$p^\star = \mathbb E[x] , \tag{1.5}$$
#
# as you see by setting the derivative with respect to $p$ to 0. The cell below finds
# the minimum without that: it looks at the slope in the middle of an interval, and goes
# on with the half in which the loss still falls.


# %%
def best_answer(loss):
    """Return the p in [0, 1] at which the mean of a loss is smallest.

    By bisection: the slope, which autograd finds, says on which side it is.
    """
    low, high = 0.0, 1.0
    for _ in range(50):  # 2^-50 is 1e-15
        p = torch.tensor((low + high) / 2, dtype=torch.float64)
        loss(p.requires_grad_()).mean().backward()
        low, high = (low, p.item()) if p.grad > 0 else (p.item(), high)
    return low


# %%
# Check (1.5)
pixel = X[:, 406]  # the one in the middle, in 1,000 images
squared = best_answer(lambda p: (p - pixel).square())
entropy = best_answer(lambda p: -pixel * p.log() - (1 - pixel) * (1 - p).log())
verify.equal("1.5", [squared, entropy], pixel.mean().expand(2))

# %% [markdown]
# ## Further: the angles between two subspaces
#
# Section 4 measured with one number whether the linear decoder spans PCA's subspace.
# More can be said. Let $Q_A$ and $Q_B$ be orthonormal bases of
# two subspaces of dimension $K$. The **principal angles** between them are
#
# $$\cos\alpha_i = \text{the } i\text{-th largest singular value of } Q_A^\top Q_B ,
# \qquad 0 \le \alpha_i \le \tfrac{\pi}{2} . \tag{1.6}$$
#
# $\alpha_1$ is the smallest angle between a direction in one space and one in
# the other; $\alpha_2$ is the smallest among directions at right angles to
# those; and so on. All are 0 if the subspaces are the same, whatever their
# bases. Why singular values? Unit vectors $Q_A u$ and $Q_B v$ have the cosine
# $u^\top Q_A^\top Q_B v$, and its maximum over unit vectors $u$ and $v$ is the largest
# singular value. (The share of section 4 is the mean of $\cos^2 \alpha_i$.)
#
# Exercise 4 writes (1.6). Here it meets a case that we know: two planes that
# share one direction, and open by 30° in the other.

# %%
# Check (1.6)
from course_lib import evaluation

cos, sin = 3**0.5 / 2, 1 / 2  # of 30°
A = torch.tensor([[1, 0], [0, 1], [0, 0]], dtype=torch.float64)
B = torch.tensor([[1, 0], [0, cos], [0, sin]], dtype=torch.float64)
mix = torch.tensor([[1, 2], [3, 4]], dtype=torch.float64)
A, B = A @ mix, B @ mix.T  # the same planes, no longer orthonormal
opening = evaluation.principal_angles(A, B)
verify.equal("1.6", opening.cos(), [1, cos])  # of 0° and 30°

# %% tags=["claims"]
expected = torch.tensor([0, torch.pi / 6], dtype=torch.float64)
# acos(1 - 1e-16) is 1e-8, so 1e-7 is as exact as an angle near 0 can be
torch.testing.assert_close(opening, expected, rtol=0, atol=1e-7)

# %% [markdown]
# **Predict:** which of the linear autoencoder's two matrices spans PCA's subspace? (a)
# both (b) the decoder's alone (c) the encoder's alone.

# %%
E = linear[1].weight.detach().T  # (784, K): what the encoder looks at
for name, matrix in {"decoder": W, "encoder": E}.items():
    angles = evaluation.principal_angles(matrix, first).rad2deg()
    print(f"{name}: mean {angles.mean():.1f}°, largest {angles.max():.1f}°")

# %% [markdown]
# The decoder spans PCA's subspace. The encoder does not, and yet the error is
# PCA's. **Why?**
#
# <details><summary>Answer</summary>
#
# There are directions in which images don't vary, or hardly: a corner pixel is
# always empty, and neighbouring pixels never differ at random. The loss does
# not see what the encoder does with such directions. So nothing pulls its
# weights there towards PCA's: they keep what the random start and Adam's steps have
# left. That tilts the columns, and does no harm.
#
# </details>
#
# If that is the reason, then encoder and PCA must agree on what they compute
# from *images*. So compare their codes: each of the $K$ numbers, over many
# images, is a column.

# %%
rows = centred_x[:5000].flatten(1)  # (5000, 784)
between = evaluation.principal_angles(rows @ E, rows @ first).rad2deg()
print(f"codes: mean {between.mean():.1f}°, largest {between.max():.1f}°")

# %% tags=["claims"]
assert evaluation.principal_angles(W, first).rad2deg().mean() < 3
assert evaluation.principal_angles(E, first).rad2deg().mean() > 40
assert between.mean() < 3

# %% [markdown]
# They do. So training has found PCA, though not its coordinates. Was that luck? No.
# Baldi and Hornik proved that the squared error of a linear autoencoder has no
# local minimum but PCA's: all other points where its gradient is 0 are saddles. (They
# assume a covariance matrix of full rank with distinct eigenvalues. Pixels that never
# change break that, so read the theorem inside the span of the data.)

# %% [markdown]
# ## Further: where a sigmoid gains on PCA
#
# On MNIST, at $K = 64$, the network without hidden layers is better than PCA, even if PCA
# is clipped to [0, 1]. Both draw along straight lines, one of them in pixels, the other in
# logits. **Predict:** on which pixels does it remove the larger share of PCA's error?
# (a) on grey ones (b) on those that are black or white (c) on both alike.

# %%
flat = (test < 0.02) | (test > 0.98)
size = 64 if on_mnist else 8  # at 64 PCA is exact on the small digits
by_pca = reconstruct_by_pca(test, size).clamp(0, 1)
with torch.no_grad():
    squashed = no_hidden[size].reconstruct(test)

# %%
removed = {}
for name, pixels in {"black or white": flat, "grey": ~flat}.items():
    before = (by_pca - test)[pixels].square().sum() / len(test)
    after = (squashed - test)[pixels].square().sum() / len(test)
    removed[name] = 1 - after / before
    print(f"{name:14} {before:.2f} to {after:.2f}: {removed[name]:.0%} less")

# %% tags=["claims"]
assert not on_mnist or removed["black or white"] > 3 * removed["grey"] > 0

# %% [markdown]
# (b) on MNIST. A sigmoid saturates: the logit may be anything above 5, and the pixel is
# black. Clipping comes too late for that: PCA's components and codes are computed as if
# overshooting were an error. The network was trained through its sigmoid, so there
# overshooting costs nothing.
#
# It must be the *output's* sigmoid. Bourlard and Kamp proved that where the outputs are
# linear, and the code is the only hidden layer, a non-linearity at the code gains nothing
# on PCA.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: a training step
#
# Write the middle of the loop as a function, without looking back. It must work
# for any model that returns logits.
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
# of `Vh` are the components, largest first: with $X = U S V^\top$, the covariance
# $X^\top X / N$ is $V S^2 V^\top / N$, so the rows of $V^\top$ are its eigenvectors.
# `torch.linalg.eigh` of the covariance sorts the other way round.
#
# </details>


# %%
def pca_reconstruct(train, x, K):
    """Reconstruct x from the first K principal components of train.

    train: (N, D); x: (B, D); K: number of components
    returns: reconstructions, (B, D)
    """
    # BEGIN SOLUTION
    mean = train.mean(0)
    Vh = torch.linalg.svd(train - mean, full_matrices=False).Vh[:K]  # (K, D)
    return mean + (x - mean) @ Vh.T @ Vh
    # END SOLUTION


checks.pca_reconstruct(pca_reconstruct)

# %% [markdown]
# ### Exercise 3: the gradient of the cross-entropy
#
# Derive $\partial \ell / \partial a$ on paper, by the chain rule as in (1.4),
# and simplify until no fraction is left. What has become of the factor $p (1 - p)$?
#
# <details><summary>Hint 1</summary>
#
# Start with $\partial \ell / \partial p$. It has two terms: write them as one fraction.
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# What must your result be where $p = x$? And what for a pixel that is 1, far on the
# left? The figure in section 6 shows it.
#
# </details>


# %%
def bce_logit_grad(a, x):
    """Return the derivative of the binary cross-entropy (bce) by the logit.

    a: logits; x: pixels in [0, 1]; the same shape
    returns: d loss / d a, element by element, in that shape
    """
    # BEGIN SOLUTION
    return torch.sigmoid(a) - x
    # END SOLUTION


checks.bce_logit_grad(bce_logit_grad)

# %% [markdown]
# ### Exercise 4, of *Further*: principal angles
#
# Write (1.6) for columns that are not orthonormal yet.
#
# <details><summary>Hint</summary>
#
# `torch.linalg.qr` makes columns orthonormal. Rounding can make a cosine a
# little larger than 1, and `acos` then returns NaN: clamp it.
#
# </details>


# %%
def principal_angles(A, B):
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


checks.principal_angles(principal_angles)

# %% [markdown]
# ## Summary
#
# - An autoencoder is an encoder and a decoder, trained together to return the
#   input through a code of $K$ numbers.
# - A linear one finds PCA's subspace, in mixed coordinates, and no linear one has a
#   smaller squared error on the training images than PCA.
# - A deep one wins where the code is small, because images bend. Where it is large, PCA
#   and a network without hidden layers are hard to beat.
# - Start the output at the mean; try the learning rate and more steps before you add
#   layers.
# - Squared error and cross-entropy both ask for the mean. The cross-entropy's
#   gradient does not fade where the network is confidently wrong.
# - The loss gives a code's coordinates no meaning, and does not say how codes are
#   distributed. So random codes of 32 numbers decode to few digits.
#
# **Next:** [lesson 2](02_sparse_autoencoder.ipynb), codes that are larger than the image, but sparse.

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
#   53–58. Why training finds PCA (*Further*).
# - G. E. Hinton, R. R. Salakhutdinov. *Reducing the dimensionality of data with
#   neural networks.* Science 313 (2006), 504–507. Deep autoencoders against PCA.
# - Å. Björck, G. H. Golub. *Numerical methods for computing angles between
#   linear subspaces.* Mathematics of Computation 27 (1973), 579–594.
# - D. Hendrycks, K. Gimpel. *Gaussian error linear units (GELUs).*
#   arXiv:1606.08415 (2016).
# - I. Loshchilov, F. Hutter. *SGDR: stochastic gradient descent with warm
#   restarts.* ICLR 2017.
