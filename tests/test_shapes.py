"""Models on a learner's own data, and sentences where they don't fit."""

import functools
import hashlib
import math

import pytest
import torch
from torch import nn

from course_lib import losses, models, training


def rand(*shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


# --- Images of any shape, vectors, sequences --------------------------------

SHAPES = [(1, 28, 28), (3, 32, 32), (1, 1, 1), (2, 5, 7), (3, 33, 30)]
SHAPES += [(4, 9, 64), (1, 2, 3)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["mlp", "conv"])
def test_images_of_any_shape(kind, shape):
    torch.manual_seed(0)
    if kind == "conv":
        encoder = functools.partial(models.conv_encoder, image_shape=shape)
        decoder = models.conv_decoder(2, image_shape=shape)
    else:
        size = math.prod(shape)
        encoder = functools.partial(models.mlp_encoder, size, 5)
        decoder = models.mlp_decoder(2, 5, size, image_shape=shape)
    x = rand(3, *shape)
    autoencoder = models.Autoencoder(encoder(2), decoder)
    assert autoencoder(x).shape == autoencoder.reconstruct(x).shape == x.shape
    vae = models.VAE(encoder(4), decoder)
    logits, mu, logvar = vae(x[:1])
    assert logits.shape == (1, *shape) and mu.shape == logvar.shape == (1, 2)
    assert vae.reconstruct(x).shape == x.shape
    models.start_at_mean(decoder, x)
    options = {"steps": 2, "batch_size": 2, "device": "cpu"}
    assert training.fit(vae, losses.negative_elbo, x, **options)


@pytest.mark.parametrize("side", range(1, 14))
def test_every_inner_pixel_gets_equally_many_contributions(side):
    """All weights 1: the layer counts what each pixel is painted by."""
    decoder = models.conv_decoder(1, image_shape=(1, side, 8))
    layer = decoder[-1]
    nn.init.ones_(layer.weight)
    nn.init.zeros_(layer.bias)
    counts = layer(torch.ones(1, 16, (side + 1) // 2, 4))[0, 0] / 16
    assert counts.shape == (side, 8)
    assert (counts[2:-2, 2:-2] == 4).all()


def test_the_course_networks_keep_their_numbers():
    """Names, weights, bits: stored results and a checkpoint need them."""
    digest = hashlib.sha256()
    for model in (
        models.Autoencoder(models.conv_encoder(3), models.conv_decoder(3)),
        models.VAE(models.mlp_encoder(784, 6), models.mlp_decoder(3, 784)),
    ):
        for name, value in model.state_dict().items():
            digest.update(f"{name} {tuple(value.shape)}".encode())
    assert digest.hexdigest()[:16] == NAMES_AND_SHAPES
    torch.manual_seed(5)
    ours = models.conv_encoder(3), models.conv_decoder(3)
    torch.manual_seed(5)
    written_out = (
        nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, padding=1),
            nn.GELU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.GELU(),
            nn.Flatten(),
            nn.Linear(32 * 7 * 7, 3),
        ),
        nn.Sequential(
            nn.Linear(3, 32 * 7 * 7),
            nn.GELU(),
            nn.Unflatten(1, (32, 7, 7)),
            nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1),
            nn.GELU(),
            nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
        ),
    )
    x = rand(4, 1, 28, 28)
    for one, other in zip(ours, written_out, strict=True):
        assert torch.equal(one(x), other(x))
        x = one(x)


NAMES_AND_SHAPES = "43b421a516364aff"


def test_vectors():
    torch.manual_seed(0)
    x = rand(99, 10)
    vae = models.VAE(models.mlp_encoder(10, 16, 4), models.mlp(2, 16, 10))
    logits, mu, _ = vae(x)
    assert logits.shape == (99, 10) and mu.shape == (99, 2)
    assert vae.reconstruct(x[:1]).shape == (1, 10)
    encoder, decoder = models.mlp(10, 2), models.mlp(2, 10)
    z = x @ encoder[0].weight.T + encoder[0].bias
    expected = z @ decoder[0].weight.T + decoder[0].bias
    given = models.Autoencoder(encoder, decoder)(x)
    torch.testing.assert_close(given, expected)


def test_sequences():
    x = rand(9, 7, 2)
    decoder = models.mlp_decoder(3, 14, image_shape=(7, 2))
    for encoder in (
        models.mlp_encoder(14, 6),
        nn.Sequential(nn.Conv1d(7, 4, 2), nn.Flatten(), nn.Linear(4, 6)),
    ):
        assert models.VAE(encoder, decoder)(x)[0].shape == x.shape


def test_words_are_whole_numbers_and_get_several_logits_each():
    words = torch.tensor([[0, 4, 1], [2, 2, 3]])
    encoder = nn.Sequential(nn.Embedding(5, 4), nn.Flatten(), nn.Linear(12, 4))
    decoder = models.mlp_decoder(2, 15, image_shape=(3, 5))
    with pytest.raises(ValueError, match=r"\(B, 3, 5\)"):
        models.VAE(encoder, decoder)(words)  # as images they would not fit
    vae = models.VAE(encoder, lambda z: decoder(z))
    assert vae(words)[0].shape == (2, 3, 5)


def test_functions_serve_as_encoder_and_decoder():
    encoder, decoder = models.mlp_encoder(784, 6), models.mlp_decoder(3, 784)
    vae = models.VAE(lambda x: encoder(x), lambda z: decoder(z))
    x = rand(2, 1, 28, 28)
    whole = models.VAE(encoder, decoder)
    assert torch.equal(vae.reconstruct(x), whole.reconstruct(x))


# --- Batches that don't fit -------------------------------------------------


def conv(shape=(1, 28, 28)):
    return models.VAE(
        models.conv_encoder(4, image_shape=shape),
        models.conv_decoder(2, image_shape=shape),
    )


def mlp():
    return models.VAE(models.mlp_encoder(784, 4), models.mlp_decoder(2, 784))


def vectors():
    return models.VAE(models.mlp_encoder(10, 4), models.mlp(2, 10))


def by_hand():
    """Convolutions written out, for images of 8 x 8 pixels."""
    encoder = nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.Flatten(), nn.Linear(64, 4)
    )
    decoder = nn.Sequential(
        nn.Linear(2, 64),
        nn.Unflatten(1, (4, 4, 4)),
        nn.ConvTranspose2d(4, 1, 4, stride=2, padding=1),
    )
    return models.VAE(encoder, decoder)


def plain():  # no layers can be seen
    encoder, decoder = models.mlp_encoder(784, 4), models.mlp_decoder(2, 784)
    return models.VAE(encoder, lambda z: decoder(z))


class Hidden(nn.Module):
    """A module whose layers run in an order that can't be seen."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, z):
        return self.layers(z)


def hidden():
    encoder, decoder = models.mlp_encoder(784, 4), models.mlp_decoder(2, 784)
    return models.VAE(encoder, Hidden(*decoder))


def test_an_image_is_known_by_what_a_hidden_decoder_unflattens():
    model, x = hidden(), rand(1, 28, 28)
    with pytest.raises(ValueError, match=ONE):
        model.encode(x)
    assert model.encode(x[None])[0].shape == (1, 2)
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(12, 4))
    sequences = models.VAE(encoder, Hidden(*models.mlp(2, 12)))
    assert sequences.encode(rand(1, 3, 4))[0].shape == (1, 2)


ONE = r"x\[None\]$"
WRONG = {
    "an image": (mlp, (1, 28, 28), ONE),
    "a convolution's image": (conv, (1, 28, 28), ONE),
    "an image by hand": (by_hand, (1, 8, 8), ONE),
    "an image for a hidden decoder": (plain, (1, 28, 28), ONE),
    "an image for a module": (hidden, (1, 28, 28), ONE),
    "rows and columns": (mlp, (28, 28), r"got \(28, 28\)\. A model for"),
    "pixels": (plain, (28, 28), ONE),
    "a vector": (vectors, (10,), ONE),
    "a number": (vectors, (), ONE),
    "flat images": (mlp, (9, 784), r"x.reshape\(-1, \*\(1, 28, 28\)\)$"),
    "no channel": (conv, (9, 28, 28), r"x.reshape\(-1, \*\(1, 28, 28\)\)$"),
    "larger": (mlp, (9, 1, 32, 32), r"image_shape=\(1, 32, 32\)$"),
    "colour": (conv, (9, 3, 28, 28), r"size 2352 .* image_shape=\(3, 28, 28"),
    "larger by hand": (by_hand, (9, 1, 9, 9), r"made for images of another"),
    "colour by hand": (by_hand, (9, 3, 8, 8), r"\(B, 1, H, W\); got \(9, 3,"),
    "flat by hand": (by_hand, (9, 64), r"\(B, 1, H, W\); got \(9, 64\)"),
    "images for vectors": (vectors, (9, 1, 28, 28), "of 10 numbers; got"),
    "longer vectors": (vectors, (9, 11), "of 10 numbers; got"),
    "none": (mlp, (0, 1, 28, 28), "the batch is empty"),
}


@pytest.mark.parametrize("case", WRONG)
def test_batches_that_do_not_fit(case):
    make, shape, sentence = WRONG[case]
    model = make()
    for run in (model, model.reconstruct):
        with pytest.raises(ValueError, match=sentence) as error:
            run(torch.rand(shape))
        assert str(shape) in str(error.value) or str(shape[1:]) in str(error)
    encoder = nn.Sequential(model.encoder, nn.Linear(4, 2))
    with pytest.raises(ValueError, match=sentence):
        models.Autoencoder(encoder, model.decoder)(torch.rand(shape))


def test_the_sentence_says_what_is_expected_and_what_is_given():
    with pytest.raises(ValueError) as error:
        mlp()(torch.rand(9, 3, 32, 32))
    assert str(error.value) == (
        "a batch of images has shape (B, 1, 28, 28); got (9, 3, 32, 32). A "
        "model for such images has the size 3072 first in mlp_encoder and "
        "last in mlp_decoder, or has conv_encoder and conv_decoder; and "
        "image_shape=(3, 32, 32)"
    )


def test_data_of_another_type():
    x = torch.rand(2, 1, 28, 28)
    for wrong, sentence in (
        (x.numpy(), "float tensor; got an object of type ndarray"),
        ([1, 2], "float tensor; got an object of type list"),
        ((255 * x).byte(), r"got torch.uint8.*data.from_arrays\(x\)"),
        (x.double(), r"in torch.float32, .* x.to\(torch.float32\)"),
    ):
        for model in (mlp(), conv()):
            with pytest.raises(ValueError, match=sentence):
                model(wrong)
    assert mlp().double()(x.double())[0].dtype == torch.float64
    with torch.autocast("cpu", torch.bfloat16):
        mlp()(x.bfloat16())


# --- Halves that don't fit --------------------------------------------------


@pytest.mark.parametrize("make", [models.VAE, models.Autoencoder])
def test_what_is_no_module(make):
    half = nn.Linear(2, 2)
    for halves, sentence in (
        ((nn.Linear, half), r"encoder is the class Linear; .* Linear\(\)"),
        ((half, nn.Identity), "decoder is the class Identity"),
        ((None, half), r"encoder must be .* models.mlp_encoder.*NoneType"),
        ((half, 20), r"decoder must be .* models.mlp_decoder.*int"),
    ):
        with pytest.raises(ValueError, match=sentence):
            make(*halves)


def test_codes_of_another_size():
    x = torch.rand(2, 1, 28, 28)
    halves = models.mlp_encoder(784, 20), models.mlp_decoder(20, 784)
    with pytest.raises(ValueError, match=r"of 20 numbers; .* 10\. .*twice"):
        models.VAE(*halves)(x)
    assert models.Autoencoder(*halves)(x).shape == x.shape
    with pytest.raises(ValueError, match="of 20 numbers; the encoder gives 8"):
        models.Autoencoder(models.mlp_encoder(784, 8), halves[1])(x)


def test_outputs_that_are_no_codes_or_logits():
    x, decoder = torch.rand(4, 6), models.mlp(2, 6)
    for encoder, sentence in (
        (lambda x: (x[:, :2], x[:, 2:]), r"torch.cat\(\[mu, logvar\], 1\)"),
        (lambda x: x[:2, :4], r"one code an image, \(4, K\); it gives \(2, 4"),
        (lambda x: x[:, 0], r"one code an image, \(4, K\); it gives \(4,\)"),
    ):
        with pytest.raises(ValueError, match=sentence):
            models.VAE(encoder, decoder)(x)
    for decoder, sentence in (
        (lambda z: (z, z), "tensor of logits; it gives tuple"),
        (lambda z: z[:, :1], r"\(4, 6\); it gives \(4, 1\)\. For these, "),
        (lambda z: z.repeat(1, 3)[:, None], r"\(4, 6\); it gives \(4, 1, 6\)"),
    ):
        with pytest.raises(ValueError, match=sentence):
            models.VAE(lambda x: x[:, :4], decoder)(x)


def test_errors_of_other_kinds_are_not_touched():
    def out_of_memory(x):
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        models.VAE(out_of_memory, nn.Identity())(torch.rand(2, 2))


# --- Pixels in [0, 1] -------------------------------------------------------


def test_training_on_bytes_says_so():
    x = 255 * rand(9, 1, 28, 28)
    model = models.Autoencoder(
        models.mlp_encoder(784, 2), models.mlp_decoder(2, 784)
    )

    def error(model, x):
        return {"loss": losses.squared_error(model.reconstruct(x), x)}

    with pytest.raises(ValueError, match="divide bytes by 255"):
        training.fit(model, error, x, steps=2, device="cpu")


# --- reparameterize ---------------------------------------------------------


@pytest.mark.parametrize(
    ("mu", "logvar"),
    [((5, 1), (5, 3)), ((5, 3), (5, 2)), ((3,), (5, 3)), ((5, 3), (4, 3))],
)
def test_reparameterize_wants_shapes_that_fit(mu, logvar):
    with pytest.raises(ValueError) as error:
        models.reparameterize(torch.zeros(mu), torch.zeros(logvar))
    assert str(mu) in str(error.value) and str(logvar) in str(error.value)


def test_reparameterize_takes_shapes_that_broadcast():
    mu = torch.zeros(4, 5, 3)
    for logvar in ((4, 5, 3), (5, 3), (1, 1, 3), (4, 5, 1), (3,), ()):
        z = models.reparameterize(mu, torch.zeros(logvar))
        assert z.shape == mu.shape and len(z.unique()) == 60


def test_reparameterize_wants_float_tensors():
    with pytest.raises(ValueError, match="mu must be a float tensor"):
        models.reparameterize([0.0], torch.zeros(1))
    with pytest.raises(ValueError, match="logvar must be a float tensor"):
        models.reparameterize(torch.zeros(2), torch.zeros(2).long())


# --- Sizes ------------------------------------------------------------------


def test_activations():
    for make in (models.mlp, models.mlp_encoder, models.mlp_decoder):
        layers = make(4, 3, 784, activation=nn.Tanh)
        assert [type(m) for m in layers].count(nn.Tanh) == 1
        assert [type(m) for m in make(4, 3, 784)].count(nn.GELU) == 1
    with pytest.raises(ValueError, match=r"nn.ReLU, not nn.ReLU\(\)"):
        models.mlp(4, 3, 2, activation=nn.ReLU())


@pytest.mark.parametrize("size", [392.0, "20", None, 0, -3, True])
def test_sizes_are_whole_numbers(size):
    for make in (
        lambda: models.mlp(784, size, 3),
        lambda: models.mlp_encoder(784, size),
        lambda: models.mlp_decoder(size, 784),
        lambda: models.conv_encoder(size),
        lambda: models.conv_decoder(size),
        lambda: models.conv_encoder(3, image_shape=(1, size, 28)),
        lambda: models.conv_decoder(3, image_shape=(size, 28, 28)),
        lambda: models.mlp_decoder(3, 784, image_shape=(1, 28, size)),
    ):
        with pytest.raises(ValueError, match=r"whole number|at least 1"):
            make()


def test_a_size_that_is_a_tensor_is_not_printed():
    """The functions themselves, in place of what they make."""
    vae = models.VAE(models.conv_encoder, models.conv_decoder)
    with pytest.raises(ValueError, match="for latent_dim; got Tensor"):
        vae(rand(2, 1, 28, 28))
    with pytest.raises(ValueError, match=r"a size of an mlp; got 392\.0"):
        models.mlp(784, 784 / 2)


@pytest.mark.parametrize("shape", [28, (28, 28), (1, 1, 28, 28), (), None])
def test_convolutions_want_three_dimensions(shape):
    for make in (models.conv_encoder, models.conv_decoder):
        with pytest.raises(ValueError, match=r"\(C, H, W\), such as"):
            make(3, image_shape=shape)
    if shape in (28, (), None):
        with pytest.raises(ValueError, match=r"\(C, H, W\), such as"):
            models.mlp_decoder(3, 784, image_shape=shape)


def test_a_shape_may_come_from_images_or_numpy():
    images = rand(2, 3, 8, 8)
    shape = images.shape[1:]
    decoder = models.mlp_decoder(2, int(images[0].numel()), image_shape=shape)
    assert decoder(torch.zeros(1, 2)).shape == (1, 3, 8, 8)
    assert models.conv_decoder(2, list(shape)).image_shape == (3, 8, 8)
    assert models.mlp(images.numpy().shape[0], 3)[0].in_features == 2


def test_the_decoders_last_size_is_that_of_its_images():
    with pytest.raises(ValueError) as error:
        models.mlp_decoder(20, 400, 3072)
    for part in (
        "last size is 3072, but an image of shape (1, 28, 28) has 784 pixels",
        "mlp_decoder(20, 400, 784, image_shape=(1, 28, 28))",
        "mlp(20, 400, 3072)",
    ):
        assert part in str(error.value)


# --- start_at_mean ----------------------------------------------------------


def drawn(decoder):
    """Return what a decoder draws where its codes say nothing."""
    layers = [m for m in decoder.modules() if hasattr(m, "weight")]
    nn.init.zeros_(layers[-1].weight)
    return torch.sigmoid(decoder(torch.randn(1, layers[0].in_features)))[0]


def test_start_at_mean_of_vectors_and_colours():
    x = rand(50, 10)
    decoder = models.mlp(2, 16, 10)
    models.start_at_mean(decoder, x)
    torch.testing.assert_close(drawn(decoder), x.mean(0))
    x = rand(50, 3, 6, 5) * torch.tensor([0.2, 0.6, 1]).view(3, 1, 1)
    decoder = models.mlp_decoder(2, 90, image_shape=(3, 6, 5))
    models.start_at_mean(decoder, x)
    torch.testing.assert_close(drawn(decoder), x.mean(0))
    decoder = models.conv_decoder(2, (3, 6, 5))
    models.start_at_mean(decoder, x)
    expected = x.mean((0, 2, 3)).view(3, 1, 1).expand(3, 6, 5)
    torch.testing.assert_close(drawn(decoder), expected)


def test_start_at_mean_wants_pixels_that_fit():
    x = rand(9, 1, 28, 28)
    decoder = models.mlp_decoder(2, 784)
    before = decoder[0].bias.clone()
    for wrong, sentence in (
        (255 * x, "images must lie in .* divide bytes by 255"),
        ((x - x.mean()) / x.std(), "standardised"),
        (x * math.nan, "nan"),
        ((255 * x).byte(), "float tensor"),
        (x.numpy(), "float tensor"),
        (x[0], r"\(N, 1, 28, 28\), .* got \(1, 28, 28\)"),
        (x[:, 0], r"\(N, 1, 28, 28\), .* got \(9, 28, 28\)"),
        (x[:0], r"N at least 1; got \(0, 1, 28, 28\)"),
        (torch.tensor(0.5), r"N at least 1; got \(\)"),
    ):
        with pytest.raises(ValueError, match=sentence):
            models.start_at_mean(decoder, wrong)
    assert torch.equal(decoder[0].bias, before)


def test_start_at_mean_wants_a_bias():
    decoder = nn.Sequential(nn.Linear(2, 10, bias=False))
    with pytest.raises(ValueError, match="Linear with bias=True"):
        models.start_at_mean(decoder, rand(9, 10))
    for decoder in (nn.Sequential(), nn.GELU(), nn.Conv2d(1, 10, 3)):
        with pytest.raises(ValueError, match="must end in a linear layer"):
            models.start_at_mean(decoder, rand(9, 5))


def test_a_linear_layer_takes_the_last_dimension_of_sequences():
    model = models.Autoencoder(nn.Linear(3, 2), nn.Linear(2, 3))
    x = rand(5, 7, 3)
    assert model(x).shape == x.shape
    with pytest.raises(ValueError, match=r"\(B, 3\); got \(5, 3, 7\)"):
        model(x.transpose(1, 2))
