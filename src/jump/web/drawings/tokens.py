"""The design's colours as plain values, for drawings only: the PDF maker knows no custom properties inside a drawing.

A test compares this table with `jump.css`; templates use the names of the stylesheet, never these values.
"""

INK = "#17212b"
INK_2 = "#46525f"
PAPER = "#f6f4ef"
CARD = "#fff"
SUNK = "#efece4"
LINE = "#d8d3c7"
EDGE = "#7b7668"
BRAND = "#0b5d57"
BRAND_DEEP = "#07413d"
SUN = "#f2a900"
BLUE = "#1b5a9e"
GOOD = "#1b6b3a"
WARN = "#7a4800"
BAD = "#a8201a"
BAND_1 = "#9fcfc9"
BAND_2 = "#d3e9e6"

# Only in drawings: land and countries of the map, and two more streams of a flow.
LAND = "#e3ded2"
COUNTRY = "#8cc4bd"
VIOLET = "#5b3f8c"
OCHRE = "#b57b00"
STONE = "#6b675c"

IN_STYLESHEET = {
    "--ink": INK,
    "--ink-2": INK_2,
    "--paper": PAPER,
    "--card": CARD,
    "--sunk": SUNK,
    "--line": LINE,
    "--edge": EDGE,
    "--brand": BRAND,
    "--brand-deep": BRAND_DEEP,
    "--sun": SUN,
    "--blue": BLUE,
    "--good": GOOD,
    "--warn": WARN,
    "--bad": BAD,
    "--band-1": BAND_1,
    "--band-2": BAND_2,
}
