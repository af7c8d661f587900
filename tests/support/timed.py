"""A lifecycle with every kind of limit, for tests of what is due."""

from __future__ import annotations

from functools import cache

from tests.support.office import library
from workflow.definitions.library import Library
from workflow.definitions.load import loads

LIFECYCLE = """\
# Everything that can be due: two clocks, a task, a timer, and work that comes back.
definition: timed
version: 1
title: {zh: 计时, en: Timed}
prefix: JS
opened_by: [account_manager]
start: [priority]
data:
  priority: {type: choice, title: {zh: 优先级, en: Priority}, of: {high: {zh: 高, en: High}, low: {zh: 低, en: Low}}}
phases: {all: {zh: 全部, en: All}}
roles:
  worker: {role: account_manager, of: unit}
  boss: {role: supervisor, of: unit}
  chief: {role: director, of: unit.parent}
initial: open
states:
  open:
    phase: all
    title: {zh: 进行, en: Open}
    tasks: {work: {title: {zh: 办理, en: Work}, role: worker, triggers: [finish, wait], within: 3d, calendar: working}}
    timers: [{name: nudge, after: 5wd, remind: worker}]
  waiting:
    phase: all
    title: {zh: 等待, en: Waiting}
    tasks: {back: {title: {zh: 恢复, en: Go on}, role: worker, triggers: [go_on]}}
  over:
    phase: all
    title: {zh: 办结, en: Over}
    tasks: {look: {title: {zh: 查看, en: Look}, role: worker, triggers: [reopen, close]}}
  closed: {phase: all, title: {zh: 关闭, en: Closed}, final: true}
transitions:
  - {trigger: rate, title: {zh: 定级, en: Rate}, from: [open, waiting, over], by: worker, form: [priority!]}
  - {trigger: wait, title: {zh: 等待, en: Wait}, from: open, to: waiting, by: worker}
  - {trigger: go_on, title: {zh: 恢复, en: Go on}, from: waiting, to: open, by: worker}
  - {trigger: finish, title: {zh: 办结, en: Finish}, from: open, to: over, by: worker}
  - {trigger: reopen, title: {zh: 重办, en: Reopen}, from: over, to: open, by: worker}
  - {trigger: close, title: {zh: 关闭, en: Close}, from: over, to: closed, by: worker}
  - {trigger: marked, title: {zh: 标记, en: Marked}, from: open}
clocks:
  office:
    title: {zh: 工作时限, en: Office time}
    runs_in: [open]
    pauses_in: [waiting]
    met_on: over
    target: {by: data.priority, high: 8h, low: 16h, "*": 12h}
    calendar: working
    pausable: {by: worker, reason: required, most: 8h}
    ladder:
      - {at: 50%, remind: worker}
      - {at: -1wh, remind: [worker, boss]}
      - {at: 100%, escalate: boss, level: 1, again: 24h}
      - {at: +4wh, trigger: marked}
      - {at: +1wd, escalate: chief, level: 2}
      - {at: 300%, assign: boss}
  tier:
    title: {zh: 等级时限, en: Tier time}
    runs_in: [open, waiting]
    met_on: over
    target: {by: customer.tier, gold: 10d, silver: 20d, "*": 30d}
"""


@cache
def timed() -> Library:
    """The lifecycle above with the product's calendars."""
    calendars = library().calendars
    return Library({"timed": loads(LIFECYCLE, calendars=calendars)}, calendars)
