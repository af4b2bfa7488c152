"""Sentences without people in them: the documentation of installed libraries, foreign words.

Templates alone teach a recogniser the templates. These sentences give it the words and the syntax
of real English; training puts people where their noun phrases stood.
"""

import ast
import re
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

LIBRARIES = ("numpy", "scipy", "pandas", "sklearn", "statsmodels", "torch", "email", "http",
             "argparse", "logging", "unittest", "spacy", "datasets", "PIL", "rich", "networkx",
             "huggingface_hub", "open_clip", "torchvision", "presidio_analyzer")  # fmt: skip
FOREIGN = "cs_CZ da_DK de_DE es_ES fr_FR it_IT la nl_NL pl_PL vi_VN ru_RU el_GR ar_AA zh_CN ja_JP"
SENTENCE = re.compile(r"(?<![\w`.])[A-Z][a-z]+(?: [A-Za-z][a-z'-]*,?){3,24}[.?!](?=\s|$)")


def _docstrings(path: Path) -> Iterator[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, ValueError):
        return
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, documented) and (text := ast.get_docstring(node)):
            yield re.sub(r"\s+", " ", text)


def _files(library: str) -> list[Path]:
    spec = find_spec(library)
    if spec is None or spec.origin is None:
        return []
    origin = Path(spec.origin)
    return sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]


def sentences() -> list[str]:
    """Return the distinct sentences of plain words in the docstrings of `LIBRARIES`, sorted."""
    return sorted(
        {
            sentence
            for library in LIBRARIES
            for path in _files(library)
            if "test" not in path.name
            for text in _docstrings(path)
            for sentence in SENTENCE.findall(text)
        }
    )


def foreign(seed: int) -> list[str]:
    """Return sentences of words of other languages, in which nothing is to be found."""
    from faker import Faker

    written: list[str] = []
    for locale in FOREIGN.split():
        fake = Faker(locale)
        fake.seed_instance(seed)
        written += [fake.sentence(length) for length in range(2, 12) for _ in range(20)]
    return written
