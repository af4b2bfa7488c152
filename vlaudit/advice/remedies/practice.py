"""What takes training, data or people."""

from vlaudit.advice.remedy import Remedy

REMEDIES = (
    Remedy(
        title="More pictures of the group that fares worse",
        helps=("bias.zero_shot_parity.*", "bias.quality_of_service.*", "bias.representation.*",
               "bias.counterfactual_flip.*", "bias.pronoun_resolution.*"),
        words="Add pictures of the group under the labels that the findings name, train on them, "
        "or weigh those there are; group-wise robust optimisation does the latter.",
        cites=("https://arxiv.org/abs/1911.08731",),
    ),
    Remedy(
        title="Counterfactual pairs in training",
        helps=("bias.counterfactual_flip.*", "bias.association.*", "bias.word_association.*",
               "bias.caption_parity.*", "bias.answer_stereotype.*", "bias.pronoun_resolution.*"),
        words="Train on pictures or texts that differ in the group alone, with the same answer for "
        "both; hold the pairs of the audit back.",
        cites=("https://arxiv.org/abs/2312.00825",),
    ),
    Remedy(
        title="Neutral words where the picture does not tell",
        helps=("bias.caption_parity.*", "bias.pronoun_resolution.*"),
        words="Ask for captions that speak of a person unless gender matters, in the prompt or in "
        "the captions that the model is tuned on.",
        cites=("https://arxiv.org/abs/1803.09797",),
    ),
    Remedy(
        title="Leave to say that it cannot be told",
        helps=("bias.answer_stereotype.*",),
        words="Offer the way out in the prompt, tune on questions that no picture answers, and "
        "check that questions with an answer are still answered.",
        cites=("https://arxiv.org/abs/2110.08193",),
    ),
    Remedy(
        title="A list of labels that are never given to people",
        helps=("bias.harm_labels.*",),
        words="Take harmful labels out of what pictures of people may be called, or ask a detector "
        "of people first; an added neutral label, such as child, takes over from harmful ones.",
        cites=("https://arxiv.org/abs/2108.02818",),
    ),
    Remedy(
        title="Slices retrained on their own",
        helps=("bias.spurious_slices.*",),
        words="Look at the rows of the failing slice, say what they share, collect such pictures "
        "of every label, and retrain the last layer on a set in which it goes with no label.",
        cites=("https://arxiv.org/abs/2204.02937",),
    ),
    Remedy(
        title="Mixed augmentations in training",
        helps=("robustness.common_corruption.*",),
        words="Train or tune on pictures under chains of mild changes, mixed with the clean one "
        "and held to one answer (AugMix). Leave the audited types out, or it tests memory.",
        cites=("https://arxiv.org/abs/1912.02781",),
    ),
    Remedy(
        title="Weights averaged between the tuned and the original model",
        helps=("robustness.domain_shift.*",),
        words="Where tuning on one domain cost accuracy in others, average the weights of before "
        "and after (WiSE-FT); otherwise collect pictures of the domain that findings name.",
        cites=("https://arxiv.org/abs/2109.01903",),
    ),
)  # fmt: skip
