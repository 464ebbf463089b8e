"""What is done to each row between the archive and the file.

A row is one object of JSON Lines (`fields`). With a redaction every format is written from such
rows; without one, text formats and Parquet come straight from COPY.
"""

from collections.abc import Callable, Mapping
from typing import Any

from archive.redacting import redactor_of
from workspaces.models import Workspace

Row = dict[str, Any]
#: May change the row in place, and gives it back.
Step = Callable[[Row], Row]


def step_for(workspace: Workspace, redaction: Mapping[str, Any]) -> Step | None:
    """The step of a redaction as it was when the export was asked for; none where nothing is to be
    redacted.
    """
    redactor = redactor_of(workspace, redaction)
    return redactor.row if redactor else None
