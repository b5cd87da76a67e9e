"""Answers to train_step, in forms that learners write."""

import torch
import torch.nn.functional as F

from course_lib import losses


def step_usual(model, optimizer, x):
    x_hat = torch.sigmoid(model(x))
    loss = ((x_hat - x) ** 2).flatten(1).sum(dim=1).mean()
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
    return loss.detach().clone()


def step_closure(model, optimizer, x):
    def closure():
        optimizer.zero_grad()
        flat = (model(x).sigmoid() - x).flatten(1)
        loss = torch.einsum("bd,bd->b", flat, flat).mean()
        loss.backward()
        return loss

    return optimizer.step(closure).detach()


def step_shares(model, optimizer, x):
    """Image by image: the gradients of the shares add up."""
    optimizer.zero_grad(set_to_none=True)
    total = 0.0
    for image in x:
        x_hat = torch.sigmoid(model(image.unsqueeze(0)))
        share = ((x_hat[0] - image) ** 2).sum() / x.shape[0]
        share.backward()
        total += share.item()
    optimizer.step()
    return total


def step_library(model, optimizer, x):
    error = losses.squared_error(torch.sigmoid(model(x)), x).mean()
    for p in model.parameters():
        p.grad = None
    error.backward()
    optimizer.step()
    return error.data


def step_grad(model, optimizer, x):
    logits = model(x)
    difference = 1 / (1 + torch.exp(-logits)) - x
    loss = difference.pow(2).mean(0).sum()
    parameters = list(model.parameters())
    gradients = torch.autograd.grad(loss, parameters)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    optimizer.step()
    return loss.detach()


RIGHT = [
    step_usual,
    step_float,
    step_zero_last,
    step_closure,
    step_shares,
    step_library,
    step_grad,
]


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


def flattened(model, optimizer, x):
    x = x.flatten(1)
    return step(lambda y, x: ((y - x) ** 2).sum(1).mean())(model, optimizer, x)


def loss_after(model, optimizer, x):
    step()(model, optimizer, x)
    return ((torch.sigmoid(model(x)) - x) ** 2).sum((1, 2, 3)).mean().item()


def with_graph(model, optimizer, x):
    x_hat = torch.sigmoid(model(x))
    loss = ((x_hat - x) ** 2).sum(dim=(1, 2, 3)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def no_parentheses(model, optimizer, x):
    loss = ((torch.sigmoid(model(x)) - x) ** 2).flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step  # noqa: B018
    return loss.item()


def own_optimizer(model, optimizer, x):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    return step_usual(model, optimizer, x)


def by_hand(model, optimizer, x):
    loss = ((torch.sigmoid(model(x)) - x) ** 2).flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= 1e-3 * p.grad
    return loss.item()


def each_image(model, optimizer, x):
    losses = [step()(model, optimizer, image[None]) for image in x]
    return torch.stack(losses).mean()


def upwards(model, optimizer, x):
    loss = -((torch.sigmoid(model(x)) - x) ** 2).flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return -loss.item()


def evaluating(model, optimizer, x):
    model.eval()
    return step_usual(model, optimizer, x)


def seeded(model, optimizer, x):
    torch.manual_seed(0)
    return step_usual(model, optimizer, x)


def with_images(model, optimizer, x):
    x_hat = torch.sigmoid(model(x)).detach()
    return step_usual(model, optimizer, x), x_hat


def twice_backward(model, optimizer, x):
    loss = ((torch.sigmoid(model(x)) - x) ** 2).flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward(retain_graph=True)
    loss.backward()
    optimizer.step()
    return loss.item()


def in_place(model, optimizer, x):
    x -= x.mean(0)
    return step_usual(model, optimizer, x)


def sizes_of_the_notebook(model, optimizer, x):
    loss = ((torch.sigmoid(model(x)) - x) ** 2).sum() / 128
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def pixels_of_the_notebook(model, optimizer, x):
    loss = 784 * F.mse_loss(torch.sigmoid(model(x)), x)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


twin = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 784))


def of_the_notebook(model, optimizer, x):
    x_hat = torch.sigmoid(twin(x)).view_as(x)
    loss = ((x_hat - x) ** 2).flatten(1).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


WRONG = [
    ("overwritten", overwritten),
    ("overwritten", overwritten_no_sigmoid),
    ("accumulate", step(calls="backward step")),
    ("no gradients", step(calls="zero step backward")),
    ("no gradients", step(calls="backward zero step")),
    ("no gradients", new_leaf),
    ("never steps", step(calls="")),
    ("never steps", step(calls="zero backward")),
    ("never steps", no_parentheses),
    ("step before backward", step(calls="step zero backward")),
    ("steps 2 times in one call", step(calls="zero backward step step")),
    ("up the gradient", upwards),
    ("up the gradient", step(lambda y, x: -((y - x) ** 2).sum() / len(x))),
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
    ("one number", step(lambda y, x: ((y - x) ** 2).flatten(1).sum(1))),
    ("one number", step(lambda y, x: (y - x) ** 2)),
    (r"\(images, labels\)", images_labels),
    (r"\(images, labels\)", images_only),
    (r"\(images, labels\)", each_pair),
    (r"\(images, labels\)", first_of_batch),
    ("flatten x before", flattened),
    ("average over pixels", step(F.mse_loss)),
    ("average over pixels", step(lambda y, x: ((y - x) ** 2).mean())),
    (
        "other way round",
        step(lambda y, x: ((y - x) ** 2).flatten(1).mean(1).sum()),
    ),
    ("other way round", step(lambda y, x: ((y - x) ** 2).sum(0).mean())),
    ("sum over the batch", step(lambda y, x: ((y - x) ** 2).sum())),
    (
        "sum over the batch",
        step(lambda y, x: F.mse_loss(y, x, reduction="sum")),
    ),
    (
        "half of the expected",
        step(lambda y, x: ((y - x) ** 2).sum() / 2 / len(x)),
    ),
    ("not squared", step(lambda y, x: (y - x).abs().sum((1, 2, 3)).mean())),
    (
        "square the sum",
        step(lambda y, x: (y - x).sum((1, 2, 3)).square().mean()),
    ),
    ("square root", step(lambda y, x: (y - x).flatten(1).norm(dim=1).mean())),
    (
        "cross-entropy",
        step(
            lambda a, x: F.binary_cross_entropy_with_logits(a, x),
            squash=lambda logits: logits,
        ),
    ),
    (
        "cross-entropy",
        step(
            lambda y, x: F.binary_cross_entropy(y, x, reduction="sum") / len(x)
        ),
    ),
    ("a sigmoid makes", step(squash=lambda logits: logits)),
    ("sigmoid twice", step(squash=lambda a: a.sigmoid().sigmoid())),
    (
        "sigmoid of x too",
        step(lambda y, x: ((y - x.sigmoid()) ** 2).sum((1, 2, 3)).mean()),
    ),
    ("another function", step(squash=lambda logits: logits.clamp(0, 1))),
    ("after the step", loss_after),
    ("steps 5 times in one call, here with 5", each_image),
    ("not by the optimizer", own_optimizer),
    ("not by the optimizer", by_hand),
    ("with its graph", with_graph),
    (r"call eval\(\)", evaluating),
    ("manual_seed", seeded),
    ("tuple of length 2.*value number 1", with_images),
    ("input x in place", in_place),
    ("Gradient .*first step:\n.*twice", twice_backward),
    ("reads twin from the notebook", of_the_notebook),
    ("128 written", sizes_of_the_notebook),
    ("not for images without a channel", step()),
    ("784 written", pixels_of_the_notebook),
]
