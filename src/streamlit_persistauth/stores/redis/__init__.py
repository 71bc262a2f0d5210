"""Sessions, single-use tokens and counters in Redis or Valkey."""

from streamlit_persistauth.stores.redis.tokens import RedisTokenStore

__all__ = ["RedisTokenStore"]
