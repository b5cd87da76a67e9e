"""The shared models and tools of the course on autoencoders."""

from course_lib.environment import start

__all__ = ["start"]
