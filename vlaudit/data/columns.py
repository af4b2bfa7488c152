"""Which column of the user's data plays which role: checked when declared, else proposed."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

import pyarrow as pa
import pyarrow.compute as pc

from vlaudit.core.dataset import Columns, Role
from vlaudit.core.errors import InputError

WELL_KNOWN = {
    Role.ID: "id image_id img_id sample_id row_id uid uuid key __key__",
    Role.IMAGE: "image img picture photo jpg jpeg png webp image_bytes image_path img_path "
    "image_file image_filename file_name filename file_path filepath path file",
    Role.CAPTION: "caption captions text txt alt_text alt description sentence sentences",
    Role.LABEL: "label_name class_name category_name label class category",
    Role.SPLIT: "split subset partition",
    Role.LICENCE: "licence license licence_name license_name",
    Role.SOURCE: "source source_url url image_url origin",
    Role.CHECKSUM: "checksum sha256 sha1 md5",
}
GROUPS = ["gender", "sex", "race", "ethnicity", "age", "age_group", "skin_tone"]
MOST_GROUPS = 50


Present = Mapping[str, pa.ChunkedArray]


def map_columns(declared: Columns, present: Present) -> tuple[Columns, list[str]]:
    """Return the column of every role, and sentences about what was decided.

    Columns that the user declared are checked; other roles are proposed by well-known names, for
    columns of a fitting type that play no other role.

    Raises:
        InputError: declared columns that are absent or of a type that their role cannot use.
    """
    problems = [*_absent(declared, present), *_unfit(declared, present)]
    if problems:
        raise InputError(problems)
    taken = {name for _, name in _declared(declared)}
    chosen: dict[str, str] = {}
    for role, names in WELL_KNOWN.items():
        free = [name for name in present if name not in taken]
        if not declared.has(role) and (name := _proposal(role, names.split(), free, present)):
            chosen[role.value] = name
            taken.add(name)
    found = [name for name in present if name.lower() in GROUPS and name not in taken]
    usable = [name for name in found if _is_group(present[name])]
    columns = declared.model_copy(update={**chosen, "groups": declared.groups or tuple(usable)})
    return columns, _decisions(columns, present, [] if declared.groups else found)


def _declared(columns: Columns) -> list[tuple[str, str]]:
    """Return (place in the configuration, column name) of every declared column."""
    single = [(role.value, getattr(columns, role.value)) for role in WELL_KNOWN]
    pairs = [*single, *(("groups", name) for name in columns.groups)]
    return [(f"data.columns.{role}", name) for role, name in pairs if name]


def _absent(declared: Columns, present: Present) -> list[str]:
    return [
        f"column {name!r} is not in the data ({place}){suggest(name, present)}; "
        f"present: {', '.join(present)}"
        for place, name in _declared(declared)
        if name not in present
    ]


def _unfit(declared: Columns, present: Present) -> list[str]:
    problems: list[str] = []
    for place, name in _declared(declared):
        role = Role(place.rpartition(".")[2])
        if name in present and not fits(role, present[name].type):
            kind = "pictures" if role is Role.IMAGE else "texts or numbers"
            problems.append(
                f"column {name!r} ({place}) holds {present[name].type}, not {kind}; "
                "name another column or convert it"
            )
    return problems


def _proposal(
    role: Role, names: Iterable[str], free: Sequence[str], present: Present
) -> str | None:
    by_name = {name.lower(): name for name in reversed(free)}
    for name in names:
        column = by_name.get(name)
        if column is not None and fits(role, present[column].type):
            return column
    return None


def _is_group(column: pa.ChunkedArray) -> bool:
    fit = fits(Role.GROUPS, column.type)
    return fit and 0 < pc.count_distinct(as_text(column)).as_py() <= MOST_GROUPS


def _decisions(columns: Columns, present: Present, proposed_groups: Sequence[str]) -> list[str]:
    notes = [
        f"column {name!r} has more than {MOST_GROUPS} values or none that can be read: "
        "not taken as groups; declare it under data.columns.groups to use it"
        for name in proposed_groups
        if name not in columns.groups
    ]
    if columns.caption and is_list(present[columns.caption].type):
        notes.append(f"column {columns.caption!r} lists several captions: the first one is used")
    if columns.label and pa.types.is_integer(present[columns.label].type):
        notes.append(
            f"column {columns.label!r} holds numbers, so prompts will name classes by number; "
            "name a column of class names under data.columns.label if there is one"
        )
    return notes


def fits(role: Role, kind: pa.DataType) -> bool:
    """Tell whether a column of this type can play `role`."""
    if role is Role.IMAGE:
        return is_text(kind) or is_bytes(kind) or is_picture_struct(kind)
    if role is Role.CAPTION and is_list(kind):
        return is_text(kind.value_type)
    return (
        is_text(kind)
        or pa.types.is_primitive(kind)
        or pa.types.is_null(kind)
        or (pa.types.is_dictionary(kind) and is_text(kind.value_type))
    )


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


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column as strings; of a list its first entry, of NaN nothing."""
    if is_text(column.type):
        return column
    if is_list(column.type):
        firsts = [pc.list_element(_unempty(chunk), 0) for chunk in column.chunks]
        return as_text(pa.chunked_array(firsts, type=column.type.value_type))
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    return column.cast(pa.string())


def _unempty(lists: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(pc.list_value_length(lists), 0), None, lists)


def suggest(name: str, present: Iterable[str]) -> str:
    """Return `; did you mean ...?` where one of `present` is near, else nothing."""
    lowered = {item.lower(): item for item in present}
    near = get_close_matches(name.lower(), lowered, n=1)
    return f"; did you mean {lowered[near[0]]!r}?" if near else ""
