"""Where verbs print tables."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

WIDTH_OF_FILES = 132


def console() -> "Console":
    """Return the standard output; a file or pipe, which has no width, gets a wide one.

    Names of models, groups and files may hold what moves or recolours a terminal; it is shown as
    a mark instead.
    """
    from collections.abc import Iterable

    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    from vlaudit.report.escape import visible

    class Plain(Console):
        """A console that passes no control character of a text on."""

        def render(
            self, renderable: RenderableType, options: ConsoleOptions | None = None
        ) -> Iterable[Segment]:
            """Yield the segments of what is printed."""
            for part in super().render(renderable, options):
                yield part if part.control else Segment(visible(part.text), part.style)

    terminal = Plain()
    return terminal if terminal.is_terminal else Plain(width=WIDTH_OF_FILES)
