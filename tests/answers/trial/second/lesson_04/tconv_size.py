"""Answers to tconv_size, written blind."""


def paint(n, k, s=1, p=0, op=0):
    painted = [i * s + j for i in range(n) for j in range(k)]
    width = max(painted) - min(painted) + 1
    for _ in range(p):
        width -= 2  # a pixel off at each end
    return width + op


def invert_the_convolution(n, k, s=1, p=0, op=0):
    """The smallest size that a convolution takes to n, and op more."""
    size = 1
    while (size + 2 * p - k) // s + 1 < n:
        size += 1
    return size + op


def n_steps(n, k, s=1, p=0, op=0):
    return n * s + k - 2 * p + op


def padding_added(n, k, s=1, p=0, op=0):
    last = (n - 1) * s
    return last + k + 2 * p + op


def times_stride(n, k, s=1, p=0, op=0):
    return n * s


def op_both_ends(n, k, s=1, p=0, op=0):
    size = (n - 1) * s + k - 2 * p
    size = size + 2 * op
    return size


def overlap_only(n, k, s=1, p=0, op=0):
    overlap = max(k - s, 0)
    total = n * k - (n - 1) * overlap
    return total - 2 * p + op


def prints(n, k, s=1, p=0, op=0):
    begin = (n - 1) * s
    size = begin + k - 2 * p + op
    print(size)


RIGHT = [
    paint,
    invert_the_convolution,
]

WRONG = [
    ("n steps of the stride instead of n - 1", "n pixels have n -", n_steps),
    (
        "adds the padding, as in a convolution, instead of cutting it off",
        "Padding makes the output of a",
        padding_added,
    ),
    (
        "just n times the stride, as in the notebook's decoder",
        "The size depends on the kernel",
        times_stride,
    ),
    (
        "adds the output padding at both ends",
        "The output padding is added at",
        op_both_ends,
    ),
    (
        "forgets the gaps between squares where the stride is larger than the kernel",
        "Expected",
        overlap_only,
    ),
    (
        "prints the size instead of returning it",
        "You print the result; return it,",
        prints,
    ),
]
