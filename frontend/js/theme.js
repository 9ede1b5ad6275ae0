// Light, dark, or as the system. The choice is kept on the server (cookie and profile), so that the next page comes
// in the right colours without a flash; here it is only shown at once.
import { csrfHeaders } from "./requests.js";

export function startTheme() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    event.preventDefault();
    const choice = button.dataset.themeChoice;
    if (choice === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    const form = button.form;
    form.querySelectorAll("[data-theme-choice]").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    fetch(form.action, { method: "POST", headers: csrfHeaders(), body: new URLSearchParams({ theme: choice }) });
    document.dispatchEvent(new CustomEvent("careloop:theme"));
  });
}
