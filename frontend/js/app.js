// Everything the desk and the portal run in the browser. The server renders the pages; this adds partial updates
// (htmx), small named controllers (Alpine, its build for a strict content policy), the keyboard, and live refresh.
import htmx from "htmx.org/dist/htmx.esm.js";
import Alpine from "@alpinejs/csp";
import focus from "@alpinejs/focus";
import { useMorphing } from "./morph.js";
import { configureRequests } from "./requests.js";
import { composer } from "./composer.js";
import { searchBox } from "./search.js";
import { startClocks } from "./clocks.js";
import { startDialogs } from "./dialogs.js";
import { startFreshRows } from "./fresh.js";
import { startKeyboard } from "./keyboard.js";
import { startLive } from "./live.js";
import { startLooking } from "./looking.js";
import { startPanes } from "./panes.js";
import { startPicking } from "./picking.js";
import { startSuggestions } from "./suggestions.js";
import { startTheme } from "./theme.js";
import { startToasts } from "./toasts.js";

window.htmx = htmx;
document.documentElement.classList.add("has-js");
configureRequests(htmx);
useMorphing(htmx);

Alpine.plugin(focus);
Alpine.data("composer", composer);
Alpine.data("searchBox", searchBox);

startTheme();
startToasts();
startDialogs(htmx);
startFreshRows();
startPanes();
startPicking(htmx);
startClocks();
startSuggestions(htmx);
startKeyboard();
startLive(htmx);
startLooking();
Alpine.start();
