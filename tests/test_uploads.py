"""Files are kept under names nobody can guess and come back as downloads, whatever they claim to be."""

from __future__ import annotations

import pytest

from dispatch.uploads import clean_name, sniff


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("photo écran.jpg", "photo écran.jpg"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("...", "file"),
        ("", "file"),
        ("a\r\nSet-Cookie: x.txt", "a__Set-Cookie_ x.txt"),
        ("facture\u202efdp.exe", "facture_fdp.exe"),
        ("\ud800.txt", "txt"),
        ("x" * 255 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_are_made_safe(given, kept):
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (b"%PDF-1.7", "application/pdf"),
        (b"<script>alert(1)</script>", "text/plain"),
        (b"MZ\0\0", "application/octet-stream"),
    ],
)
def test_the_type_is_what_the_bytes_say(start, kind):
    assert sniff(start) == kind
