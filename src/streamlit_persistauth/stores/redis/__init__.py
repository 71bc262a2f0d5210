"""Sessions, single-use tokens and counters in Redis or Valkey."""

from streamlit_persistauth.stores.redis.tokens import RedisTokenStore, open_redis

__all__ = ["RedisTokenStore", "open_redis"]
