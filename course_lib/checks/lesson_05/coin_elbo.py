"""Lesson 05: ELBO and gap of a guess at a coin."""

import math

import torch

from course_lib.checks.exercise import Exercise
from course_lib.checks.sentences import BITS, KL_REVERSED


def _games(generator):
    def guesses(count):
        return 0.05 + 0.9 * torch.rand(count, generator=generator)

    for count, heads in [(5, 8), (4, 6), (3, 9)]:
        yield {"q_bent": guesses(count), "heads": heads}
    yield "for one guess alone", {"q_bent": guesses(1), "heads": 7}
    yield "where few tosses were heads", {"q_bent": guesses(3), "heads": 2}
    yield "where every toss was heads", {"q_bent": guesses(3), "heads": 10}


class _Game:
    """What a guess's ELBO and gap are made of: pairs (fair, bent)."""

    def __init__(self, q_bent, heads, bag=(0.7, 0.3), coins=(0.5, 0.9)):
        self.q = torch.stack([1 - q_bent, q_bent], 1)  # (M, 2)
        self.prior = torch.tensor(bag).to(q_bent)
        p = torch.tensor(coins).to(q_bent)
        ways = math.comb(10, heads)
        self.likelihood = ways * p**heads * (1 - p) ** (10 - heads)
        self.change()

    def change(self, likelihood=None):
        if likelihood is not None:
            self.likelihood = likelihood
        self.joint = self.prior * self.likelihood
        self.log_p = self.joint.sum().log()
        self.posterior = self.joint / self.joint.sum()
        return self

    def kl(self, p):
        return (self.q * (self.q / p).log()).sum(1)

    def results(self):
        return self.log_p - self.kl(self.posterior), self.kl(self.posterior)


def _answer(q_bent, heads):
    return _Game(q_bent, heads).results()


def _elbo(wrong):
    """Another ELBO, with the right gap, or with what it lacks to log p."""

    def alone(q_bent, heads):
        game = _Game(q_bent, heads)
        return wrong(game), game.results()[1]

    def subtracted(q_bent, heads):
        game = _Game(q_bent, heads)
        return wrong(game), game.log_p - wrong(game)

    return [alone, subtracted]


def _gap(wrong):
    """Another gap, with the right ELBO."""

    def answer(q_bent, heads):
        game = _Game(q_bent, heads)
        return game.results()[0], wrong(game).expand(len(q_bent))

    return answer


def _world(**other):
    """Another bag or other coins."""
    return lambda q_bent, heads: _Game(q_bent, heads, **other).results()


def _likelihood(wrong):
    """Another likelihood, of fair and bent."""

    def answer(q_bent, heads):
        p = torch.tensor([0.5, 0.9]).to(q_bent)
        return _Game(q_bent, heads).change(wrong(p, heads)).results()

    return answer


def _reconstruction(game):
    return (game.q * game.likelihood.log()).sum(1)


def _both(change):
    return lambda q_bent, heads: change(*_answer(q_bent, heads))


coin_elbo = Exercise(
    """coin_elbo(q_bent, heads) -> (M,), (M,): ELBO and gap to log p(x), nats.

    q_bent: (M,), guesses q(bent), between 0 and 1; heads: an int, 0 to 10,
    of ten tosses. The coin is fair with probability 0.7, and bent, with 0.9
    for heads, with probability 0.3.
    """,
    cases=_games,
    answer=_answer,
    outputs=("ELBO", "gap"),
    mistakes={
        "In how many orders can so many of ten tosses be heads? The "
        "likelihood of their number counts them all.": _likelihood(
            lambda p, heads: p**heads * (1 - p) ** (10 - heads)
        ),
        "The tails are missing in the likelihood: they have a probability "
        "too.": [
            _likelihood(lambda p, heads: math.comb(10, heads) * p**heads),
            _likelihood(lambda p, heads: p**heads),
        ],
        "You count heads as tails.": lambda q_bent, heads: _answer(
            q_bent, 10 - heads
        ),
        "The likelihood belongs to one toss, not to ten.": _likelihood(
            lambda p, heads: p
        ),
        "The gap has the wrong sign: log p(x) lies above the ELBO.": _gap(
            lambda game: -game.kl(game.posterior)
        ),
        "That gap is the rate, the KL from the guess to the prior: the gap is "
        "that to p(z | x).": _gap(lambda game: game.kl(game.prior)),
        KL_REVERSED + " For the gap that is the guess.": _gap(
            lambda game: (
                game.posterior * (game.posterior / game.q).log()
            ).sum(1)
        ),
        "That gap is log p(x) itself: it is what the ELBO lacks to it.": _gap(
            lambda game: game.log_p
        ),
        "In the gap the joint is not divided by the evidence, so it is not "
        "p(z | x).": [
            _gap(lambda game: game.kl(game.joint)),
            _gap(lambda game: game.kl(game.likelihood)),
        ],
        "That gap compares probabilities, not their logarithms.": [
            _gap(lambda game: game.q[:, 1] - game.posterior[1]),
            _gap(lambda game: (game.q[:, 1] - game.posterior[1]).abs()),
            _gap(lambda game: (game.q[:, 1] - game.posterior[1]).square()),
        ],
        "The gap is measured from p(x): measure it from log p(x).": _gap(
            lambda game: game.log_p.exp() - game.results()[0]
        ),
        "The guess belongs to the wrong coin: q_bent is the probability of "
        "the bent one, and the fair one has the rest.": [
            lambda q_bent, heads: _answer(1 - q_bent, heads),
        ],
        "The bag is turned round: the fair coin is drawn with probability "
        "0.7.": _world(bag=(0.3, 0.7)),
        "The coins are not drawn equally often: 0.7 and 0.3 are their "
        "prior.": [
            _world(bag=(0.5, 0.5)),
        ],
        "The prior is missing: the guess is compared with the joint, not with "
        "the likelihood alone.": [
            *_elbo(lambda game: -game.kl(game.likelihood)),
            _world(bag=(1.0, 1.0)),
        ],
        "This is the reconstruction alone: the rate is not subtracted.": (
            _elbo(_reconstruction)
        ),
        "The rate is added to the reconstruction: it is a price.": _elbo(
            lambda game: _reconstruction(game) + game.kl(game.prior)
        ),
        "The guess's entropy is missing: the joint is divided by the guess "
        "inside the logarithm.": _elbo(
            lambda game: (game.q * game.joint.log()).sum(1)
        ),
        "The guess's entropy has the wrong sign.": _elbo(
            lambda game: (game.q * (game.joint * game.q).log()).sum(1)
        ),
        "The logarithm comes after the mean: then it is log p(x) for every "
        "guess.": _elbo(lambda game: game.log_p.expand(len(game.q))),
        "The log ratios are not weighted with the guess.": [
            *_elbo(lambda game: (game.joint / game.q).log().sum(1)),
            *_elbo(lambda game: (game.joint / game.q).log().mean(1)),
        ],
        "The log ratios are weighted with the prior: the expectation is "
        "under the guess.": _elbo(
            lambda game: (game.prior * (game.joint / game.q).log()).sum(1)
        ),
        "The log ratios are weighted with p(z | x): the expectation is under "
        "the guess.": _elbo(
            lambda game: (game.posterior * (game.joint / game.q).log()).sum(1)
        ),
        "The log ratios are weighted with the joint: the expectation is "
        "under the guess.": _elbo(
            lambda game: (game.joint * (game.joint / game.q).log()).sum(1)
        ),
        "You look at one coin only: each of the two has a term.": [
            *_elbo(lambda game: (game.q * (game.joint / game.q).log())[:, 1]),
            *_elbo(lambda game: (game.q * (game.joint / game.q).log())[:, 0]),
        ],
        "The gap is subtracted from the ELBO: that is below log p(x) by it "
        "already.": _both(lambda elbo, gap: (elbo - gap, gap)),
        "This is minus the ELBO: it is something to maximise.": [
            _both(lambda elbo, gap: (-elbo, gap)),
            _both(lambda elbo, gap: (-elbo, elbo + gap + elbo)),
        ],
        "ELBO and gap are swapped: return the ELBO first.": _both(
            lambda elbo, gap: (gap, elbo)
        ),
        BITS: [
            _both(lambda elbo, gap: (elbo / math.log(2), gap / math.log(2))),
            _both(lambda elbo, gap: (elbo / math.log(10), gap / math.log(10))),
        ],
        "You average over the guesses: each has an ELBO of its own.": _both(
            lambda elbo, gap: (elbo.mean(), gap.mean())
        ),
        "You add up the guesses: each has an ELBO of its own.": _both(
            lambda elbo, gap: (elbo.sum(), gap.sum())
        ),
    },
    gradient=["q_bent"],
)
