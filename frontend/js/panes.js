// Which row is chosen, and which pane shows on a narrow screen.
function choose(row) {
  for (const other of document.querySelectorAll(".rows .row[aria-current]")) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  document.querySelector(".desk")?.classList.add("has-conversation");
}

function toggle(button) {
  const pane = document.getElementById(button.dataset.toggles);
  const open = pane?.classList.toggle("is-open");
  button.setAttribute("aria-expanded", String(Boolean(open)));
}

function scrollThreadDown() {
  const thread = document.getElementById("thread");
  if (thread) thread.scrollTop = thread.scrollHeight;
}

export function startPanes() {
  document.addEventListener("click", (event) => {
    const row = event.target.closest(".rows .row");
    if (row) choose(row);
    const button = event.target.closest("[data-toggles]");
    if (button) return toggle(button);
    for (const pane of document.querySelectorAll(".views.is-open, .panel.is-open")) {
      if (!pane.contains(event.target)) pane.classList.remove("is-open");
    }
    return undefined;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "conversation") scrollThreadDown();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });
  scrollThreadDown();
}
