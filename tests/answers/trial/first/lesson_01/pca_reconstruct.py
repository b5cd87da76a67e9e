"""Answers to pca_reconstruct, written blind."""

import torch

# ---- right -----------------------------------------------------------------


def by_svd(train, x, K):
    mean = train.mean(0)
    U, S, Vh = torch.linalg.svd(train - mean, full_matrices=False)
    V = Vh[:K].T  # (D, K)
    return mean + (x - mean) @ V @ V.T


def by_eigh(data, new, n_components):
    mu = data.double().mean(dim=0, keepdim=True)
    centred = data.double() - mu
    C = torch.einsum("ni,nj->ij", centred, centred) / centred.shape[0]
    eigenvalues, eigenvectors = torch.linalg.eigh(C)
    order = eigenvalues.argsort(descending=True)[:n_components]
    W = eigenvectors[:, order]
    codes = torch.einsum("bi,ik->bk", new.double() - mu, W)
    return (torch.einsum("bk,ik->bi", codes, W) + mu).to(new.dtype)


def take_away_the_rest(train, x, K):
    """x less its part along all eigenvectors but the first K."""
    train64, x64 = train.double(), x.double()
    mean = train64.mean(0)
    D = train.shape[1]
    cov = (train64 - mean).T @ (train64 - mean)
    V = torch.linalg.eigh(cov).eigenvectors  # ascending
    rest = V[:, : D - K]
    lost = (x64 - mean) @ rest @ rest.T
    return (x64 - lost).to(x.dtype)


def one_component_at_a_time(train, x, K):
    mean = train.sum(0) / len(train)
    Vh = torch.linalg.svd(train - mean, full_matrices=False)[2]
    rows = []
    for image in x:
        x_hat = mean.clone()
        for v in Vh[:K]:
            x_hat = x_hat + torch.dot(image - mean, v) * v
        rows.append(x_hat)
    return torch.stack(rows)


def pseudo_inverse(train, x, K):
    """Decode with the components, encode with the pseudo-inverse."""
    mean = train.double().mean(0)
    U, S, Vh = torch.linalg.svd((train.double() - mean).T, full_matrices=False)
    decoder = U[:, :K]  # of the transpose: columns are components
    encoder = torch.linalg.pinv(decoder)  # (K, D)
    z = encoder @ (x.double() - mean).T  # (K, B)
    return ((decoder @ z).T + mean).to(x.dtype)


# ---- wrong -----------------------------------------------------------------


def not_centred(train, x, K):
    U, S, Vh = torch.linalg.svd(train, full_matrices=False)
    V = Vh[:K].T
    z = x @ V
    return z @ V.T


def own_mean(train, x, K):
    train_c = train - train.mean(0)
    x_mean = x.mean(0)
    U, S, Vh = torch.linalg.svd(train_c, full_matrices=False)
    V = Vh[:K].T
    z = (x - x_mean) @ V
    return z @ V.T + x_mean


def mean_not_added(train, x, K):
    mean = train.mean(0)
    U, S, Vh = torch.linalg.svd(train - mean, full_matrices=False)
    z = (x - mean) @ Vh[:K].T
    x_hat = z @ Vh[:K]
    return x_hat


def fitted_to_x(train, x, K):
    mean = train.mean(0)
    _, _, Vh = torch.linalg.svd(x - mean, full_matrices=False)
    components = Vh[:K]
    scores = (x - mean) @ components.T
    return scores @ components + mean


def smallest(train, x, K):
    mean = train.mean(0)
    Xc = train - mean
    cov = Xc.T @ Xc / (len(train) - 1)
    vals, vecs = torch.linalg.eigh(cov)
    V = vecs[:, :K]
    return (x - mean) @ V @ V.T + mean


def matlab_v(train, x, K):
    # [U, S, V] = svd(X - mean(X))
    mu = train.mean(0)
    U, S, V = torch.linalg.svd(train - mu, full_matrices=False)
    V = V[:, :K]
    score = (x - mu) @ V
    return score @ V.T + mu


def only_codes(train, x, K):
    mean = train.mean(0)
    _, _, Vh = torch.linalg.svd(train - mean, full_matrices=False)
    z = (x - mean) @ Vh[:K].T
    return z


def scalar_mean(train, x, K):
    mean = train.mean()
    U, S, Vh = torch.linalg.svd(train - mean, full_matrices=False)
    P = Vh[:K].T @ Vh[:K]
    return (x - mean) @ P + mean


def scaled(train, x, K):
    # prcomp(train, center = TRUE, scale. = TRUE)
    center = train.mean(0)
    scale = train.std(0)
    Z = (train - center) / scale
    _, _, Vh = torch.linalg.svd(Z, full_matrices=False)
    rotation = Vh[:K].T
    pc = (x - center) / scale @ rotation
    return pc @ rotation.T * scale + center


def clamped(train, x, K):
    mean = train.mean(0)
    U, S, Vh = torch.linalg.svd(train - mean, full_matrices=False)
    V = Vh[:K].T
    x_hat = mean + (x - mean) @ V @ V.T
    return x_hat.clamp(0, 1)  # pixels


def in_place(train, x, K):
    mean = train.mean(0)
    train -= mean
    U, S, Vh = torch.linalg.svd(train, full_matrices=False)
    x -= mean
    V = Vh[:K].T
    return x @ V @ V.T + mean


def counts_from_one(train, x, K):
    mean = train.mean(0)
    U, S, Vh = torch.linalg.svd(train - mean, full_matrices=False)
    V = Vh[1 : K + 1].T  # components 1 to K
    return (x - mean) @ V @ V.T + mean


RIGHT = [
    by_svd,
    by_eigh,
    take_away_the_rest,
    one_component_at_a_time,
    pseudo_inverse,
]

WRONG = [
    (
        "does not centre at all",
        "Nothing is centred: subtract train's mean",
        not_centred,
    ),
    (
        "centres x with its own mean instead of the training set's",
        "You use the mean of x,",
        own_mean,
    ),
    (
        "forgets to add the mean again",
        "You do not restore the mean:",
        mean_not_added,
    ),
    (
        "finds the components of x instead of those of train",
        "You find the components in x:",
        fitted_to_x,
    ),
    (
        "takes the smallest eigenvectors: eigh sorts ascending",
        "These are the components of smallest",
        smallest,
    ),
    (
        "takes Vh for V: its columns instead of its rows (MATLAB)",
        "The components are transposed: svd's Vh",
        matlab_v,
    ),
    (
        "returns the codes, (B, K)",
        r"You return the codes, \(B, K\),",
        only_codes,
    ),
    (
        "subtracts one mean over all pixels, not one a pixel",
        "You subtract one number, the mean",
        scalar_mean,
    ),
    (
        "scales each pixel to variance 1 first, as prcomp's scale. in R",
        "You divide by the columns' standard",
        scaled,
    ),
    (
        "clips the reconstruction to [0, 1]",
        "Your result is what is asked",
        clamped,
    ),
    (
        "centres train and x in place",
        "You change the input train in",
        in_place,
    ),
    (
        "takes components 2 to K + 1: counts from one",
        "You leave out the first component:",
        counts_from_one,
    ),
]
