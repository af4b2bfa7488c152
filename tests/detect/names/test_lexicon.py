"""The lexicon: words with endings are known, names are not words, files read back."""

from pathlib import Path

from vlaudit.detect.names.lexicon import (
    ALSO_A_NAME,
    FREQUENT,
    WORD,
    attach,
    load_shipped,
    plain_word,
    read,
    write,
)

SMALL = {"bike": frozenset({WORD, FREQUENT}), "rose": frozenset({WORD, ALSO_A_NAME})}


def test_a_lexicon_reads_back_and_is_written_alike_each_time(tmp_path: Path) -> None:
    write(SMALL, tmp_path)
    first = (tmp_path / "lexicon.txt.gz").read_bytes()
    write(SMALL, tmp_path)
    assert (tmp_path / "lexicon.txt.gz").read_bytes() == first
    assert read(tmp_path) == SMALL


def test_tokens_carry_the_flags_of_their_word() -> None:
    import spacy

    nlp = spacy.blank("en")
    attach(nlp, SMALL)
    doc = nlp("Bikes rose BIKE zorblat")
    flags = [
        [token.lex.check_flag(flag) for flag in (WORD, FREQUENT, ALSO_A_NAME)] for token in doc
    ]
    assert flags == [
        [True, True, False], [True, False, True], [True, True, False], [False, False, False],
    ]  # fmt: skip


def test_a_lower_case_word_is_hardly_a_name() -> None:
    import spacy

    nlp = spacy.blank("en")
    assert not plain_word(nlp("bike")[:1])
    attach(nlp, SMALL)
    doc = nlp("bike Bike zorblat rose")
    assert [plain_word(doc[i : i + 1]) for i in range(4)] == [True, False, False, False]
    assert not plain_word(doc[0:2])


def test_the_shipped_lexicon_knows_plain_words_and_doubts_others() -> None:
    vocab = load_shipped().vocab
    for word in ("bicycle", "shoes", "Running", "ashtray", "woman", "photo", "Chocolate"):
        assert vocab[word].check_flag(WORD), word
    for name in ("Kowalska", "Oyelaran", "Szymanski"):
        assert not vocab[name].check_flag(WORD), name
    assert vocab["photo"].check_flag(FREQUENT)
    assert vocab["Rose"].check_flag(ALSO_A_NAME)


def test_the_shipped_recogniser_is_small() -> None:
    from importlib.resources import files

    folder = Path(str(files("vlaudit.detect.names") / "model"))
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 6_500_000


def test_a_frequent_word_in_lower_case_is_no_name_though_people_bear_it() -> None:
    doc = load_shipped()("a man with beard and dark skin beside leo")
    assert plain_word(doc[3:4])
    assert not plain_word(doc[-1:])
