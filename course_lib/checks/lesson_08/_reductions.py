"""Lesson 08: what to say of reductions that count wrongly."""

# Of a loss's four: those of pixels, batch, latents, and the KL's batch.
FORGOTTEN = (
    "D is forgotten: a mean over the pixels makes the reconstruction D times "
    "smaller, and so beta larger.",
    "A mean over the batch in the reconstruction, rec_batch, has no influence "
    "on your result.",
    "K is forgotten: a mean over the latents makes the KL K times smaller.",
    "A mean over the batch in the KL, kl_batch, has no influence on your "
    "result.",
)
TURNED = (
    "D is on the wrong side: a mean over the pixels makes the reconstruction "
    "smaller, and so beta larger.",
    "A mean in rec_batch counts the wrong way round: it makes the "
    "reconstruction smaller, and so beta larger.",
    "K is on the wrong side: a mean over the latents makes the KL smaller, "
    "and so beta.",
    "A mean in kl_batch counts the wrong way round: it makes the KL smaller, "
    "and so beta.",
)
# What several at once come to; 0: forgotten, -1: on the wrong side.
COMMON = {
    (-1, -1, -1, -1): "Inverted: a mean makes its term smaller. In the "
    "reconstruction that makes beta larger, in the KL smaller.",
    (-1, -1, 1, 1): "Both reductions of the reconstruction count the wrong "
    "way round. What is beta if the reconstruction is made smaller?",
    (1, 1, -1, -1): "Both reductions of the KL count the wrong way round: a "
    "mean makes the KL smaller, and so beta.",
    (0, 0, 1, 1): "The reconstruction's reductions have no influence on your "
    "result: where it is made smaller, beta is larger.",
    (1, 1, 0, 0): "The KL's reductions have no influence on your result.",
    (1, 0, 1, 0): "B is forgotten: a mean over the batch in one term only "
    "changes beta.",
    (0, 1, 0, 1): "Only the means over the batch count in your result: D and "
    "K are forgotten.",
    (0, 0, 0, 0): "Your result is the same for sum and mean, as if all four "
    'were sums: how do you compare a reduction with "mean"?',
}
