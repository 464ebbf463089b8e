#!/usr/bin/env python3
"""Every command of tgadmin goes through here: `python3 manage.py up` first."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tgadmin.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
