"""What messages carry and what hangs on them, as templates show it.

Each medium has a template part of its own in templates/dashboard/media/, which gets it as `m`.
"""

from dashboard.kinds.hanging import Hanging, hanging_of
from dashboard.kinds.medium import Medium, medium_of

__all__ = ["Hanging", "Medium", "hanging_of", "medium_of"]
