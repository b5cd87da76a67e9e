"""Lesson 09: a weight of the KL that grows."""

import math

from course_lib.checks.exercise import Exercise


def _steps(_generator):
    """Steps inside the warm-up, then its ends."""
    for step, length in [(100, 400), (3, 8), (450, 1000), (9, 10), (1, 6)]:
        yield {"step": step, "length": length}
    for label, step, length in [
        ("at step 0", 0, 400),
        ("at step length", 8, 8),
        ("after the warm-up", 700, 400),
        ("after the warm-up", 27, 8),
        ("for a warm-up of one step", 0, 1),
        ("for a warm-up of one step", 1, 1),
    ]:
        yield label, {"step": step, "length": length}


def _linear(step, length):
    return min(1.0, step / length)


def _ramp(change):
    """Another function of the share of the warm-up that is done."""
    return lambda step, length: change(_linear(step, length))


warm_up = Exercise(
    """warm_up(step, length) -> a float: the weight beta of the KL at a step.

    step, length: integers (shape () each), step from 0 on. beta is 0 at
    step 0 and grows linearly; from step ``length`` on it is 1.
    """,
    cases=_steps,
    answer=_linear,
    mistakes={
        "beta is 0 up to the last step of the warm-up: // and int() cut off "
        "the fraction that it should be.": [
            lambda step, length: min(1, step // length),
            lambda step, length: step // length,
            lambda step, length: min(1, round(step / length)),
        ],
        "This starts at 1 and falls: the weight of the KL has to grow from "
        "0.": _ramp(lambda t: 1 - t),
        "There is no ramp: beta is 1 from the start.": (
            lambda step, length: 1.0
        ),
        "You take the larger of 1 and the ratio, so that beta is never below "
        "1: take the smaller.": lambda step, length: max(1.0, step / length),
        "The ratio is turned over: after half of the warm-up beta is 1/2.": [
            lambda step, length: length / step,
            lambda step, length: min(1.0, length / step),
            lambda step, length: length / max(step, 1),
            lambda step, length: min(1.0, length / max(step, 1)),
            lambda step, length: min(1.0, length / step) if step else 0.0,
        ],
        "You wait for length steps before beta begins to grow: it grows from "
        "step 0 on.": (
            lambda step, length: min(1.0, max(0.0, step / length - 1))
        ),
        "You are a step ahead: beta is 0 at step 0.": (
            lambda step, length: _linear(step + 1, length)
        ),
        "You are a step late: beta is 1 at step length already.": (
            lambda step, length: max(0, _linear(step - 1, length))
        ),
        "beta comes to 1 a step too early: at step length, not before.": (
            lambda step, length: min(1.0, step / (length - 1))
        ),
        "beta is below 1 at step length: the last step of the warm-up is a "
        "step too far away.": lambda step, length: min(
            1.0, step / (length + 1)
        ),
        "beta grows, but not linearly: in half of the warm-up it comes to "
        "1/2, in a quarter to 1/4.": [
            *(_ramp(lambda t, p=p: t**p) for p in (2, 3, 4, 0.5)),
            _ramp(math.sin),
            _ramp(math.tanh),
            _ramp(lambda t: math.sin(math.pi / 2 * t)),
            _ramp(lambda t: (1 - math.cos(math.pi * t)) / 2),
            _ramp(lambda t: 1 - math.cos(math.pi / 2 * t)),
            _ramp(lambda t: 1 - math.exp(-t)),
            _ramp(lambda t: 1 - math.exp(-5 * t)),
            _ramp(lambda t: t**2 * (3 - 2 * t)),
            _ramp(lambda t: 1 / (1 + math.exp(-t))),
            _ramp(lambda t: 1 / (1 + math.exp(-10 * (t - 0.5)))),
        ],
        "beta comes to 1 after half of the warm-up already.": (
            lambda step, length: min(1.0, 2 * step / length)
        ),
        "This is what beta grows by in one step: how many are done?": (
            lambda step, length: 1 / length
        ),
        "You return the step: how far is it in the warm-up?": [
            lambda step, length: step,
            lambda step, length: min(step, length),
            lambda step, length: min(1.0, step),
        ],
        "After the warm-up beta exceeds 1 and goes on growing: stop at 1.": (
            lambda step, length: step / length
        ),
        "After the warm-up beta falls back to 0: from step length on it "
        "stays 1.": [
            lambda step, length: step / length if step < length else 0.0,
            lambda step, length: step / length if step <= length else 0.0,
            lambda step, length: (step % length) / length,
        ],
    },
    tolerance=1e-5,
)
