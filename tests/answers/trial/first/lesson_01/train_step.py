"""Answers to train_step, written blind."""

import torch
import torch.nn.functional as F
from torch import nn

from course_lib import losses

# ---- right -----------------------------------------------------------------


def like_the_lesson(model, optimizer, x):
    x_hat = torch.sigmoid(model(x))
    loss = (x_hat - x).square().flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def with_mse(net, opt, images):
    net.zero_grad()
    rec = net(images).sigmoid()
    loss = F.mse_loss(rec, images, reduction="sum") / images.shape[0]
    loss.backward()
    opt.step()
    return loss.item()


def with_closure(model, optimizer, x):
    def closure():
        optimizer.zero_grad()
        loss = losses.squared_error(x_hat=torch.sigmoid(model(x)), x=x).mean()
        loss.backward()
        return loss

    return optimizer.step(closure).detach()


def with_autograd_grad(model, optimizer, x):
    diff = (torch.sigmoid(model(x)) - x).reshape(len(x), -1)
    loss = torch.einsum("bi,bi->", diff, diff) / len(x)
    parameters = [
        p
        for group in optimizer.param_groups
        for p in group["params"]
        if p.requires_grad
    ]
    grads = torch.autograd.grad(loss, parameters, allow_unused=True)
    for p, g in zip(parameters, grads):
        p.grad = g
    optimizer.step()
    return loss.detach().clone()


def image_by_image(model, optimizer, x):
    for p in model.parameters():
        p.grad = None
    logits = model(x)
    total = 0.0
    for a, image in zip(logits, x):
        p = 0.5 * (1 + torch.tanh(0.5 * a))
        total = total + ((image - p) ** 2).sum()
    loss = total / len(x)
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        return loss.clone()


# ---- wrong -----------------------------------------------------------------


def no_sigmoid(model, optimizer, x):
    x_hat = model(x)
    loss = ((x_hat - x) ** 2).flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def same_name(model, optimizer, x):
    optimizer.zero_grad()
    x = torch.sigmoid(model(x))
    loss = (x - x).square().flatten(1).sum(1).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


def no_zero_grad(model, optimizer, x):
    x_hat = torch.sigmoid(model(x))
    loss = (x_hat - x).square().flatten(1).sum(1).mean()
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


def mean_of_all(model, optimizer, x):
    criterion = nn.MSELoss()
    optimizer.zero_grad()
    outputs = torch.sigmoid(model(x))
    loss = criterion(outputs, x)
    loss.backward()
    optimizer.step()
    return loss.detach()


def after_the_step(model, optimizer, x):
    def compute():
        x_hat = torch.sigmoid(model(x))
        return (x_hat - x).square().flatten(1).sum(1).mean()

    optimizer.zero_grad()
    compute().backward()
    optimizer.step()
    with torch.no_grad():
        loss = compute()
    return loss


def cross_entropy(model, optimizer, x):
    logits = model(x)
    loss = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    loss = loss.flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def by_128(model, optimizer, x):
    batch_size = 128
    x_hat = torch.sigmoid(model(x))
    loss = (x_hat - x).square().sum() / batch_size
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def own_optimizer(model, optimizer, x):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x_hat = torch.sigmoid(model(x))
    loss = (x_hat - x).square().flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def clipped_gradient(model, optimizer, x):
    optimizer.zero_grad(set_to_none=True)
    x_hat = torch.sigmoid(model(x))
    loss = (x_hat - x).pow(2).flatten(start_dim=1).sum(dim=1).mean()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
    optimizer.step()
    return loss.detach()


def with_graph(model, optimizer, x):
    x_hat = torch.sigmoid(model(x))
    loss = (x_hat - x).square().flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def left_in_eval(model, optimizer, x):
    model.eval()
    x_hat = torch.sigmoid(model(x))
    loss = (x_hat - x).square().flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


RIGHT = [
    like_the_lesson,
    with_mse,
    with_closure,
    with_autograd_grad,
    image_by_image,
]

WRONG = [
    (
        "compares the logits with the image: no sigmoid",
        "The model returns logits, and you",
        no_sigmoid,
    ),
    (
        "calls the reconstruction x, and compares it with itself",
        "Your loss is",
        same_name,
    ),
    (
        "never clears the old gradients",
        "Gradients accumulate: your second step still",
        no_zero_grad,
    ),
    (
        "clears the gradients between backward and step",
        "The weights do not move: when",
        cleared_too_late,
    ),
    (
        "averages over the pixels too (nn.MSELoss)",
        "You average over pixels; sum over",
        mean_of_all,
    ),
    (
        "returns the loss after the step",
        "You return the loss after the",
        after_the_step,
    ),
    (
        "trains on the cross-entropy",
        "That is the cross-entropy: the squared",
        cross_entropy,
    ),
    (
        "divides by 128, however many images there are",
        "Loss of the first step:",
        by_128,
    ),
    (
        "makes an optimizer of its own, the one passed in is ignored",
        "The weights move, but not by",
        own_optimizer,
    ),
    (
        "clips the gradient's norm to 1, from a forum",
        "Gradient by which the weights move",
        clipped_gradient,
    ),
    (
        "returns the loss with its graph",
        "You return the loss with its",
        with_graph,
    ),
    (
        "puts the model in evaluation mode and leaves it there",
        r"You call eval\(\) before the step:",
        left_in_eval,
    ),
]
