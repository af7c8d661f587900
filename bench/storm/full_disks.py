"""A disk of a few megabytes of this process's own, which can really be full.

A file system in memory, mounted where only this process and its children see it: as root, or in a name space of its own
where the system lets everybody make one. Where it does not, `Denied`.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bench.places import bare
from workflow.storage.database import Database

NEW_MOUNTS, NEW_USER = 0x00020000, 0x10000000
PRIVATE_ALL_BELOW = 0x00040000 | 0x00004000
PAGE = 4096

FULL = """
CREATE SEQUENCE written;
CREATE TABLE room (pages BIGINT);
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF nextval('written') > (SELECT max(pages) FROM room) THEN
    RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full';
  END IF;
  RETURN NULL;
END $$;
"""
WRITTEN = ("cases", "steps", "tasks", "timers", "clocks", "outbox", "vault", "idempotency")


class Denied(Exception):
    """The system lets nobody but itself mount anything. `str()` is what it says."""


class Disk:
    """Mounted at `path`, and gone with the process. `ballast` is a file that takes the room away."""

    def __init__(self, path: Path, *, megabytes: int) -> None:
        self.path = path
        self._ballast = path / "ballast"
        path.mkdir(parents=True, exist_ok=True)
        libc = ctypes.CDLL(None, use_errno=True)
        own = os.geteuid(), os.getegid()
        _insist(libc.unshare(NEW_MOUNTS if own[0] == 0 else NEW_MOUNTS | NEW_USER))
        if own[0]:
            Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
            for name, mine in zip(("uid_map", "gid_map"), own, strict=True):
                Path(f"/proc/self/{name}").write_text(f"{mine} {mine} 1", encoding="ascii")
        # Else what is mounted here would be seen everywhere.
        _insist(libc.mount(None, b"/", None, PRIVATE_ALL_BELOW, None))
        options = f"size={megabytes}m,mode=0777".encode()
        _insist(libc.mount(b"tmpfs", os.fsencode(path), b"tmpfs", 0, options))

    def room(self) -> int:
        """Bytes that are left."""
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize

    def leave(self, pages: int) -> None:
        """Fill it up but for so many pages of 4 KiB."""
        self.empty()
        with self._ballast.open("wb", buffering=0) as file:
            os.posix_fallocate(file.fileno(), 0, max(PAGE, self.room() - pages * PAGE))

    def empty(self) -> None:
        """Somebody made room."""
        self._ballast.unlink(missing_ok=True)


class PageLimit:
    """Where nobody may mount: SQLite itself says that the disk is full when its file has so many pages."""

    def __init__(self) -> None:
        self._most: int | None = None

    def watch(self, database: Database) -> None:
        self._database = database
        event.listen(database.engine, "checkout", self._limit)

    def leave(self, pages: int) -> None:
        self.empty()
        with self._database.reading() as connection:
            self._most = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one()) + pages

    def empty(self) -> None:
        self._most = None

    def _limit(self, driver: Any, *_: object) -> None:
        driver.execute(f"PRAGMA max_page_count = {self._most or 2**31}")


class StatementLimit:
    """Where nobody may mount: PostgreSQL says that the disk is full after so many statements that write."""

    def __init__(self, url: str) -> None:
        self._connection = bare(url)
        self._connection.autocommit = True
        self._connection.execute(FULL)
        for table in WRITTEN:
            made = f"CREATE TRIGGER full_disk AFTER INSERT OR UPDATE OR DELETE ON {table} EXECUTE FUNCTION no_room()"
            self._connection.execute(made)

    def leave(self, pages: int) -> None:
        self.empty()
        self._connection.execute("INSERT INTO room SELECT last_value + %s FROM written", (pages,))

    def empty(self) -> None:
        self._connection.execute("DELETE FROM room")

    def close(self) -> None:
        self._connection.close()


def _insist(answer: int) -> None:
    if answer:
        raise Denied(os.strerror(ctypes.get_errno()))
