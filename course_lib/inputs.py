"""What the library's functions check of the data they are given."""

import torch


def check_unit_range(x, name="x"):
    """Raise ValueError unless all values of a tensor lie in [0, 1].

    name: what the caller calls x
    """
    low, high = torch.aminmax(x)
    if not (low >= 0 and high <= 1):  # written so that NaN fails too
        raise ValueError(
            f"{name} must lie in [0, 1]; it reaches from {low:.3g} to "
            f"{high:.3g}. Scale the images, e.g. divide bytes by 255; "
            f"standardised images go with squared_error."
        )
