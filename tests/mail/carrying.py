"""A postman in a process of its own, to be killed: folder, port and moment are told."""

import os
import sys
from datetime import datetime

from poc import create_app
from poc.mail.postman import Postman

folder, port, moment = sys.argv[1:]
now = datetime.fromisoformat(moment)
about = {"SMTP_URL": f"smtp://127.0.0.1:{port}", "MAIL_FROM": "office@aurora-film.com"}
app = create_app(
    folder, CLOCK=lambda: now, DATABASE_URL=os.environ.get("DATABASE_URL", ""), **about
)
Postman(app).go_round()
