// Suggested answers beside the thread: one is put into the composer or put away; the server keeps which.
import { csrfHeaders } from "./requests.js";

function told(suggestion, choice) {
  const { kind, target, place } = suggestion.dataset;
  const body = new URLSearchParams({ kind, target, place, choice });
  return fetch(suggestion.parentElement.dataset.url, { method: "POST", headers: csrfHeaders(), body });
}

async function dismiss(htmx, suggestion) {
  const list = suggestion.parentElement;
  const answer = await told(suggestion, "dismissed");
  if (!answer.ok) return;
  list.outerHTML = await answer.text();
  htmx.process(document.getElementById("suggestions"));
}

export function startSuggestions(htmx) {
  document.addEventListener("click", (event) => {
    const suggestion = event.target.closest(".suggestion");
    if (!suggestion) return;
    const button = event.target.closest("[data-suggested]");
    if (button) {
      const composer = document.getElementById("composer");
      composer?.dispatchEvent(new CustomEvent("insert-text", { detail: { text: button.dataset.suggested } }));
      document.getElementById("panel")?.classList.remove("is-open");
      told(suggestion, "used");
    } else if (event.target.closest("[data-dismissed]")) dismiss(htmx, suggestion);
  });
}
