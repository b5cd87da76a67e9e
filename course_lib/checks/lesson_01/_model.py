"""A model and an optimizer that see what a training step does to them."""

import torch
from torch import nn

from course_lib.checks.mistake import Mistake


class TiedAutoencoder(nn.Module):
    """The smallest autoencoder: one matrix (D, K), used on both sides.

    image: the shape of one image, which it insists on.
    """

    def __init__(self, weight, image):
        super().__init__()
        self.weight = nn.Parameter(weight.clone())
        self.image = image

    def forward(self, x):
        if torch.is_grad_enabled() and not self.training:
            raise Mistake(
                "You call eval() before the step: dropout and batch norm "
                "behave differently there. A training step leaves the model "
                "in its training mode."
            )
        if x.shape == self.image:
            raise Mistake(
                "The model gets one image, without a batch dimension: hand "
                "it x as it is, without an index. x is a tensor of images, "
                "not a pair (images, labels)."
            )
        if x.ndim == 2 and len(self.image) > 1:
            raise Mistake(
                "You flatten x before the model gets it: hand it the images "
                "as they are, since another model may be a convolution. "
                "Flatten where you compute the error."
            )
        return (x.flatten(1) @ self.weight @ self.weight.mT).view_as(x)


class CountingSGD(torch.optim.SGD):
    """Gradient descent that counts its steps."""

    steps = 0

    def step(self, closure=None):
        self.steps += 1
        return super().step(closure)
