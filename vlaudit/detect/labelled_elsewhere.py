"""Another dataset whose pictures have labels, for a model to name."""

from dataclasses import dataclass
from pathlib import Path

from vlaudit.core.dataset import class_name
from vlaudit.core.probe import Inapplicable
from vlaudit.detect.elsewhere import Elsewhere

COLUMNS = ("label", "class", "category", "target", "y")


@dataclass(frozen=True)
class LabelledElsewhere:
    """Pictures of another dataset, and what each shows.

    Attributes:
        pictures: the pictures.
        labels: their labels as words.
    """

    pictures: Elsewhere
    labels: tuple[str, ...]


def labelled_at(place: str) -> LabelledElsewhere:
    """Return the pictures of a folder with a folder for each label, or of a parquet file.

    Raises:
        Inapplicable: there are no pictures, or not all of them have a label.
    """
    import pyarrow.parquet as pq

    pictures, path = Elsewhere.at(place), Path(place).expanduser()
    if path.is_dir():
        folders = [Path(item).relative_to(path).parent.name for item in pictures.items]
        labels = tuple(class_name(folder) for folder in folders)
    else:
        table = pq.ParquetFile(path)
        name = next((name for name in COLUMNS if name in table.schema_arrow.names), None)
        values = table.read([name]).column(0).to_pylist() if name else [""]
        labels = tuple(class_name(value) if isinstance(value, str) else "" for value in values)
    if not all(labels):
        raise Inapplicable(
            f"setting against: {place!r} has pictures without a label; put those of each label "
            f"into a folder of its name, or words into a column named {', '.join(COLUMNS)}"
        )
    return LabelledElsewhere(pictures, labels)
