"""A phone that slept: what it was not told, and what the browser threw away, in Chromium."""

from playwright.sync_api import expect

from tests.browser.conftest import Lend
from tests.browser.office import Office

# A page whose worker cannot reach it, as after a long sleep on some phones.
DEAF = """window.BroadcastChannel = class {
  set onmessage(_) {}
  addEventListener() {}
  postMessage() {}
  close() {}
}"""
FETCH = """() => navigator.serviceWorker.controller.postMessage(
  {type: "exchange", production: "night-ferry", about: {}})"""
AHEAD = """async () => {
  const state = await (await fetch(`${document.body.dataset.base}/state`)).json();
  return state.cursor > Number(document.querySelector("#page").dataset.cursor);
}"""
# Give how many files of the app there are; lose some of them.
KEPT = """async () => {
  const names = (await caches.keys()).filter((name) => /^poc-[0-9a-f]{12}$/.test(name));
  const files = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return files.flat().length;
}"""
LOSE = """async () => {
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const file of await cache.keys()) {
      if (/(app\\.css|fresh\\.js|sql-wasm\\.wasm)$/.test(file.url)) await cache.delete(file);
    }
  }
}"""


def test_f55_a_page_that_comes_back_reads_for_itself_what_its_worker_has_meanwhile(
    lend: Lend, office: Office
) -> None:
    day = office.day(13)
    phone = lend("Dana Farouk")
    phone.context.add_init_script(DEAF)
    phone.open(f"/days/{day}")
    phone.says("Up to date")
    office.write("Marta Teixeira", "shoot_day", day, weather="Fog on the river")
    phone.page.evaluate(FETCH)
    phone.page.wait_for_function(AHEAD)
    assert phone.box("weather").input_value() != "Fog on the river"
    phone.page.evaluate("window.dispatchEvent(new Event('pageshow'))")
    expect(phone.box("weather")).to_have_value("Fog on the river")


def test_f44_files_the_browser_lost_are_fetched_before_the_signal_goes(
    lend: Lend, office: Office
) -> None:
    phone = lend("Marta Teixeira")
    phone.open("/days")
    phone.says("Up to date")
    whole = phone.page.evaluate(KEPT)
    phone.page.evaluate(LOSE)
    assert phone.page.evaluate(KEPT) == whole - 3
    phone.stop_worker()
    phone.wake()
    phone.page.wait_for_function(f"async () => await ({KEPT})() === {whole}")
    office.kill()
    phone.lose_signal()
    phone.stop_worker()
    phone.open("/people")
    phone.shows("Ines Okafor")
    phone.says("No signal")
