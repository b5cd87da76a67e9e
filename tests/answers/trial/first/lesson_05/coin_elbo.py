"""Answers to coin_elbo, written blind."""

import math

import torch
from torch.distributions import Bernoulli, Binomial, Categorical, kl_divergence

PRIOR = torch.tensor([0.7, 0.3], dtype=torch.float64)
HEADS = torch.tensor([0.5, 0.9], dtype=torch.float64)

# ---------------------------------------------------------------- right ones


def joint_of(heads):
    ways = math.comb(10, heads)
    fair = 0.7 * ways * 0.5**10
    bent = 0.3 * ways * 0.9**heads * 0.1 ** (10 - heads)
    return fair, bent


def in_floats(q_bent, heads):
    fair, bent = joint_of(heads)
    log_p = math.log(fair + bent)
    first = (1 - q_bent) * (math.log(fair) - torch.log(1 - q_bent))
    second = q_bent * (math.log(bent) - torch.log(q_bent))
    elbo = first + second
    return elbo, log_p - elbo


def with_distributions(q_bent, heads):
    prior, p_head = PRIOR.to(q_bent), HEADS.to(q_bent)
    seen = torch.tensor(float(heads)).to(q_bent)
    log_joint = prior.log() + Binomial(10, p_head).log_prob(seen)
    posterior = Categorical(logits=log_joint)
    q = Categorical(torch.stack([1 - q_bent, q_bent], dim=-1))
    gap = kl_divergence(q, posterior)
    return log_joint.logsumexp(0) - gap, gap


def reconstruction_minus_rate(q_bent, heads):
    log_ways = math.log(math.comb(10, heads))
    fair = log_ways + 10 * math.log(0.5)
    bent = log_ways + heads * math.log(0.9) + (10 - heads) * math.log(1 - 0.9)
    reconstruction = (1 - q_bent) * fair + q_bent * bent
    rate = kl_divergence(Bernoulli(q_bent), Bernoulli(0.3 + 0 * q_bent))
    a, b = joint_of(heads)
    truth = Bernoulli(b / (a + b) + 0 * q_bent)
    return reconstruction - rate, kl_divergence(Bernoulli(q_bent), truth)


def energy_and_entropy(q_bent, heads):
    q = torch.stack([1 - q_bent, q_bent])
    joint = torch.tensor(joint_of(heads)).to(q)
    elbo = (q * joint.log()[:, None]).sum(0) + torch.special.entr(q).sum(0)
    return elbo, joint.sum().log() - elbo


def loop(q_bent, heads):
    a, b = joint_of(heads)
    elbos, gaps = [], []
    for q in q_bent:
        elbo = (1 - q) * (a / (1 - q)).log() + q * (b / q).log()
        elbos.append(elbo)
        gaps.append(math.log(a + b) - elbo)
    return torch.stack(elbos), torch.stack(gaps)


# ---------------------------------------------------------------- wrong ones


def no_ways(q_bent, heads):
    a, b = 0.7 * 0.5**10, 0.3 * 0.9**heads * 0.1 ** (10 - heads)
    elbo = (1 - q_bent) * (a / (1 - q_bent)).log() + q_bent * (
        b / q_bent
    ).log()
    return elbo, math.log(a + b) - elbo


def no_tails(q_bent, heads):
    ways = math.comb(10, heads)
    a, b = 0.7 * ways * 0.5**heads, 0.3 * ways * 0.9**heads
    elbo = (1 - q_bent) * (a / (1 - q_bent)).log() + q_bent * (
        b / q_bent
    ).log()
    return elbo, math.log(a + b) - elbo


def gap_turned(q_bent, heads):
    elbo, gap = in_floats(q_bent, heads)
    return elbo, elbo - math.log(sum(joint_of(heads)))


def rate_for_gap(q_bent, heads):
    elbo, _ = in_floats(q_bent, heads)
    prior = Bernoulli(0.3 + 0 * q_bent)
    return elbo, kl_divergence(Bernoulli(q_bent), prior)


def reversed_gap(q_bent, heads):
    elbo, _ = in_floats(q_bent, heads)
    a, b = joint_of(heads)
    exact = Bernoulli(b / (a + b) + 0 * q_bent)
    return elbo, kl_divergence(exact, Bernoulli(q_bent))


def other_coin(q_bent, heads):
    # the guess's first entry is the bent coin
    return in_floats(1 - q_bent, heads)


def no_entropy(q_bent, heads):
    a, b = joint_of(heads)
    elbo = (1 - q_bent) * math.log(a) + q_bent * math.log(b)
    return elbo, math.log(a + b) - elbo


def rate_added(q_bent, heads):
    a, b = joint_of(heads)
    rec = (1 - q_bent) * math.log(a / 0.7) + q_bent * math.log(b / 0.3)
    rate = kl_divergence(Bernoulli(q_bent), Bernoulli(0.3 + 0 * q_bent))
    return rec + rate, math.log(a + b) - rec - rate


def bits(q_bent, heads):
    elbo, gap = in_floats(q_bent, heads)
    return elbo / math.log(2), gap / math.log(2)


def loss(q_bent, heads):
    elbo, gap = in_floats(q_bent, heads)
    return -elbo, gap


def log_of_mean(q_bent, heads):
    a, b = joint_of(heads)
    weight = (1 - q_bent) * (a / (1 - q_bent)) + q_bent * (b / q_bent)
    return weight.log(), math.log(a + b) - weight.log()


def averaged(q_bent, heads):
    elbo, gap = in_floats(q_bent, heads)
    return elbo.mean(), gap.mean()


RIGHT = [
    in_floats,
    with_distributions,
    reconstruction_minus_rate,
    energy_and_entropy,
    loop,
]

WRONG = [
    ("forgets the binomial coefficient", "orders", no_ways),
    ("forgets the tails", "tails", no_tails),
    ("ELBO minus log p(x)", "gap.*sign|sign.*gap", gap_turned),
    ("the KL to the prior as the gap", "rate", rate_for_gap),
    ("KL(posterior || q)", "other way round", reversed_gap),
    ("q_bent is taken for the fair coin", "fair", other_coin),
    ("forgets the entropy of q", "entropy", no_entropy),
    ("adds the rate", "rate", rate_added),
    ("in bits", "nat", bits),
    ("returns the loss", "maximise", loss),
    ("the log outside", "log", log_of_mean),
    ("the mean over the guesses", "average over the guesses", averaged),
]
