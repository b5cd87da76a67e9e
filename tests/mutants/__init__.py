"""Exercises whose answer is a test, with tests that learners write.

Each file has the exercise, ``EXERCISE``; ``GOOD``, a test that catches every
mutant; and ``WEAK``, pairs of a usual test and what it lets pass.
"""
