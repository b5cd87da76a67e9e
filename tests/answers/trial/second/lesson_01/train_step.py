"""Answers to train_step, written blind."""

import torch
import torch.nn.functional as F


def by_closure(model, optimizer, x):
    def closure():
        optimizer.zero_grad()
        x_hat = torch.sigmoid(model(x))
        error = F.mse_loss(x_hat, x, reduction="sum") / x.shape[0]
        error.backward()
        return error

    return optimizer.step(closure).detach()


def by_autograd(net, opt, images):
    drawn = net(images).sigmoid()
    errors = [((a - b) ** 2).sum() for a, b in zip(images, drawn)]
    loss = sum(errors) / len(errors)
    held = [p for group in opt.param_groups for p in group["params"]]
    held = [p for p in held if p.requires_grad]
    slopes = torch.autograd.grad(loss, held, allow_unused=True)
    for p, slope in zip(held, slopes):
        p.grad = slope
    opt.step()
    return loss.detach()


def same_name(model, optimizer, x):
    x = model(x)
    x = torch.sigmoid(x)
    loss = (x - x).square().flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def cleared_too_late(model, optimizer, x):
    x_hat = torch.sigmoid(model(x))
    loss = (x_hat - x).square().flatten(1).sum(1).mean()
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.detach()


def no_sigmoid(model, optimizer, x):
    optimizer.zero_grad()
    x_hat = model(x)
    loss = ((x_hat - x) ** 2).flatten(1).sum(dim=1).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


def never_cleared(model, optimizer, x):
    x_hat = torch.sigmoid(model(x))
    loss = (x - x_hat).pow(2).flatten(1).sum(1).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


def batch_of_128(model, optimizer, x):
    x_hat = torch.sigmoid(model(x))
    loss = ((x_hat - x) ** 2).sum() / 128
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def loss_after(model, optimizer, x):
    optimizer.zero_grad()
    x_hat = torch.sigmoid(model(x))
    loss = (x_hat - x).square().flatten(1).sum(1).mean()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        x_hat = torch.sigmoid(model(x))
        loss = (x_hat - x).square().flatten(1).sum(1).mean()
    return loss


RIGHT = [
    by_closure,
    by_autograd,
]

WRONG = [
    (
        "overwrites x: the reconstruction is compared with itself",
        "Your loss is",
        same_name,
    ),
    (
        "clears the gradients between backward and step",
        "The weights do not move: when",
        cleared_too_late,
    ),
    (
        "compares the logits with the pixels, no sigmoid",
        "The model returns logits, and you",
        no_sigmoid,
    ),
    (
        "never clears the gradients",
        "Gradients accumulate: your second step still",
        never_cleared,
    ),
    (
        "divides by 128 whatever the batch size",
        "Loss of the first step:",
        batch_of_128,
    ),
    (
        "returns the loss after the step",
        "You return the loss after the",
        loss_after,
    ),
]
