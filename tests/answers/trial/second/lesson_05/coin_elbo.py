"""Answers to coin_elbo, written blind."""

import math

import torch


def terms(q_bent, heads):
    q = torch.stack([1 - q_bent, q_bent], 1)
    p = torch.tensor([0.5, 0.9]).to(q)
    likelihood = math.comb(10, heads) * p**heads * (1 - p) ** (10 - heads)
    joint = torch.tensor([0.7, 0.3]).to(q) * likelihood
    return q, joint, likelihood


def sum_of_two(q_bent, heads):
    q, joint, _ = terms(q_bent, heads)
    posterior = joint / joint.sum()
    elbo = (q * (joint / q).log()).sum(1)
    return elbo, (q * (q / posterior).log()).sum(1)


def evidence_minus_gap(q_bent, heads):
    q, joint, _ = terms(q_bent, heads)
    gap = (q * (q.log() - joint.log() + joint.sum().log())).sum(1)
    return joint.sum().log() - gap, gap


def prior_forgotten(q_bent, heads):
    q, joint, likelihood = terms(q_bent, heads)
    elbo = (q * (likelihood / q).log()).sum(1)
    return elbo, joint.sum().log() - elbo


def only_reconstruction(q_bent, heads):
    q, joint, likelihood = terms(q_bent, heads)
    elbo = (q * likelihood.log()).sum(1)
    return elbo, joint.sum().log() - elbo


def gap_not_normalised(q_bent, heads):
    q, joint, _ = terms(q_bent, heads)
    elbo = (q * (joint / q).log()).sum(1)
    return elbo, (q * (q / joint).log()).sum(1)


def not_weighted(q_bent, heads):
    q, joint, _ = terms(q_bent, heads)
    elbo = (joint / q).log().sum(1)
    return elbo, joint.sum().log() - elbo


def weighted_by_prior(q_bent, heads):
    q, joint, _ = terms(q_bent, heads)
    elbo = (torch.tensor([0.7, 0.3]).to(q) * (joint / q).log()).sum(1)
    return elbo, joint.sum().log() - elbo


def evidence_for_gap(q_bent, heads):
    q, joint, _ = terms(q_bent, heads)
    elbo = (q * (joint / q).log()).sum(1)
    return elbo, joint.sum().log().expand_as(elbo)


RIGHT = [sum_of_two, evidence_minus_gap]

WRONG = [
    ("likelihood in place of the joint", "prior", prior_forgotten),
    ("no rate at all", "rate", only_reconstruction),
    ("KL(q || joint)", "evidence", gap_not_normalised),
    ("the log ratios are summed", "weight", not_weighted),
    ("the prior's weights", "guess", weighted_by_prior),
    ("returns log p(x) as the gap", "log p", evidence_for_gap),
]
