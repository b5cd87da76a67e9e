"""Answers to train_step, in forms that learners write."""

import torch
import torch.nn.functional as F


def step_usual(model, optimizer, x):
    x_hat = torch.sigmoid(model(x))
    loss = ((x_hat - x) ** 2).sum(dim=(1, 2, 3)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def step_float(model, optimizer, x):
    model.train()
    model.zero_grad()
    x_hat = model(x).sigmoid()
    loss = F.mse_loss(x_hat, x, reduction="sum") / x.shape[0]
    loss.backward()
    optimizer.step()
    return loss.item()


def step_zero_last(model, optimizer, x):
    loss = sum(
        (image.sigmoid() - target).square().sum()
        for image, target in zip(model(x), x, strict=True)
    ) / len(x)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    return loss.detach().clone().reshape(1)


def step_closure(model, optimizer, x):
    def closure():
        optimizer.zero_grad()
        flat = (model(x).sigmoid() - x).flatten(1)
        loss = torch.einsum("bd,bd->b", flat, flat).mean()
        loss.backward()
        return loss

    return optimizer.step(closure)


RIGHT = [step_usual, step_float, step_zero_last, step_closure]


def step(
    loss=lambda x_hat, x: ((x_hat - x) ** 2).sum((1, 2, 3)).mean(),
    calls="zero backward step",
    squash=torch.sigmoid,
):
    def train_step(model, optimizer, x):
        value = loss(squash(model(x)), x)
        for call in calls.split():
            if call == "zero":
                optimizer.zero_grad()
            elif call == "backward":
                value.backward()
            else:
                optimizer.step()
        return value.detach()

    return train_step


def overwritten(model, optimizer, x):
    x = torch.sigmoid(model(x))
    loss = ((x - x) ** 2).sum((1, 2, 3)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def overwritten_no_sigmoid(model, optimizer, x):
    x = model(x)
    loss = F.mse_loss(x, x, reduction="sum") / len(x)
    loss.backward()
    optimizer.step()
    return loss


def no_grad(model, optimizer, x):
    with torch.no_grad():
        x_hat = torch.sigmoid(model(x))
    return step(lambda _, x: ((x_hat - x) ** 2).sum((1, 2, 3)).mean())(
        lambda x: x_hat, optimizer, x
    )


def item_first(model, optimizer, x):
    loss = ((torch.sigmoid(model(x)) - x) ** 2).sum((1, 2, 3)).mean().item()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def new_leaf(model, optimizer, x):
    loss = ((torch.sigmoid(model(x)) - x) ** 2).sum((1, 2, 3)).mean()
    loss = loss.detach().requires_grad_()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def images_labels(model, optimizer, batch):
    images, _labels = batch
    return step()(model, optimizer, images)


def images_only(model, optimizer, batch):
    x, _ = batch
    return step()(model, optimizer, x)


def each_pair(model, optimizer, batch):
    for images, _labels in batch:
        loss = step()(model, optimizer, images)
    return loss


def first_of_batch(model, optimizer, batch):
    x = batch[0]
    return step(lambda x_hat, x: ((x_hat - x) ** 2).sum())(model, optimizer, x)


def loss_after(model, optimizer, x):
    step()(model, optimizer, x)
    return ((torch.sigmoid(model(x)) - x) ** 2).sum((1, 2, 3)).mean().item()


WRONG = [
    ("overwritten", overwritten),
    ("overwritten", overwritten_no_sigmoid),
    ("accumulate", step(calls="backward step")),
    ("do not move", step(calls="")),
    ("do not move", step(calls="zero backward")),
    ("do not move", step(calls="backward zero step")),
    ("do not move", new_leaf),
    (
        "is detached",
        step(lambda x_hat, x: ((x_hat.detach() - x) ** 2).sum() / len(x)),
    ),
    (
        "is detached",
        step(lambda y, x: ((y - x) ** 2).sum((1, 2, 3)).mean().data),
    ),
    ("is detached", no_grad),
    ("is detached", item_first),
    (r"\(images, labels\)", images_labels),
    (r"\(images, labels\)", images_only),
    (r"\(images, labels\)", each_pair),
    (r"\(images, labels\)", first_of_batch),
    ("average over pixels", step(F.mse_loss)),
    ("average over pixels", step(lambda y, x: ((y - x) ** 2).mean())),
    ("sum over the batch", step(lambda y, x: ((y - x) ** 2).sum())),
    (
        "sum over the batch",
        step(lambda y, x: F.mse_loss(y, x, reduction="sum")),
    ),
    ("sigmoid", step(squash=lambda logits: logits)),
    ("after the step", loss_after),
]
