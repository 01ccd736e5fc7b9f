"""The drawings of the icons, by name. All are 24 by 24 units, drawn with the text's colour."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_SHAPES = {
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "print": '<path d="M7 8V3h10v5M7 17H4V9h16v8h-3M7 14h10v7H7z"/>',
    "excel": '<rect x="3" y="4" width="18" height="16" rx="2"/><path d="M3 10h18M3 15h18M9 4v16"/>',
    "check": '<path d="M5 13l4 4L19 7"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 3"/>',
    "warning": '<path d="M12 3 2 20h20L12 3zm0 6v5m0 3v.5"/>',
    "decision": '<path d="M4 13l4 5L20 6"/>',
    "people": '<circle cx="9" cy="8" r="4"/><path d="M2 21c0-4 3-6 7-6s7 2 7 6M16 4a4 4 0 0 1 0 8m3 9c0-3-1-5-3-6"/>',
    "copy": '<rect x="4" y="4" width="11" height="11" rx="2"/><path d="M9 19h8a2 2 0 0 0 2-2V9"/>',
    "help": '<circle cx="12" cy="12" r="9"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 17v.2"/>',
    "search": '<circle cx="11" cy="11" r="7"/><path d="m20 20-4-4"/>',
    "paper": '<rect x="5" y="3" width="14" height="18" rx="2"/><path d="M9 8h6M9 12h6M9 16h4"/>',
    "money": '<rect x="3" y="6" width="18" height="12" rx="2"/><circle cx="12" cy="12" r="3"/>',
    "map": '<path d="M12 21s7-6 7-11a7 7 0 0 0-14 0c0 5 7 11 7 11z"/><circle cx="12" cy="10" r="2.5"/>',
    "flag": '<path d="M5 21V4h12l-2 4 2 4H5"/>',
    "file": '<path d="M14 3H6v18h12V7zM14 3v4h4"/>',
    "pen": '<path d="M4 20l1-5L16 4l4 4L9 19z"/>',
    "back": '<path d="M14 6l-6 6 6 6"/>',
    "lock": '<rect x="5" y="11" width="14" height="10" rx="2"/><path d="M8 11V7a4 4 0 0 1 8 0v4"/>',
}
NAMES = tuple(_SHAPES)
_TURNED_ROUND = {"back"}  # Arrows follow the direction of the language.


def icon(name: str, size: int = 20) -> SafeString:
    """The icon as inline SVG; readers skip it, since words stand beside it."""
    return format_html(
        '<svg{} width="{}" height="{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(' class="flip"') if name in _TURNED_ROUND else "",
        size,
        size,
        mark_safe(_SHAPES[name]),
    )
