"""How often somebody may ask for something, counted in Valkey, where it can be lost."""

import django_rq


def allow(key: str, *, times: int, seconds: int) -> bool:
    """Whether this is one of the first `times` within `seconds`, beginning with the first.

    `redis.ConnectionError` when Valkey is away: then nothing is let through.
    """
    name = f"tgadmin:limit:{key}"
    with django_rq.get_connection("calls").pipeline() as pipe:
        pipe.set(name, 0, ex=seconds, nx=True)
        pipe.incr(name)
        count = pipe.execute()[1]
    return int(count) <= times
