"""What every test may ask for. The fixtures themselves live in `tests/support`, one subject a module."""

pytest_plugins = [
    "tests.support.postgres",
    "tests.support.databases",
    "tests.support.database",
    "tests.support.chromium",
    "tests.support.properties",
    "tests.support.office",
    "tests.support.elsewhere",
]
