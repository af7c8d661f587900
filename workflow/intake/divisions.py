"""The administrative division a place belongs to, from lists of codes and names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from workflow.definitions.faults import DefinitionErrors, Fault
from workflow.intake.table import Bad, Table

FILES = ("provinces.csv", "cities.csv")


class Divisions:
    """Provinces by their two digits and cities by their four, each with its name."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = dict(names)
        self._provinces = {name: code for code, name in names.items() if len(code) == 2}

    @classmethod
    def read(cls, folder: Path) -> Divisions:
        """`provinces.csv` and `cities.csv`, each with `code` and `name`. Raises DefinitionErrors."""
        names: dict[str, str] = {}
        for file in FILES:
            table = Table(folder / file)
            if not {"code", "name"} <= set(table.columns):
                raise DefinitionErrors([Fault(file, 1, 1, "", "a list of divisions has `code` and `name`", "columns")])
            code, name = table.columns.index("code"), table.columns.index("name")
            names |= {row.cells[code]: row.cells[name] for row in table.rows() if not isinstance(row, Bad)}
        return cls(names)

    def code(self, province: str, place: str = "") -> str | None:
        """Six digits. `province`: its digits or its name; `place`: a city of it, with or without 市.

        Gives the province's own code for a place that is no city of it, None for an unknown province.
        """
        known = province if len(province) == 2 and province in self.names else self._like(province, self._provinces)
        if known is None:
            return None
        cities = {name: code for code, name in self.names.items() if len(code) == 4 and code[:2] == known}
        city = self._like(place, cities)
        return f"{known}0000" if city is None else f"{city}00"

    def _like(self, name: str, known: Mapping[str, str]) -> str | None:
        """The code of a name, also of a shortened one where only one begins with it."""
        if name in known:
            return known[name]
        found = _codes_beginning(name, known.items()) if len(name) > 1 else []
        return found[0] if len(found) == 1 else None


def _codes_beginning(name: str, known: Iterable[tuple[str, str]]) -> list[str]:
    return [code for full, code in known if full.startswith(name)]
