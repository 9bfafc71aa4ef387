// What every page does once it is there: it wakes the worker and gives the page its small behaviours.

import { keepChosen } from "./page/attach.js";
import { readClocks } from "./page/clock.js";
import { comeIn } from "./page/door.js";
import { keepFresh } from "./page/fresh.js";
import { onlyWhatChanged } from "./page/forms.js";
import { listen } from "./page/taps.js";
import { showMoments } from "./page/moments.js";
import { filterLists } from "./page/filter.js";
import { showInstall } from "./page/install.js";
import { ring } from "./page/bell.js";
import { showUndo } from "./page/undo.js";

const base = document.body.dataset.base;
document.documentElement.dataset.scripts = "here";

function dress() {
  showMoments(document, document.body.dataset.zone);
  filterLists(document);
  showInstall(document);
  showUndo(document);
  for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
  if (base) ring({ base });
}

dress();
document.addEventListener("htmx:after:swap", dress);
listen(document);
readClocks(document);
onlyWhatChanged(document);
keepChosen(document);
comeIn(document);
if (base) keepFresh(base, dress);
