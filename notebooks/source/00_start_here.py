# %% [markdown]
# # 0. Start here
#
# After this lesson you can
#
# - say what an autoencoder is and what it is used for;
# - run a lesson, interrupt it, and check your answers to its exercises;
# - say what the data are, and what the symbols of the course mean;
# - train a first autoencoder and show its reconstructions.
#
# **You should know:** Python; PyTorch (tensors, `nn.Module`, gradients); vectors and
# their norm; for *Further*, the normal distribution and the standard deviation.
# **Time:** 30 minutes for the core, 15 for the exercises, 15 for what is headed
# *Further*. It runs in a quarter of a minute.

# %% [markdown]
# ![Left: codes of handwritten digits as points of a plane, some drawn as their digit,
# equal digits mostly together. Right: the digits that a decoder draws at the places of
# that plane.](../../slides/figures/01_basic_autoencoder-latent-map.png)
#
# *From lesson 1: a network has put each handwritten digit somewhere in a plane
# (left), and can draw a digit at any place in it (right).*
#
# Run the cells from top to bottom with Shift+Enter. Lessons come with their outputs, so
# that you can read them anywhere. Before you run one, choose *Edit → Clear Outputs of
# All Cells*: then the predictions are really yours. The first cell is the same in every
# lesson.

# %%
import matplotlib.pyplot as plt
import torch
from torch import nn

import course_lib

course_lib.start()

# %% [markdown]
# ## What is an autoencoder, and what is it for?
#
# An **autoencoder** is a network that is trained to return its own input. That would
# be easy if it could copy. But it consists of two halves, with something in between
# that makes copying impossible, such as a layer that is much smaller than the input:
#
# - the **encoder** takes an image to a **code**, here of 32 numbers;
# - the **decoder** takes the code back to an image.
#
# So the code must keep what matters about the image, and nobody has to say what that
# is: no labels are used. You will draw the two halves in a few minutes.

# %% [markdown]
# What is that good for?
#
# - **Generating images.** Latent diffusion models, Stable Diffusion among them,
#   generate *codes* and let an autoencoder's decoder draw the image: codes are much
#   smaller than images.
# - **Removing noise.** An autoencoder that is given noisy images and asked for the
#   clean ones learns to denoise (lesson 3).
# - **Finding anomalies.** Trained on normal data only, it returns other data badly. A
#   large error raises the alarm, for instance in the telemetry of a spacecraft.
# - **Science.** *Variational* autoencoders (part II), whose codes follow a known
#   distribution, describe the gene expression of single cells, and let chemists search
#   for molecules in a space of codes.
#
# The papers are listed under *References*.

# %% [markdown]
# ## How a lesson works
#
# A lesson takes small steps: an idea, its equation, the code, a picture, what to
# notice in it. Often it asks you to **predict** what the next cell will show.
# Choose your answer before you run the cell: a wrong guess teaches more than a
# quick look. What would give an answer away is folded, like this:
#
# <details><summary>Must the code be smaller than the input?</summary>
#
# No. It is in lesson 1. In lesson 2 the code is larger, but most of its numbers are 0;
# in lesson 3 the input is damaged. Anything that rules out copying will do.
#
# </details>
#
# A lesson builds each idea by hand before it uses the finished version in
# `course_lib`. This first lesson is the exception: it borrows from lesson 1. To see
# what a function does, put a question mark after its name, as in
# `course_lib.start?`, and run the cell.

# %% [markdown]
# ## The data
#
# The course works on handwritten digits. With an internet connection, `load` downloads
# MNIST once (12 MB). Without one, it takes the smaller set of digits that comes with
# scikit-learn, and says so.
#
# **Which of the two do you have?** Every lesson runs on both. All pictures, numbers
# and descriptions in the text are those of MNIST. On scikit-learn's digits your
# pictures and numbers differ. The conclusions are the same, except where the text says
# *on MNIST*.

# %%
from course_lib import data

dataset = data.load()
x = dataset.train_images  # (N, 1, 28, 28)
print(f"{dataset.name}: {len(x):,} images to train on,")
print(f"{len(dataset.test_images):,} to test on, each of shape {x[0].shape}")

# %% [markdown]
# Look at the data before you model them. We draw 0 as white and 1 as black,
# like ink on paper.

# %% name="data" tags=["slide-figure"] alt="Forty handwritten digits in four rows of ten, black ink on white. Slant, width of the strokes and shape differ from image to image, even between images of the same digit."
from course_lib import plotting

plt.figure(figsize=(8, 3.6))
plotting.show_grid(
    x[:40], columns=10, title=f"The first 40 images: {dataset.name}"
)
plt.show()

# %% [markdown]
# An image is nothing but numbers between 0 and 1.
#
# **Predict:** what fraction of all pixels is exactly 0? (a) one in ten (b) a half
# (c) four in five. And how many are grey, between 0.1 and 0.9: (a) one in ten (b) a
# third (c) a half? (The histogram's axis is logarithmic.)

# %% name="pixels" tags=["slide-figure"] alt="Left, a histogram of pixel values with logarithmic counts: nearly 40 million pixels near 0, over 3 million near 1, and about a hundred thousand in each bin between. Right, the mean image, a grey blur with an empty border."
fig, (left, right) = plt.subplots(1, 2, width_ratios=[3, 2], figsize=(8, 2.8))
left.hist(x.flatten(), bins=50, log=True)
left.set(xlabel="pixel value", ylabel="number of pixels", title="All pixels")
mean_image = x.mean(0, keepdim=True)  # (1, 1, 28, 28)
plotting.show_grid(mean_image, title="The mean image", ax=right)
plt.show()

# %%
zero = (x == 0).float().mean().item()
grey = ((x > 0.1) & (x < 0.9)).float().mean().item()
print(f"{zero:.0%} of the pixels are exactly 0;")
print(f"{grey:.1%} are grey (between 0.1 and 0.9).")

# %% tags=["claims"]
if dataset.name == "mnist":
    assert 0.80 < zero < 0.82 and 0.08 < grey < 0.10

# %% [markdown]
# <details><summary>What to notice</summary>
#
# On MNIST four pixels in five are exactly 0, and not one in ten is grey.
# Almost all pixels are black or white: remember this when lesson 1 treats them
# like probabilities. The scikit-learn digits were reduced to 8 × 8 pixels, and
# are enlarged again here, so they are much greyer.
#
# The mean image shows that the border is almost always empty. So a model gets
# most pixels right before it has learned anything about digits. That is why we
# compare every model with the mean image first.
#
# </details>

# %% [markdown]
# ## One reduction rule
#
# A batch has many images, an image many pixels. A loss turns them all into one
# number, and there are many ways to do so. This course has one:
#
# > **Sum over pixels, mean over the batch.**
#
# The squared error of a batch is therefore
#
# $$\frac1B \sum_{b=1}^{B} \lVert x_b - \hat x_b \rVert^2
# = \frac1B \sum_{b=1}^{B} \sum_{i=1}^{D} (x_{bi} - \hat x_{bi})^2 .
# \tag{0.1}$$
#
# It is the squared error *of one image*, on average, so it does not grow with the
# batch. (In part II a second term is added to it, which is summed too. What happens if
# one of them is averaged instead is shown in lesson 8.)

# %% [markdown]
# The cell computes (0.1), one image after the other, for the simplest of all
# reconstructions: the mean image, whatever the input. The other side is PyTorch's
# `mse_loss`. It averages over pixels too, so it is $D = 784$ times smaller. Under
# many equations of this course a cell like this one computes both sides
# independently, and prints how well they agree.

# %%
# Check (0.1)
from course_lib import verify

test = dataset.test_images
x_hat = mean_image.expand_as(test)
pairs = zip(test.double(), x_hat.double())
errors = [((image - drawn) ** 2).sum() for image, drawn in pairs]
mean_error = sum(errors) / len(errors)
print(f"Squared error of the mean image: {mean_error:.1f} per image.")
mse = nn.functional.mse_loss(x_hat.double(), test.double())
verify.equal("0.1", mean_error, 784 * mse)

# %% [markdown]
# ## A first autoencoder
#
# Here are both halves: a layer of 128 units between the image and the code of 32
# numbers, and another one on the way back. Nothing has been trained yet, so the
# decoder draws noise.

# %% alt="A test image of a digit, 784 pixels; an encoder narrows it to a code of 32 numbers; a decoder widens that to the reconstruction, compared with the image. Before training the reconstruction is even grey noise."
from course_lib import diagrams, models


def untrained():
    """Return the autoencoder before training, the same at each call."""
    torch.manual_seed(0)
    encoder = models.mlp_encoder(784, 128, 32)
    decoder = models.mlp_decoder(32, 128, 784)
    return models.Autoencoder(encoder, decoder)


with torch.no_grad():
    x_hat = untrained().reconstruct(test[:1])
diagrams.autoencoder(test[0], x_hat[0], latent_dim=32)
plt.show()

# %% [markdown]
# Training has one aim: a small error (0.1). For `fit`, the course's training loop, a
# loss is a function that returns one number per image. It returns them in a dictionary
# because later losses have several terms; `fit` makes the one called "loss" small.
# One call then trains the model for 1,000 steps, each on 128 images drawn at random.
#
# **You can interrupt it.** Press the stop button (■) above the notebook, or press Esc
# and then the key I twice. `fit` returns what it has learned so far, and the
# lesson goes on. Run the cell again, and a new model is trained from the start.

# %%
from course_lib import losses, training


def loss(model, x):
    """Return the squared error of each image, shape (B,)."""
    return {"loss": losses.squared_error(model.reconstruct(x), x)}


model = untrained()
history = training.fit(model, loss, x, steps=1000, lr=3e-3)
print(f"{len(history)} steps; the error is now about {history.last():.0f}.")

# %% alt="Line chart of squared error per image against training step. It starts near 180, falls steeply, crosses the dashed line of the mean image, at 53, near step 50, then flattens and ends near 10 at step 1,000."
plt.plot(history.terms["loss"], lw=0.7)
plt.axhline(mean_error, color="gray", ls="--", label="mean image (test)")
plt.xlabel("step")
plt.ylabel("squared error per image")
plt.ylim(0)
plt.legend()
plt.show()

# %% [markdown]
# **Predict:** the code keeps 32 numbers out of 784. What is lost first? (a) the slant
# of a digit (b) thin ends and small gaps (c) which digit it is. Look at *test* images,
# which the model has never seen.

# %% name="first-reconstruction" tags=["slide-figure"] alt="Two rows of twelve test digits, the images above and their reconstructions below. Every digit keeps its shape and slant, but its strokes are softer, with grey edges, and thin ends and small loops blur."
with torch.no_grad():
    x_hat = model.reconstruct(test[:12])
plotting.show_rows({"image": test[:12], "reconstruction": x_hat})
plt.show()

# %%
from course_lib import evaluation

error = evaluation.evaluate(model, loss, test)["loss"]
print(
    f"Test error {error:.1f} per image; the mean image has {mean_error:.1f}."
)

# %% tags=["claims"]
assert error < 0.5 * mean_error
assert dataset.name != "mnist" or error < 0.2 * mean_error

# %% [markdown]
# <details><summary>What to notice</summary>
#
# The digits come back, with their slant and their loops. Fine detail goes
# first: thin ends, small gaps, the noise of the pen. On MNIST the error is less
# than a fifth of the mean image's.
#
# Is that good? We can't know without a stronger rival. Lesson 1 compares with
# principal component analysis, which also keeps 32 numbers, and there not
# every autoencoder wins.
#
# </details>
#
# The drawing from above once more, now with the trained network:

# %% name="autoencoder" tags=["slide-figure"] alt="The same drawing after training: image, encoder, code of 32 numbers, decoder, reconstruction. Now the reconstruction is the digit of the image again, with slightly softer edges."
diagrams.autoencoder(test[0], x_hat[0], latent_dim=32)
plt.show()

# %% [markdown]
# ## Your machine
#
# No GPU is needed; where there is one, training uses it. Of the processor's cores the
# course takes half, four at most, which leaves some for your browser. Each lesson states
# how long it runs on one core of an ordinary processor, where a training step like
# those above takes about 2 ms. Here is how your machine compares, and what to send
# along when you ask somebody for help.

# %%
import os
import platform

import torchvision

from course_lib.environment import best_device

factor = history.seconds / len(history) / 0.002
expect = "about" if factor < 1.5 else f"about {factor:.0f} times"
print(f"Expect {expect} the running times that the lessons state.")
print(f"Python {platform.python_version()} on {platform.system()}")
print(f"PyTorch {torch.__version__}, torchvision {torchvision.__version__}")
print(f"cores: {os.cpu_count()}, threads used: {torch.get_num_threads()}")
print(f"device: {best_device()}")

# %% [markdown]
# Ten times or more? Then other programs want the same cores. Close what you
# don't need, or start JupyterLab with `OMP_NUM_THREADS=1`.

# %% [markdown]
# ## Exercises
#
# Each exercise is a function with a hole. Replace the line that raises
# `NotImplementedError` and run the cell. Its last line checks your answer: it
# prints *passed*, or names the mistake. Until you begin, it prints *not
# attempted yet*, so you can always run the whole lesson. Hints are folded. Solutions
# are in the folder `solutions`.

# %% [markdown]
# ### Exercise 1: the squared error
#
# Write (0.1) without its mean over the batch: one number for each image. It must work
# for images of any shape, colour images (B, 3, height, width) among them.
#
# <details><summary>Hint</summary>
#
# `flatten(1)` keeps the batch dimension and joins all others.
#
# </details>

# %%
from course_lib import checks


def sse(x, x_hat):
    """Return the squared error of each image, summed over its pixels.

    x, x_hat: images and reconstructions, both of shape (B, ...)
    returns: shape (B,)
    """
    # BEGIN SOLUTION
    return (x - x_hat).square().flatten(1).sum(1)
    # END SOLUTION


checks.sse(sse)

# %% [markdown]
# ## Further: two tools for later lessons
#
# You need the first of these functions from lesson 3 on, the second from lesson 5 on.
# You can come back to them then.
#
# ### Exercise 2: the normal density
#
# Lesson 3 and part II build on the normal distribution with mean $\mu$ and variance
# $\sigma^2$, and always on the natural *logarithm* of its density:
#
# $$\log \mathcal N(x; \mu, \sigma^2)
# = -\tfrac12 \log(2\pi) - \log\sigma - \frac{(x - \mu)^2}{2\sigma^2} .
# \tag{0.2}$$
#
# A logarithm to the base 2 counts bits; a natural logarithm counts **nats**. One nat is
# 1.44 bits.
#
# <details><summary>Why the logarithm?</summary>
#
# The density of an image is a product of 784 factors. Such a product is often too
# small, or too large, for a floating-point number; the sum of the logarithms is not.
#
# </details>
#
# <details><summary>Hint</summary>
#
# `sigma` is a tensor and `math.pi` a float: take `torch.log(sigma)` and
# `math.log(2 * math.pi)`.
#
# </details>

# %%
import math


def normal_logpdf(x, mu, sigma):
    """Return the log density of N(mu, sigma^2) at x, element by element.

    x, mu, sigma: tensors whose shapes broadcast; sigma is the standard
        deviation, above 0
    returns: the shape that they broadcast to, in nats
    """
    # BEGIN SOLUTION
    standardised = (x - mu) / sigma
    log_normaliser = torch.log(sigma) + 0.5 * math.log(2 * math.pi)
    return -0.5 * standardised**2 - log_normaliser
    # END SOLUTION


checks.normal_logpdf(normal_logpdf)

# %% [markdown]
# The last term of (0.2) is the bell's shape, $e^{-(x - \mu)^2 / 2\sigma^2}$. The other
# two make the density's integral equal to 1. So with the sign turned they must be the
# logarithm of the integral of the bell, which the cell computes on a fine grid.

# %%
# Check (0.2)
grid = torch.linspace(-20, 20, 40_001, dtype=torch.float64)
mean, sd = torch.tensor([0.5, 1.7], dtype=torch.float64)
bell = torch.exp(-((grid - mean) ** 2) / (2 * sd**2))
log_integral = torch.trapezoid(bell, grid).log()
verify.equal("0.2", log_integral, math.log(2 * math.pi) / 2 + sd.log())

# %% [markdown]
# ### Exercise 3: the standard error
#
# Whenever the course estimates a mean from $n$ independent random samples, it says how
# far off the estimate may be. If $s$ is the samples' standard deviation, then the
# **standard error** of their mean is
#
# $$\mathrm{SE} = \frac{s}{\sqrt n} . \tag{0.3}$$
#
# Four times as many samples halve it. An estimate four standard errors away from what
# it should be is a bug, not bad luck: for a large $n$, luck does that once in 16,000
# times.


# %%
def standard_error(samples):
    """Return the standard error of the mean of samples.

    samples: shape (N,), N at least 2
    returns: a scalar tensor, shape ()
    """
    # BEGIN SOLUTION
    return samples.std() / len(samples) ** 0.5
    # END SOLUTION


checks.standard_error(standard_error)

# %% [markdown]
# Does (0.3) tell the truth? Estimate a mean that is known, the 0.5 of uniform numbers
# on [0, 1], many times, each time from $n$ = 10 samples. On average, the squared
# distance of the estimates from 0.5 must be $\mathrm{SE}^2$. The check says so with a
# standard error of its own.

# %%
# Check (0.3)
generator = torch.Generator().manual_seed(0)
samples = torch.rand(20_000, 10, generator=generator).double()
estimates = samples.mean(1)  # (20000,)
squared_se = samples.var(1) / 10
print(f"The estimates scatter by {estimates.std():.4f} round the mean;")
print(f"(0.3) says {squared_se.mean().sqrt():.4f}.")
verify.sampled("0.3", (estimates - 0.5).square() - squared_se, 0)

# %%
luck = math.erfc(4 / math.sqrt(2))  # beyond four standard errors, two-sided
print(f"Four standard errors or more: once in {1 / luck:,.0f} times.")

# %% tags=["claims"]
assert 15_000 < 1 / luck < 17_000

# %% [markdown]
# ## Further: notation, to look up
#
# These symbols mean the same in the text, in the code and on the slides.
# Don't learn them now: come back when you meet one. Those from $\mu$ to $\beta$
# belong to part II, lessons 5 to 9.
#
# | symbol | meaning | in code | shape |
# | --- | --- | --- | --- |
# | $x$, $\hat x$ | image, reconstruction | `x`, `x_hat` | (B, 1, 28, 28) |
# | $z$ | code, latent variable | `z` | (B, K) |
# | $f_\phi$, $g_\theta$ | encoder, decoder, with weights $\phi$, $\theta$ | `encoder`, `decoder` | |
# | $\mu$, $\log\sigma^2$ | of $q_\phi(z\mid x)$ | `mu`, `logvar` | (B, K) |
# | $p_\theta(x\mid z)$ | likelihood | `logits` | (B, 1, 28, 28) |
# | $p(z)$ | prior, $\mathcal N(0, I)$ | | |
# | $\epsilon$ | standard normal noise | `eps` | (B, K) |
# | $\beta$ | weight of the KL term | `beta` | |
# | $D$ | pixels: 784 | `num_pixels` | |
# | $K$ | size of the code | `latent_dim` | |
# | $B$ | images in a batch | `batch_size` | |

# %% [markdown]
# ## Summary
#
# - An autoencoder is an encoder and a decoder, trained to return the input although
#   something rules out copying: here a code of 32 numbers.
# - Its uses: codes to generate from, noise, anomalies, science.
# - The data: handwritten digits, 28 × 28 pixels in [0, 1], four in five
#   exactly 0 on MNIST.
# - One rule for every loss: sum over pixels, mean over the batch.
# - The first autoencoder is far better than the mean image. Whether it beats stronger
#   rivals is the question of the next lesson.
#
# **Next:** [1. The basic autoencoder](01_basic_autoencoder.ipynb), which builds
# all of this by hand.

# %% [markdown]
# ## References
#
# The data and the idea:
#
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner. *Gradient-based learning
#   applied to document recognition.* Proceedings of the IEEE 86 (1998),
#   2278–2324. The MNIST digits.
# - E. Alpaydin, C. Kaynak. *Cascading classifiers.* Kybernetika 34 (1998),
#   369–374. The digits in scikit-learn.
# - G. E. Hinton, R. R. Salakhutdinov. *Reducing the dimensionality of data
#   with neural networks.* Science 313 (2006), 504–507. The paper that made
#   deep autoencoders work.

# %% [markdown]
# What autoencoders are used for:
#
# - R. Rombach, A. Blattmann, D. Lorenz, P. Esser, B. Ommer. *High-resolution image
#   synthesis with latent diffusion models.* CVPR 2022, 10684–10695.
# - P. Vincent, H. Larochelle, I. Lajoie, Y. Bengio, P.-A. Manzagol. *Stacked denoising
#   autoencoders.* Journal of Machine Learning Research 11 (2010), 3371–3408.
# - M. Sakurada, T. Yairi. *Anomaly detection using autoencoders with nonlinear
#   dimensionality reduction.* MLSDA 2014, 4–11.
# - R. Lopez, J. Regier, M. B. Cole, M. I. Jordan, N. Yosef. *Deep generative modeling
#   for single-cell transcriptomics.* Nature Methods 15 (2018), 1053–1058.
# - R. Gómez-Bombarelli et al. *Automatic chemical design using a data-driven continuous
#   representation of molecules.* ACS Central Science 4 (2018), 268–276.
