"""Which language a page is in, and how moments, amounts and names are written in it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from flask import current_app, g, has_request_context, request
from flask_babel import get_domain, get_locale, gettext

from workflow import messages

LANGUAGES = ("zh", "en")
COOKIE = "baton_language"
PATTERNS = {
    "zh": {
        "moment": "y年M月d日 HH:mm",
        "short": "M月d日 HH:mm",
        "exact": "y年M月d日 HH:mm:ss.SSSSSS",
        "date": "y年M月d日",
        "time": "HH:mm",
        "weekday": "M月d日 EEE",
        "axis": "M/d",
        "weekday_year": "y年M月d日 EEE",
    },
    "en": {
        "moment": "d MMM y, HH:mm",
        "short": "d MMM, HH:mm",
        "exact": "d MMM y, HH:mm:ss.SSSSSS",
        "date": "d MMM y",
        "time": "HH:mm",
        "weekday": "EEE d MMM",
        "axis": "d MMM",
        "weekday_year": "EEE d MMM y",
    },
}
SOON = timedelta(hours=24)


def select() -> str:
    """The language of this request: the person's setting, the cookie, what the browser asks for, the default."""
    if not has_request_context():
        return default()
    chosen = getattr(g.get("person"), "language", None) or request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES, default()) or default()


def default() -> str:
    return str(current_app.config["BATON_LANGUAGE"])


@dataclass(frozen=True, slots=True)
class Voice:
    """How a request is answered: `locale`, the catalogue, where the clock stands. `of`: where Babel holds the locale.

    A page asks for hundreds of words and dozens of moments; finding these anew for each took longer than all the rest.
    """

    of: Any
    locale: Locale
    texts: Any
    zone: ZoneInfo
    this_year: int

    def words(self, key: str, **values: Any) -> str:
        """An entry of the catalogue, as `gettext` gives it."""
        text: str = self.texts.ugettext(key)
        return text % values if values else text


def voice() -> Voice:
    """Of this request; another one within `force_locale`, and after `refresh`. Needs a request or an application."""
    known: Voice | None = g.get("voice")
    if known is None or getattr(known.of, "babel_locale", None) is not known.locale:
        locale = get_locale() or Locale.parse(default())
        texts, here = get_domain().get_translations(), zone()
        known = g.voice = Voice(g.get("_flask_babel"), locale, texts, here, now().astimezone(here).year)
    return known


def current() -> str:
    """`zh` or `en`."""
    return voice().locale.language


def words(key: str, **values: Any) -> str:
    """An entry of the catalogue of this request's language, as `gettext` gives it."""
    return voice().words(key, **values)


def zone() -> ZoneInfo:
    return current_app.config["BATON_ZONE"]


def now() -> datetime:
    """The moment this request is answered at: the same on the whole page."""
    known: datetime | None = g.get("now")
    if known is None:
        known = g.now = current_app.config["BATON_CLOCK"]()
    return known


def name(thing: Any) -> str:
    """A person, unit, or any value with a `name` or a title in both languages."""
    text = getattr(thing, "name", thing)
    return text if isinstance(text, str) else text[current()]


def title(text: Any) -> str:
    """A `Text` of a definition in the reader's language; empty for None."""
    return "" if text is None else text[current()]


def sourced(text: str) -> str:
    """Where a rule of a definition comes from, in the reader's language."""
    return messages.source(text, current())


def moment(at: datetime, pattern: str = "moment") -> str:
    """A moment in the display zone, as people of the language write it."""
    speaking = voice()
    form = PATTERNS[speaking.locale.language][pattern]
    return format_datetime(at, form, tzinfo=speaking.zone, locale=speaking.locale)


def exact(at: datetime) -> str:
    """A moment in the display zone to the microsecond, for what is decided by who came first."""
    speaking = voice()
    return format_datetime(at, "yyyy-MM-dd HH:mm:ss.SSSSSS", tzinfo=speaking.zone, locale=speaking.locale)


def day_of(text: str) -> date:
    """The date a schedule names (2026-03-02)."""
    return date.fromisoformat(text)


def day(of: date) -> str:
    return format_date(of, PATTERNS[current()]["date"], locale=current())


def axis(of: date) -> str:
    """A day under a chart: `9/7`, `7 Sep`."""
    return format_date(of, PATTERNS[current()]["axis"], locale=current())


def weekday(of: date) -> str:
    """A day as a heading: `今天`, `11月17日 周二`, `Tue 17 Nov`; with its year when it is not this one's."""
    today = now().astimezone(zone()).date()
    if today - of in (timedelta(), timedelta(days=1)):
        return gettext("day.today" if of == today else "day.yesterday")
    pattern = PATTERNS[current()]["weekday" if of.year == today.year else "weekday_year"]
    return format_date(of, pattern, locale=current())


def hour(at: datetime) -> str:
    """The time of day in the display zone."""
    return moment(at, "time")


def short(at: datetime) -> str:
    """A moment without its year while the year is this one."""
    speaking = voice()
    here = at.astimezone(speaking.zone)
    form = PATTERNS[speaking.locale.language]["short" if here.year == speaking.this_year else "moment"]
    return format_datetime(here, form, tzinfo=speaking.zone, locale=speaking.locale)


def relative(at: datetime) -> str:
    """How far from now: `in 2 hours`, `3天前`."""
    return format_timedelta(at - now(), add_direction=True, threshold=1.2, locale=voice().locale)


def length(span: timedelta) -> str:
    """A length of time in its largest sensible unit."""
    return format_timedelta(abs(span), threshold=1.2, locale=voice().locale)


def tone(due: datetime) -> str:
    """`late` when past, `soon` within a day, else empty."""
    left = due - now()
    return "late" if left < timedelta(0) else "soon" if left < SOON else ""


def due_words(due: datetime) -> str:
    """`2 hours left`, or `2 hours overdue`."""
    left = due - now()
    key = "due.over" if left < timedelta(0) else "due.left"
    return words(key, length=length(left))


def amount(value: Any) -> str:
    return format_decimal(Decimal(str(value)), "#,##0.00", locale=current())


def cents(value: int) -> str:
    """An amount kept in hundredths of a yuan, in yuan."""
    return amount(Decimal(value) / 100)


def local_input(at: datetime) -> str:
    """A moment as a `datetime-local` input wants it, in the display zone."""
    return at.astimezone(zone()).strftime("%Y-%m-%dT%H:%M")


def from_local(text: str) -> str:
    """What a `datetime-local` input sent, as ISO 8601 in UTC; what is no moment stays as it was typed."""
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        return text
    if typed.tzinfo is None:
        typed = typed.replace(tzinfo=zone())
    try:
        return typed.astimezone(UTC).isoformat()
    except OverflowError:
        return text
