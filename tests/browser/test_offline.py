"""A shooting day without signal, in Chromium: everything opens, everything is kept, all of it goes out."""

import pytest
from tests.browser.conftest import Lend
from tests.browser.office import Office
from tests.test_parity import paths


def test_every_page_opens_with_the_office_closed_and_the_worker_restarted(
    lend: Lend, office: Office
) -> None:
    phone = lend("Marta Teixeira")
    with office.inside() as (app, ferry):
        addresses = list(paths(app.extensions["poc"].book, ferry.production))
    office.kill()
    phone.lose_signal()
    phone.stop_worker()
    for address in addresses:
        if address.endswith(".vcf"):
            continue
        response = phone.open(address)
        assert response.from_service_worker, address
        print(address, response.status)
    phone.open("/people")
    phone.says("No signal · saved")
    print(phone.complaints)
