"""The disk with the data is nearly full."""

import shutil
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from dashboard import wording
from dashboard.attention.problem import Problem
from dashboard.shell import Shell

GIGABYTE: Final = 1_000_000_000
#: Below this the database may stop at any moment.
NO_SPACE: Final = GIGABYTE // 2
#: Below this, or below the share of a disk that is not large, it is time to act.
LITTLE_SPACE: Final = 2 * GIGABYTE
LITTLE_SHARE: Final = 0.05
ENOUGH_SPACE: Final = 20 * GIGABYTE


def problems(shell: Shell) -> list[Problem]:
    if not shell.channels:
        return []
    try:
        disk = shutil.disk_usage(settings.TGADMIN_DATA_DIR)
    except OSError:  # the data may lie on another machine
        return []
    scarce = disk.free < disk.total * LITTLE_SHARE and disk.free < ENOUGH_SPACE
    if disk.free >= LITTLE_SPACE and not scarce:
        return []
    return [
        Problem(
            tone="bad" if disk.free < NO_SPACE else "warn",
            icon="database",
            before=_("The disk is nearly full"),
            cause=_("%(free)s of %(total)s are free where this server keeps its data.")
            % {"free": wording.size(disk.free), "total": wording.size(disk.total)},
            safe=_("Everything archived is safe."),
            next=_(
                "When it is full, runs and exports stop. Delete exports, or give it more space."
            ),
            figure=wording.size(disk.free),
            unit=_("free"),
        )
    ]
