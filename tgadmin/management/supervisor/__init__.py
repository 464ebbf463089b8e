"""What `up` is made of: it starts, watches and stops every process of an installation."""

from tgadmin.management.supervisor.preflight import UpError
from tgadmin.management.supervisor.supervisor import Options, Supervisor

__all__ = ["Options", "Supervisor", "UpError"]
