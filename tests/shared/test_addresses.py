"""Which addresses of foreign hosts may be called."""

import hypothesis
import pytest
from hypothesis import strategies

from shared import addresses


@pytest.mark.parametrize(
    "url",
    [
        "https://site.example/v1",
        "https://10.0.0.7:8443/x",
        "https://[2001:db8::1]/x",
        "http://localhost:8080/x",
        "http://127.0.0.1/x",
        "http://127.8.9.1:1/x",
        "http://[::1]:9/x",
        "http://[::ffff:127.0.0.1]/x",
        "HTTPS://SITE.EXAMPLE/",
    ],
)
def test_an_address_may_be_called(url: str) -> None:
    """Any host by https, and this very machine by http."""
    assert addresses.mistake(url) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "is empty, or holds white space"),
        ("https://site.example/x\n", "is empty, or holds white space"),
        ("https://site.example/a b", "is empty, or holds white space"),
        ("https://[::1", "is no address"),
        ("https://site.example:port/", "is no address"),
        ("https://site.example:99999/", "is no address"),
        ("https://", "needs a host"),
        ("site.example/x", "needs a host"),
        ("https://user@site.example/", "needs a host, and no user"),
        ("https://:secret@site.example/", "needs a host, and no user"),
        ("https://metadata/", "metadata server"),
        ("https://METADATA.google.internal./x", "metadata server"),
        ("https://metadata.goog/", "metadata server"),
        ("http://169.254.169.254/x", "metadata server"),
        ("https://2852039166/x", "metadata server"),
        ("https://0xa9fea9fe/x", "metadata server"),
        ("https://169.254.43518/x", "metadata server"),
        ("https://[::ffff:169.254.169.254]/x", "metadata server"),
        ("https://[fe80::1]/x", "metadata server"),
        ("https://[fd00:ec2::254]/x", "metadata server"),
        ("https://0.0.0.0/x", "metadata server"),
        ("https://224.0.0.1/x", "metadata server"),
        ("http://site.example/x", "must be https"),
        ("http://10.0.0.7/x", "must be https"),
        ("http://localhost.example/x", "must be https"),
        ("ftp://site.example/x", "must be https"),
    ],
)
def test_an_address_must_not_be_called(url: str, why: str) -> None:
    """Plain http to others, metadata servers in any disguise, users in addresses, and no address at all."""
    said = addresses.mistake(url)
    assert said is not None
    assert why in said


@hypothesis.given(strategies.text(max_size=60))
def test_any_text_has_an_answer_that_does_not_quote_it(text: str) -> None:
    """An address may be a secret, however broken it is."""
    said = addresses.mistake(f"http://{text}.example/s3cr3t")
    assert said is None or "s3cr3t" not in said
