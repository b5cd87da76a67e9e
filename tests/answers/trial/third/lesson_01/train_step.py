"""Answers to train_step, written blind."""

import torch
from torch import nn


def f1(model, optimizer, x):
    def closure():
        optimizer.zero_grad()
        x_hat = model(x).sigmoid()
        total = nn.functional.mse_loss(x_hat, x, reduction="sum") / len(x)
        total.backward()
        return total

    return optimizer.step(closure).detach()


def w1(model, optimizer, x):
    x_hat = model(x)
    loss = (x_hat - x).square().flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def w2(model, optimizer, x):
    x_hat = torch.sigmoid(model(x))
    loss = (x_hat - x).square().flatten(1).sum(1).mean()
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.detach()


def w3(model, optimizer, x):
    x = torch.sigmoid(model(x))
    loss = (x - x).square().flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def w4(model, optimizer, x):
    x_hat = torch.sigmoid(model(x))
    loss = (x_hat - x).square().sum() / 128
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


RIGHT = [
    f1,
]

WRONG = [
    (
        "compares the logits with the images: no sigmoid",
        "The model returns logits, and you",
        w1,
    ),
    (
        "clears the gradients between backward and step",
        "The weights do not move: when",
        w2,
    ),
    (
        "calls the reconstruction x and compares it with itself",
        "Your loss is",
        w3,
    ),
    (
        "divides the sum by 128, whatever the size of the batch",
        "Loss of the first step:",
        w4,
    ),
]
