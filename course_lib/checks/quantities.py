"""Sizes, numbers and tensors among an exercise's inputs."""

from torch import Tensor


def quantities_of(inputs: list[dict]) -> dict[str, list]:
    """What a result may go with: {what it is: its value in every case}.

    Without those that are the same in all cases: then it is a constant.
    """
    found: dict[str, list] = {}
    for case in inputs:
        for name, value in case.items():
            if isinstance(value, Tensor):
                for size, n in _sizes(name, value).items():
                    found.setdefault(size, []).append(n)
            if isinstance(value, Tensor | int | float):
                found.setdefault(name, []).append(value)
    full = {k: v for k, v in found.items() if len(v) == len(inputs)}
    return {
        name: values
        for name, values in full.items()
        if isinstance(values[0], Tensor)
        or (len(set(values)) > 1 and min(values) > 0)
    }


def _sizes(name: str, value: Tensor) -> dict[str, int]:
    sizes = {f"{name}.shape[{i}]": n for i, n in enumerate(value.shape)}
    if value.ndim > 1:
        sizes[f"{name}.numel()"] = value.numel()
    if value.ndim > 2:
        sizes[f"{name}[0].numel()"] = value[0].numel()
    return sizes
