"""What strangers send is read in a time that grows with its length only, and never by one long step."""

from __future__ import annotations

import subprocess
import sys

import pytest

from stopdesk.net.documents import MAX_TOKEN, BadXml, is_html, parse_xml, server_words

#: The slowest takes a tenth of a second; those that try each place again and again took minutes, or for ever.
DEADLINE = 30

PAGES = ("<!---->", "<a ", "<a b='", "<a/", "</", "<!--", "<!", "<?", "<", "<p", "<script>", "<p>&#9", "<title>")


@pytest.mark.parametrize("piece", PAGES)
@pytest.mark.parametrize("start", ["", "<html>"])
def test_pages_of_one_piece_again_and_again(piece: str, start: str) -> None:
    read = f"server_words(({start!r} + {piece!r} * 500_000).encode()[:1_000_000])"
    code = f"from stopdesk.net.documents import server_words; {read}"
    subprocess.run(
        [sys.executable, "-c", code], check=True, timeout=DEADLINE
    )  # a pattern at work cannot be interrupted


def test_a_page_may_begin_with_comments() -> None:
    assert is_html(b" <!-- a --> <!----><!DOCTYPE  html><p>x")
    assert is_html(b"<HTML>")
    assert not is_html(b"<!-- <html> --><uws:job/>")
    assert not is_html(b"<!-- <html>")


def test_the_words_of_a_page_are_its_title_and_first_message() -> None:
    page = (
        b"<html><head><title>Not &amp; found</title><style>p > b {}</style></head><!-- <p>no</p> -->"
        b"<script>if (a<p) { '<p>no</p>' }</script><P class='x'>n &lt; 3 and <b>bold</b></P><p>second</p></html>"
    )
    assert server_words(page) == "Not & found: n < 3 and bold"


def test_a_character_of_thousands_of_digits_is_no_character() -> None:
    assert server_words(b"<html><p>&#" + b"9" * 20_000 + b";</p></html>")


@pytest.mark.parametrize(
    "document",
    [b"<job a='%s'/>", b"<job><!--%s--></job>", b"<job><?a %s?></job>", b"<%s/>", b"<job>&%s;</job>"],
)
def test_a_tag_of_megabytes_is_refused(document: bytes) -> None:
    with pytest.raises(BadXml, match="too long"):
        parse_xml(document % (b"x" * 2 * MAX_TOKEN))


def test_a_text_of_megabytes_is_read() -> None:
    text = "ä\n" * MAX_TOKEN
    assert parse_xml(f"<job a='{'b' * 200_000}'>{text}</job>".encode()).text == text
