"""F54: a browser forgot that this phone is to ring."""

import json
import subprocess
from pathlib import Path

from tests import stage

APP = Path(__file__).parents[1] / "node" / "bell.mjs"


def test_f54_a_subscription_that_went_away_is_made_anew_when_the_app_is_opened() -> None:
    words = [stage.node(), "--no-warnings", str(APP)]
    ended = subprocess.run(words, capture_output=True, text=True, check=True)
    told = json.loads(ended.stdout)
    assert told["made"] == 2, "one that is there is kept"
    first, again, second = told["asked"]
    assert first == again != second, "and the office hears at every start where to ring"
