"""Training steps, right and wrong."""


def step(
    loss=None,
    calls="zero backward step",
    read=lambda batch: batch,
    trained=lambda loss: loss,
    returned=lambda loss: loss,
):
    """A step on ``loss(logits, x)``; the rest is right, or one mistake."""
    loss = loss or loss_of

    def train_step(model, optimizer, batch):
        x = read(batch)
        value = loss(model(x), x)
        actions = {
            "zero": optimizer.zero_grad,
            "backward": trained(value).backward,
            "step": optimizer.step,
        }
        for call in calls.split():
            actions[call]()
        return returned(value).detach()

    return train_step


def loss_of(logits, x):
    return sse(logits.sigmoid(), x)


def sum_each(values):
    return values.flatten(1).sum(1)


def sse(x_hat, x):
    return sum_each((x_hat - x).square()).mean()


def on(*losses):
    """Steps on other losses, of the reconstruction and x."""
    return [
        step(lambda a, x, loss=loss: loss(a.sigmoid(), x)) for loss in losses
    ]


def squashed(*functions):
    """Steps with something else in place of the sigmoid."""
    return [
        step(lambda a, x, squash=squash: sse(squash(a), x))
        for squash in functions
    ]


def unpack(batch):
    images, _labels = batch
    return images


def loss_after(model, optimizer, x):
    step()(model, optimizer, x)
    return loss_of(model(x), x)
