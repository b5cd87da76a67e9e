# %% [markdown]
# # 0. Start here
#
# ![Left: codes of handwritten digits as points of a plane, each drawn as its digit,
# equal digits mostly together. Right: the digits that a decoder draws at the places of
# that plane.](../../slides/figures/01_basic_autoencoder-latent-map.png)
#
# *From lesson 1: a network has put each handwritten digit somewhere in a plane
# (left), and can draw a digit at every place of it (right).*

# %% [markdown]
# After this lesson you can
#
# - run a lesson, interrupt it, and check your answers to its exercises;
# - say what the data are, and what the symbols of the course mean;
# - train a first autoencoder and show its reconstructions.
#
# **Builds on:** Python and PyTorch (tensors, `nn.Module`, gradients).
# **Time:** 25 minutes to read and work, a quarter of a minute to run.
#
# Run the cells from top to bottom with Shift+Enter. The first one is the
# same in every lesson.
#
# Lessons come with their outputs, so that you can read them anywhere. Here,
# first choose *Edit → Clear Outputs of All Cells*: then the predictions below
# are really yours.

# %%
import matplotlib.pyplot as plt
import torch
from torch import nn

import course_lib

course_lib.start()

# %% [markdown]
# ## How a lesson works
#
# A lesson goes in small steps: an idea, its equation, the code, a picture,
# what to notice in it. Now and then it asks you to **predict** what the next
# cell will show. Say your answer aloud before you run the cell: a wrong guess
# is worth more than a quick look. Answers are folded, like this one:
#
# <details><summary>What is an autoencoder, in one sentence?</summary>
#
# A network that is trained to give back its own input, although it must
# squeeze it through a code that is smaller than the input.
#
# </details>
#
# A lesson builds each idea by hand before it takes the finished version from
# `course_lib`. This first lesson is the exception: it borrows from lesson 1, so
# that you see a result today. Wonder what a function does? Put a question mark
# behind it, such as `course_lib.start?`, and run the cell.

# %% [markdown]
# ## Your machine
#
# The set-up cell has printed one line. Here is the rest, for the day when you
# ask somebody for help.

# %%
import os
import platform

import torchvision

from course_lib.environment import best_device

print(f"Python        {platform.python_version()} on {platform.system()}")
print(f"PyTorch       {torch.__version__}")
print(f"torchvision   {torchvision.__version__}")
print(f"processor     {os.cpu_count()} cores")
print(f"threads used  {torch.get_num_threads()}")
print(f"device        {best_device()}")

# %% [markdown]
# **Device.** No GPU is needed: each lesson runs in about half a minute on one
# processor core. Where there is a GPU, training uses it, and the trained
# model comes back to the CPU. So you never have to move a tensor yourself.
#
# **Threads.** PyTorch would use all cores. On a busy machine that is very slow:
# each thread waits for the slowest, and your browser wants a core too. So the
# course takes half of the cores, four at most. The environment variable
# `OMP_NUM_THREADS`, set before you start JupyterLab, overrules it.

# %% [markdown]
# ## The data
#
# The course works on handwritten digits. With a network, `load` downloads
# MNIST once (12 MB). Without one it takes the smaller set of digits that
# comes with scikit-learn, and says so. Every lesson runs on both. Where the
# text says *on MNIST*, the smaller set may give another number.

# %%
from course_lib import data

dataset = data.load()
x = dataset.train_images  # (N, 1, 28, 28)
print(f"{dataset.name}: {len(x):,} images to train on,")
print(f"{len(dataset.test_images):,} to test on, each of shape {x[0].shape}")

# %% [markdown]
# Look at the data before you model them. We draw 0 as white and 1 as black,
# like ink on paper.

# %% name="data" tags=["slide-figure"] alt="Sixty handwritten digits in four rows of fifteen, black ink on white. Slant, width of the strokes and shape differ from image to image, even between images of the same digit."
from course_lib import plotting

plt.figure(figsize=(8, 3.6))
plotting.show_grid(
    x[:60], columns=15, title=f"The first 60 images: {dataset.name}"
)
plt.show()

# %% [markdown]
# An image is nothing but numbers between 0 and 1. Here is a part of the first
# one, in tenths.

# %%
part = x[0, 0, 6:16, 8:20]  # rows 6 to 15, columns 8 to 19
for row in (10 * part).round().int().tolist():
    print(" ".join(f"{value:2d}" for value in row))

# %% [markdown]
# **Predict:** how are these numbers distributed? What fraction of all pixels is
# exactly 0, and are there many greys? (The histogram's axis is logarithmic.)

# %% alt="Left, a histogram of pixel values with logarithmic counts: nearly 40 million pixels near 0, over 3 million near 1, and about a hundred thousand in each bin between. Right, the mean image, a grey blur with an empty border."
fig, (left, right) = plt.subplots(1, 2, width_ratios=[3, 2])
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
# The mean image of MNIST shows that the border is almost always empty. A model
# gets much right before it has learned anything about digits. That is why we
# compare with the mean image first.
#
# </details>

# %% [markdown]
# ## Notation
#
# These symbols mean the same in the text, in the code and on the slides.
# Don't learn them now: come back when you meet one. Those from $\mu$ to $\beta$
# belong to part II, lessons 5 to 9.
#
# | symbol | meaning | in code | shape |
# | --- | --- | --- | --- |
# | $x$, $\hat x$ | image, reconstruction | `x`, `x_hat` | (B, 1, 28, 28) |
# | $z$ | code, latent variable | `z` | (B, K) |
# | $f_\phi$, $g_\theta$ | encoder, decoder | `encoder`, `decoder` | |
# | $\mu$, $\log\sigma^2$ | of $q_\phi(z\mid x)$ | `mu`, `logvar` | (B, K) |
# | $p_\theta(x\mid z)$ | likelihood | `logits` | (B, 1, 28, 28) |
# | $p(z)$ | prior, $\mathcal N(0, I)$ | | |
# | $\epsilon$ | standard normal noise | `eps` | (B, K) |
# | $\beta$ | weight of the KL term | `beta` | |
# | $D$ | pixels: 784 | `num_pixels` | |
# | $K$ | size of the code | `latent_dim` | |
# | $B$ | images in a batch | `batch_size` | |

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
# It is the squared error *of one image*, on average. It stays comparable when
# the batch grows. In part II it is added to a second term, which is summed
# too. Many published losses average one term and sum the other. Lesson 8
# shows what that does.

# %% [markdown]
# The cell computes (0.1), one image after the other, for the simplest of all
# reconstructions: the mean image, whatever the input. PyTorch's `mse_loss`
# averages over pixels as well, so it is $D$ = 784 times smaller.

# %%
# Check (0.1)
test = dataset.test_images
x_hat = mean_image.expand_as(test)
pairs = zip(test.double(), x_hat.double())
errors = [((image - drawn) ** 2).sum() for image, drawn in pairs]
baseline = sum(errors) / len(errors)
print(f"Squared error of the mean image: {baseline:.1f} per image.")
mse = nn.functional.mse_loss(x_hat.double(), test.double())
torch.testing.assert_close(baseline, 784 * mse, rtol=0, atol=1e-8)

# %% [markdown]
# ## A first autoencoder
#
# An encoder takes 784 pixels to a code of 32 numbers. A decoder takes the
# code back to 784 pixels. Nobody tells it what a digit is. Its only aim is a
# small error (0.1). Lesson 1 explains every line. First the error, as a loss:

# %%
from course_lib import losses, models, training


def loss(model, x):
    """Return the squared error of each image, shape (B,)."""
    return {"loss": losses.squared_error(model.reconstruct(x), x)}


# %% [markdown]
# Now build the model, and train it: 1,000 steps, each on 128 images drawn at
# random.
#
# **You can interrupt it.** Press the stop button (■) above the notebook, or
# the key I twice. `fit` then returns what it has learned so far, and the
# lesson goes on. Run the cell again, and a new model is trained from the start.

# %%
torch.manual_seed(0)  # the same model each time that you run this cell
encoder = models.mlp_encoder(784, 128, 32)
decoder = models.mlp_decoder(32, 128, 784)
model = models.Autoencoder(encoder, decoder)
history = training.fit(model, loss, x, steps=1000, lr=3e-3)
history

# %% alt="Line chart of squared error per image against training step. The running mean falls steeply, crosses the dashed line of the mean image, at 53, near step 50, then flattens and ends near 10 at step 1,000."
history.plot()
plt.axhline(baseline, color="gray", linestyle="--", label="mean image")
plt.ylabel("squared error per image")
plt.title("Training, as a running mean")
plt.ylim(0)
plt.legend()
plt.show()

# %% [markdown]
# **Predict:** the code keeps 32 numbers out of 784. What will be lost? Look
# at *test* images, which the model has never seen.

# %% name="first-reconstruction" tags=["slide-figure"] alt="Two rows of twelve test digits, the images above and their reconstructions below. Every digit keeps its shape and slant, but its strokes are softer, with grey edges, and thin ends and small loops blur."
with torch.no_grad():
    x_hat = model.reconstruct(test[:12])
plotting.show_rows({"image": test[:12], "reconstruction": x_hat})
plt.show()

# %%
from course_lib import evaluation

error = evaluation.evaluate(model, loss, test)["loss"]
print(f"Test error {error:.1f} per image; the mean image has {baseline:.1f}.")
assert error < 0.5 * baseline

# %% [markdown]
# <details><summary>What to notice</summary>
#
# The digits come back, with their slant and their loops. Fine detail goes
# first: thin ends, small gaps, the noise of the pen. The error is less than
# half of the mean image's.
#
# Is that good? We can't know without a stronger rival. Lesson 1 compares with
# principal component analysis, which also keeps 32 numbers, and there not
# every autoencoder wins.
#
# </details>

# %% [markdown]
# ## What the times mean on your machine
#
# Each lesson states its running time, measured on one core of an ordinary
# processor. There, one training step like those above takes about 2 ms.

# %%
factor = history.seconds / len(history) / 0.002
if factor < 1.5:
    print("Expect about the running times that the lessons state.")
else:
    print(f"Expect about {factor:.0f} times the running times stated.")

# %% [markdown]
# Ten times or more? Then other programs want the same cores. Close what you
# don't need, or start JupyterLab with `OMP_NUM_THREADS=1`.

# %% [markdown]
# ## Exercises
#
# Each exercise is a function with a hole. Replace the line that raises
# `NotImplementedError` and run the cell. Its last line checks your answer: it
# prints *passed*, or names the mistake. Until you begin, it prints *not
# attempted yet*, so you can always run the whole lesson. Hints are folded.
# Solved lessons stand in the folder `solutions`.
#
# You will need the first function in every lesson, and the other two in part II.

# %% [markdown]
# ### Exercise 1: the squared error
#
# Write (0.1) before its mean over the batch: one number for each image. It
# must work for images of any shape.
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
# ### Exercise 2: the normal density
#
# Lesson 3 and part II build on the normal distribution, and always on the
# *logarithm* of its density:
#
# $$\log \mathcal N(x; \mu, \sigma^2)
# = -\tfrac12 \log(2\pi) - \log\sigma - \frac{(x - \mu)^2}{2\sigma^2} .
# \tag{0.2}$$
#
# <details><summary>Why the logarithm?</summary>
#
# The density of an image is a product of 784 factors. Such a product is too
# small for a floating-point number; the sum of the logarithms is not.
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
# The last term is the bell's shape. The other two make the density's integral
# equal to 1. So their negative must be the logarithm of the bell's integral,
# which the cell computes on a fine grid.

# %%
# Check (0.2)
grid = torch.linspace(-20, 20, 40_001, dtype=torch.float64)
mean, sd = torch.tensor([0.5, 1.7], dtype=torch.float64)
bell = torch.exp(-((grid - mean) ** 2) / (2 * sd**2))
log_integral = torch.trapezoid(bell, grid).log()
assert abs(log_integral - (math.log(2 * math.pi) / 2 + sd.log())) < 1e-8

# %% [markdown]
# ### Exercise 3: the standard error
#
# Whenever the course estimates a mean from $n$ random samples, it says how
# far off the estimate may be. With $s$ the samples' standard deviation, the
# **standard error** of their mean is
#
# $$\mathrm{SE} = \frac{s}{\sqrt n} . \tag{0.3}$$
#
# Four times as many samples halve it. An estimate that lies four standard errors
# from what it should be is a bug, not bad luck: for many samples, luck does that
# once in 16,000 times.


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
# Does (0.3) tell the truth? Estimate the same mean 2,000 times, each time from
# 100 samples, and see how much the estimates really scatter. (Their scatter is
# itself estimated, from $n$ = 2,000 values, with a relative standard error of
# $1 / \sqrt{2n}$.)

# %%
# Check (0.3)
generator = torch.Generator().manual_seed(0)
samples = torch.rand(2000, 100, generator=generator)  # uniform on [0, 1]
scatter = samples.mean(1).std()
promised = samples.std(1).mean() / 100**0.5
print(f"The estimates scatter by {scatter:.4f}; (0.3) says {promised:.4f}.")
assert abs(scatter / promised - 1) < 4 / (2 * 2000) ** 0.5

# %%
luck = math.erfc(4 / math.sqrt(2))  # beyond four standard errors, two-sided
print(f"Four standard errors or more: once in {1 / luck:,.0f} times.")
assert 15_000 < 1 / luck < 17_000

# %% [markdown]
# ## Summary
#
# - The data: handwritten digits, 28 × 28 pixels in [0, 1], four in five
#   exactly 0 on MNIST.
# - One rule for every loss: sum over pixels, mean over the batch.
# - An autoencoder learns to give back its input through a small code. It beats
#   the mean image by far. Whether it beats its real rivals is the question of
#   the next lesson.
#
# **Next:** [1. The basic autoencoder](01_basic_autoencoder.ipynb), which builds
# all of this by hand.

# %% [markdown]
# ## References
#
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner. *Gradient-based learning
#   applied to document recognition.* Proceedings of the IEEE 86 (1998),
#   2278–2324. The MNIST digits.
# - E. Alpaydin, C. Kaynak. *Cascading classifiers.* Kybernetika 34 (1998),
#   369–374. The digits in scikit-learn.
# - G. E. Hinton, R. R. Salakhutdinov. *Reducing the dimensionality of data
#   with neural networks.* Science 313 (2006), 504–507. The paper that made
#   deep autoencoders work.
