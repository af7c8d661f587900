"""An installation with people at its pages, whose processes are killed: what the rows about killing have in common."""
