"""Answers to pca_reconstruct, written blind."""

import torch


def f1(train, x, K):
    rows, centre = train.double(), train.double().mean(0)
    scatter = (rows - centre).T @ (rows - centre)
    vectors = torch.linalg.eigh(scatter).eigenvectors  # ascending
    rest = x.double() - centre
    drawn = centre.expand_as(rest)
    for k in range(1, K + 1):
        v = vectors[:, -k]
        drawn = drawn + torch.outer(rest @ v, v)
    return drawn.to(x.dtype)


def w1(train, x, K):
    centred = train - train.mean(0)
    U, S, Vh = torch.linalg.svd(centred, full_matrices=False)
    V = Vh[:K].T
    x_mean = x.mean(0)
    z = (x - x_mean) @ V
    return x_mean + z @ V.T


def w2(train, x, K):
    mean = train.mean(0)
    U, S, Vh = torch.linalg.svd(train - mean, full_matrices=False)
    z = U[:, :K] * S[:K]
    return mean + z @ Vh[:K]


def w3(train, x, K):
    mean = train.mean(0)
    centred = train - mean
    covariance = centred.T @ centred / len(train)
    eigenvalues, V = torch.linalg.eigh(covariance)
    V = V[:, :K]
    return mean + (x - mean) @ V @ V.T


def w4(train, x, K):
    mean = train.mean()
    U, S, Vh = torch.linalg.svd(train - mean, full_matrices=False)
    V = Vh[:K].T
    return mean + (x - mean) @ V @ V.T


RIGHT = [
    f1,
]

WRONG = [
    (
        "centres x with the mean of x, not of the training set",
        "You use the mean of x,",
        w1,
    ),
    (
        "reconstructs the training set, not x",
        "You reconstruct train: the rows of",
        w2,
    ),
    (
        "takes the first columns of eigh, the smallest components",
        "These are the components of smallest",
        w3,
    ),
    (
        "forgets the dimension: one mean over all numbers of train",
        "You subtract one number, the mean",
        w4,
    ),
]
