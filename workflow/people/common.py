"""Passwords that are guessed first: common words, runs on the keyboard, dates and repetitions.

A list of whole passwords would miss the next year's digits; so the words and patterns that such lists are made of
are taken out, and what is left has to be something of its own. The words are those that top published
lists of leaked passwords, English, pinyin and Chinese.
"""

from __future__ import annotations

import re

LEFT_AT_LEAST = 6
"""Characters that must be left, without counting one twice, when everything predictable has been taken out."""

LIST = """
password passwort passw0rd pass word secret login logon sign welcome hello admin administrator root user
guest test testing demo sample default change changeme temp temporary initial master manager system server
super supervisor auditor director operator customer company office internet service support letmein iloveyou
loveyou love lover baby angel princess sunshine monkey dragon tiger shadow football baseball basketball
soccer hockey superman batman starwars pokemon naruto trustno whatever freedom flower computer samsung
google apple microsoft windows android facebook tencent alibaba taobao baidu wechat weixin michael jennifer
jessica charlie daniel thomas jordan hunter ashley michelle nicole george andrew robert matthew summer
winter spring autumn monday friday january february march april june july august september october november
december china zhongguo beijing shanghai guangdong guangzhou shenzhen hunan jiangxi dongguan changsha
nanchang youzheng liantong dianxin yidong unicom telecom mobile chinapost post correct horse battery staple
woaini woaiwo wodemima mima mimashi nihao wangluo woshishui woshi buzhidao meiyou zhanghao denglu guanliyuan
caonima laopo laogong baobao baobei xiaoming zhang wang chen yang zhao huang zhou qwerty qwertz azerty asdf
zxcv qazwsx wsxedc edcrfv qweasd asdzxc qweasdzxc zaqwsx qwaszx poiuy lkjhg mnbvc 密码 口令 我爱你 管理员 你好 中国 邮政
联通 电信 移动 账号 登录 测试 用户 公司 客户
"""
WORDS = frozenset(LIST.split())

RUNS = (
    "0123456789012", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "qazwsxedcrfvtgbyhnujm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
    "a1b2c3d4e5f6g7h8i9j0", "1a2b3c4d5e6f7g8h9i0j",
    "!@#$%^&*()_+", "一二三四五六七八九十",
)  # fmt: skip
RUN = 3
"""So many neighbours make a run."""

LEET = str.maketrans("013457@$!|", "oieastasil")
DATE = re.compile(r"(19|20)\d{2}(-?[01]?\d(-?[0-3]?\d)?)?|5201?314|1314|520|666+|888+|110|119|120")


def predictable(folded: str) -> bool:
    """Whether a password, case-folded, is little more than what is guessed first."""
    return any(len(_left(text)) < LEFT_AT_LEAST for text in {folded, folded.translate(LEET)})


def _left(text: str) -> set[str]:
    """The different characters that neither words, runs, dates nor separators explain."""
    text = DATE.sub(" ", _without_words(_once(text)))
    return {c for c in _without_runs(text) if c.isalnum()}


def _once(text: str) -> str:
    """`abcXabcX` is no longer to guess than `abcX`."""
    again = (text + text).find(text, 1)
    return text[:again] if 0 < again < len(text) else text


def _without_words(text: str) -> str:
    for word in LONGEST_FIRST:
        text = text.replace(word, " ")
    return text


def _without_runs(text: str) -> str:
    kept, start = [], 0
    while start < len(text):
        length = _run(text, start)
        if length < RUN:
            kept.append(text[start])
            length = 1
        start += length
    return "".join(kept)


def _run(text: str, start: int) -> int:
    """How many characters from here on are one repeated, or neighbours in a row."""
    same = len(text) - start - len(text[start:].lstrip(text[start]))
    longest = max(same, 1)
    for row in ROWS:
        length = longest + 1
        while start + length <= len(text) and text[start : start + length] in row:
            longest, length = length, length + 1
    return longest


LONGEST_FIRST = sorted(WORDS, key=lambda word: (-len(word), word))
ROWS = (*RUNS, *(run[::-1] for run in RUNS))
