"""Answers to receptive_field, written blind."""


def f1(layers):
    seen = {0}
    for k, s, d in reversed(layers):
        seen = {at * s + d * tap for at in seen for tap in range(k)}
    return max(seen) - min(seen) + 1


def w1(layers):
    field, step = 1, 1
    for k, s, d in layers:
        step *= s
        field += d * (k - 1) * step
    return field


def w2(layers):
    field, step = 1, 1
    for k, s, d in layers:
        field += d * (k - 1) * step
        step = s
    return field


def w3(layers):
    field, step = 1, 1
    for k, s, d in layers:
        field += d * (k - 1) * step
        step *= s
        return field


def w4(layers):
    r = 1
    layers.reverse()
    for k, s, d in layers:
        r = (r - 1) * s + d * (k - 1) + 1
    return r


RIGHT = [
    f1,
]

WRONG = [
    (
        "multiplies each layer's reach by its own stride too",
        "A layer's own stride comes too",
        w1,
    ),
    (
        "keeps only the stride of the layer just before instead of the product",
        "Only the stride of the layer",
        w2,
    ),
    (
        "returns inside the loop, after the first layer",
        "You look at the first layer",
        w3,
    ),
    (
        "reverses the caller's list in place",
        "You change the list layers, which",
        w4,
    ),
]
