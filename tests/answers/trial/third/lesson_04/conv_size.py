"""Answers to conv_size, written blind."""


def f1(n, k, s=1, p=0, d=1):
    reach = d * (k - 1)
    first_places = range(-p, n + p - reach, s)
    return len(first_places)


def w1(n, k, s=1, p=0, d=1):
    left = n + p - d * (k - 1) - 1
    return left // s + 1


def w2(n, k, s=1, p=0, d=1):
    covered = d * k
    left = n + 2 * p - covered
    return left // s + 1


def w3(n, k, s=1, p=0, d=1):
    return n + 2 * p - d * (k - 1) - 1 // s + 1


def w4(n, k, s=1, p=0, d=1):
    # - 1 and + 1 cancel
    return (n + 2 * p - d * (k - 1)) // s


RIGHT = [
    f1,
]

WRONG = [
    (
        "counts the padding at one end only",
        "The padding is on both sides:",
        w1,
    ),
    (
        "lets a dilated kernel cover d * k pixels instead of d * (k - 1) + 1",
        "A dilated kernel has gaps between",
        w2,
    ),
    (
        "forgets the brackets: only the 1 is divided by the stride",
        "Only the last term is divided",
        w3,
    ),
    (
        "cancels the - 1 under the fraction against the + 1 behind it",
        "The 1 for the kernel's first",
        w4,
    ),
]
