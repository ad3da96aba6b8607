"""Damaged and ambiguous request bodies: what the application and client see.

A damaged body must never reach the application as a normal end of body.
"""

import time

from . import rawhttp

CH = "Transfer-Encoding: chunked"
OK = rawhttp.chunk(b"hello")
END = b"0\r\n\r\n"

# name, header lines, body bytes, whether the client closes afterwards
CASES: list[tuple[str, list[str], bytes, bool]] = [
    ("(control) good chunked", [CH], OK + END, False),
    ("(control) good length", ["Content-Length: 5"], b"hello", False),
    ("bad size line", [CH], OK + b"zz\r\nhello\r\n" + END, False),
    ("empty size line", [CH], OK + b"\r\nhello\r\n" + END, False),
    ("no CRLF after data", [CH], b"5\r\nhello5\r\nhello\r\n" + END, False),
    ("data longer than size", [CH], b"3\r\nhello\r\n" + END, False),
    ("closed inside chunk", [CH], OK + b"100\r\nabc", True),
    ("closed after whole chunk", [CH], OK, True),
    ("closed in size line", [CH], OK + b"1", True),
    ("closed after '0' CRLF", [CH], OK + b"0\r\n", True),
    ("size -5", [CH], OK + b"-5\r\nhello\r\n" + END, False),
    ("size +5", [CH], b"+5\r\nhello\r\n" + END, False),
    ("size 0x5", [CH], b"0x5\r\nhello\r\n" + END, False),
    ("size 0_5", [CH], b"0_5\r\nhello\r\n" + END, False),
    ("size ' 5'", [CH], b" 5\r\nhello\r\n" + END, False),
    ("size '5 '", [CH], b"5 \r\nhello\r\n" + END, False),
    ("size line ends in LF", [CH], b"5\nhello\r\n" + END, False),
    ("huge size, 17 digits", [CH], b"1" + b"0" * 16 + b"5\r\nhello\r\n" + END, True),
    ("size FFFFFFFFFFFFFFFF", [CH], b"FFFFFFFFFFFFFFFF\r\nhello", True),
    ("length + chunked", ["Content-Length: 5", CH], OK + END, False),
    ("chunked + length", [CH, "Content-Length: 5"], OK + END, False),
    ("two lengths", ["Content-Length: 5", "Content-Length: 3"], b"hello", False),
    ("length '5, 5'", ["Content-Length: 5, 5"], b"hello", False),
    ("length +5", ["Content-Length: +5"], b"hello", False),
    ("length -5", ["Content-Length: -5"], b"hello", False),
    ("length 0_5", ["Content-Length: 0_5"], b"hello", False),
    ("TE chunked, identity", [CH + ", identity"], OK + END, False),
    ("TE identity", ["Transfer-Encoding: identity", "Content-Length: 5"], b"hello", False),
    ("TE xchunked", ["Transfer-Encoding: xchunked", "Content-Length: 5"], b"hello", False),
    ("TE twice chunked", [CH, CH], OK + END, False),
    ("TE gzip, chunked", ["Transfer-Encoding: gzip, chunked"], OK + END, False),
    ("TE name with space", ["Transfer-Encoding : chunked", "Content-Length: 5"], OK + END, False),
    ("obs-fold TE", ["Transfer-Encoding:", " chunked"], OK + END, False),
    ("obs-fold header", ["X-A: b", " c", "Content-Length: 5"], b"hello", False),
    ("TE with VT", ["Transfer-Encoding: \x0bchunked", "Content-Length: 5"], b"hello", False),
    ("short length, closed", ["Content-Length: 500"], b"hello", True),
]


def _verdict(name: str, seen: dict[str, object]) -> str:
    end = str(seen.get("end", ""))
    if not seen:
        return "refused"
    if end == "eof":
        word = "eof" if name.startswith("(control)") else "EOF!"
        return f"{word} {seen['got']} B"
    if not end:
        return "waiting"
    return end.split(":")[0]


def run(port: int) -> dict[str, str]:
    """Verdict per case: application's view / client's status / connection."""
    import socket

    out = {}
    for number, (name, lines, body, close) in enumerate(CASES):
        tag = f"f{number}"
        with rawhttp.connect(port) as sock:
            sock.sendall(rawhttp.head("PUT", f"/sink?id={tag}", *lines) + body)
            if close:
                sock.shutdown(socket.SHUT_WR)
            raw, how = rawhttp.read_all(sock, 0.6)
        time.sleep(0.05)
        seen = rawhttp.event(port, tag)
        out[name] = f"{_verdict(name, seen)} / {','.join(rawhttp.statuses(raw)) or '-'} {how}"
    return out
