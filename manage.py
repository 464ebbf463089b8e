#!/usr/bin/env python3
"""Every command of tgadmin goes through here. `python3 manage.py up` is the first one.

This file is read by old Pythons too, to tell their users so: nothing newer than Python 3.4 in it.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - old Pythons come here to be told
    sys.exit(
        "tgadmin needs Python 3.11 or newer, and this is Python "
        + ".".join(map(str, sys.version_info[:3]))
        + " ("
        + sys.executable
        + ").\n"
        "Install a newer one from your system's packages or from python.org, and start again "
        "with it, for example: python3.12 manage.py up"
    )

from tgadmin.bootstrap import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
