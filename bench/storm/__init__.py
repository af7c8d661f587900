"""What must hold whatever crashes, shown: processes die, disks fill, clocks jump, and nothing is lost or doubled."""
