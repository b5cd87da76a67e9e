"""Lesson 09: a weight of the KL that grows."""

from course_lib.checks.exercise import Exercise


def _lengths(_):
    yield {"length": 400}
    yield {"length": 8}


def _ramp(warm_up, length):
    steps = [0, length // 4, length // 2, length, 7 * length // 4]
    return {f"beta at step {t}": warm_up(t, length) for t in steps}


def _linear(step, length):
    return min(1.0, step / length)


warm_up = Exercise(
    """warm_up(step, length) -> a float: the weight beta of the KL at a step.

    step, length: integers (shape () each), step from 0 on. beta is 0 at
    step 0 and grows linearly; from step ``length`` on it is 1.
    """,
    cases=_lengths,
    experiment=_ramp,
    answer=_linear,
    mistakes={
        "This is an integer division: beta is 0 up to the last step of the "
        "warm-up. Use one slash.": [
            lambda step, length: step // length,
            lambda step, length: min(1, step // length),
        ],
        "This starts at 1 and falls: the weight of the KL has to grow from "
        "0.": [
            lambda step, length: 1 - step / length,
            lambda step, length: 1 - _linear(step, length),
        ],
        "There is no ramp: beta is 1 from the start.": (
            lambda step, length: 1.0
        ),
        "The ratio is turned over: after half of the warm-up beta is 1/2.": [
            lambda step, length: length / max(step, 1),
            lambda step, length: min(1.0, length / max(step, 1)),
        ],
        "You are a step ahead: beta is 0 at step 0.": (
            lambda step, length: _linear(step + 1, length)
        ),
        "After the warm-up beta exceeds 1 and goes on growing: stop at 1.": (
            lambda step, length: step / length
        ),
        "After the warm-up beta falls back to 0: from step length on it "
        "stays 1.": [
            lambda step, length: step / length if step < length else 0.0,
            lambda step, length: (step % length) / length,
        ],
    },
    tolerance=1e-5,
)
