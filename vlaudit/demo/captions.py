"""Captions of the reference pictures, and the labels and prompts that go with them."""

import numpy as np

from vlaudit.demo.scenes import Subject

PROMPT = "a photo of a {}"
TEMPLATES = (
    PROMPT,
    "a picture of a {}",
    "a drawing of a {}",
    "a small image of a {}",
    "this is a {}",
    "an illustration showing a {}",
    "{}",
)
ACTIVITIES = (
    "frowning", "pouting", "gesturing", "tipping", "raising", "bowing", "facepalming", "shrugging",
    "wearing", "in", "with", "feeding", "getting", "walking", "standing", "kneeling", "running",
    "dancing", "climbing", "golfing", "surfing", "rowing", "swimming", "bouncing", "lifting",
    "biking", "mountain", "cartwheeling", "playing", "juggling",
)  # fmt: skip


def label(subject: Subject) -> str | None:
    """Return the class of a subject with a role: "firefighter" or "person running"."""
    return phrase(subject) if subject.has_role else None


def phrase(subject: Subject, *, gender: bool = False, skin_tone: bool = False) -> str:
    """Return the subject in words, naming gender and skin tone only when asked to."""
    who = str(subject.gender) if gender else "person"
    if not subject.is_person:
        words = subject.what
    elif not subject.has_role:
        words = f"{who} with {subject.what}" if subject.what != "bald" else f"bald {who}"
    elif subject.what.split()[0] in ACTIVITIES:
        words = f"{who} {subject.what}"
    else:
        words = f"{who} {subject.what}" if gender else subject.what
    if skin_tone and subject.is_person:
        joint = "and" if " with " in words else "with"
        words += f" {joint} {subject.skin_tone} skin"
    return words.lower()


def caption(subject: Subject, rng: np.random.Generator) -> str:
    """Return a caption from a random template; two in five name the gender, one in five the tone.

    People with a look rather than a role always have both named: nothing else tells them apart.
    """
    looks = subject.is_person and not subject.has_role
    words = phrase(
        subject,
        gender=looks or rng.random() < 0.4,
        skin_tone=looks or rng.random() < 0.2,
    )
    return in_template(words, rng)


def in_template(words: str, rng: np.random.Generator) -> str:
    """Return the words in the prompt, or just as often in one of the other templates."""
    template = PROMPT if rng.random() < 0.5 else str(rng.choice(TEMPLATES))
    return fill(template, words)


def fill(template: str, words: str) -> str:
    """Return the template with these words in it, "a" turned into "an" where it sounds so."""
    if words[0] in "aeio" and "a {}" in template:
        template = template.replace("a {}", "an {}")
    return template.format(words)
