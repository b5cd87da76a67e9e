"""Answers to pca_reconstruct, written blind."""

import torch


def one_component_at_a_time(train, x, K):
    kind = x.dtype
    train, x = train.double(), x.double()
    middle = train.mean(0)
    values, vectors = torch.linalg.eigh((train - middle).T @ (train - middle))
    order = values.argsort(descending=True)
    x_hat = middle.expand_as(x)
    for k in order[:K].tolist():
        v = vectors[:, k]
        x_hat = x_hat + torch.outer((x - middle) @ v, v)
    return x_hat.to(kind)


def take_the_rest_away(data, images, n):
    mean = data.mean(dim=0, keepdim=True)
    Vh = torch.linalg.svd(data - mean, full_matrices=True).Vh
    rest = Vh[n:]  # the directions that are not kept, (D - n, D)
    return images - (images - mean) @ rest.T @ rest


def own_mean(train, x, K):
    centred = train - train.mean(0)
    U, S, Vh = torch.linalg.svd(centred, full_matrices=False)
    V = Vh[:K].T
    mean = x.mean(0)
    z = (x - mean) @ V
    return mean + z @ V.T


def smallest(train, x, K):
    mean = train.mean(0)
    centred = train - mean
    cov = centred.T @ centred / len(train)
    eigenvalues, eigenvectors = torch.linalg.eigh(cov)
    V = eigenvectors[:, :K]
    return mean + (x - mean) @ V @ V.T


def columns_of_Vh(train, x, K):
    mean = train.mean(0)
    U, S, Vh = torch.linalg.svd(train - mean, full_matrices=False)
    V = Vh[:, :K]
    z = (x - mean) @ V
    return z @ V.T + mean


def standardised(train, x, K):
    mean, std = train.mean(0), train.std(0) + 1e-8
    scaled = (train - mean) / std
    U, S, Vh = torch.linalg.svd(scaled, full_matrices=False)
    V = Vh[:K].T
    z = (x - mean) / std @ V
    return mean + (z @ V.T) * std


def clipped(train, x, K):
    mean = train.mean(0)
    U, S, Vh = torch.linalg.svd(train - mean, full_matrices=False)
    V = Vh[:K].T
    x_hat = mean + (x - mean) @ V @ V.T
    return x_hat.clamp(0, 1)


def x_not_centred(train, x, K):
    mean = train.mean(0)
    U, S, Vh = torch.linalg.svd(train - mean, full_matrices=False)
    components = Vh[:K]
    z = x @ components.T
    return mean + z @ components


RIGHT = [
    one_component_at_a_time,
    take_the_rest_away,
]

WRONG = [
    (
        "takes the mean of x, not of the training set",
        "You use the mean of x,",
        own_mean,
    ),
    (
        "takes eigh's first columns: the smallest variances",
        "These are the components of smallest",
        smallest,
    ),
    (
        "takes columns of Vh, not rows",
        "The components are transposed: svd's Vh",
        columns_of_Vh,
    ),
    (
        "divides each pixel by its standard deviation first",
        "You divide by the columns' standard",
        standardised,
    ),
    (
        "clips the reconstruction to [0, 1]",
        "Your result is what is asked",
        clipped,
    ),
    (
        "projects x without subtracting the mean",
        "You add the mean, but never",
        x_not_centred,
    ),
]
