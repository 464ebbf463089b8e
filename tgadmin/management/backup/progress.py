"""How far it is, on a terminal."""

import contextlib
import sys
from collections.abc import Iterator

from tqdm import tqdm

from tgadmin.management.backup.tarball import Tell


@contextlib.contextmanager
def shown(*, quiet: bool) -> Iterator[Tell]:
    """What to call with a part and its bytes so far."""
    silent = True if quiet else None  # None: where nobody looks, too
    with tqdm(unit="B", unit_scale=True, unit_divisor=1024, disable=silent, file=sys.stderr) as bar:
        sizes: dict[str, int] = {}

        def tell(part: str, size: int) -> None:
            bar.set_description(part, refresh=False)
            bar.update(size - sizes.get(part, 0))
            sizes[part] = size

        yield tell
