"""What several exercises say of the same mistake."""

BITS = "The unit is the nat: take the natural logarithm, not log2 or log10."
SIGMA_FOR_VARIANCE = (
    "You take sigma for sigma^2: sigma is the standard deviation, and the "
    "variance, its square, belongs here."
)
VARIANCE_SQUARED = (
    "You square what is a variance already: s2 stands for sigma^2 itself."
)
ROOT_OF_VARIANCE = "You take the root of s2: the variance itself belongs here."
PIXEL_MEAN = (
    "You average over the pixels: sum over them, and average over the batch "
    "only (the reduction rule)."
)
PIXEL_SUM = "You sum over the pixels: take their mean."
LATENT_MEAN = "You average over the latents: sum them, each is paid for."
KL_REVERSED = (
    "This is the KL the other way round: the expectation is taken under the "
    "first distribution."
)
HALF_MISSING = "A factor 1/2 is missing."
