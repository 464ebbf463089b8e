"""Backup and restore: the database and the finished exports in one tar file, never a key.

The parts of the file, in this order:

`database.dump.00000` … the output of pg_dump in its custom format, in pieces: a tar tells the size
of a member before its content, and nobody knows the dump's before its end. `exports/NAME`: the
finished exports. `manifest.json`: what is in the file and how to tell that it is whole; last,
because only then it is known.
"""
