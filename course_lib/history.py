"""What a training run leaves behind: losses, validation, time."""

from dataclasses import dataclass, field

import matplotlib.pyplot as plt
from torch import Tensor

from course_lib.inputs import check_count


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
        check_count(steps, "steps")
        return self._values(term)[-steps:].mean().item()

    def plot(self, *terms, ax=None):
        """Draw the given terms (default: the loss) against the step.

        The line is a running mean of 2 % of the steps; dots are validation.
        """
        curves = {term: self._values(term) for term in terms or ["loss"]}
        ax = ax or plt.gca()
        width = max(1, len(self) // 50)
        for term, values in curves.items():
            smooth = values.unfold(0, width, 1).mean(1)
            (line,) = ax.plot(range(width, len(self) + 1), smooth, label=term)
            dots = {s: v[term] for s, v in self.validation if term in v}
            if dots:
                ax.plot(
                    dots.keys(),
                    dots.values(),
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
        check_count(rows, "rows")
        self._values("loss")
        validated = self.validation[0][1] if self.validation else {}
        head = ["steps", *self.terms, *(f"{t} (val.)" for t in validated)]
        lines = ["".join(f"{word:>14}" for word in head)]
        ends = [len(self) * (i + 1) // rows for i in range(rows)]
        for begin, end in zip([0, *ends], ends, strict=False):
            if begin == end:
                continue
            numbers = [t[begin:end].mean() for t in self.terms.values()]
            inside = [v for s, v in self.validation if begin < s <= end]
            numbers += inside[-1].values() if inside else []
            lines.append(
                f"{f'{begin + 1}-{end}':>14}"
                + "".join(f"{number:14.2f}" for number in numbers)
            )
        return "\n".join(lines)

    def to_tensorboard(self, folder):
        """Write the terms into a folder that ``tensorboard --logdir`` shows.

        Raises ImportError with what to install where TensorBoard is absent.
        """
        self._values("loss")
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

    def _values(self, term):
        """Return a term's number at each step, or say why there is none."""
        if not self.terms:
            raise ValueError(
                "there are no steps in this history: nothing was trained"
            )
        if term not in self.terms:
            raise ValueError(
                f"no term is called {term!r}; the loss returned "
                f"{', '.join(map(repr, self.terms))}"
            )
        return self.terms[term]
