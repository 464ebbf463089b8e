"""`manage.py generate`: a realistic archive, made up, at the speed of COPY.

It sizes machines, feeds benches and load tests. The same seed makes the same archive.
"""

from tgadmin.management.generate.make import Making, generate
from tgadmin.management.generate.place import NAME, Place
from tgadmin.management.generate.plan import Plan
from tgadmin.management.generate.removing import remove

__all__ = ["NAME", "Making", "Place", "Plan", "generate", "remove"]
