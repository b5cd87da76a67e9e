"""Do data, encoder and decoder fit together? If not, a sentence says why.

What a half takes or gives is read off its layers where it is a chain of them
(`nn.Sequential`). Any other module or function is taken as it is, and what
comes out of it is checked.
"""

import math

import torch
from torch import nn

SINGLE = "A single image needs a batch of one: x[None]"
CONVOLUTIONS = {nn.Conv1d: "T", nn.Conv2d: "H, W"}


def check_tensor(x, name="x"):
    """Raise ValueError unless x is a tensor of floats."""
    if not isinstance(x, torch.Tensor) or not x.is_floating_point():
        tensor = isinstance(x, torch.Tensor)
        kind = x.dtype if tensor else f"an object of type {type(x).__name__}"
        raise ValueError(
            f"{name} must be a float tensor; got {kind}. "
            f"torch.as_tensor({name}).float() makes one; for bytes, "
            f"data.from_arrays({name})"
        )


def layers(half):
    """Return the layers of a chain in order; [half] if it is none."""
    if not isinstance(half, nn.Sequential):
        return [half]
    return [layer for part in half for layer in layers(part)]


def drawn_shape(decoder):
    """Return the shape of one image that a decoder gives, None if unknown."""
    if isinstance(decoder, nn.Sequential):
        if hasattr(decoder, "image_shape"):
            return decoder.image_shape
        last = (layers(decoder) or [None])[-1]
        if isinstance(last, nn.Unflatten) and last.dim == 1:
            shape = tuple(last.unflattened_size)
            return shape if min(shape) > 0 else None
    return None


def _unflattened(decoder):
    """Return the shapes that a module of any kind unflattens codes to."""
    parts = decoder.modules() if isinstance(decoder, nn.Module) else ()
    inner = [part for part in parts if isinstance(part, nn.Unflatten)]
    return [tuple(part.unflattened_size) for part in inner]


def check_batch(encoder, decoder, x):
    """Raise ValueError unless x is a batch of what the model was made for."""
    if not isinstance(x, torch.Tensor):
        check_tensor(x)  # says what is expected; words may be whole numbers
    given, expected = tuple(x.shape), drawn_shape(decoder)
    if len(given) < 2 or (expected and given[1:] != expected):
        dims = ", ".join(map(str, expected)) if expected else "..."
        raise ValueError(
            f"a batch of images has shape (B, {dims}); got {given}. "
            f"{_advice(given, expected)}"
        )
    if given in _unflattened(decoder):
        raise ValueError(f"{given} is the shape of one image. {SINGLE}")
    if not given[0]:
        raise ValueError(f"the batch is empty; its shape is {given}")
    _check_first_layer(layers(encoder), x)


def _advice(given, expected):
    """Return what mends a batch of a wrong shape."""
    if len(given) < 2 or given == expected:
        return SINGLE
    if math.prod(given[1:]) == math.prod(expected):
        return f"The same numbers in that shape: x.reshape(-1, *{expected})"
    return _new_model(given[1:])


def _new_model(shape):
    return (
        f"A model for such images has the size {math.prod(shape)} first in "
        f"mlp_encoder and last in mlp_decoder, or has conv_encoder and "
        f"conv_decoder; and image_shape={tuple(shape)}"
    )


def _check_first_layer(chain, x):
    """Raise ValueError unless the first layer that has weights takes x."""
    shape = tuple(x.shape)
    flat = len(chain) > 1 and isinstance(chain[0], nn.Flatten)
    first = chain[1] if flat else chain[0] if chain else None
    if type(first) in CONVOLUTIONS:
        sides, channels = CONVOLUTIONS[type(first)], first.in_channels
        wanted = f"(B, {channels}, {sides})"
        dims = wanted.count(",") + 1
        fits = len(shape) == dims and shape[1] == channels
        single = len(shape) == dims - 1 and shape[0] == channels
    elif type(first) is nn.Linear:
        size = first.in_features
        wanted = f"(B, ...) of {size} numbers" if flat else f"(B, {size})"
        fits = size == (math.prod(shape[1:]) if flat else shape[-1])
        single = size == math.prod(shape)
    else:
        return
    if not fits:
        raise ValueError(
            f"the encoder takes batches {wanted}; got {shape}. "
            f"{SINGLE if single else _new_model(shape[1:])}"
        )
    check_tensor(x)
    dtype = first.weight.dtype
    if x.dtype != dtype and not torch.is_autocast_enabled(x.device.type):
        raise ValueError(
            f"the encoder computes in {dtype}, x is {x.dtype}: x.to({dtype})"
        )


def encode(encoder, decoder, x):
    """Return the encoder's codes (B, ...) of a batch, both checked."""
    check_batch(encoder, decoder, x)
    try:
        codes = encoder(x)
    except RuntimeError as error:
        if "shapes cannot be multiplied" not in str(error):
            raise
        raise ValueError(
            f"the encoder was made for images of another size than "
            f"{tuple(x.shape[1:])} ({error}). {_new_model(x.shape[1:])}"
        ) from error
    if not isinstance(codes, torch.Tensor):
        raise ValueError(
            f"the encoder must give one tensor (B, ...); it gives "
            f"{type(codes).__name__}. Of mu and logvar, one is made by "
            f"torch.cat([mu, logvar], 1)"
        )
    if codes.dim() < 2 or len(codes) != len(x):
        raise ValueError(
            f"the encoder must give one code an image, ({len(x)}, K); it "
            f"gives {tuple(codes.shape)}"
        )
    return codes


def decode(decoder, z, x):
    """Return the decoder's logits, which must have the shape of x."""
    first = (layers(decoder) or [None])[0]
    if type(first) is nn.Linear and z.shape[-1] != first.in_features:
        raise ValueError(
            f"the decoder takes codes of {first.in_features} numbers; the "
            f"encoder gives {z.shape[-1]}. A VAE's encoder ends in twice the "
            f"decoder's first size, mu and logvar; an autoencoder's in that "
            f"size"
        )
    logits = decoder(z)
    if not isinstance(logits, torch.Tensor):
        raise ValueError(
            f"the decoder must give a tensor of logits; it gives "
            f"{type(logits).__name__}"
        )
    # classes, such as letters, get several logits each
    if x.is_floating_point() and logits.shape != x.shape:
        shape = tuple(x.shape)
        single = logits.shape[1:] == x.shape
        advice = f"mlp_decoder and conv_decoder have image_shape={shape[1:]}"
        raise ValueError(
            f"the decoder must give logits in the shape of the images, "
            f"{shape}; it gives {tuple(logits.shape)}. "
            f"{SINGLE if single else f'For these, {advice}'}"
        )
    return logits
