// Short notices at the corner. The server sends them as an `HX-Trigger: toast` header or in the page itself.
const SHOWN_MS = 5000;

function corner() {
  return document.getElementById("toasts");
}

function vanishLater(line) {
  setTimeout(() => line.remove(), line.classList.contains("toast-line--error") ? SHOWN_MS * 2 : SHOWN_MS);
}

export function say(text, level = "success") {
  const template = document.getElementById("toast-line");
  if (!template || !text) return;
  const line = template.content.firstElementChild.cloneNode(true);
  line.classList.add(`toast-line--${level}`);
  line.querySelector("p").textContent = text;
  corner().append(line);
  vanishLater(line);
}

export function saySomethingFailed() {
  say(document.body.dataset.failed, "error");
}

export function startToasts() {
  document.addEventListener("toast", (event) => say(event.detail.text, event.detail.level));
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast-line")?.remove());
  document.querySelectorAll("#toasts > .toast-line").forEach(vanishLater);
}
