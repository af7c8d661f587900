"""How the rows of a list become customers' records. Read from YAML, checked like a lifecycle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workflow.definitions.faults import DefinitionErrors, unknown
from workflow.definitions.shape import shaped
from workflow.definitions.source import Source, read
from workflow.intake.shape import CustomersShape
from workflow.intake.values import Value

RECORD = ("name_zh", "name_en", "credit_code", "industry", "address", "contacts", "tier")


@dataclass(frozen=True, slots=True)
class CustomerRules:
    """`code`: six digits of a division; else `province` and `place`, looked up. `unit`: the code of a unit."""

    name: str
    key: str
    record: Mapping[str, Value]
    empty: frozenset[str]
    unit: str | None
    number: Value | None
    code: Value | None
    province: Value | None
    place: Value | None
    encoding: str | None
    delimiter: str
    source: Source

    def columns(self) -> list[str]:
        made = (*self.record.values(), self.number, self.code, self.province, self.place)
        named = [column for value in made if value is not None for column in value.columns()]
        return list(dict.fromkeys([self.key, *named]))

    def check_columns(self, columns: Iterable[str]) -> None:
        """Raises DefinitionErrors, in this file, for a column that the table does not have."""
        known = list(columns)
        for column in self.columns():
            if column not in known:
                self.source.fault((), unknown("column", column, known), "column")
        if self.source.faults:
            raise DefinitionErrors(self.source.faults)


def load_customer_rules(path: Path) -> CustomerRules:
    """Raises DefinitionErrors with every fault, each with its line and column."""
    source = read(path)
    v = shaped(source, CustomersShape)
    if not source.faults:
        for name, value in v["record"].items():
            if name not in RECORD:
                source.fault(("record", name), unknown("field", name, RECORD), "field")
            if value.moment is not None:
                source.fault(("record", name), "a record holds no moments", "moment")
        if "name_zh" not in v["record"]:
            source.fault(("record",), "is missing: name_zh", "field")
        if ("code" in v["division"]) == ("province" in v["division"]):
            source.fault(("division",), "write either `code`, or `province` and `place`", "division")
    if source.faults:
        raise DefinitionErrors(source.faults)
    return CustomerRules(
        name=v["mapping"],
        key=v["key"],
        record=v["record"],
        empty=frozenset(v["empty"]),
        unit=v.get("unit"),
        number=v.get("number"),
        code=v["division"].get("code"),
        province=v["division"].get("province"),
        place=v["division"].get("place"),
        encoding=v["file"].get("encoding"),
        delimiter=v["file"]["delimiter"],
        source=source,
    )
