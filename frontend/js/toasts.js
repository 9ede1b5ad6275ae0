// Short notices at the corner. The server sends them as an `HX-Trigger: toast` header or in the page itself.
const SHOWN_MS = 5000;

function corner() {
  return document.getElementById("toasts");
}

function vanishLater(line) {
  setTimeout(() => line.remove(), line.classList.contains("toast-line--error") ? SHOWN_MS * 2 : SHOWN_MS);
}

export function say(text, level = "success", url = "") {
  const template = document.getElementById("toast-line");
  if (!template || !text) return;
  const line = template.content.firstElementChild.cloneNode(true);
  line.classList.add(`toast-line--${level}`);
  line.querySelector("p").append(url ? link(text, url) : text);
  corner().append(line);
  vanishLater(line);
}

function link(text, url) {
  const found = document.createElement("a");
  found.href = url;
  found.textContent = text;
  return found;
}

export function saySomethingFailed() {
  say(document.body.dataset.failed, "error");
}

export function startToasts() {
  document.addEventListener("toast", (event) => say(event.detail.text, event.detail.level, event.detail.url));
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast-line")?.remove());
  document.querySelectorAll("#toasts > .toast-line").forEach(vanishLater);
}
