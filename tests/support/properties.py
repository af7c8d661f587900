"""How hypothesis looks for counterexamples: as long as it takes, for the machine may be busy with other tests.

Where `CI` is set, the same examples are tried every time, to judge a change by itself; elsewhere the search goes on.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "house",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("house")
