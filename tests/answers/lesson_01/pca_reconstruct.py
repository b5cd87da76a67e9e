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


def pca_rows(train, x, K):
    mean = train.mean(0)
    Vh = torch.linalg.svd(train - mean)[2]
    rows = []
    for row in x:
        x_hat = mean
        for v in -Vh[:K]:
            x_hat = x_hat + ((row - mean) @ v) * v
        rows.append(x_hat)
    return torch.stack(rows)


def pca_sorted(train, x, K):
    N, mean = len(train), train.mean(0)
    centred = train - mean
    values, vectors = torch.linalg.eigh(centred.T @ centred / N)
    best = values.argsort(descending=True)[:K]
    projector = vectors[:, best] @ vectors[:, best].T
    return x @ projector + mean - mean @ projector


def pca_least_squares(train, x, K):
    mean = train.mean(0)
    axes = torch.linalg.svd((train - mean).double()).Vh[:K].T
    codes = torch.linalg.lstsq(axes, (x - mean).double().T).solution
    return (axes @ codes).T.to(x.dtype) + mean


def pca_rest(train, x, K):
    """What the other components hold is taken away."""
    mean = train.mean(0)
    rest = torch.linalg.svd(train - mean).Vh[K:].T
    return x - (x - mean) @ rest @ rest.T


RIGHT = [
    pca_svd,
    pca_eigh,
    pca_loop,
    pca_lowrank,
    pca_rows,
    pca_sorted,
    pca_least_squares,
    pca_rest,
]


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


def standardised(train, x, K):
    mean, std = train.mean(0), train.std(0)
    Vh = torch.linalg.svd((train - mean) / std, full_matrices=False).Vh
    z = (x - mean) / std @ Vh[:K].T
    return z @ Vh[:K] * std + mean


def weighted(train, x, K):
    mean = train.mean(0)
    _, S, Vh = torch.linalg.svd(train - mean, full_matrices=False)
    return (x - mean) @ Vh[:K].T * S[:K] @ Vh[:K] + mean


def rows_centred(train, x, K):
    mean = x.mean(1, keepdim=True)
    V = svd_axes(train - train.mean(1, keepdim=True), K)
    return project(x, V, mean, mean)


def one_number(train, x, K):
    mean = train.mean()
    return project(x, svd_axes(train - mean, K), mean, mean)


def covariance_of_rows(train, x, K):
    mean = train.mean(0)
    V = torch.linalg.eigh(torch.cov(train - mean))[1][:, -K:]
    return (x - mean) @ V @ V.T + mean


def wrong_side(train, x, K):
    mean = train.mean(0)
    V = svd_axes(train - mean, K)
    return (x - mean) @ V.T @ V + mean


def from_x(train, x, K):
    mean = train.mean(0)
    return project(x, svd_axes(x - mean, K), mean, mean)


components = torch.linalg.qr(torch.ones(6, 6).triu()).Q  # of the notebook


def of_the_notebook(train, x, K):
    mean = train.mean(0)
    D = train.shape[1]
    return project(x, components[:D, :K], mean, mean)


WRONG = [
    ("Nothing is centred", pca_mistake("no no no")),
    (
        "Nothing is centred",
        lambda train, x, K: project(
            x, torch.linalg.eigh(train.T @ train)[1][:, -K:]
        ),
    ),
    ("x is not centred", pca_mistake("train no no")),
    ("never subtract it from x", pca_mistake("train no train")),
    ("never subtract it from x", pca_mistake("no no train")),
    ("train is not centred", pca_mistake("no train train")),
    ("restore the mean", pca_mistake("no train no")),
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
    (
        "subtract the mean at the end",
        lambda t, x, K: project(
            x, svd_axes(t - t.mean(0), K), t.mean(0), -t.mean(0)
        ),
    ),
    ("components in x", lambda t, x, K: pca_svd(x, x, K)),
    ("components in x", from_x),
    ("one number", one_number),
    ("mean of each row", rows_centred),
    ("standard deviations", standardised),
    ("weight the components", weighted),
    ("smallest", with_axes(lambda train, K: eigh_axes(train)[:, :K])),
    (
        "smallest",
        with_axes(lambda t, K: svd_axes(t - t.mean(0), None)[:, -K:]),
    ),
    ("K \\+ 1", lambda train, x, K: pca_svd(train, x, K + 1)),
    ("K - 1", lambda train, x, K: pca_svd(train, x, K - 1)),
    (
        "the first component",
        with_axes(lambda t, K: eigh_axes(t).flip(1)[:, 1 : K + 1]),
    ),
    (
        "one component alone",
        with_axes(lambda t, K: eigh_axes(t).flip(1)[:, [K - 1]]),
    ),
    ("transposed", with_axes(lambda t, K: eigh_axes(t)[:K].T)),
    ("transposed", with_axes(lambda t, K: eigh_axes(t)[-K:].T)),
    ("transposed", with_axes(lambda t, K: -eigh_axes(t).flip(1)[:K].T)),
    (
        "transposed",
        with_axes(lambda t, K: torch.linalg.svd(torch.cov(t.T)).U[:K, :].T),
    ),
    (
        "transposed",
        with_axes(lambda t, K: torch.linalg.svd(t - t.mean(0)).Vh[:, :K]),
    ),
    ("on its side", vh_untransposed),
    ("on its side", wrong_side),
    ("V in place of U", u_for_v),
    ("covariance of the columns", covariance_of_rows),
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
    ("reconstruct train", lambda train, x, K: pca_svd(train, train, K)),
    ("what is lost", lambda train, x, K: x - pca_svd(train, x, K)),
    ("return x as it was", lambda train, x, K: pca_svd(train, x, 99)),
    ("never uses its argument K", lambda train, x, K: pca_svd(train, x, 2)),
    ("components from the notebook", of_the_notebook),
    ("for one row of x", lambda t, x, K: pca_svd(t, x, K).squeeze()),
    ("gradient with respect to x is lost", pca_sklearn),
]
