"""The processes of the tests that race devices and kill servers: each posts to the WSGI application as a server would.

python -m tests.engines.evidence.device prepare PACKAGES
python -m tests.engines.evidence.device race TOKEN PROCESS       10 identical posts, once all are ready
python -m tests.engines.evidence.device die TOKEN WHERE          one post, killed at that place
python -m tests.engines.evidence.device send TOKEN NUMBER        two identical posts
python -m tests.engines.evidence.device prove TOKEN NUMBER       what is kept under that number
"""

from __future__ import annotations

import json
import os
import signal
from io import BytesIO
from typing import Any

from tests.engines.evidence.sending import PHOTO_NAME, instance, request
from tests.engines.finance.racing import command, wait_for_the_start

RIVERSIDE = "trial/asia/PH/riverside/"
POSTS = 10
PHOTO = b"\xff\xd8\xff\xe0" + b"jump" * 20_000


def posted(token: str, xml: bytes, files: dict[str, bytes] | None = None) -> int:
    """What the server answers."""
    from django.core.wsgi import get_wsgi_application

    body, kind = request(xml, files)
    heard: list[str] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"/openrosa/key/{token}/submission",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.errors": BytesIO(),
    }
    answer = get_wsgi_application()(environ, lambda status, _headers, _info=None: heard.append(status))
    answer.close()
    return int(heard[0].split()[0])


def prepare(_packages: str) -> None:
    from django.core.management import call_command

    from jump.engines.evidence import api as evidence
    from tests import makers

    call_command("migrate", verbosity=0)
    makers.ground()
    makers.form()
    coordinator = makers.someone("national_coordinator", "trial/asia/PH/")
    print(evidence.make_app_user(coordinator, name="Phone", scope=RIVERSIDE)[1])


def race(token: str, number: str) -> None:
    xml = instance("uuid:race", photo=PHOTO_NAME)
    wait_for_the_start()
    print(json.dumps({"statuses": [posted(token, xml, {PHOTO_NAME: PHOTO}) for _ in range(POSTS)], "process": number}))


def die(token: str, where: str) -> None:
    """Post, and be killed between the data and the files, before the commit, or before the answer."""
    from jump.base import files
    from jump.engines.evidence.services import receiving

    def killed(*_words: Any, **_named: Any) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)

    if where == "bytes":  # the form was read, the file is on its way to the disk
        files.write = killed
    elif where == "rows":  # the data are in the transaction, the file's row is not
        receiving._keep_files = killed
    elif where == "commit":  # everything is in the transaction, nothing committed
        receiving._make_submission = killed
    elif where == "answer":  # everything is committed, the device heard nothing
        receiving.Receipt = killed
    print(posted(token, instance(f"uuid:{where}", photo=PHOTO_NAME), {PHOTO_NAME: PHOTO}))


def send(token: str, number: str) -> None:
    xml = instance(f"uuid:{number}", photo=PHOTO_NAME)
    print(json.dumps([posted(token, xml, {PHOTO_NAME: PHOTO}) for _ in range(2)]))


def prove(_token: str, number: str) -> None:
    import hashlib

    from jump.base import files
    from jump.core.units import Ref
    from jump.engines.evidence.models import Attachment, HeldBack, SentFile, SentInstance, Submission

    sent = SentInstance.objects.filter(instance_id=f"uuid:{number}").first()
    submissions = Submission.objects.filter(instances=sent) if sent is not None else Submission.objects.none()
    attached = Attachment.objects.filter(submission__in=submissions)
    kept = [files.opened(Ref(one.file_ref)).read() for one in attached]
    print(
        json.dumps(
            {
                "submissions": submissions.count(),
                "files": SentFile.objects.filter(instance=sent).count(),
                "attachments": len(kept),
                "held": HeldBack.objects.count(),
                # these devices all say the same, which is odd by itself
                "flags": sum(flag["code"] != "identical" for one in submissions for flag in one.flags),
                "whole": {hashlib.sha256(one).hexdigest() for one in kept} == {hashlib.sha256(PHOTO).hexdigest()},
            }
        )
    )


if __name__ == "__main__":
    command(prepare=prepare, race=race, die=die, send=send, prove=prove)
