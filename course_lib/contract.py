"""What a loss must be and return: one contract for `fit` and `evaluate`."""

import contextlib
import functools
import inspect

import torch

from course_lib.models import VAE, Autoencoder

FORM = (
    "def loss(model, x): "
    'return {"loss": losses.squared_error(model.reconstruct(x), x)}'
)


def check_loss(loss, scheduled=()):
    """Raise ValueError unless ``loss(model, batch, **scheduled)`` will do.

    scheduled: the names of further arguments
    """
    if not callable(loss):
        raise ValueError(
            f"the loss must be a function; got {type(loss).__name__}: {FORM}"
        )
    if (getattr(loss, "__module__", None) or "").startswith("torch.nn."):
        raise ValueError(
            f"the loss must take a model and a batch; {loss!r} takes outputs "
            f"and targets: {FORM}"
        )
    try:
        signature = inspect.signature(loss)
    except (TypeError, ValueError):  # some callables written in C have none
        return
    try:
        signature.bind(None, None, **dict.fromkeys(scheduled))
    except TypeError as error:
        names = ["model", "batch", *(f"{name}=..." for name in scheduled)]
        example = "".join(f", {name}=1.0" for name in scheduled or ["beta"])
        raise ValueError(
            f"the loss can't be called as loss({', '.join(names)}): {error}. "
            f"Write def loss(model, x): or, with a weight that a schedule "
            f"may set, def loss(model, x{example}):"
        ) from error


def check_terms(terms, batch_size, names=None):
    """Return the names of a loss's terms, or say what is wrong with them.

    names: those of the step before; None at the first
    """
    if not isinstance(terms, dict) or "loss" not in terms:
        given = list(terms) if isinstance(terms, dict) else type(terms)
        raise ValueError(
            f'the loss must return a dict of terms with the key "loss", '
            f'such as {{"loss": squared_error(x_hat, x)}}; got {given}'
        )
    for name, term in terms.items():
        if not isinstance(term, torch.Tensor):
            raise ValueError(
                f"the term {name!r} is of type {type(term).__name__}; "
                f"expected a tensor: leave out .item() and float(), and "
                f"write torch.tensor(0.5) for a constant"
            )
        if not term.is_floating_point():
            raise ValueError(
                f"the term {name!r} is {term.dtype}; expected floating "
                f"point: .float()"
            )
        if term.shape not in [(), (batch_size,)]:
            raise ValueError(
                f"the term {name!r} has shape {tuple(term.shape)}; expected "
                f"one number an image, ({batch_size},), or a scalar. Sum "
                f"over pixels and latent dimensions: .flatten(1).sum(1)"
            )
    if names is not None and set(names) != set(terms):
        raise ValueError(
            f"the loss must return the same terms for each batch; at first "
            f"they were {names}, now {list(terms)}. torch.zeros(()) stands "
            f"for a term that does not apply."
        )
    return names or list(terms)


def form_of(terms):
    """Return the names and shapes of a loss's terms, by which to compare."""
    if not isinstance(terms, dict):
        return None
    return [(name, getattr(t, "shape", None)) for name, t in terms.items()]


def check_gradient(terms):
    """Raise ValueError where "loss" has no gradient."""
    if not terms["loss"].requires_grad:
        raise ValueError(
            'the term "loss" has no gradient, so that nothing can be '
            "learned from it. Leave .detach(), .data and torch.no_grad() "
            "out of the loss, and don't round anything in it."
        )


def check_reached(model):
    """Raise ValueError where a gradient reached no parameter of a model."""
    if all(p.grad is None for p in model.parameters()):
        raise ValueError(
            "the loss does not depend on the model that is trained. Inside "
            "def loss(model, x): call that model, and no other: model(x)"
        )


@contextlib.contextmanager
def squashing_refused(model, images, name="images"):
    """Refuse ``reconstruct`` inside where images leave [0, 1].

    What `models.Autoencoder` and `models.VAE` reconstruct lies in [0, 1]:
    compared with other images, it is never right, and no loss shows that.
    Only the call is refused, for the decoder's own output suits any image,
    and only on inputs of the images' shape: parts of them, such as a clean
    half beside a noisy one, may lie in [0, 1]. Rounding, below half of one
    of 256 greys, is no matter. NaN is left to the loss, which may mask it.
    name: what the caller calls the images
    """
    methods = Autoencoder.reconstruct, VAE.reconstruct
    parts = [
        module
        for module in model.modules()
        if getattr(type(module), "reconstruct", None) in methods
        and "reconstruct" not in vars(module)
    ]
    low, high = torch.aminmax(images) if parts else (0, 1)

    def refuse(part, x):
        if x.shape[1:] != images.shape[1:]:
            return type(part).reconstruct(part, x)
        output = "model(x)[0]" if isinstance(part, VAE) else "model(x)"
        raise ValueError(
            f"model.reconstruct gives pixels in [0, 1], but the {name} reach "
            f"from {low:.3g} to {high:.3g}. Scale them, e.g. divide bytes by "
            f"255; add noise inside the loss; for standardised images take "
            f"the decoder's output as it is, {output}, and squared_error."
        )

    if low < -1 / 512 or high > 1 + 1 / 512:
        for part in parts:
            part.reconstruct = functools.partial(refuse, part)
    try:
        yield
    finally:
        for part in parts:
            vars(part).pop("reconstruct", None)
