"""
The cache on Redis, which may be away: then it has nothing and keeps nothing, and whoever asks goes on without.

Nothing depends on it. What must hold, such as how often someone may do something, is counted in the database
(accounts.rate_limit).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError


def without_redis[**P, R](answer: R, ask: Callable[P, R]) -> Callable[P, R]:
    """Return `ask` so that it answers `answer` while Redis does not."""

    @wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return ask(*args, **kwargs)
        except RedisError:
            return answer

    return asked


class AbsentClient(RedisCacheClient):
    """Django's client, for which a server that is away is an empty one."""

    add = without_redis(True, RedisCacheClient.add)
    set = without_redis(None, RedisCacheClient.set)
    set_many = without_redis(None, RedisCacheClient.set_many)
    get_many = without_redis({}, RedisCacheClient.get_many)
    touch = without_redis(False, RedisCacheClient.touch)
    has_key = without_redis(False, RedisCacheClient.has_key)
    delete = without_redis(False, RedisCacheClient.delete)

    def get(self, key: Any, default: Any) -> Any:
        """Return what is kept under `key`, else `default`."""
        return without_redis(default, super().get)(key, default)


class FailsafeCache(RedisCache):
    """The cache."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = AbsentClient
