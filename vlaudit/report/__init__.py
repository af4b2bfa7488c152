"""Documents, printed from a run folder and its judgement: no model, data, network or clock."""

from vlaudit.report.documents import Printed, document, render
from vlaudit.report.terminal import summary_lines, summary_table

__all__ = ["Printed", "document", "render", "summary_lines", "summary_table"]
