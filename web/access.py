"""Who may come to which page: the whole table. A page that is not in it is closed to everyone.

This is the door of the house, not the rules inside: what a person may see and do on a page is decided
by `Workflow`, in the query and in the decision. A test walks every route with every role.
"""

from workflow.core.directory import BUSINESS_ROLES

PUBLIC = None
"""No sign-in needed."""

EVERYONE = frozenset(BUSINESS_ROLES)
"""Anyone signed in, whatever the role, even without one."""

WORK = frozenset(BUSINESS_ROLES) - {"auditor", "administrator"}
READ = EVERYONE - {"administrator"}
OVERSEE = frozenset({"supervisor", "director", "account_administrator"})
KEEP = OVERSEE | {"account_manager"}
AUDIT = frozenset({"auditor", "director"})
ADMINISTER = frozenset({"administrator"})
ORGANISATION = ADMINISTER | OVERSEE | {"auditor"}

ACCESS: dict[str, frozenset[str] | None] = {
    "static": PUBLIC,
    "health.show": PUBLIC,
    "auth.sign_in": PUBLIC,
    "auth.enter": PUBLIC,
    "profile.language": PUBLIC,
    "auth.sign_out": EVERYONE,
    "auth.password": EVERYONE,
    "auth.change_password": EVERYONE,
    "auth.sessions": EVERYONE,
    "auth.revoke": EVERYONE,
    "profile.show": EVERYONE,
    "profile.save": EVERYONE,
    "profile.mail": EVERYONE,
    "home.show": EVERYONE,
    "day.show": WORK,
    "day.open_feed": WORK,
    "day.close_feed": WORK,
    "day.feed": PUBLIC,
    "absence.show": EVERYONE,
    "absence.begin": EVERYONE,
    "absence.end": EVERYONE,
    "notices.index": EVERYONE,
    "notices.read": EVERYONE,
    "notices.read_all": EVERYONE,
    "inbox.mine": WORK,
    "inbox.queue": WORK,
    "inbox.delegated": WORK,
    "inbox.watched": WORK,
    "inbox.later": WORK,
    "inbox.done": WORK,
    "inbox.counts": WORK,
    "inbox.claim": WORK,
    "bulk.preview": WORK,
    "bulk.act": WORK,
    "bulk.undo": WORK,
    "search.show": READ,
    "search.palette": READ,
    "search.everywhere": EVERYONE,
    "inbox.snooze": WORK,
    "inbox.watch": WORK,
    "inbox.unwatch": WORK,
    "inbox.save_view": WORK,
    "inbox.drop_view": WORK,
    "tasks.show": READ,
    "tasks.complete": WORK,
    "drafts.keep": WORK,
    "drafts.drop": WORK,
    "drafts.check": WORK,
    "tasks.finish": WORK,
    "tasks.release": WORK,
    "tasks.delegate": WORK,
    "tasks.reassign": OVERSEE,
    "cases.index": READ,
    "cases.choose": WORK,
    "cases.start": WORK,
    "cases.start_case": WORK,
    "cases.show": READ,
    "cases.action": WORK,
    "cases.act": WORK,
    "cases.comment": WORK,
    "cases.attach": WORK,
    "cases.download": READ,
    "dues.show": READ,
    "clocks.show": READ,
    "clocks.pause": WORK,
    "clocks.resume": WORK,
    "customers.index": READ,
    "customers.show": READ,
    "customers.new": KEEP,
    "customers.register": KEEP,
    "supervisor.index": OVERSEE,
    "supervisor.soon": OVERSEE,
    "supervisor.escalations": OVERSEE,
    "board.preview": OVERSEE,
    "board.act": OVERSEE,
    "load.index": OVERSEE,
    "load.show": OVERSEE,
    "load.preview": OVERSEE,
    "load.act": OVERSEE,
    "supervisor.acknowledge": OVERSEE,
    "supervisor.lateness": OVERSEE | ADMINISTER | {"auditor"},
    "supervisor.incidents": OVERSEE | ADMINISTER,
    "supervisor.retry": OVERSEE | ADMINISTER,
    "audit.index": AUDIT,
    "audit.case": AUDIT,
    "audit.as_of": AUDIT,
    "audit.refusals": AUDIT,
    "proofs.index": AUDIT,
    "proofs.confirm": AUDIT,
    "proofs.checkpoint": AUDIT,
    "proofs.note": AUDIT,
    "proofs.step": AUDIT,
    "proofs.step_json": AUDIT,
    "proofs.checkpoints_json": AUDIT,
    "proofs.consistency_json": AUDIT,
    "proofs.verification": AUDIT,
    "controls.index": AUDIT,
    "controls.show": AUDIT,
    "controls.run": AUDIT,
    "replay.begin": AUDIT,
    "replay.show": AUDIT,
    "replay.against": AUDIT,
    "exports.index": AUDIT,
    "exports.log": AUDIT,
    "exports.case_file": AUDIT,
    "exports.case_list": READ,
    "exports.customer_list": READ,
    "mining.flow": AUDIT | OVERSEE,
    "mining.conformance": AUDIT | OVERSEE,
    "calendars.index": EVERYONE,
    "calendars.show": EVERYONE,
    "calendars.version": EVERYONE,
    "calendars.days": ADMINISTER,
    "calendars.week": ADMINISTER,
    "calendars.file": ADMINISTER,
    "calendars.keep": ADMINISTER,
    "calendars.copy": ADMINISTER,
    "calendars.give": ADMINISTER,
    "admin.people": ORGANISATION,
    "admin.units": ORGANISATION,
    "admin.substitutions": ORGANISATION,
    "admin.messages": ADMINISTER | {"auditor"},
    "admin.substitute": ADMINISTER | OVERSEE,
    "admin.end_substitution": ADMINISTER | OVERSEE,
}


def allowed(endpoint: str | None, roles: frozenset[str]) -> bool:
    """Whether a signed-in person with these roles may come to a page. An unknown page: no."""
    if endpoint is None or endpoint not in ACCESS:
        return False
    needed = ACCESS[endpoint]
    return needed is PUBLIC or needed == EVERYONE or bool(needed & roles)


def is_public(endpoint: str | None) -> bool:
    return endpoint in ACCESS and ACCESS[endpoint] is PUBLIC
