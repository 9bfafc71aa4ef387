"""A sender in a process of its own, to be killed: folder, port, certificate and moment are told."""

import os
import sys
from datetime import datetime
from pathlib import Path

import pytest

from poc import create_app
from poc.bell.sender import Sender
from tests.bell.push_service import lead_here

folder, port, certificate, moment = sys.argv[1:]
with pytest.MonkeyPatch.context() as patch:
    lead_here(patch, int(port), Path(certificate))
    now = datetime.fromisoformat(moment)
    url = os.environ.get("DATABASE_URL", "")
    Sender(create_app(folder, CLOCK=lambda: now, DATABASE_URL=url)).send_due()
