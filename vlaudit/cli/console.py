"""Where verbs print tables."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

WIDTH_OF_FILES = 132


def console() -> "Console":
    """Return the standard output; a file or pipe, which has no width, gets a wide one."""
    from rich.console import Console

    terminal = Console()
    return terminal if terminal.is_terminal else Console(width=WIDTH_OF_FILES)
