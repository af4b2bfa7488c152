"""The words that documents use for statuses, severities and risks, and what to do about them."""

from dataclasses import dataclass

from vlaudit.core.finding import Severity
from vlaudit.core.policy import OriginClass
from vlaudit.core.probe import Risk
from vlaudit.core.verdict import ControlStatus, Status

WORST_FIRST = tuple(reversed(Severity))


@dataclass(frozen=True)
class Label:
    """A status in words: a short label, an icon and colour by name, and what it means."""

    name: str
    style: str
    means: str


STATUS = {
    Status.FAIL: Label("Failed", "fail", "the evidence lies on the wrong side of the limit"),
    Status.INCONCLUSIVE: Label(
        "Undecided", "open", "the evidence allows both answers; more data would decide it"
    ),
    Status.NOT_MEASURED: Label("Not measured", "none", "there is no measurement to judge by"),
    Status.PASS: Label("Passed", "pass", "the whole interval lies on the right side of the limit"),
    Status.ATTESTED: Label("Attested", "word", "a named person vouches for it"),
    Status.WAIVED: Label("Waived", "waived", "a named person set it aside until a day"),
    Status.NOT_APPLICABLE: Label(
        "Not applicable", "none", "the rule concerns a claim that this audit does not make"
    ),
}

CONTROL = {
    ControlStatus.REFUTED: Label("Refuted", "fail", "a rule that bears on it failed"),
    ControlStatus.INCONCLUSIVE: Label(
        "Undecided", "open", "a rule that bears on it could not be decided"
    ),
    ControlStatus.EVIDENCED: Label("Evidenced", "pass", "the rules that bear on it passed"),
    ControlStatus.ATTESTED: Label("Attested", "word", "a named person vouches for it"),
    ControlStatus.NOT_MEASURED: Label(
        "Not measured", "none", "this audit holds no evidence about it"
    ),
}

SEVERITY = {
    Severity.CRITICAL: "Critical",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
    Severity.INFO: "Info",
}

RISK = {
    Risk.BIAS: "Unequal treatment of groups",
    Risk.ADVERSARIAL: "Deliberate attacks on the input",
    Risk.ROBUSTNESS: "Everyday changes of the input",
    Risk.POISONING: "Tampered training data",
    Risk.PRIVACY: "Personal data",
    Risk.RELIABILITY: "Trust in the answers",
    Risk.DATA: "Quality of the data",
}

REMEDY = {
    Risk.BIAS: (
        "Do not let the model decide about people of the groups named below before the gap is "
        "closed. Look at the figures by group, add or rebalance pictures of the worst served "
        "group, and audit again."
    ),
    Risk.ADVERSARIAL: (
        "Assume that whoever can change the picture can change the answer. Keep a person or a "
        "second check in front of decisions that matter, or train against such changes, and "
        "audit again."
    ),
    Risk.ROBUSTNESS: (
        "Use the model only under conditions like those where it held, or train on the changes "
        "that it failed under, and audit again."
    ),
    Risk.POISONING: (
        "Do not train on this data, and do not ship a model trained on it, before a person has "
        "looked at the rows listed under findings. Remove what is confirmed, train again, and "
        "audit again."
    ),
    Risk.PRIVACY: (
        "Do not share the data or the model before a person has looked at the findings. Remove or "
        "mask the personal data, train again where the model has learnt it, and audit again."
    ),
    Risk.RELIABILITY: (
        "Do not show the model's confidence to people, or act on it alone, before it has been "
        "corrected on data of its own, and audit again."
    ),
    Risk.DATA: (
        "Repair or remove the rows listed under findings before the data is used for training "
        "or for a comparison of models, and audit again."
    ),
}


ORIGIN = {
    OriginClass.LAW: "Law",
    OriginClass.SPECIFICATION: "Specification",
    OriginClass.PUBLISHED: "Published figure",
    OriginClass.CONVENTION: "Convention",
    OriginClass.HOUSE: "House value",
}


def sentence(text: str) -> str:
    """Turn a remark into a sentence; a name at its head stays as it is."""
    plain = text.strip()
    if plain.split(" ")[0].isalpha():
        plain = plain[:1].upper() + plain[1:]
    return plain if plain.endswith((".", "!", "?")) else f"{plain}."


def titled(identifier: str) -> str:
    """Turn a machine name such as `equal_accuracy` into words."""
    words = identifier.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Print a number with its noun."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
