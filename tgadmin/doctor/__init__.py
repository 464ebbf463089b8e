"""What is in order and what is not, one finding a check, each with what to do.

`examine` is for the command and the status page; `CHECKS` is where a new one is added. None of
them changes anything.
"""

from tgadmin.doctor.examination import CHECKS, examine
from tgadmin.doctor.finding import Finding, Level

__all__ = ["CHECKS", "Finding", "Level", "examine"]
