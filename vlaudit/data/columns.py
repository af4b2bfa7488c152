"""Which column of the user's data plays which role: checked when declared, else proposed."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from vlaudit.core.dataset import Columns, Role
from vlaudit.core.errors import InputError
from vlaudit.data.remote import is_web

WELL_KNOWN = {
    Role.ID: "id image_id img_id sample_id row_id uid uuid key __key__",
    Role.IMAGE: "image img picture photo jpg jpeg png webp image_bytes image_path img_path "
    "image_file image_filename file_name filename file_path filepath path file image_url "
    "img_url coco_url",
    Role.CAPTION: "caption captions text txt alt_text alt description sentence sentences",
    Role.LABEL: "label_name class_name category_name label class category cls",
    Role.SPLIT: "split subset partition",
    Role.LICENCE: "licence license licence_name license_name",
    Role.SOURCE: "source source_url url image_url origin",
    Role.CHECKSUM: "checksum sha256 sha1 md5",
    Role.IDENTITY: "",
    Role.COUNTERFACTUAL_OF: "counterfactual_of",
}
# A page's address as often as a picture's: a picture only where downloads are allowed.
ADDRESS = "url"
GROUPS = ["gender", "sex", "race", "ethnicity", "age", "age_group", "skin_tone"]
MOST_GROUPS = 50
LOOKED_AT = 100


Column: TypeAlias = "pa.ChunkedArray[Any]"
Present = Mapping[str, Column]


def map_columns(
    declared: Columns, present: Present, *, fetch: bool = False
) -> tuple[Columns, list[str]]:
    """Return the column of every role, and sentences about what was decided.

    Columns that the user declared are checked; other roles are proposed by well-known names, for
    columns of a fitting type that play no other role. Web addresses are pictures with `fetch`.

    Raises:
        InputError: declared columns that are absent or that their role cannot use.
    """
    problems = [*_absent(declared, present), *_misfits(declared, present, fetch)]
    if problems:
        raise InputError(problems)
    columns = declared
    notes: list[str] = []
    for role, names in WELL_KNOWN.items():
        if not declared.has(role):
            known = [*names.split(), *([ADDRESS] if fetch and role is Role.IMAGE else [])]
            name, refused = _proposal(role, known, _free(columns, present), fetch)
            columns = columns.model_copy(update={role.value: name})
            notes += refused
    if not declared.groups:
        groups, refused = _proposed_groups(_free(columns, present))
        columns, notes = columns.model_copy(update={"groups": groups}), [*notes, *refused]
    return columns, [*notes, *_notes(columns, present)]


def _declared(columns: Columns) -> list[tuple[Role, str, str]]:
    """Return (role, place in the configuration, column name) of every declared column."""
    single = [(role, getattr(columns, role)) for role in WELL_KNOWN]
    pairs = [*single, *((Role.GROUPS, name) for name in columns.groups)]
    return [(role, f"data.columns.{role}", name) for role, name in pairs if name]


def _free(columns: Columns, present: Present) -> Present:
    """Return the columns that play no role yet."""
    taken = {name for _, _, name in _declared(columns)}
    return {name: column for name, column in present.items() if name not in taken}


def _absent(declared: Columns, present: Present) -> list[str]:
    return [
        f"column {name!r} is not in the data ({place}){suggest(name, present)}; "
        f"present: {', '.join(present)}"
        for _, place, name in _declared(declared)
        if name not in present
    ]


def _misfits(declared: Columns, present: Present, fetch: bool) -> list[str]:
    return [
        f"column {name!r} ({place}) {problem}"
        for role, place, name in _declared(declared)
        if name in present and (problem := misfit(role, present[name], fetch=fetch))
    ]


def _proposal(
    role: Role, names: Sequence[str], free: Present, fetch: bool
) -> tuple[str | None, list[str]]:
    """Return the column of the most telling name, and why columns before it were refused."""
    by_name = {name.rpartition(".")[2].lower(): name for name in free}
    by_name |= {name.lower(): name for name in free}
    refused: list[str] = []
    for name in [by_name[known] for known in names if known in by_name]:
        problem = misfit(role, free[name], fetch=fetch)
        if problem is None:
            return name, []
        refused.append(f"column {name!r} is not taken as {role}: it {problem}")
    return None, refused


def _proposed_groups(free: Present) -> tuple[tuple[str, ...], list[str]]:
    """Return the columns that are groups by name and content, and why others are refused."""
    groups: list[str] = []
    refused: list[str] = []
    for name in [name for name in free if name.lower() in GROUPS]:
        problem = misfit(Role.GROUPS, free[name])
        if problem is None and pc.count_distinct(as_text(free[name])).as_py() > MOST_GROUPS:
            problem = f"has more than {MOST_GROUPS} values; declare it if they are groups"
        if problem is None:
            groups.append(name)
        else:
            refused.append(f"column {name!r} is not taken as groups: it {problem}")
    return tuple(groups), refused


def _notes(columns: Columns, present: Present) -> list[str]:
    notes: list[str] = []
    if columns.caption and is_list(present[columns.caption].type):
        notes.append(f"column {columns.caption!r} lists several captions: the first one is used")
    if columns.label and pa.types.is_integer(present[columns.label].type):
        notes.append(
            f"column {columns.label!r} holds numbers, so prompts will name classes by number; "
            "name a column of class names under data.columns.label if there is one"
        )
    return notes


def misfit(role: Role, column: Column, *, fetch: bool = False) -> str | None:
    """Return why a column cannot play `role` and what to do, or None where it can.

    Web addresses are pictures only with `fetch`.
    """
    kind = column.type
    if role is Role.IMAGE:
        if not (is_text(kind) or is_bytes(kind) or is_picture_struct(kind)):
            return f"holds {kind}, not pictures; name a column of paths or encoded pictures"
        if is_text(kind) and not fetch and _are_addresses(column):
            return (
                "holds web addresses, and nothing is downloaded here; allow it with "
                "data.fetch.pictures: true, or name a column of paths"
            )
        return None
    one = kind.field(0).type if role is Role.CAPTION and is_list(kind) else kind
    if is_text(one) or pa.types.is_primitive(one) or pa.types.is_null(one):
        return None
    return f"holds {kind}, not one text or number a row; name another column or convert it"


def _are_addresses(column: Column) -> bool:
    first = [path for path in column.slice(0, LOOKED_AT).to_pylist() if path]
    return bool(first) and all(is_web(path) for path in first)


def is_text(kind: pa.DataType) -> bool:
    """Tell whether the type is a string."""
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def is_bytes(kind: pa.DataType) -> bool:
    """Tell whether the type is binary."""
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def is_list(kind: pa.DataType) -> bool:
    """Tell whether the type is a list of any length."""
    return (
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def is_picture_struct(kind: pa.DataType) -> bool:
    """Tell whether the type is the `Image` of Hugging Face datasets, {bytes, path}."""
    if not pa.types.is_struct(kind):
        return False
    names = {kind.field(i).name for i in range(kind.num_fields)}
    return bool(names) and names <= {"bytes", "path"}


def as_text(column: Column) -> Column:
    """Return the column as strings; of a list its first entry, of NaN nothing."""
    if is_text(column.type):
        return column
    if is_list(column.type):
        firsts = [items[0] if items else None for items in column.to_pylist()]
        return pa.chunked_array([pa.array(firsts, pa.string())])
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    return column.cast(pa.string())


def as_pictures(column: Column) -> Column:
    """Return paths, encoded pictures or structs of them as structs {bytes, path}, copying none."""
    return pa.chunked_array([_pictures(chunk) for chunk in column.chunks])


def _pictures(chunk: Any) -> pa.StructArray:
    given = {"path": chunk} if is_text(chunk.type) else {"bytes": chunk}
    if is_picture_struct(chunk.type):
        given = dict(zip([field.name for field in chunk.type], chunk.flatten(), strict=True))
    encoded = given.get("bytes", pa.nulls(len(chunk))).cast(pa.large_binary())
    path = given.get("path", pa.nulls(len(chunk))).cast(pa.string())
    return pa.StructArray.from_arrays([encoded, path], names=["bytes", "path"])


def suggest(name: str, present: Iterable[str]) -> str:
    """Return `; did you mean ...?` where one of `present` is near, else nothing."""
    lowered = {item.lower(): item for item in present}
    near = get_close_matches(name.lower(), lowered, n=1)
    return f"; did you mean {lowered[near[0]]!r}?" if near else ""
