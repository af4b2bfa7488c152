"""Text that nobody sees, and text that speaks to a model instead of telling of the picture."""

import re
import unicodedata
from collections.abc import Sequence

ZERO_WIDTH = frozenset("\u200b\u2060\u2061\u2062\u2063\u2064\ufeff\u180e\u00ad\u034f\u115f\u1160")
BINDING = frozenset("\u200c\u200d")
DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
MARKS = frozenset("\u200e\u200f\u061c")
JOINED_SCRIPTS = re.compile(r"[\u0600-\u08ff\u0900-\u0dff\u1780-\u17ff\u1800-\u18af\u0e00-\u0fff]")
RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
FLAG = "\U0001f3f4"
ALL = r"(?:all |any |the |your |every |these |those |my |of )*"
EARLIER = r"(?:previous|prior|above|preceding|earlier|former|foregoing|system|other|original)"
ORDERS = r"(?:instructions?|prompts?|rules?|directions?|commands?|guidelines?|context|messages?)"
ADDRESSES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b(?:ignore|disregard|forget|override|bypass|skip) {ALL}{EARLIER} (?:\w+ )?{ORDERS}\b",
        r"\b(?:ignore|disregard|forget) (?:everything|anything|all|what)(?: \w+){0,4} "
        r"(?:above|before|told|said|previously)\b",
        r"\b(?:new|updated|real|actual|hidden|secret) (?:system )?(?:instructions?|prompt)\s*:",
        r"\byou are (?:now |actually |really )?(?:an? |the )?(?:\w+ )?"
        r"(?:ai|a\.i\.|assistant|chatbot|language model|llm|vision[- ]language model|gpt)\b",
        r"\b(?:dear |attention |hey |note to |message to )(?:the )?"
        r"(?:ai|assistant|model|llm|gpt|chatbot|language model)\b",
        r"\bas an? (?:ai|language model|assistant),? (?:you|always|never|do|please|say|answer)\b",
        r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\|?",
        r"\[/?INST\]|<</?SYS>>|</?(?:system|assistant)>|^\s*#{2,} ?(?:system|instructions?)\b",
        r"(?:^|\n)\s*(?:system|assistant)\s*:\s*\S",
        r"\b(?:reveal|print|repeat|show|output) (?:me )?(?:your|the) (?:system|hidden|initial) "
        r"(?:prompt|instructions?)\b",
        r"\b(?:do not|don't|never) (?:describe|mention|tell|answer|caption)\b.{0,60}\b"
        r"(?:instead|(?:but|and) (?:say|answer|write|reply|output))\b",
        r"\b(?:always |only )(?:answer|respond|reply|say|output) (?:with )?[\"'«“]",
        r"\bignor(?:iere|e|ez|a|ieren)\b.{0,40}\b(?:anweisungen|instructions|instrucciones|"
        r"istruzioni|instruções)\b",
        r"忽略.{0,12}(?:指令|指示|提示)|(?:以前|上記|これまで).{0,8}(?:指示|命令).{0,4}無視|"
        r"игнорируй.{0,30}инструкци",
    )
)


def invisible(text: str) -> list[int]:
    """Return the places of characters that are not seen and that the writing has no need of.

    Joiners are needed within emoji and in scripts that join letters, marks of direction in text
    that runs from right to left, tags in flags of regions, and a byte-order mark begins files.
    """
    found: list[int] = []
    joins, turned = JOINED_SCRIPTS.search(text) is not None, RIGHT_TO_LEFT.search(text) is not None
    tagged = False
    for at, sign in enumerate(text):
        tag = "\U000e0000" <= sign <= "\U000e007f"
        tagged = sign == FLAG or (tagged and tag)
        hidden = (
            (sign in ZERO_WIDTH and not (sign == "\ufeff" and at == 0) and sign != "\u00ad")
            or (sign in BINDING and not joins and not _in_emoji(text, at))
            or (sign in DIRECTION and not turned)
            or (sign in MARKS and not turned)
            or (tag and not tagged)
            or (unicodedata.category(sign) == "Cc" and sign not in "\t\n\r")
        )
        if hidden:
            found.append(at)
    return found


def _in_emoji(text: str, at: int) -> bool:
    near = text[max(at - 2, 0) : at] + text[at + 1 : at + 2]
    return any(unicodedata.category(sign) in ("So", "Sk") or sign == "\ufe0f" for sign in near)


def addresses_model(text: str) -> bool:
    """Tell whether a text speaks to a model: gives it orders, or pretends to be its frame.

    Invisible characters and wide letters are taken out first, since they serve to hide orders.
    """
    hidden = set(invisible(text))
    plain = "".join(
        chr(ord(sign) - 0xE0000) if "\U000e0020" <= sign <= "\U000e007e" else sign
        for at, sign in enumerate(text)
        if at not in hidden or "\U000e0020" <= sign <= "\U000e007e"
    )
    plain = unicodedata.normalize("NFKC", plain)
    lines = re.sub(r"[^\S\n]+", " ", plain)
    return any(form.search(lines) for form in ADDRESSES)


def doubts(texts: Sequence[str | None]) -> tuple[list[int], list[int]]:
    """Return the rows with invisible text, and those that speak to a model."""
    written = [(row, text) for row, text in enumerate(texts) if text]
    return (
        [
            row
            for row, text in written
            if not (text.isascii() and text.isprintable()) and invisible(text)
        ],
        [row for row, text in written if addresses_model(text)],
    )
