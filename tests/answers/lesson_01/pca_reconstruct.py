"""Answers to pca_reconstruct, in forms that learners write."""

import torch
from sklearn.decomposition import PCA


def pca_svd(train, x, K):
    mean = train.mean(dim=0, keepdim=True)
    _, _, Vh = torch.linalg.svd(train - mean, full_matrices=False)
    codes = (x - mean) @ Vh[:K].T
    return codes @ Vh[:K] + mean


def pca_eigh(train, x, K):
    mean = train.mean(0)
    _, vectors = torch.linalg.eigh(torch.cov(train.T))
    W = vectors[:, -K:]
    return mean + (x - mean) @ W @ W.T


def pca_loop(train, x, K):
    mean = train.mean(0)
    U = torch.linalg.svd((train - mean).T @ (train - mean) / len(train)).U
    result = mean.expand_as(x)
    for k in range(K):
        result = result + torch.outer((x - mean) @ U[:, k], U[:, k])
    return result


def pca_lowrank(train, x, K):
    mean = train.mean(0)
    V = torch.pca_lowrank(train, q=K)[2]
    return torch.einsum("bd,dk,ek->be", x - mean, V, V) + mean


RIGHT = [pca_svd, pca_eigh, pca_loop, pca_lowrank]


def pca_sklearn(train, x, K):
    pca = PCA(n_components=K).fit(train.numpy())
    x_hat = pca.inverse_transform(pca.transform(x.numpy()))
    return torch.from_numpy(x_hat)


def project(x, W, before=0.0, after=0.0):
    return (x - before) @ W @ W.T + after


def svd_axes(data, K):
    return torch.linalg.svd(data, full_matrices=False).Vh[:K].T


def eigh_axes(data):
    """All eigenvectors in the columns, the smallest variance first."""
    centred = data - data.mean(0)
    return torch.linalg.eigh(centred.T @ centred / (len(data) - 1))[1]


def pca_mistake(where):
    """Three places for a mean: under svd, before and after projection."""

    def reconstruct(train, x, K):
        mean = {"train": train.mean(0), "test": x.mean(0), "no": 0.0}
        svd, before, after = (mean[word] for word in where.split())
        return project(x, svd_axes(train - svd, K), before, after)

    return reconstruct


def with_axes(choose):
    def reconstruct(train, x, K):
        mean = train.mean(0)
        return project(x, choose(train, K), mean, mean)

    return reconstruct


def vh_untransposed(train, x, K):
    mean = train.mean(0)
    Vh = torch.linalg.svd(train - mean, full_matrices=False).Vh
    return (x - mean) @ Vh[:K] @ Vh[:K].T + mean


def u_for_v(train, x, K):
    mean = train.mean(0)
    U, _, _ = torch.linalg.svd(train - mean, full_matrices=False)
    return (x - mean) @ U[:, :K] @ U[:, :K].T + mean


WRONG = [
    ("not centred", pca_mistake("no no no")),
    ("not centred", pca_mistake("train no no")),
    ("not centred", pca_mistake("train no train")),
    ("not centred", pca_mistake("no train train")),
    (
        "not centred",
        lambda train, x, K: project(
            x, torch.linalg.eigh(train.T @ train)[1][:, -K:]
        ),
    ),
    ("not centred", pca_mistake("no no train")),
    ("not centred", pca_mistake("no train no")),
    ("mean of x", pca_mistake("train test no")),
    ("mean of x", pca_mistake("train test test")),
    ("mean of x", pca_mistake("train test train")),
    ("mean of x", pca_mistake("train train test")),
    ("restore the mean", pca_mistake("train train no")),
    (
        "restore the mean",
        lambda train, x, K: project(
            x - train.mean(0), eigh_axes(train)[:, -K:]
        ),
    ),
    ("smallest", with_axes(lambda train, K: eigh_axes(train)[:, :K])),
    (
        "smallest",
        with_axes(lambda t, K: svd_axes(t - t.mean(0), None)[:, -K:]),
    ),
    (
        "transposed",
        with_axes(lambda t, K: svd_axes(t - t.mean(0), None).T[:, :K]),
    ),
    ("transposed", with_axes(lambda t, K: eigh_axes(t)[:K].T)),
    ("transposed", with_axes(lambda t, K: eigh_axes(t)[-K:].T)),
    ("transposed", with_axes(lambda t, K: -eigh_axes(t).flip(1)[:K].T)),
    (
        "transposed",
        with_axes(lambda t, K: torch.linalg.svd(torch.cov(t.T)).U[:K, :].T),
    ),
    ("transposed", vh_untransposed),
    ("transposed", u_for_v),
    (
        "codes",
        lambda t, x, K: (x - t.mean(0)) @ svd_axes(t - t.mean(0), K),
    ),
    (
        "codes",
        lambda t, x, K: (x - t.mean(0)) @ -eigh_axes(t).flip(1)[:, :K],
    ),
    (
        "codes",
        lambda t, x, K: torch.from_numpy(
            PCA(K).fit(t.numpy()).transform(x.numpy())
        ),
    ),
    ("gradient with respect to x is lost", pca_sklearn),
]
