"""Answers to coin_elbo, in forms that learners write."""

import math

import torch
from torch.distributions import Bernoulli, Binomial, Categorical, kl_divergence


def pairs(q_bent, heads):
    """The guess, the prior and the likelihood, as (fair, bent)."""
    q = torch.stack([1 - q_bent, q_bent], 1)
    prior = torch.tensor([0.7, 0.3]).to(q)
    coins = Binomial(10, torch.tensor([0.5, 0.9]).to(q))
    return q, prior, coins.log_prob(torch.tensor(float(heads)).to(q)).exp()


def by_pairs(q_bent, heads):
    q, prior, likelihood = pairs(q_bent, heads)
    joint = prior * likelihood
    elbo = (q * (joint / q).log()).sum(1)
    return elbo, joint.sum().log() - elbo


def by_distributions(q_bent, heads):
    q, prior, likelihood = pairs(q_bent, heads)
    reconstruction = q @ likelihood.log()
    rate = kl_divergence(Categorical(q), Categorical(prior))
    gap = kl_divergence(Categorical(q), Categorical(prior * likelihood))
    return reconstruction - rate, gap


def two_terms(q_bent, heads):
    ways = math.comb(10, heads)
    fair = math.log(0.7 * ways) + 10 * math.log(0.5)
    bent = math.log(0.3 * ways) + heads * math.log(0.9)
    bent += (10 - heads) * math.log(0.1)
    q_fair = 1 - q_bent
    elbo = q_fair * (fair - q_fair.log()) + q_bent * (bent - q_bent.log())
    return elbo, math.log(math.exp(fair) + math.exp(bent)) - elbo


RIGHT = [by_pairs, by_distributions, two_terms]


def with_elbo(change):
    """Another ELBO of q, prior, likelihood; the gap by subtracting."""

    def answer(q_bent, heads):
        q, prior, likelihood = pairs(q_bent, heads)
        elbo = change(q, prior, likelihood)
        return elbo, (prior * likelihood).sum().log() - elbo

    return answer


def with_gap(change):
    def answer(q_bent, heads):
        q, prior, likelihood = pairs(q_bent, heads)
        return by_pairs(q_bent, heads)[0], change(q, prior, likelihood)

    return answer


def without_orders(q_bent, heads):
    elbo, gap = by_pairs(q_bent, heads)
    return elbo - math.log(math.comb(10, heads)), gap


def to_prior(q, prior, _):
    return kl_divergence(Categorical(q), Categorical(prior))


def floats(q_bent, heads):
    results = [two_terms(q.view(1), heads) for q in q_bent]
    return tuple(torch.tensor(values) for values in zip(*results, strict=True))


WRONG = [
    ("how many orders", without_orders),
    ("heads as tails", lambda q, heads: by_pairs(q, 10 - heads)),
    ("wrong coin", lambda q, heads: by_pairs(1 - q, heads)),
    ("That gap is the rate", with_gap(to_prior)),
    (
        "other way round",
        with_gap(
            lambda q, prior, likelihood: kl_divergence(
                Categorical(prior * likelihood), Categorical(q)
            )
        ),
    ),
    (
        "not divided by the evidence",
        with_gap(lambda q, p, like: (q * (q / (p * like)).log()).sum(1)),
    ),
    (
        "prior is missing",
        with_elbo(lambda q, _, like: (q * (like / q).log()).sum(1)),
    ),
    (
        "reconstruction alone",
        with_elbo(lambda q, _, like: q @ like.log()),
    ),
    (
        "rate is added",
        with_elbo(
            lambda q, prior, like: q @ like.log() + to_prior(q, prior, like)
        ),
    ),
    (
        "entropy is missing",
        with_elbo(lambda q, prior, like: q @ (prior * like).log()),
    ),
    (
        "not weighted",
        with_elbo(lambda q, prior, like: (prior * like / q).log().sum(1)),
    ),
    (
        "weighted with the prior",
        with_elbo(lambda q, prior, like: (prior * like / q).log() @ prior),
    ),
    ("after the mean", lambda q, heads: (sum(by_pairs(q, heads)), 0 * q)),
    (
        "minus the ELBO",
        lambda q, heads: (-by_pairs(q, heads)[0], by_pairs(q, heads)[1]),
    ),
    ("swapped", lambda q, heads: by_pairs(q, heads)[::-1]),
    (
        "nat",
        lambda q, heads: tuple(
            value / math.log(2) for value in by_pairs(q, heads)
        ),
    ),
    (
        "wrong sign",
        lambda q, heads: (by_pairs(q, heads)[0], -by_pairs(q, heads)[1]),
    ),
    (
        "each has an ELBO of its own",
        lambda q, heads: tuple(value.mean() for value in by_pairs(q, heads)),
    ),
    (
        "equally often",
        lambda q, heads: _with_bag(0.5, q, heads),
    ),
    ("turned round", lambda q, heads: _with_bag(0.3, q, heads)),
    ("gradient", floats),
    (
        "compares probabilities",
        lambda q, heads: (
            by_pairs(q, heads)[0],
            Bernoulli(q).mean - by_posterior(heads),
        ),
    ),
]


def by_posterior(heads):
    """The posterior of the bent coin, a float."""
    fair, bent = 0.7 * 0.5**10, 0.3 * 0.9**heads * 0.1 ** (10 - heads)
    return bent / (fair + bent)


def _with_bag(fair, q_bent, heads):
    q, _, likelihood = pairs(q_bent, heads)
    joint = torch.tensor([fair, 1 - fair]).to(q) * likelihood
    elbo = (q * (joint / q).log()).sum(1)
    return elbo, joint.sum().log() - elbo
