"""How often one address may try to sign in, whatever the name. The throttle by name is in `Accounts`."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

SIGN_IN = "30 per minute;300 per hour"

limiter = Limiter(key_func=get_remote_address, storage_uri="memory://", default_limits=[], headers_enabled=False)
