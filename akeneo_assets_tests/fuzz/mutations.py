"""What can happen to a response on its way: a table of changes with random details.

A change of the document (``of_document``) changes the JSON; a change of the wire sends the same JSON in another form,
or sends something else.
"""

from __future__ import annotations

import functools
import gzip
import json
import random
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from akeneo_assets_tests.fuzz.wire import Good, Sent, raw_response

FOREIGN: Final = "http://elsewhere.example"
_JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Mutation:
    """One kind of change.

    Attributes:
        name: Its name in the figures.
        play: Returns the bytes that the client receives.
        keeps: Whether the document of a response that the client accepts is complete and unchanged.
        empties: Whether the result can be a valid, shorter list.
    """

    name: str
    play: Callable[[random.Random, Sent, Good], bytes]
    keeps: bool = False
    empties: bool = False


class _Raw(str):
    """JSON that is written as it is."""

    __slots__ = ()


# Replacements of a value

_WRONG: Final[tuple[Any, ...]] = (None, True, 1.5, -1, [], {}, [[]], {"a": 1}, [None], ["x"], [{}], "", " ")
_ODD: Final[tuple[Any, ...]] = (
    "x",
    0,
    "None",
    10**30,
    _Raw("9" * 5_000),
    _Raw("1e999"),
    _Raw("-0.0"),
    _Raw('"\\ud800"'),
    _Raw('"\\u0000"'),
    _Raw("[" * 100 + "]" * 100),
    _Raw("[" * 5_000 + "]" * 5_000),
    "x" * 100_000,
    "a-" * 20_000,
    "\x1b[2J\x07",
    "../../etc?#",
    "{}",
    "%s{0}",
    "9999-99-99T00:00:00+99:00",
    f"{FOREIGN}/x?search_after=1&page=9",
)
_BROKEN: Final = ("NaN", "Infinity", "-Infinity", "nul", "'x'", "01", "[1,]", "[" * 100_000)


def _paths(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    children: Any = document.items() if isinstance(document, dict) else ()
    if isinstance(document, list):
        # The others are similar.
        children = [*enumerate(document[:3]), *((len(document) - 1, document[-1]),)] if document else ()
    for name, child in children:
        yield from _paths(child, (*path, name))


def _chosen(chance: random.Random, document: Any) -> tuple[Any, ...]:
    paths = list(_paths(document))
    # Most of them are deep inside values; the outer structure of the response is as interesting.
    shallow = [path for path in paths if len(path) <= chance.choice((1, 2, 3, 4, 5, 99))]
    return chance.choice(shallow)


def _parent(document: Any, path: tuple[Any, ...]) -> Any:
    for name in path[:-1]:
        document = document[name]
    return document


def _written(document: Any) -> bytes:
    raws: list[str] = []

    def marked(value: Any) -> Any:
        if isinstance(value, _Raw):
            raws.append(str(value))
            return f"@raw{len(raws) - 1}@"
        if isinstance(value, dict):
            return {name: marked(child) for name, child in value.items()}
        return [marked(child) for child in value] if isinstance(value, list) else value

    text = json.dumps(marked(document))
    for number, raw in enumerate(raws):
        text = text.replace(f'"@raw{number}@"', raw)
    return text.encode()


def _document(good: Good) -> Any:
    return json.loads(good.body) if good.body else None


def _replaced(choices: tuple[Any, ...]) -> Callable[[random.Random, Sent, Good], bytes]:
    def play(chance: random.Random, _: Sent, good: Good) -> bytes:
        document = _document(good)
        path = _chosen(chance, document)
        value = chance.choice(choices)
        if path:
            _parent(document, path)[path[-1]] = value
        else:
            document = value
        return raw_response(good.status, good.headers, _written(document))

    return play


def _removed(chance: random.Random, _: Sent, good: Good) -> bytes:
    document = _document(good)
    paths = [path for path in _paths(document) if path and isinstance(path[-1], str)]
    if not paths:
        return raw_response(good.status, good.headers, b"")
    path = chance.choice([path for path in paths if len(path) <= chance.choice((1, 2, 3, 99))] or paths)
    del _parent(document, path)[path[-1]]
    return raw_response(good.status, good.headers, _written(document))


def _twice(chance: random.Random, _: Sent, good: Good) -> bytes:
    document = _document(good)
    paths = [path for path in _paths(document) if path and isinstance(path[-1], str)]
    if paths:
        path = chance.choice(paths)
        parent = _parent(document, path)
        wrong, right = json.dumps(chance.choice(_WRONG)), json.dumps(parent[path[-1]])
        parent[path[-1]] = _Raw(f"{wrong},{json.dumps(path[-1])}:{right}")
    return raw_response(good.status, good.headers, _written(document))


def _link(chance: random.Random, sent: Sent, good: Good) -> bytes:
    document = _document(good)
    if isinstance(document, dict) and "_embedded" in document:
        here = f"http://{sent.host}{sent.target}"
        document["_links"] = chance.choice(
            (
                {"next": {"href": here}},
                {"next": {"href": "http://[::1"}},
                {"next": {"href": {"a": 1}}},
                {"next": "x"},
                {"next": []},
                "x",
            )
        )
    return raw_response(good.status, good.headers, _written(document))


def _cursor(chance: random.Random, sent: Sent, good: Good) -> bytes:
    document = _document(good)
    if isinstance(document, dict):
        other = "b" if "search_after=a" in sent.target else "a"
        after = chance.choice(("0", "zz", other, str(chance.random())))
        address = chance.choice((f"http://{sent.host}{sent.target.partition('?')[0]}", FOREIGN))
        document["_links"] = {"next": {"href": f"{address}?page={chance.choice((1, 2, 10**9))}&search_after={after}"}}
    return raw_response(good.status, good.headers, _written(document))


def _empty_page(_: random.Random, sent: Sent, good: Good) -> bytes:
    document = _document(good)
    if isinstance(document, dict) and "_embedded" in document:
        document["_embedded"] = {"items": []}
        document["_links"] = {"next": {"href": f"http://{sent.host}{sent.target}&page=2&search_after=0"}}
    elif isinstance(document, list):
        return raw_response(
            good.status, {**_less(good.headers, "x-pagination"), "X-Pagination": '{"total_pages": 7}'}, b"[]"
        )
    return raw_response(good.status, good.headers, _written(document))


def _count(chance: random.Random, _: Sent, good: Good) -> bytes:
    document = _document(good)
    if isinstance(document, dict) and "_embedded" in document:
        document["items_count"] = chance.choice(("5", -1, 10**30, None, [], 1.5, True, _Raw("9" * 5_000), 10**9))
    return raw_response(good.status, good.headers, _written(document))


def _pagination(chance: random.Random, _: Sent, good: Good) -> bytes:
    odd = ("x", "[]", "7", "{}", "", "null", "[" * 5_000)
    counts = ('"3"', "0", "-1", "1000000000", "1.5", "9" * 5_000)
    given = chance.choice((*odd, *(f'{{"total_pages": {count}}}' for count in counts)))
    return raw_response(good.status, {**_less(good.headers, "x-pagination"), "X-Pagination": given}, good.body)


def _less(headers: Mapping[str, str], name: str) -> dict[str, str]:
    return {given: value for given, value in headers.items() if given.lower() != name}


# The wire

_STATUSES: Final = (
    *(199, 201, 202, 204, 205, 206, 226, 299, 300, 301, 302, 303, 304, 307, 308, 399, 400, 401, 402, 403, 404, 405),
    *(406, 408, 409, 410, 411, 412, 413, 418, 422, 423, 425, 429, 431, 451, 499, 500, 501, 502, 503, 504, 507, 520),
    *(599, 600, 777, 999),
)
_PAGES: Final = (
    b"",
    b"<html><body><h1>502 Bad Gateway</h1></body></html>",
    b"null",
    b"{}",
    b"[]",
    b'"x"',
    b'{"code": {"a": 1}, "message": ["x"]}',
    b'{"code": null, "message": {"message": {"message": "VALD-1011"}}}',
    b'{"message": "' + b"a-" * 20_000 + b'"}',
    b'{"errors": ' + b"[" * 60 + b"1" + b"]" * 60 + b"}",
    b'{"message": "\\u001b[2J\\u0007"}',
    b"\xff\xfe\x00",
)


def _status(chance: random.Random, _: Sent, good: Good) -> bytes:
    headers = {**good.headers, **chance.choice(({}, {"Location": f"{FOREIGN}/login"}, {"Location": "\x00"}))}
    return raw_response(chance.choice(_STATUSES), headers, chance.choice((good.body, *_PAGES)))


def _page(chance: random.Random, _: Sent, good: Good) -> bytes:
    return raw_response(good.status, {"Content-Type": "text/html"}, chance.choice(_PAGES[:2]))


def _echo(chance: random.Random, sent: Sent, good: Good) -> bytes:
    """Respond as a server that echoes the request, including credentials."""
    shown = "\n".join(f"{name}: {value}" for name, value in sent.headers.items())
    texts = (shown + "\n" + sent.body.decode(errors="replace"), repr(dict(sent.headers)) + repr(sent.body))
    text = chance.choice((*texts, json.dumps({**sent.headers, "body": sent.body.decode(errors="replace")})))
    status = chance.choice((good.status, 400, 401, 403, 404, 422, 429, 500, 302))
    body = chance.choice((text.encode(), json.dumps({"message": text}).encode(), json.dumps([text]).encode()))
    return raw_response(status, {"Content-Type": "application/json", "Location": f"{FOREIGN}/{body[:300]!r}"}, body)


def _spelling(chance: random.Random, _: Sent, good: Good) -> bytes:
    text = good.body.decode(errors="replace")
    body = chance.choice(
        (
            b"\xef\xbb\xbf" + good.body,
            text.encode("utf-16"),
            text.encode("utf-16-le"),
            text.encode("utf-32"),
            good.body[: chance.randrange(len(good.body) + 1)],
            good.body + b"}",
            good.body + good.body,
            b")]}',\n" + good.body,
            good.body.replace(b'"', b"'"),
            good.body[: len(good.body) // 2] + b"\xff\xc3" + good.body[len(good.body) // 2 :],
            b"\x00" + good.body,
            *(broken.encode() for broken in _BROKEN),
        )
    )
    return raw_response(good.status, good.headers, body)


def _type(chance: random.Random, _: Sent, good: Good) -> bytes:
    given = chance.choice(("text/html", "", "application/json; charset=utf-16", "x/y; charset=\xff", ";;;"))
    return raw_response(good.status, {**_less(good.headers, "content-type"), "Content-Type": given}, good.body)


@functools.cache
def exploding() -> bytes:
    """Return 40 MB in a few KB."""
    return gzip.compress(b" " * 40_000_000)


@functools.cache
def _twice_exploding() -> bytes:
    return gzip.compress(exploding())


def _coded(chance: random.Random, _: Sent, good: Good) -> bytes:
    packed = gzip.compress(good.body)
    coding, body = chance.choice(
        (
            ("gzip", packed[: len(packed) // 2]),
            ("gzip", packed[:-4]),
            ("gzip", packed[:8]),
            ("gzip", good.body),
            ("gzip", b""),
            ("gzip", packed + b"tail"),
            ("gzip", exploding()),
            ("gzip", _twice_exploding()),
            ("gzip, gzip", _twice_exploding()),
            ("gzip, gzip", gzip.compress(packed)),
            (", ".join(["gzip"] * 50), packed),
            ("deflate", zlib.compress(good.body)[:-3]),
            ("deflate", b"x"),
            ("br", good.body),
            ("identity", good.body),
            ("x" * 1_000, good.body),
        )
    )
    return raw_response(good.status, {**good.headers, "Content-Encoding": coding}, body)


def _sound_coding(_: random.Random, __: Sent, good: Good) -> bytes:
    return raw_response(good.status, {**good.headers, "Content-Encoding": "gzip"}, gzip.compress(good.body))


def _length(chance: random.Random, _: Sent, good: Good) -> bytes:
    size = len(good.body)
    lengths = (str(size + 50), str(max(0, size - 2)), "0", "-1", "x", "9" * 5_000)
    headers = chance.choice(
        (
            *({"Content-Length": given} for given in lengths),
            {"Content-Length": f"{size}, {size}"},
            {"Content-Length": f"{size}, {size + 1}"},
            {"Transfer-Encoding": "chunked"},
            {"Transfer-Encoding": "x"},
            {"Content-Length": str(size), "Transfer-Encoding": "chunked"},
        )
    )
    chunks = (good.body, b"%x\r\n%s\r\n" % (size, good.body), b"zz\r\n" + good.body, b"ffffffffffff\r\n" + good.body)
    body = chance.choice((*chunks, b"-1\r\n\r\n")) if "Transfer-Encoding" in headers else good.body
    return raw_response(good.status, {**good.headers, **headers}, body)


def _chunked(_: random.Random, __: Sent, good: Good) -> bytes:
    half = len(good.body) // 2
    parts = b"".join(b"%x;a=b\r\n%s\r\n" % (len(part), part) for part in (good.body[:half], good.body[half:]) if part)
    return raw_response(good.status, {**good.headers, "Transfer-Encoding": "chunked"}, parts + b"0\r\n\r\n")


def _cut(chance: random.Random, _: Sent, good: Good) -> bytes:
    raw = good.raw()
    return raw[: chance.choice((0, 1, 9, 15, 40, len(raw) // 2, max(0, len(raw) - 1)))]


def _first_line(chance: random.Random, _: Sent, good: Good) -> bytes:
    line = chance.choice(
        (
            *(b"", b"HTTP/1.1", b"HTTP/9.9 200 OK", b"HTTP/1.1 abc", b"HTTP/1.1 20 x", b"HTTP/1.1 99999 x"),
            b"\x16\x03\x01",
            *(b"HTTP/1.1 100 Continue\r\n\r\n" * 5, b"SSH-2.0-x", b"HTTP/1.1 200 " + b"x" * 70_000, b"HTTP/0.9 200 OK"),
            *(b"HTTP/1.1 200 \xff\x1b[2J", b"HTTP/1.1 101 Switching", b"HTTP/1.1 -1 x"),
        )
    )
    return line + b"\r\n" + good.raw().partition(b"\r\n")[2]


def _headers(chance: random.Random, _: Sent, good: Good) -> bytes:
    head, _empty, body = good.raw().partition(b"\r\n\r\n")
    odd = chance.choice(
        (
            *(b"nothing", b": x", b"X: " + b"y" * 70_000, b"X\x00: \x00", b"X: \xff\xfe", b" folded", b"X:\r\n\ty"),
            b"\r\n".join(b"X-%d: y" % number for number in range(200)),
            b"Set-Cookie: session=1; Domain=elsewhere.example",
            b"Date: Wed, 99 Xyz 99999 99:99:99 GMT",
            b"Date: Wed, 25 Nov 99999 10:00:00 GMT",
            b"Date: " + b"9" * 5_000,
            b"Date: Mon, 01 Jan 0001 00:00:00 +2359",
            b"Date: Fri, 31 Dec 9999 23:59:59 -2359",
            *(b"Connection: close", b"Connection: upgrade\r\nUpgrade: websocket", b"Trailer: x", b"Refresh: 0; url=x"),
            b"Link: <http://elsewhere.example>; rel=next",
        )
    )
    return head + b"\r\n" + odd + b"\r\n\r\n" + body


def _wait(chance: random.Random, _: Sent, good: Good) -> bytes:
    dates = ("Fri, 31 Dec 9999 23:59:59 GMT", "Wed, 25 Nov 99999 0:0:0 GMT")
    given = chance.choice((*dates, "9" * 5_000, "-5", "1e999", "nan", "inf", "x", "", "0x10", "1,2", "\u0663"))
    headers = {**good.headers, "Retry-After": given}
    return raw_response(chance.choice((429, 503, 500, 200)), headers, chance.choice(_PAGES))


MUTATIONS: Final = (
    Mutation("another type", _replaced(_WRONG), empties=True),
    Mutation("an odd value", _replaced(_ODD), empties=True),
    Mutation("a key less", _removed),
    Mutation("a key twice", _twice),
    Mutation("another link", _link, keeps=True),
    Mutation("another cursor", _cursor, empties=True),
    Mutation("an empty page before the end", _empty_page, keeps=True),
    Mutation("another count", _count, empties=True),
    Mutation("another X-Pagination", _pagination, keeps=True),
    Mutation("another status", _status, empties=True),
    Mutation("a page of HTML", _page, keeps=True),
    Mutation("an echo", _echo, empties=True),
    Mutation("another spelling", _spelling, keeps=True),
    Mutation("another content type", _type, keeps=True),
    Mutation("a broken coding", _coded, keeps=True),
    Mutation("a sound coding", _sound_coding, keeps=True),
    Mutation("another length", _length, keeps=True),
    Mutation("chunks", _chunked, keeps=True),
    Mutation("cut off", _cut, keeps=True),
    Mutation("another first line", _first_line, keeps=True),
    Mutation("odd headers", _headers, keeps=True),
    Mutation("another Retry-After", _wait, empties=True),
)

DETECTABLE: Final = tuple(each for each in MUTATIONS if each.keeps or each.name == "a key less")
"""The changes after which the client accepts no wrong values, at most missing fields."""
