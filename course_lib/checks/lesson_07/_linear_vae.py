"""Lesson 07: a VAE whose codes can be read off its output."""

from functools import partial

import torch
from torch import nn

from course_lib.checks import noise


class LinearVAE(nn.Module):
    """A linear encoder and decoder: z can be read off the logits.

    The latents come in equal pairs; if K is odd, sigma is so small that z is
    nearly mu. Gradients end at the heads.
    """

    def __init__(self, x, K):
        super().__init__()
        normal = partial(
            torch.randn, generator=torch.Generator().manual_seed(0)
        )
        D, pairs = x[0].numel(), (K + 1) // 2
        self.heads = []
        self.by_mu, self.by_logvar = (
            (size * normal(D, pairs)).repeat_interleave(2, 1)[:, :K].to(x)
            for size in (0.3, 0.03)
        )
        widths = [-1.5, -1.5, 1.5, 1.5] if K % 2 == 0 else [-9.0]
        self.widths = torch.tensor(widths).repeat(K)[:K].to(x)
        self.columns = torch.linalg.qr(normal(D, 2 * K)).Q.to(x)
        self.image_shape = x.shape[1:]

    def true_heads(self, x):
        x = x.flatten(1)
        return 1 + x @ self.by_mu, self.widths + x @ self.by_logvar

    def encoder(self, x):
        self.heads.append(torch.cat(self.true_heads(x), 1).requires_grad_())
        return self.heads[-1].clone()

    def decoder(self, z):
        logits = z @ self.columns[:, : z.shape[1]].T
        return logits.unflatten(1, self.image_shape)

    def codes_of(self, logits, K):
        return logits.flatten(1) @ self.columns[:, :K]

    def gradients(self, result, K):
        """By mu and by logvar, whether the batch came in parts or whole."""
        found = noise.gradients(result, self.heads)
        found = [each for each in found if each.any()]
        if not found:
            found = [torch.zeros(len(result), 2 * K).to(result)]
        return torch.cat(found).view(-1, len(result), 2 * K).sum(0).chunk(2, 1)
