"""Everything a person or a machine does with a checkout of Baton, from nothing but Python.

    python3 run.py [run]     make the environment and the demonstration, then serve them
    python3 run.py test      every check and every test; what follows goes to pytest
    python3 run.py real      the tests on real data
    python3 run.py bench     measure; what follows goes to the benchmark
    python3 run.py storm     kill processes at random and see that nothing is lost
    python3 run.py pictures  take the pictures in docs/pictures from a demonstration of its own
    python3 run.py lint      the checks without the tests
    python3 run.py setup     only make the environment
    python3 run.py clean     remove the environment and what the checks left; data in var/ stays

Only the standard library is imported, and the syntax is one that Python 3.6 can read, so that an old Python
gets as far as saying that it is too old.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

if sys.version_info < (3, 11):
    sys.exit("Baton needs Python 3.11 or newer; this is Python %d.%d." % sys.version_info[:2])

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "baton-stamp.json"
RUN_LOCK = HERE / "requirements.lock"
TEST_LOCK = HERE / "requirements-dev.lock"
VERSION = "%d.%d" % sys.version_info[:2]

CHECKS = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("mypy", ("-m", "mypy")),
    ("import rules", ("-c", "from importlinter.cli import lint_imports_command as main; main()", "--no-logo")),
    ("djlint", ("-m", "djlint", "web/templates", "--lint", "--quiet")),
    ("definitions", ("-m", "workflow.cli", "check")),
)
PYTEST = ("-m", "pytest", "-q", "--durations=25")
# One more than there are cores: tests wait for disks, servers and browsers half of their time.
IN_PARALLEL = ("-n", str(min(8, (os.cpu_count() or 1) + 1)), "--dist", "worksteal")

NO_INDEX = (
    "The package index could not be reached, or lacks a package for this Python and machine. Connect to the "
    "network, or name an index you can reach in PIP_INDEX_URL."
)
TROUBLES = {
    "do not match the hashes": "A package is not what the lock names: do not use it, ask who runs the index.",
    "No space left on device": "The disk is full: about 500 MB are needed, and 1.5 GB for the tests.",
    "Permission denied|Read-only file system": "This folder cannot be written: copy the project elsewhere.",
    "CERTIFICATE_VERIFY_FAILED": "The index is not trusted: set PIP_CERT to your own certificates.",
    "No matching distribution|Could not find a version|Max retries exceeded|ConnectionError": NO_INDEX,
    "Failed to build|Failed building": "No ready package for this machine: use CPython 3.11 to 3.13.",
}


def main(arguments):
    commands = {
        "run": run,
        "test": test,
        "real": real,
        "bench": bench,
        "storm": storm,
        "pictures": pictures,
        "lint": lint,
        "setup": setup,
        "clean": clean,
    }
    name = arguments[0] if arguments else "run"
    if name in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    if name not in commands:
        print("run.py: there is no command %r; there are: %s." % (name, ", ".join(commands)), file=sys.stderr)
        return 2
    os.chdir(str(HERE))
    return commands[name](list(arguments[1:]))


def run(extra):
    prepare(RUN_LOCK)
    made = python("-m", "workflow.cli", "demo", "--if-empty")
    if made != 0:
        return made
    return become("-m", "workflow.cli", "serve", *extra)


def test(extra):
    prepare(TEST_LOCK)
    rows = checks()
    browser = stage("browser", ("-m", "tests.support.chromium"))
    tests = stage("tests", (*PYTEST, *IN_PARALLEL, *extra), reading_result=True)
    return summary([*rows, browser, tests])


def lint(extra):
    prepare(TEST_LOCK)
    return summary(checks())


def real(extra):
    data = Path(os.environ.get("BATON_REAL_DATA") or HERE.parent / "shared" / "data")
    if not data.is_dir():
        print(
            "run.py: the real data are not here: there is no folder %s. Name it in BATON_REAL_DATA." % data,
            file=sys.stderr,
        )
        return 1
    prepare(TEST_LOCK)
    os.environ["BATON_REAL_DATA"] = str(data.resolve())
    return python(*PYTEST, "tests/real", *extra)


def bench(extra):
    prepare(TEST_LOCK)
    return become("-m", "bench", *extra)


def storm(extra):
    prepare(TEST_LOCK)
    return become("-m", "bench.storm", *extra)


def pictures(extra):
    prepare(TEST_LOCK)
    return become("docs/take.py", *extra)


def setup(extra):
    prepare(RUN_LOCK if extra == ["--runtime"] else TEST_LOCK)
    return 0


def clean(extra):
    left = [VENV, *(HERE / name for name in (".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"))]
    left += [HERE / ".import_linter_cache", *(p for p in HERE.rglob("__pycache__") if VENV not in p.parents)]
    for path in left:
        shutil.rmtree(str(path), ignore_errors=True)
    say("Removed the environment and what the checks left. The data in var/ are untouched.")
    return 0


# The environment


def prepare(lock):
    """Have an environment with exactly what a lock names. Does nothing when the stamp says it is there."""
    known = read_stamp()
    if PYTHON.exists() and known.get(lock.name) == fingerprint(lock):
        return
    began = time.monotonic()
    if not PYTHON.exists() or not known:
        # Without a stamp an earlier run was interrupted, and half a package can look like a whole one.
        make_environment()
    STAMP.unlink(missing_ok=True)
    install(lock)
    write_stamp({lock.name, RUN_LOCK.name})  # what tests need includes what running needs
    say("The environment is ready (%.0f s)." % (time.monotonic() - began))


def read_stamp():
    """The fingerprint of each lock installed; nothing where the environment cannot be relied on."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if stamp.get("python") == VERSION else {}


def write_stamp(names):
    stamp = {name: fingerprint(HERE / name) for name in names}
    half = STAMP.with_suffix(".half")
    half.write_text(json.dumps({"python": VERSION, **stamp}), encoding="utf-8")
    half.replace(STAMP)


def fingerprint(lock):
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def make_environment():
    say("Making a Python environment in %s ..." % VENV.name)
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        check=False,
    )
    if made.returncode != 0:
        print(made.stdout, file=sys.stderr)
        sys.exit(
            "run.py: no environment could be made. If `ensurepip` is missing, install Python's venv module"
            " (Debian and Ubuntu: apt-get install python3-venv) and start again."
        )


def install(lock):
    wanted = len(re.findall(r"^[A-Za-z0-9]", lock.read_text(encoding="utf-8"), re.MULTILINE))
    say("Installing %d packages from %s, each checked against its hash ..." % (wanted, lock.name))
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar", "off", "--require-hashes", "-r", str(lock)]
    lines = []
    seen = 0
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        encoding="utf-8",
        errors="replace",
    ) as pip:
        for line in pip.stdout:
            lines.append(line)
            if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied")):
                seen += 1
                if seen % 10 == 0:
                    say("  fetched %d of %d" % (seen, wanted))
            elif line.startswith("Installing collected packages"):
                say("  unpacking")
    if pip.returncode != 0:
        output = "".join(lines)
        print("".join(lines[-15:]), file=sys.stderr)
        sys.exit("run.py: the packages could not be installed. " + trouble(output) + " Then start again.")


def trouble(output):
    """What to do about a failed installation, judged by what pip said."""
    for pattern, advice in TROUBLES.items():
        if re.search(pattern, output, re.IGNORECASE):
            return advice
    return "What pip said is above."


# Running things


def python(*arguments):
    return subprocess.run([str(PYTHON), *arguments], check=False).returncode


def become(*arguments):
    """Go on as another program in this same process, so that signals reach it directly."""
    sys.stdout.flush()
    os.execv(str(PYTHON), [str(PYTHON), *arguments])


def checks():
    return [stage(title, arguments) for title, arguments in CHECKS]


def stage(title, arguments, reading_result=False):
    """Run one stage and return its row of the summary: title, whether it passed, seconds, result line."""
    say("\n== %s" % title)
    began = time.monotonic()
    code, result = python_read(*arguments) if reading_result else (python(*arguments), "")
    return title, code == 0, time.monotonic() - began, result


def python_read(*arguments):
    """Run Python, show its output as it comes, and return its exit code and its last line."""
    color = ("--color=yes",) if sys.stdout.isatty() else ()
    last = b""
    with subprocess.Popen([str(PYTHON), *arguments, *color], stdout=subprocess.PIPE) as process:
        while True:
            chunk = os.read(process.stdout.fileno(), 65536)
            if not chunk:
                break
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            last = (last + chunk)[-2000:]
    lines = re.sub(r"\x1b\[[0-9;]*m", "", last.decode("utf-8", "replace")).strip().splitlines()
    return process.returncode, lines[-1].strip(" =") if lines else ""


def summary(rows):
    say("\n== summary")
    for title, passed, seconds, result in rows:
        say(("%-14s %-7s %6.1f s   %s" % (title, "passed" if passed else "FAILED", seconds, result)).rstrip())
    return 0 if all(row[1] for row in rows) else 1


def say(line):
    print(line, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nStopped. Start again at any time.", file=sys.stderr)
        sys.exit(130)
