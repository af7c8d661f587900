"""What the door shows: frozen rows and pages, made for one reader.

Names of persons, units and customers come with the row, in both languages. Titles of definitions, states,
tasks, clocks and fields are looked up by the caller in the definition of that `definition` and `version`.
"""
