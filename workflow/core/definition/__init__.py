"""One lifecycle as values: what the file says, checked, typed and compiled.

`workflow.definitions` makes these from YAML; everything else only reads them.
"""
