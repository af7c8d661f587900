"""Whether a file lies where locks of the operating system hold."""

from __future__ import annotations

import re
from pathlib import Path

# fmt: off
NETWORKS = frozenset({
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "davfs2", "fuse.ceph", "fuse.cifs",
    "fuse.davfs", "fuse.glusterfs", "fuse.mfs", "fuse.rclone", "fuse.s3fs", "fuse.smbnetfs",
    "fuse.sshfs", "gfs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs3", "nfs4", "ocfs2",
    "orangefs", "pvfs2", "smb", "smb2", "smb3", "smbfs", "sshfs", "vboxsf", "vmhgfs", "webdav",
})
# fmt: on
MOUNTS = Path("/proc/mounts")


def network_of(path: Path) -> str | None:
    """The kind of network file system a path lies on; None where it is local or no mount table exists."""
    try:
        table = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    kind = kind_of(path.resolve(), table)
    return kind if kind in NETWORKS else None


def kind_of(path: Path, table: str) -> str:
    """The file system type of the mount a resolved path lies on, by the longest mount point; "" if none."""
    found, depth = "", -1
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[1]))
        # A later mount on the same point hides the earlier one.
        if path.is_relative_to(point) and len(point.parts) >= depth:
            found, depth = fields[2], len(point.parts)
    return found
