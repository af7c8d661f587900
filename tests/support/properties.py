"""How hypothesis looks for counterexamples: as long as it takes, for the machine may be busy with other tests."""

from hypothesis import HealthCheck, settings

settings.register_profile("house", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
