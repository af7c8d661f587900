"""What only shows when all definitions are known: links, their values and outcomes, and loops of opening."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from workflow.core.definition.effects import Effect, Open, Signal
from workflow.core.definition.expressions import Expression
from workflow.core.definition.fields import Field
from workflow.core.definition.figures import Asked, Figure
from workflow.core.definition.lifecycle import Definition
from workflow.core.definition.links import LinkRule
from workflow.definitions.expressions import leak, misfit
from workflow.definitions.faults import Path, unknown
from workflow.definitions.load import Loaded
from workflow.definitions.vocabulary import personal_names

Opening = tuple[Path, str, Mapping[str, Expression], Mapping[str, Expression] | None]
"""Where a linked case is opened, by which link, with which values; and what stands in its start form beforehand, where
a person fills that in."""


def check_links(loaded: Mapping[str, Loaded], *, broken: Collection[str] = ()) -> None:
    """Note faults in the sources.

    `loaded` are the definitions by name, sound in themselves; nothing is said about links to `broken` ones.
    """
    _check_prefixes(loaded)
    for one in loaded.values():
        for link in one.definition.links.values():
            if link.definition not in broken:
                _check_link(one, link, loaded)
        for path, name, values, form in openings(one.definition):
            rule = one.definition.links.get(name)
            other = loaded.get(rule.definition) if rule else None
            if other is not None:
                _check_values(one, (*path, "with"), values, other.definition)
                _check_form(one, path, values, form, other.definition)
        _check_drafts(one, loaded, broken)
        _check_known(one, loaded, broken)
        _check_opened(one, loaded)
    _check_loops(loaded)
    _check_signals(loaded, broken)


def _check_signals(loaded: Mapping[str, Loaded], broken: Collection[str]) -> None:
    """What one lifecycle says, the other must hear; what is never said needs not be heard."""
    said: set[tuple[str, str]] = set()
    for one in loaded.values():
        for path, effect in signals(one.definition):
            said.add((effect.definition, effect.trigger))
            other = loaded.get(effect.definition)
            if effect.definition in broken:
                continue
            if other is None:
                message = unknown("definition", effect.definition, loaded)
                one.source.fault((*path, "to"), message, "unknown-definition")
            elif effect.trigger not in other.definition.hears:
                message = unknown(f"signal heard by {effect.definition}", effect.trigger, other.definition.hears)
                one.source.fault((*path, "signal"), message, "unknown-signal")
    for name, one in loaded.items():
        for place, trigger in enumerate(one.definition.hears):
            if (name, trigger) not in said and not broken:
                where: Path = ("hears", place)
                where = where if where in one.source.values else where[:-1]
                one.source.fault(where, f"no lifecycle says '{trigger}' to this one", "unused")


def signals(definition: Definition) -> Iterator[tuple[Path, Signal]]:
    """Everything in a definition that pulls a trigger in other cases of the customer."""
    for number, effect in enumerate(definition.opening):
        if isinstance(effect, Signal):
            yield ("opening", number), effect
    for index, transition in enumerate(definition.transitions):
        for number, effect in enumerate(transition.effects):
            if isinstance(effect, Signal):
                yield ("transitions", index, "effects", number), effect


def _check_prefixes(loaded: Mapping[str, Loaded]) -> None:
    taken: dict[str, str] = {}
    for name, one in loaded.items():
        prefix = one.definition.prefix
        if prefix in taken:
            message = f"'{prefix}' already begins the case numbers of {taken[prefix]}"
            one.source.fault(("prefix",), message, "duplicate")
        taken.setdefault(prefix, name)


def openings(definition: Definition) -> Iterator[Opening]:
    """Everything in a definition that opens a linked case."""
    for number, effect in enumerate(definition.opening):
        if isinstance(effect, Open):
            yield ("opening", number), effect.link, effect.data, effect.form
    for index, transition in enumerate(definition.transitions):
        for number, effect in enumerate(transition.effects):
            if isinstance(effect, Open):
                yield ("transitions", index, "effects", number), effect.link, effect.data, effect.form
    for name, rule in definition.recurring.items():
        yield ("recurring", name), rule.link, rule.data, None


def _check_link(one: Loaded, link: LinkRule, loaded: Mapping[str, Loaded]) -> None:
    path: Path = ("links", link.name)
    other = loaded.get(link.definition)
    if other is None:
        message = unknown("definition", link.definition, loaded)
        one.source.fault((*path, "definition"), message, "unknown-definition")
        return
    finals = {state.name for state in other.definition.states.values() if state.final}
    for outcome in link.on_closed:
        if outcome == "*" or outcome in finals:
            continue
        if outcome in other.definition.states:
            message = f"'{outcome}' is not a final state of {link.definition}"
        else:
            message = unknown(f"final state of {link.definition}", outcome, finals)
        where = (*path, "on_closed", outcome)
        one.source.fault(where, message, "unknown-outcome", at=one.source.key(where))
    waiting = [state.name for state in one.definition.states.values() if link.name in state.waits_for]
    missing = sorted(finals - set(link.on_closed)) if "*" not in link.on_closed else []
    if waiting and missing:
        message = f"'{waiting[0]}' waits for it, but nothing happens when it ends as {', '.join(missing)}"
        one.source.fault((*path, "on_closed"), message, "unknown-outcome")


def _check_values(one: Loaded, path: Path, values: Mapping[str, Expression], other: Definition) -> None:
    personal = personal_names(one.definition.fields.values())
    for name, value in values.items():
        where = (*path, name)
        field = other.fields.get(name)
        if field is None:
            message = unknown(f"field of {other.name}", name, other.fields)
            one.source.fault(where, message, "unknown-name", at=one.source.key(where))
        elif wrong := misfit(field, value, one.source.at(where)) or leak(field, value, personal):
            one.source.fault(where, wrong, "type")


def _check_form(
    one: Loaded, path: Path, values: Mapping[str, Expression], form: Mapping[str, Expression] | None, other: Definition
) -> None:
    """All that must be filled in at the start is given, or asked of a person; what is asked is not given as well."""
    if form is None:
        for asked in other.start_form:
            if asked.required and asked.name not in values and other.fields[asked.name].default is None:
                message = f"'{asked.name}' is not given, but {other.name} cannot be opened without it"
                one.source.fault((*path, "with"), message, "not-given")
        return
    _check_values(one, (*path, "form"), form, other)
    start = {asked.name for asked in other.start_form}
    for name in form:
        if name in other.fields and name not in start:
            where = (*path, "form", name)
            one.source.fault(
                where, f"'{name}' is not in the start form of {other.name}", "form", at=one.source.key(where)
            )
    for name in values:
        if name in start:
            where = (*path, "with", name)
            message = f"'{name}' is asked for in the start form of {other.name}: write it under `form`"
            one.source.fault(where, message, "form", at=one.source.key(where))
    if not _by_people(one.definition, path):
        one.source.fault((*path, "form"), "only what people do, and nothing else, asks for a form", "form")
    elif one.definition.transitions[int(path[1])].form:
        one.source.fault((*path[:2], "form"), "the form of the case that is opened is filled in instead", "form")


def _by_people(definition: Definition, path: Path) -> bool:
    """Whether an effect is one of a transition that only people take."""
    if path[0] != "transitions":
        return False
    way = definition.transitions[int(path[1])]
    pulled = {timer.trigger for state in definition.states.values() for timer in state.timers}
    pulled |= {rung.trigger for clock in definition.clocks.values() for rung in clock.ladder}
    pulled |= {trigger for link in definition.links.values() for trigger in link.on_closed.values()}
    return bool(way.by) and not way.auto and way.trigger not in {*pulled, *definition.hears}


def _check_opened(one: Loaded, loaded: Mapping[str, Loaded]) -> None:
    """What may be refused is opened by people; and whose number is given must be what the other case is about."""
    for path, name, *_ in openings(one.definition):
        rule = one.definition.links.get(name)
        other = loaded.get(rule.definition) if rule else None
        if other is None:
            continue
        way = one.definition.transitions[int(path[1])] if path[0] == "transitions" else None
        by_people = way is not None and bool(way.by) and not way.auto
        if (other.definition.open_when or other.definition.open_limits) and not by_people:
            message = f"{other.definition.name} may be refused, so only what people do opens it"
            one.source.fault(path, message, "refusable")
        effect = way.effects[int(path[3])] if way is not None else None
        if isinstance(effect, Open) and effect.about is not None and other.definition.subject != "customer":
            one.source.fault((*path, "about"), f"{other.definition.name} is about no customer", "about")


def _check_drafts(one: Loaded, loaded: Mapping[str, Loaded], broken: Collection[str]) -> None:
    """The figures of a draft name triggers there are, and fields that are asked for there and may be told."""
    for index, transition in enumerate(one.definition.transitions):
        for name, figure in transition.draft.values.items() if transition.draft else ():
            path: Path = ("transitions", index, "draft", "values", name, figure.kind)
            for number, asked in enumerate(figure.asked):
                wrong = None if asked.definition in broken else _wrong_asked(asked, figure, loaded)
                if wrong:
                    one.source.fault((*path, number), wrong, "draft")


def _wrong_asked(asked: Asked, figure: Figure, loaded: Mapping[str, Loaded]) -> str | None:
    other = loaded.get(asked.definition)
    if other is None:
        return unknown("definition", asked.definition, loaded)
    if figure.kind in ("open", "left"):
        return None
    ways = [way for way in other.definition.transitions if way.trigger == asked.trigger]
    if not ways:
        known = {way.trigger for way in other.definition.transitions}
        return unknown(f"trigger of {asked.definition}", asked.trigger, known)
    wanted = [*([asked.field] if asked.field else []), *figure.where]
    form = {field.name for way in ways for field in way.form}
    for name in wanted:
        if name not in form:
            return unknown(f"field in the form of {asked.definition}.{asked.trigger}", name, form)
        if other.definition.fields[name].personal:
            return f"'{name}' of {asked.definition} is personal: it cannot be told here"
    return None


def _check_known(one: Loaded, loaded: Mapping[str, Loaded], broken: Collection[str]) -> None:
    """What a text is filled in with from other cases is a field there, and stays personal where it is."""
    for field in one.definition.fields.values():
        for number, part in enumerate(field.known):
            name, dot, asked = part.partition(".")
            if one.definition.subject != "customer":
                wrong: str | None = "a case about no customer finds nothing on a file"
            else:
                wrong = None if not dot or name in broken else _wrong_known(field, name, asked, loaded)
            if wrong:
                where: Path = ("data", field.name, "known", number)
                one.source.fault(where if where in one.source.values else where[:-1], wrong, "known")


def _wrong_known(field: Field, name: str, asked: str, loaded: Mapping[str, Loaded]) -> str | None:
    if name not in loaded:
        return unknown("definition", name, loaded)
    fields = loaded[name].definition.fields
    if asked not in fields:
        return unknown(f"field of {name}", asked, fields)
    if fields[asked].type == "file":
        return f"'{asked}' of {name} is a file: it cannot be told"
    if fields[asked].personal and not field.personal:
        return f"'{asked}' of {name} is personal: so is '{field.name}' then"
    return None


def _check_loops(loaded: Mapping[str, Loaded]) -> None:
    """A case that opens, with nobody acting, a case that opens it again would go on for ever."""
    opens = {name: dict(_opened_by_itself(one.definition)) for name, one in loaded.items()}
    for name in sorted(opens):
        way = _way_back(name, opens)
        if way is not None and name == min(way):
            path = opens[name][way[1]]
            message = f"cases would open each other without end: {' → '.join(way)}"
            loaded[name].source.fault(path, message, "loop")


def _opened_by_itself(definition: Definition) -> Iterator[tuple[str, Path]]:
    by_itself: list[tuple[Path, Iterable[Effect]]] = [(("opening",), definition.opening)]
    for index, transition in enumerate(definition.transitions):
        if transition.auto:
            by_itself.append((("transitions", index, "effects"), transition.effects))
    for path, effects in by_itself:
        for number, effect in enumerate(effects):
            if isinstance(effect, Open) and effect.link in definition.links:
                yield definition.links[effect.link].definition, (*path, number)


def _way_back(start: str, opens: Mapping[str, Mapping[str, Path]]) -> list[str] | None:
    ways = [[start]]
    seen = set()
    while ways:
        way = ways.pop(0)
        for following in opens.get(way[-1], {}):
            if following == start:
                return [*way, start]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return None
