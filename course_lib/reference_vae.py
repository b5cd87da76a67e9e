"""The reference VAE that comes with the course, trained beforehand.

A VAE with 50 latents, trained on MNIST by ``tools/train_reference.py``, whose
test log-likelihood stands beside published ones in lesson 09.
"""

from pathlib import Path

import torch
from torch import nn

from course_lib import checkpoint, models

PACKAGED = Path(__file__).with_suffix(".pt")


def build():
    """Return an untrained reference VAE, a `models.VAE` with 50 latents."""
    encoder = models.mlp_encoder(784, 400, 400, 2 * 50, activation=nn.SiLU)
    decoder = models.mlp_decoder(50, 400, 400, 784, activation=nn.SiLU)
    return models.VAE(encoder, decoder)


def load(path=PACKAGED):
    """Return the trained VAE of a checkpoint; by default the course's own.

    Errors: OSError where there is no such file; ValueError where it is
    damaged or is no checkpoint of this VAE.
    """
    contents = checkpoint.load(path)
    with torch.device("meta"):  # draws no random numbers
        model = build()
    try:
        weights = {k: w.float() for k, w in contents["weights"].items()}
        model.load_state_dict(weights, assign=True)
        return model.eval()
    except (TypeError, KeyError, AttributeError, RuntimeError) as error:
        raise ValueError(
            f"{path} holds no reference VAE of this version of the course: "
            f"name another file"
        ) from error
