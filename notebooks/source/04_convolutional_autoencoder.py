# %% [markdown]
# # 4. The convolutional autoencoder
#
# After this lesson you can
#
# - compute output sizes and receptive fields, and check them against PyTorch;
# - say what equivariance is, and measure where strides break it;
# - go back up: transposed convolutions, and the checkerboards that they draw;
# - compare two networks fairly: at equal parameters, steps *and* time;
# - say what a convolutional network gains on images, and what it does not.
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

# %%
from course_lib import data, plotting

dataset = data.load()
x, test = dataset.train_images, dataset.test_images[:2000]
on_mnist = dataset.name == "mnist"
print(dataset)

# %% [markdown]
# ## 1. What a linear layer does not know
#
# **Predict:** shuffle the pixels of all images, by one and the same permutation.
# How much worse does lesson 1's network become?
#
# <details><summary>Answer</summary>
#
# No worse. Shuffle the columns of its first weight matrix in the same way, and it
# gives the same codes; the same holds for the output's rows. And the shuffled
# weights are as likely a random start as the first ones. So the network does not
# know which pixels are neighbours: it has to find out, from data.
#
# </details>
#
# The first layer shows it:

# %%
order = torch.randperm(784)
layer, shuffled = nn.Linear(784, 128), nn.Linear(784, 128)
with torch.no_grad():
    shuffled.weight.copy_(layer.weight[:, order])
    shuffled.bias.copy_(layer.bias)
    pixels = x[:100].flatten(1)
    codes, other = layer(pixels), shuffled(pixels[:, order])
torch.testing.assert_close(other, codes, rtol=0, atol=1e-5)

# %% [markdown]
# A **convolution** builds two facts about images in.
#
# - **Locality:** what a unit looks at is a small window.
# - **The same everywhere:** all windows share one small set of weights, the
#   **kernel**.
#
# Count what this saves. From 28 × 28 pixels to 16 maps of 14 × 14:

# %%
convolution = nn.Conv2d(1, 16, kernel_size=3, stride=2, padding=1)
shared = sum(p.numel() for p in convolution.parameters())
dense = 28 * 28 * (16 * 14 * 14) + 16 * 14 * 14  # weights and biases
print(f"convolution: {shared} parameters; linear layer: {dense:,}")
print(f"output: {tuple(convolution(x[:5]).shape)}")

# %% [markdown]
# ### How large is the output?
#
# Along one axis there are $n$ pixels. **Padding** $p$ adds zeros at both ends. A
# kernel of $k$ taps with **dilation** $d$ (a tap on every $d$-th pixel) covers
# $d (k - 1) + 1$ pixels. It moves in steps of the **stride** $s$. The first window
# fits at once. After it, $n + 2p - d (k - 1) - 1$ pixels are left, and each $s$ of
# them allow one more:
#
# $$n_{\text{out}} = \left\lfloor \frac{n + 2p - d (k - 1) - 1}{s}
# \right\rfloor + 1 . \tag{4.1}$$

# %%
# Check (4.1)
from itertools import product

import torch.nn.functional as F

checked = 0
for n, k, s, p, d in product(
    (9, 28), (1, 3, 4, 5), (1, 2, 3), (0, 1, 2), (1, 2)
):
    signal, kernel = torch.zeros(1, 1, n), torch.zeros(1, 1, k)
    y = F.conv1d(signal, kernel, stride=s, padding=p, dilation=d)
    left = n + 2 * p - d * (k - 1) - 1  # pixels left after the first window
    assert y.shape[-1] == left // s + 1
    checked += 1
print(f"{checked} settings agree with PyTorch.")

# %% [markdown]
# ## 2. Shift in, shift out
#
# Because the weights are the same everywhere, a pattern that moves is found
# again, moved. Let $T_u$ shift an image by $u$ pixels. A convolution $c$ of stride
# $s$ is **equivariant** to shifts by multiples of its stride:
#
# $$c(T_{s u}\, x) = T_u\, c(x) , \tag{4.2}$$
#
# away from the borders. The condition matters: a shift by *one* pixel is half a
# step of a stride-2 grid, and there is no half step.
#
# **Predict:** two layers of stride 2. Which shifts of the input does the result
# follow exactly?


# %%
def moved(images, u):
    """Shift images u pixels to the right; zeros come in from the left."""
    return F.pad(images, (u, 0))[..., : images.shape[-1]]


torch.manual_seed(0)
two_layers = nn.Sequential(
    nn.Conv2d(1, 16, 3, stride=2, padding=1),
    nn.GELU(),
    nn.Conv2d(16, 32, 3, stride=2, padding=1),
)


# %%
@torch.no_grad()
def mismatch(layers, images, u, v):
    """Compare maps of images shifted by u with maps shifted by v."""
    maps, other = layers(images), layers(moved(images, u))
    expected = moved(maps, v)
    inside = (slice(None), slice(None), slice(2, -2), slice(3, -2))
    gap = (other - expected)[inside].square().sum()
    return (gap / expected[inside].square().sum()).sqrt().item()


# %%
# Check (4.2)
exact = nn.Conv2d(1, 16, 3, stride=2, padding=1).double()
images = test[:200].double()
assert mismatch(exact, images, 2, 1) < 1e-8
assert mismatch(exact, images, 4, 2) < 1e-8
assert min(mismatch(exact, images, 1, v) for v in (0, 1)) > 0.05

# %%
gaps = [
    min(mismatch(two_layers, test[:200], u, v) for v in (0, 1, 2))
    for u in range(9)  # the best of three shifts of the maps
]

# %% alt="Bar chart of relative mismatch against the input's shift, from 0 to 8 pixels. At 0, 4 and 8 there is no bar. Between, mismatch is about 0.4 at odd shifts and highest at 2 and 6, above 0.6."
plt.bar(range(9), gaps)
plt.xlabel("shift of the input (pixels)")
plt.ylabel("relative mismatch, best shift")
plt.show()

# %%
assert gaps[4] < 1e-5 and gaps[8] < 1e-5
assert min(gaps[1:4] + gaps[5:8]) > 0.05

# %% [markdown]
# Multiples of 4, the product of the strides. Between them the maps change in a
# way that is not a shift. "Convolutional networks are translation invariant" is
# wrong twice: they are equivariant, and only on the grid of their strides.
#
# ## 3. How far does a unit see?
#
# The **receptive field** of a unit is the smallest window that holds all input
# pixels on which it depends. One layer sees $k$ taps. Behind a layer of stride 2,
# neighbouring units are 2 pixels apart, so the next kernel reaches twice as far. In
# general, layer $l$ takes steps of $s_1 \cdots s_{l-1}$ pixels, and adds its own
# reach in such steps:
#
# $$r = 1 + \sum_{l} d_l\, (k_l - 1) \prod_{i < l} s_i . \tag{4.3}$$
#
# An independent way to find it: send a gradient back from one unit, and measure the
# window that it reaches.


# %%
# Check (4.3)
def field_by_gradient(layers):
    """Return the width of a middle unit's receptive field in pixels."""
    pixels = torch.zeros(1, 1, 101, dtype=torch.float64, requires_grad=True)
    y = pixels
    for k, s, d in layers:
        ones = torch.ones(1, 1, k, dtype=torch.float64)
        y = F.conv1d(y, ones, stride=s, dilation=d)
    y[0, 0, y.shape[-1] // 2].backward()
    reached = pixels.grad.flatten().nonzero()
    return int(reached.max() - reached.min()) + 1


# %%
stacks = {
    "two 3s of stride 2": ([(3, 2, 1), (3, 2, 1)], 1 + 2 + 2 * 2),
    "a third one": ([(3, 2, 1)] * 3, 1 + 2 + 2 * 2 + 2 * 4),
    "one 7": ([(7, 1, 1)], 1 + 6),
    "dilated": ([(3, 1, 1), (3, 1, 2), (3, 1, 4)], 1 + 2 + 2 * 2 + 2 * 4),
    "mixed": (
        [(3, 2, 1), (5, 3, 2), (4, 1, 3)],
        1 + 2 + 2 * 4 * 2 + 3 * 3 * 6,
    ),
}
for name, (layers, by_formula) in stacks.items():
    assert field_by_gradient(layers) == by_formula
    print(f"{name:20} sees {by_formula:2} pixels")

# %% [markdown]
# So our two layers of stride 2 see 7 pixels. Ask the layers themselves:

# %%
pixels = torch.zeros(1, 1, 28, 28, requires_grad=True)
two_layers(pixels)[0, :, 3, 3].sum().backward()
rows, columns = pixels.grad[0, 0].nonzero().T
print(f"rows {rows.min()} to {rows.max()}, ", end="")
print(f"columns {columns.min()} to {columns.max()}")
assert rows.unique().numel() == columns.unique().numel() == 7

# %% [markdown]
# Seven pixels are a quarter of the image's side: enough for a piece of a stroke, not
# for a digit. The linear layer behind them puts pieces together.
#
# ## 4. Going up again
#
# A decoder must enlarge maps. As a linear map, a convolution is a matrix $C$ (very
# sparse, with few different numbers). It takes large to small; its transpose takes
# small to large. That is all that a **transposed convolution** is:
#
# $$\langle C x,\, y \rangle = \langle x,\, C^\top y \rangle
# \quad \text{for all } x, y . \tag{4.4}$$
#
# It does *not* undo the convolution, although it was once called "deconvolution".

# %%
# Check (4.4)
kernel = torch.randn(16, 3, 4, 4, dtype=torch.float64)
large = torch.randn(1, 3, 14, 14, dtype=torch.float64)
little = torch.randn(1, 16, 7, 7, dtype=torch.float64)
down = F.conv2d(large, kernel, stride=2, padding=1)  # (1, 16, 7, 7)
up = F.conv_transpose2d(little, kernel, stride=2, padding=1)  # (1, 3, 14, 14)
assert abs((down * little).sum() - (large * up).sum()) < 1e-8
back = F.conv_transpose2d(down, kernel, stride=2, padding=1)
assert (back - large).abs().max() > 1  # not the inverse

# %% [markdown]
# Picture it as painting: each small pixel paints a $k \times k$ square, and the
# squares lie $s$ pixels apart. The first begins at 0, the last at $(n - 1) s$, and
# it is $k$ wide. Padding *cuts off* $p$ at both ends, and the **output padding**
# $o$ adds a few pixels at one end, to choose among the sizes that a stride makes
# possible:
#
# $$n_{\text{out}} = (n - 1)\, s + k - 2p + o . \tag{4.5}$$

# %%
# Check (4.5)
for n, k, s, p in product((7, 14), (2, 3, 4, 5), (1, 2, 3), (0, 1)):
    for o in range(s):
        signal, kernel = torch.zeros(1, 1, n), torch.zeros(1, 1, k)
        y = F.conv_transpose1d(signal, kernel, None, s, p, o)
        begin = (n - 1) * s  # where the last square begins
        assert y.shape[-1] == begin + k - 2 * p + o

# %% [markdown]
# ### Checkerboards
#
# Squares overlap. **Predict:** kernel 3, stride 2. How many squares cover each
# pixel?

# %% name="overlap" tags=["slide-figure"] alt="Two maps of how many squares paint each pixel, at stride 2. Kernel 3: a regular check of ones, twos and fours. Kernel 4: four everywhere, except for a rim of twos with ones at its corners."
ones = torch.ones(1, 1, 7, 7)
cover = {
    f"kernel {k}, stride 2": F.conv_transpose2d(
        ones, torch.ones(1, 1, k, k), stride=2, padding=1
    )[0, 0]
    for k in (3, 4)
}
fig, panels = plt.subplots(1, 2, figsize=(7, 3.2))
for ax, (name, counts) in zip(panels, cover.items()):
    picture = ax.imshow(counts, vmin=0, vmax=4, cmap="Blues")
    ax.set(title=name, xticks=[], yticks=[])
    ax.grid(False)
    fig.colorbar(picture, ax=ax, ticks=range(5), label="squares painting it")
plt.show()

# %%
middle = {name: counts[2:-2, 2:-2].unique() for name, counts in cover.items()}
assert middle["kernel 3, stride 2"].tolist() == [1, 2, 4]
assert middle["kernel 4, stride 2"].tolist() == [4]

# %% [markdown]
# With kernel 3, one, two or four: a checkerboard, in every output, before any
# learning. With kernel 4, which the stride divides, all pixels get four. (At the
# border fewer.) The third way avoids squares altogether: **resize**, by repeating
# each pixel, and then an ordinary convolution.
#
# How strong is the pattern in a picture? A pattern of period 2 is the highest
# frequency that pixels can show, the **Nyquist** frequency. So take the Fourier
# transform, and ask for the share of the power, the mean left out, at that
# frequency in rows or columns. For images of 28 pixels it has index 14.


# %%
def checkerboard_share(images):
    """Return the share of power at the Nyquist frequency, for 28 x 28."""
    centred = images - images.mean((2, 3), keepdim=True)
    power = torch.fft.fft2(centred).abs().square().mean((0, 1))  # (28, 28)
    nyquist = power[14].sum() + power[:, 14].sum() - power[14, 14]
    return (nyquist / power.sum()).item()


# %%
at = torch.arange(28)
board = ((at[:, None] + at) % 2).float()[None, None]  # a checkerboard
assert abs(checkerboard_share(board) - 1) < 1e-6
print(f"in a checkerboard: 100 %, in digits: {checkerboard_share(test):.1%}")

# %% [markdown]
# Now the whole autoencoder, in three forms. Down: two convolutions, then a linear
# layer to 32 numbers. Up: the way back, with one of three ways to double the size.


# %%
def build_encoder():
    """Return an encoder: images (B, 1, 28, 28) -> codes (B, 32)."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1),  # (B, 16, 14, 14)
        nn.GELU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),  # (B, 32, 7, 7)
        nn.GELU(),
        nn.Flatten(),  # (B, 1568)
        nn.Linear(32 * 7 * 7, 32),
    )


# %%
def build_decoder(double):
    """Return a decoder: codes (B, 32) -> logits (B, 1, 28, 28)."""
    return nn.Sequential(
        nn.Linear(32, 32 * 7 * 7),
        nn.GELU(),
        nn.Unflatten(1, (32, 7, 7)),
        double(32, 16),  # (B, 16, 14, 14)
        nn.GELU(),
        double(16, 1),  # (B, 1, 28, 28)
    )


# %%
def transposed_3(inputs, outputs):
    return nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, output_padding=1)


def transposed_4(inputs, outputs):
    return nn.ConvTranspose2d(inputs, outputs, 4, 2, 1)


# %%
def resize(inputs, outputs):
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1)
    return nn.Sequential(nn.Upsample(scale_factor=2), convolution)


# %%
from course_lib import losses, models, training


def squared_error(model, x):
    """Return the squared error of each image, shape (B,)."""
    return {"loss": losses.squared_error(model.reconstruct(x), x)}


def train(model, steps=200):
    models.start_at_mean(model.decoder, x)
    options = {"lr": 1e-2, "lr_schedule": training.cosine}
    options |= {"steps": steps, "validation": test[:500]}
    return training.fit(model, squared_error, x, **options)


# %% [markdown]
# The output layer has one bias for all pixels, so `start_at_mean` sets it to the
# logit of the *mean pixel*: less than a mean image, but better than grey.
#
# **Predict:** in which of the three does one see checkerboards, before training and
# after?

# %%
from course_lib.evaluation import evaluate

ways = {"kernel 3": transposed_3, "kernel 4": transposed_4, "resize": resize}
trained, history, at_start, drawn = {}, {}, {}, {}
for name, double in ways.items():
    torch.manual_seed(0)
    model = models.Autoencoder(build_encoder(), build_decoder(double))
    with torch.no_grad():
        at_start[name] = model(test[:10])
    history[name] = train(model)
    trained[name] = model
    drawn[name] = model.reconstruct(test[:500]).detach()

# %% name="checkerboards" tags=["slide-figure"] alt="Six rows of ten images. Untrained, each way draws one texture for all inputs: kernel 3 a fine checkerboard, kernel 4 an irregular one, resizing soft blotches. Trained, all three draw smooth digits without any visible pattern."
rows = {}
for name in ways:
    centred = at_start[name] - at_start[name].mean((2, 3), keepdim=True)
    rows[f"{name}, untrained"] = plotting.signed(centred)
    rows[f"{name}, trained"] = drawn[name][:10]
plotting.show_rows(rows)
plt.show()

# %% [markdown]
# One untrained network may be lucky, so the share before training is a mean over
# twenty random starts.


# %%
@torch.no_grad()
def untrained_share(double):
    """Return the mean checkerboard share over twenty random starts."""
    shares = []
    for _ in range(20):
        model = models.Autoencoder(build_encoder(), build_decoder(double))
        shares.append(checkerboard_share(model(test[:10])))
    return torch.tensor(shares).mean().item()


# %%
before, after, error_of = {}, {}, {}
for name, double in ways.items():
    before[name] = untrained_share(double)
    after[name] = checkerboard_share(drawn[name])
    error_of[name] = evaluate(trained[name], squared_error, test)["loss"]
    print(
        f"{name:9} power at Nyquist: {before[name]:5.1%} untrained, ", end=""
    )
    print(f"{after[name]:.1%} trained; squared error {error_of[name]:.1f}")

# %%
assert min(before["kernel 3"], before["kernel 4"]) > 20 * before["resize"]
assert max(after.values()) < 0.01
assert max(error_of.values()) < 1.5 * min(error_of.values())

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - *Untrained*, both transposed forms draw checkerboards. Kernel 3 covers
#   unevenly. Kernel 4 covers evenly, but a square's sixteen weights are random and
#   differ. Resizing has hardly any.
# - *Trained*, the pattern is gone from the pixels in all three: less than 1 % of the
#   power is left at that frequency. Weights can learn to cancel it.
# - The largest error is less than 1.5 times the smallest. One seed can't say which
#   way is best: with others the order changes. Resizing needs most
#   arithmetic. It convolves at full size, so each pixel takes 9 multiplications a
#   map. With kernel 4 it takes 4, one for each square that covers it.
#
# </details>
#
# Look at the logits too, before the sigmoid hides what is saturated:

# %%
in_logits, shown = {}, {}
for name, model in trained.items():
    with torch.no_grad():
        logits = model(test[:500])
    shown[f"{name}, logits"] = plotting.signed(logits[:10])
    in_logits[name] = checkerboard_share(logits)
    print(f"{name:9} power at Nyquist in the logits: {in_logits[name]:.2%}")

# %% alt="Three rows of ten digits as logits, strokes dark on a lighter, cloudy ground. With kernel 3 fine stripes run through the ground; with kernel 4 hardly any are left; with resizing it is smooth."
plotting.show_rows(shown)
plt.show()

# %%
transposed = in_logits["kernel 3"], in_logits["kernel 4"]
assert min(transposed) > 2 * in_logits["resize"]

# %% [markdown]
# A trace is left. With kernel 3 one can see it in the background. Resizing has least.
#
# From here on: kernel 4, which has no uneven overlap and needs less arithmetic than
# resizing. `course_lib` has these two halves, as `conv_encoder` and `conv_decoder`.
# Started from the same random numbers they compute the same:

# %%
torch.manual_seed(0)
by_hand = models.Autoencoder(build_encoder(), build_decoder(transposed_4))
torch.manual_seed(0)
library = models.Autoencoder(models.conv_encoder(32), models.conv_decoder(32))
assert torch.equal(by_hand(test[:5]), library(test[:5]))

# %% [markdown]
# ## 5. A fair comparison
#
# Is the convolutional network better than the MLP of lesson 1? "Better" must say at
# equal *what*. Take the same code, $K = 32$, and the same number of parameters:
# 784-70-32 and back.

# %%
conv = trained["kernel 4"]


def new_mlp():
    """Return an untrained MLP, the same at each call."""
    torch.manual_seed(0)
    encoder = models.mlp_encoder(784, 70, 32)
    return models.Autoencoder(encoder, models.mlp_decoder(32, 70, 784))


# %%
sizes = {}
for name, model in {"convolutional": conv, "MLP": new_mlp()}.items():
    sizes[name] = sum(p.numel() for p in model.parameters())
    print(f"{name:13} {sizes[name]:,} parameters")

# %%
assert abs(sizes["convolutional"] / sizes["MLP"] - 1) < 0.01

# %% [markdown]
# A kernel has few weights, but each is used at every place. So a convolution does
# far more arithmetic for each of its parameters. The first layer of the encoder
# has 160 parameters and makes 16 × 14 × 14 outputs, each from 9 pixels. Count the
# multiplications for one image, layer by layer:

# %%
linear = 1568 * 32
encoder = [16 * 14 * 14 * 9, 32 * 7 * 7 * 16 * 9, linear]
decoder = [linear, 32 * 7 * 7 * 16 * 16, 16 * 14 * 14 * 16]
work = {
    "convolutional": sum(encoder) + sum(decoder),
    "MLP": 2 * (784 * 70 + 70 * 32),
}
for name, multiplications in work.items():
    print(f"{name:13} {multiplications:7,} multiplications for each image")

# %%
from torch.utils.flop_counter import FlopCounterMode

with FlopCounterMode(display=False) as counter:
    conv(test[:1])
# a multiplication and an addition are two operations
assert counter.get_total_flops() == 2 * work["convolutional"]
assert 7 < work["convolutional"] / work["MLP"] < 7.2

# %% [markdown]
# Seven times the arithmetic. Time follows it, but not exactly: on one core of the
# machines that we tried, a convolutional step took six to eleven times as long as a
# step of the MLP. So the MLP gets two trainings: as many steps, and *six times* as
# many. Where the ratio printed below is larger than six, that favours the
# convolutions; where it is smaller, as on a GPU, it favours the MLP.
#
# **Predict** the order, PCA with 32 components among them.

# %%
mlp, patient_mlp = new_mlp(), new_mlp()
histories = {"convolutional": history["kernel 4"]}
histories["MLP, same steps"] = train(mlp)
histories["MLP, 6 × steps"] = train(patient_mlp, steps=6 * 200)
seconds = [record.seconds for record in list(histories.values())[:2]]
ratio = seconds[0] / seconds[1]

# %%
from course_lib.environment import best_device

print(f"here, a convolutional step takes {ratio:.0f} times as long")
assert ratio > 3 or best_device().type != "cpu"

# %%
from sklearn.decomposition import PCA

pca = PCA(32, svd_solver="covariance_eigh").fit(x.flatten(1).numpy())


def pca_error(images):
    """Return PCA's squared error per image, 32 components."""
    rows = images.flatten(1).numpy()
    back = torch.from_numpy(pca.inverse_transform(pca.transform(rows)))
    return losses.squared_error(back, images.flatten(1)).mean().item()


# %%
error = {"PCA": pca_error(test)}
networks = dict(zip(histories, (conv, mlp, patient_mlp)))
for name, model in networks.items():
    error[name] = evaluate(model, squared_error, test)["loss"]
for name, value in error.items():
    print(f"{name:15} squared error {value:5.2f} per test image")

# %% name="equal-time" tags=["slide-figure"] alt="Squared error against cost in MLP steps. The MLP with equal steps stops at cost 200, above PCA's 13.6; the convolutional network ends at 8. The MLP with six times the steps is always below it, and ends near 7."
for (name, record), mark in zip(histories.items(), "os^"):
    steps = torch.tensor([step for step, _ in record.validation])
    cost = 6 * steps if name.startswith("conv") else steps
    errors = [terms["loss"] for _, terms in record.validation]
    plt.plot(cost, errors, f"{mark}-", label=name)
plt.axhline(error["PCA"], color="gray", ls="--", label="PCA")
plt.xlabel("cost, in steps of the MLP (a convolutional step counts 6)")
plt.ylabel("squared error per test image")
plt.legend()
plt.show()

# %%
ours, same_steps, more_steps = (error[name] for name in networks)
assert ours < 0.7 * same_steps
assert more_steps < 0.95 * ours
assert not on_mnist or ours < 0.75 * error["PCA"]
assert on_mnist or error["PCA"] < ours

# %% [markdown]
# <details><summary>What to notice</summary>
#
# - *At equal steps* the convolutional network is far ahead: it makes more of every
#   image that it sees.
# - *At equal time*, on one core, the lead is gone: with six times the steps the MLP is
#   clearly better.
# - PCA needs no training. On MNIST it is well behind the convolutional network. On
#   the digits, which have few dimensions, it is ahead.
#
# So "convolutional networks are better at images" needs its condition. Here it holds
# for each step, not for each second. Larger images, or a GPU on which a convolution
# costs little more, may turn that. For centred digits of 28 × 28 pixels on a laptop
# an MLP is no bad choice.
#
# </details>

# %% [markdown]
# ## 6. Shifted digits
#
# Now move the test digits to the side, by up to four pixels. No model has seen
# such digits: in training all were centred. The convolutional network is
# equivariant, or is it? **Predict** the curves of error against shift.

# %%
shifts = range(5)


def both_sides(images, u):
    """Return the images shifted u pixels to the right, and to the left."""
    left = moved(images.flip(-1), u).flip(-1)
    return torch.cat([moved(images, u), left])


# %%
def error_when_shifted(model):
    """Return the squared error for each shift."""
    return [
        evaluate(model, squared_error, both_sides(test, u))["loss"]
        for u in shifts
    ]


# %%
shifted = {"PCA": [pca_error(both_sides(test, u)) for u in shifts]}
for name in "convolutional", "MLP, 6 × steps":
    shifted[name] = error_when_shifted(networks[name])

# %%
for name, errors in shifted.items():
    print(f"{name:15}" + "".join(f"{value:6.1f}" for value in errors))
last = {name: errors[-1] for name, errors in shifted.items()}
assert last["convolutional"] > 2.5 * shifted["convolutional"][0]
assert not on_mnist or last["convolutional"] > 0.9 * last["MLP, 6 × steps"]

# %% [markdown]
# Convolutions have not made it robust. Its maps move with the digit, exactly so at
# four pixels, as (4.2) says. But then comes `Flatten` and a *linear layer*, which
# has a weight of its own for every place. It has never seen ink at the edge, and
# does not know what to do with it.
#
# So leave the linear layers out. A third convolution of stride 2 makes 2 maps of
# 4 × 4: again 32 numbers, but now every number has a *place*.


# %%
def fully_convolutional():
    """Return an autoencoder whose code is 2 maps of 4 x 4 numbers."""
    encoder = nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1),
        nn.GELU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.GELU(),
        nn.Conv2d(32, 2, 3, stride=2, padding=1),  # the code, (B, 2, 4, 4)
    )
    decoder = nn.Sequential(
        nn.ConvTranspose2d(2, 32, 3, stride=2, padding=1),  # (B, 32, 7, 7)
        nn.GELU(),
        transposed_4(32, 16),
        nn.GELU(),
        transposed_4(16, 1),
    )
    return models.Autoencoder(encoder, decoder)


# %% [markdown]
# **Predict:** will it be better or worse than the others on centred digits?

# %%
torch.manual_seed(0)
placed = fully_convolutional()
train(placed)
number = sum(p.numel() for p in placed.parameters())
print(f"{number:,} parameters")
assert 7 < sizes["convolutional"] / number < 9
flat = error_when_shifted(placed)
curves = shifted | {"fully convolutional": flat}
print("shifted: " + "".join(f"{value:6.1f}" for value in flat))

# %% name="shifted-digits" tags=["slide-figure"] alt="Squared error against shifts of 0 to 4 pixels. PCA, the convolutional network and the MLP climb from 14, 8 and 7 to between 27 and 31. The fully convolutional one starts highest, at 16, and ends lowest, at 22."
for (name, errors), mark in zip(curves.items(), "s^ov"):
    style = "--" if name == "PCA" else "-"
    plt.plot(shifts, errors, mark + style, label=name)
plt.xticks(shifts)
plt.ylim(0)
plt.xlabel("shift of the test digits (pixels)")
plt.ylabel("squared error per image")
plt.legend()
plt.show()

# %%
worse = 1.3 if on_mnist else 1.15  # on centred digits
assert flat[0] > worse * curves["convolutional"][0]
assert flat[-1] < 0.9 * last["convolutional"]  # shifted by 4: it is better

# %%
other = curves["MLP, 6 × steps"]
assert flat[-1] < 0.9 * other[-1]
assert flat[-1] / flat[0] < 0.6 * other[-1] / other[0]
assert not on_mnist or flat[0] > 1.05 * curves["PCA"][0]
assert not on_mnist or max(other[u] / flat[u] for u in (1, 2)) < 0.9

# %% [markdown]
# <details><summary>What to notice</summary>
#
# It is worse on centred digits, on MNIST than PCA too, and up to two pixels the MLP
# stays well ahead there. At four pixels it is the best of the networks: its error
# grows least. (4.2) alone does not explain that, since three strides of 2 have a grid
# of 8 pixels. But none of its weights is tied to one place. It also has an eighth of
# the others' parameters, so size may explain part of both. (On the scikit-learn
# digits, part of a shifted image falls off the edge. That makes all errors at large
# shifts hard to compare with those at 0, but not the models with one another.)
#
# Building in a property helps only where the data has it.
#
# </details>

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the output size
#
# Write (4.1) as a function, with PyTorch's defaults, without looking back.
#
# <details><summary>Hint</summary>
#
# How many pixels does a kernel with gaps cover? How many are left after the first
# window? `//` rounds down.
#
# </details>

# %%
from course_lib import checks


def conv_size(n, k, s=1, p=0, d=1):
    """Return the output size of a convolution along one axis.

    n: pixels; k: kernel size; s: stride; p: padding, on both sides
    d: dilation
    """
    # BEGIN SOLUTION
    return (n + 2 * p - d * (k - 1) - 1) // s + 1
    # END SOLUTION


checks.conv_size(conv_size)

# %% [markdown]
# ### Exercise 2: the way back
#
# The same for a transposed convolution. Then find $k$, $s$, $p$ and $o$ that take
# 7 pixels to 28 in one layer.
#
# <details><summary>Hint</summary>
#
# Think of squares that are painted: where does the last one begin, and how wide is
# it? What is cut off at the ends?
#
# </details>


# %%
def tconv_size(n, k, s=1, p=0, op=0):
    """Return the output size of a transposed convolution along one axis.

    n: pixels; k: kernel size; s: stride; p: padding; op: output padding
    """
    # BEGIN SOLUTION
    return (n - 1) * s - 2 * p + k + op
    # END SOLUTION


checks.tconv_size(tconv_size)

# %% tags=["solution"]
print(tconv_size(7, k=4, s=4), "pixels, from k = 4, s = 4, p = 0, o = 0")

# %% [markdown]
# ### Exercise 3: the receptive field
#
# Write (4.3) for any list of layers.
#
# <details><summary>Hint</summary>
#
# Go through the layers from the input on, and keep two numbers: the field so far,
# and how many input pixels one step of the current map is.
#
# </details>


# %%
def receptive_field(layers):
    """Return how many input pixels one output sees, along one axis.

    layers: [(kernel size, stride, dilation), ...] from input to output
    """
    # BEGIN SOLUTION
    field, step = 1, 1
    for k, s, d in layers:
        field += d * (k - 1) * step
        step *= s
    return field
    # END SOLUTION


checks.receptive_field(receptive_field)

# %% [markdown]
# ### Exercise 4: shift images
#
# In both directions, up and down too, with zeros where pixels become free.
#
# <details><summary>Hint</summary>
#
# `F.pad` takes (left, right, top, bottom), and *negative* padding cuts off. Or:
# pad generously on all sides, then take the right window. `torch.roll` is not
# enough: what leaves on one side comes back on the other.
#
# </details>


# %%
def shift(x, dy, dx):
    """Shift images dy pixels down and dx to the right (negative: up, left).

    x: (B, C, H, W); returns the same shape, free pixels 0
    """
    # BEGIN SOLUTION
    return F.pad(x, (dx, -dx, dy, -dy))
    # END SOLUTION


checks.shift(shift)

# %% [markdown]
# ## Summary
#
# - A convolution is local and the same everywhere: few weights, much arithmetic.
# - It is equivariant to shifts by multiples of its stride, and the strides of a
#   stack multiply. A linear layer behind it ends that.
# - The receptive field grows by $d (k - 1)$ times the strides before.
# - A transposed convolution is the transpose of the matrix, not its inverse. It
#   begins with checkerboards. Training removes nearly all of them; resizing hardly
#   has any.
# - Compare at equal parameters, steps and time, and say which. Here the
#   convolutional network wins at equal steps, not at equal time.
# - A built-in property helps where the data has it, and costs where it has not.
#
# **Next:** part II. Lesson 1 asked how codes could follow a distribution that we
# chose. [Lesson 5](05_evidence_lower_bound.ipynb) begins the answer.

# %% [markdown]
# ## References
#
# - K. Fukushima. *Neocognitron: a self-organizing neural network model for a
#   mechanism of pattern recognition unaffected by shift in position.* Biological
#   Cybernetics 36 (1980), 193–202.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner. *Gradient-based learning applied to
#   document recognition.* Proceedings of the IEEE 86 (1998), 2278–2324.
# - J. Masci, U. Meier, D. Cireşan, J. Schmidhuber. *Stacked convolutional
#   auto-encoders for hierarchical feature extraction.* ICANN 2011, 52–59.
# - V. Dumoulin, F. Visin. *A guide to convolution arithmetic for deep learning.*
#   arXiv:1603.07285 (2016).
# - A. Odena, V. Dumoulin, C. Olah. *Deconvolution and checkerboard artifacts.*
#   Distill (2016).
# - R. Zhang. *Making convolutional networks shift-invariant again.* ICML 2019,
#   7324–7334.
