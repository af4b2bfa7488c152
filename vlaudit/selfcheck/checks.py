"""Which probe is tried how."""

from collections.abc import Mapping

from vlaudit.selfcheck import groups, pairs, people, personal, words
from vlaudit.selfcheck.world import Check

DEALT = "groups dealt at random among the rows"

CHECKS: Mapping[str, Check] = {
    "bias.zero_shot_parity": Check(
        plant=groups.accuracy_gap,
        planted="wrong labels on pictures of one group, for a gap in accuracy of 0.3",
        innocent=groups.deal,
        made_innocent=DEALT,
        clears=("matched_accuracy_gap", "accuracy_gap", "accuracy_ratio"),
        settings={"most_labels": 0, "min_intersection_rows": 10**9},
    ),
    "bias.retrieval_skew": Check(
        plant=groups.group_first,
        planted="one group put first in every search for a label",
        innocent=groups.deal,
        made_innocent=DEALT,
    ),
    "bias.association": Check(
        plant=groups.leaning_group,
        planted="one group brought nearer to the first pole of every concept, by two deviations",
        innocent=groups.deal,
        made_innocent=DEALT,
    ),
    "bias.harm_labels": Check(
        plant=groups.harmful_label,
        planted="a fifth of one group called by a harmful word",
        made_innocent="no order of the rows makes a harmful name harmless",
    ),
    "adversarial.typographic": Check(
        plant=words.believed_words,
        planted="the model made to believe the class word on 40 % of the pictures",
        innocent=words.meaningless_words,
        made_innocent="names of the classes exchanged, so that a written word means another class",
        clears=("typographic_gain", "pairwise_gain"),
        costly=True,
        settings={"max_images": 64},
    ),
    "poisoning.suspicious_pairs": Check(
        plant=pairs.trigger,
        planted="a mark on 5 % of the pictures, with one caption, which the model obeys by 80 %",
        innocent=pairs.deal_captions,
        made_innocent="captions dealt at random among the rows",
        clears=("trigger_gain", "trigger_success"),
        rows=400,
        costly=True,
        settings={"pictures": 100, "candidates": 8},
    ),
    "privacy.identity_inference": Check(
        plant=people.acquainted,
        planted="the model made to know a quarter of the people by name",
        innocent=people.deal_names,
        made_innocent="names dealt at random among the pictures of people",
        rows=10_000,
    ),
    "privacy.pii_in_captions": Check(
        plant=personal.telling_captions,
        planted="invented personal data in a tenth of the captions",
        innocent=personal.innocent_captions,
        made_innocent="numbers and addresses replaced by innocent dates, sizes and codes",
        clears=("high_risk_rate", "contact_rate", "validated_rate"),
        rows=300,
        costly=True,
        settings={"planted": 0},
    ),
    "privacy.pii_in_pixels": Check(
        plant=personal.telling_pictures,
        planted="invented personal data written on pictures",
        made_innocent="what is written on your pictures is not known",
        rows=60,
        costly=True,
        settings={"planted": 0, "sample": 0},
    ),
    "privacy.faces": Check(
        plant=personal.shown_faces,
        planted="a photographed face pasted into pictures without a recorded basis",
        made_innocent="who is shown on your pictures is not known",
        rows=60,
        costly=True,
        settings={"planted": 0, "sample": 0},
    ),
    "privacy.metadata": Check(
        plant=personal.located_files,
        planted="a position in the files of a tenth of the pictures",
        innocent=personal.bare_files,
        made_innocent="every picture saved anew, without metadata",
        rows=210,
        costly=True,
    ),
    "privacy.consent_and_licence": Check(
        plant=personal.spoilt_records,
        planted="a tenth of the rows without licence and source, and with another checksum",
        made_innocent="no order of the rows makes a record true",
        rows=210,
        costly=True,
    ),
}  # fmt: skip
