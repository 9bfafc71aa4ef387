"""`./go sender` with the push services' names leading to loopback: folder, port, certificate."""

import os
import sys
from pathlib import Path

import pytest

from poc.__main__ import main
from tests.bell.push_service import lead_here

folder, port, certificate = sys.argv[1:]
with pytest.MonkeyPatch.context() as patch:
    lead_here(patch, int(port), Path(certificate))
    os._exit(main(["sender", "--data", folder]))
