"""`python -m workflow.cli` is `baton`."""

from workflow.cli.root import main

main()
