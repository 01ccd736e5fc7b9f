"""Names as they sound, whatever script they are written in and however they were spelt in another."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

_ARTICLES = frozenset({"al", "el", "ul", "as", "ad", "ar", "an", "at", "az"})  # of Arabic names, where they stand alone
_ARABIC_ARTICLE = re.compile(r"(?<![\u0600-\u06ff])\u0627\u0644(?=[\u0600-\u06ff]{3})")
_ARABIC_MARKS = re.compile(r"[\u0610-\u061a\u064b-\u065f\u0670\u0640]")  # short vowels, doubling, stretching
_NOT_LETTERS = re.compile(r"[^a-z0-9'`]+")
_THROAT = re.compile(r"['`]")  # the letters alif with hamza and ain, as they are written in Latin letters
_HYPHEN = re.compile(r"[-\u2010-\u2015]")

# Letters that stand for one sound in some transliteration; the longer first.
_SOUNDS = (
    ("shch", "s"), ("tsch", "c"), ("sch", "s"), ("tch", "c"), ("sh", "s"), ("zh", "g"), ("dj", "g"), ("dzh", "g"),
    ("kh", "h"), ("gh", "g"), ("dh", "d"), ("th", "t"), ("ph", "f"), ("ts", "s"), ("tz", "s"), ("ck", "k"),
    ("qu", "k"), ("ch", "c"), ("x", "ks"), ("q", "k"), ("j", "g"), ("z", "s"), ("v", "f"),
)  # fmt: skip
_SOFT_C = re.compile(r"c(?=[eiy])")
_SILENT = re.compile(r"[aeiouhwy]")
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=500_000)
def folded(name: str) -> str:
    """A name in plain small Latin letters, its words by single blanks; articles of Arabic names are left out.

    >>> folded("  Łukasz  O’Neill-Gómez ")
    'lukasz oneill gomez'
    >>> folded("أحمد الرحمن"), folded("Ahmad Al-Rahman"), folded("Юлия")
    ('ahmd rhmn', 'ahmad rahman', 'yuliya')
    """
    return " ".join(_words(name))


@lru_cache(maxsize=500_000)
def skeleton(name: str) -> str:
    """The consonants of a name, by sound: equal for most ways to write one name, in one script or in several.

    Vowels are left out, since Arabic writes few of them; sounds that transliterations mix up are one letter.

    >>> skeleton("Mohammed"), skeleton("Muhamad"), skeleton("محمد"), skeleton("Мухаммад")
    ('mmd', 'mmd', 'mmd', 'mmd')
    >>> skeleton("Хасан"), skeleton("Hassan"), skeleton("حسن")
    ('hsn', 'hsn', 'hsn')
    >>> skeleton("Gamal"), skeleton("Jamāl"), skeleton("جمال"), skeleton("Omar"), skeleton("عمر")
    ('gml', 'gml', 'gml', 'amr', 'amr')
    """
    return " ".join(filter(None, map(_sound, _words(name))))


def _words(name: str) -> list[str]:
    text = _ARABIC_ARTICLE.sub("", _ARABIC_MARKS.sub("", name))
    plain = anyascii(_HYPHEN.sub(" ", text).replace("\u2019", "").replace("'", "")).casefold()
    found = [word for word in _NOT_LETTERS.split(plain) if word.strip("'`")]
    words = [_THROAT.sub("", "a" + word[1:] if word[0] in "'`" else word) for word in found]
    return [word for word in words if word not in _ARTICLES] or words


def _sound(word: str) -> str:
    sound = _SOFT_C.sub("s", word)
    for letters, one in _SOUNDS:
        if letters in sound:
            sound = sound.replace(letters, one)
    sound = sound.replace("c", "k")
    first = "a" if sound[0] in "aeiou" else "f" if sound[0] == "w" else sound[0]
    return first + _SILENT.sub("", _DOUBLED.sub(r"\1", sound)[1:])
