"""What a check raises."""


class Mistake(AssertionError):
    """What is wrong in an answer; a notebook shows this sentence alone."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]
