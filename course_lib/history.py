"""What a training run leaves behind: losses, validation, time."""

from dataclasses import dataclass, field

import matplotlib.pyplot as plt
from torch import Tensor


@dataclass
class History:
    """The record of one call of `course_lib.training.fit`.

    terms: each term of the loss, mean over the batch, one number a step:
        ``terms["loss"]`` has shape (steps,)
    validation: pairs (step, {term: mean over the validation images})
    seconds: wall-clock time, validation included
    interrupted: True where the run was stopped before its last step
    """

    terms: dict[str, Tensor] = field(default_factory=dict)
    validation: list[tuple[int, dict[str, float]]] = field(
        default_factory=list
    )
    seconds: float = 0.0
    interrupted: bool = False

    def __len__(self):
        """Return the number of steps done."""
        return len(self.terms["loss"]) if self.terms else 0

    def __repr__(self):
        loss = f", loss {self.last('loss'):.2f}" if self.terms else ""
        return f"History({len(self)} steps{loss})"

    def last(self, term="loss", steps=100):
        """Return a term's mean over the last steps of training."""
        return self.terms[term][-steps:].mean().item()

    def plot(self, *terms, ax=None):
        """Draw the given terms (default: the loss) against the step.

        The line is a running mean of 2 % of the steps; dots are validation.
        """
        if not self.terms:
            raise ValueError("there are no steps to plot: nothing was trained")
        ax = ax or plt.gca()
        width = max(1, len(self) // 50)
        for term in terms or ["loss"]:
            smooth = self.terms[term].unfold(0, width, 1).mean(1)
            (line,) = ax.plot(range(width, len(self) + 1), smooth, label=term)
            if self.validation:
                steps, values = zip(*self.validation, strict=True)
                heights = [value[term] for value in values]
                ax.plot(
                    steps,
                    heights,
                    "o",
                    color=line.get_color(),
                    label=f"{term}, validation",
                )
        ax.set(xlabel="step", ylabel="per image")
        ax.legend()
        return ax

    def table(self, rows=5):
        """Return a small table: each term's mean over each part of the run.

        Part by part of the training, in lines of text; the validation terms
        stand beside the part that they close.
        """
        head = ["steps", *self.terms]
        if self.validation:
            head += [f"{term} (val.)" for term in self.terms]
        lines = ["".join(f"{word:>14}" for word in head)]
        ends = [len(self) * (i + 1) // rows for i in range(rows)]
        for begin, end in zip([0, *ends], ends, strict=False):
            if begin == end:
                continue
            numbers = [t[begin:end].mean() for t in self.terms.values()]
            inside = [v for s, v in self.validation if begin < s <= end]
            numbers += [inside[-1][t] for t in self.terms] if inside else []
            lines.append(
                f"{f'{begin + 1}-{end}':>14}"
                + "".join(f"{number:14.2f}" for number in numbers)
            )
        return "\n".join(lines)

    def to_tensorboard(self, folder):
        """Write the terms into a folder that ``tensorboard --logdir`` shows.

        Raises ImportError with what to install where TensorBoard is absent.
        """
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise ImportError(
                "TensorBoard is not installed: pip install tensorboard"
            ) from error
        with SummaryWriter(folder) as writer:
            for term, values in self.terms.items():
                for step, value in enumerate(values.tolist(), start=1):
                    writer.add_scalar(f"training/{term}", value, step)
            for step, values in self.validation:
                for term, value in values.items():
                    writer.add_scalar(f"validation/{term}", value, step)
