"""Pages that are only read come from a replica of the database, where there is one.

Nothing else knows of it: while such a page is made, the replica stands in for the database in this
thread. It does so only while it has everything that this person wrote, and is not far behind; a page
that turns out to write, or finds the replica gone, is made again from the database itself.
"""

from tgadmin.lib.replica.middleware import ReplicaMiddleware, from_the_database
from tgadmin.lib.replica.standing import Standing, standing

__all__ = ["ReplicaMiddleware", "Standing", "from_the_database", "standing"]
