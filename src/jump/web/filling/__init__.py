"""Any form of a package as a plain page: no script needed, nothing typed is lost, sent once.

    return fill_form(request, "jump_cer.visit_report", scope=place.scope, about=place.ref,
                     done=lambda sent: redirect("cases:submission", sent.ref))

How to use it: see the README of the frame, "Filling a form".
"""

from jump.web.filling.page import fill_form
from jump.web.filling.reading import answer_rows
from jump.web.filling.sheet import Sheet

__all__ = ["Sheet", "answer_rows", "fill_form"]
