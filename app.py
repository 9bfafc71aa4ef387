"""The office as a WSGI application, for servers that are started by hand."""

import os

from poc import create_app

app = create_app(
    os.environ.get("POC_DATA", "data"), DATABASE_URL=os.environ.get("DATABASE_URL", "")
)
