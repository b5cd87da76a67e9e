"""Mistakes that any exercise can meet, made of a right answer."""

import torch


def tensor_of(args):
    """The learner's last tensor argument."""
    return [a for a in args if isinstance(a, torch.Tensor)][-1]


def spoil(result_of):
    """A mistake that changes only the right answer's result."""

    def wrong(f):
        def answer(*args):
            result = f(*args)
            if isinstance(result, tuple):
                return tuple(map(result_of, result))
            return result_of(torch.as_tensor(result))

        return answer

    return wrong


def in_place(f):
    def answer(*args):
        result = f(*args)
        tensor_of(args).add_(1)
        return result

    return answer


def fails(f):
    def answer(*args):
        settings = {"latent": 2}
        return f(*args) + settings["latnet"]

    return answer


def one_size(f):
    shapes = []

    def answer(*args):
        tensors = [a for a in args if isinstance(a, torch.Tensor)]
        shapes.append([a.shape for a in tensors])
        for tensor, shape in zip(tensors, shapes[0], strict=True):
            tensor.view(shape)
        return f(*args)

    return answer


def one_dtype(f):
    def answer(*args):
        x = tensor_of(args)
        x.reshape(1, -1) @ torch.ones(x.numel(), 1)  # fails in float64
        return f(*args)

    return answer


other_values = spoil(lambda r: 2 * r + 7)  # a mistake without a name

OTHER = (
    r"Expected .*is -?\d.*, yours is -?\d(.|\n)*Inputs"
    "|logits are not what the decoder makes"  # of lesson 7's forward pass
)
COMMON = [
    ("input .* in place", in_place),
    ("NumPy array", spoil(lambda r: r.detach().numpy())),
    ("shape", spoil(lambda r: torch.stack([r, r]))),
    ("tuple of length 2", spoil(lambda r: (r, r))),
    ("list of length 1", spoil(lambda r: [r])),
    ("one str", spoil(str)),
    ("complex", spoil(lambda r: r + 0j)),
    (r"KeyError: 'latnet'\n.*line \d+: return f\(\*args\)", fails),
    ("NaN", spoil(lambda r: r * float("nan"))),
    (r"^Right (for|in) .*, but not |invalid for input of size", one_size),
    ("but not in float64", one_dtype),
    (OTHER, other_values),
]
