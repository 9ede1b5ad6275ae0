// What a refresh changed is shown for a moment: a row or message whose `data-stamp` is new or different. A row that
// moved up into the first page is taken out of the pages loaded below it.
function stamps(root) {
  return new Map([...root.querySelectorAll("[data-stamp]")].map((element) => [element.id, element.dataset.stamp]));
}

function dropDoubles() {
  const seen = new Set();
  for (const row of document.querySelectorAll(".rows .row")) {
    if (seen.has(row.id)) {
      if (row.previousElementSibling?.matches(".row__pick")) row.previousElementSibling.remove();
      row.remove();
    }
    seen.add(row.id);
  }
}

function highlight(root, before) {
  if (!before.size) return;
  for (const element of root.querySelectorAll("[data-stamp]")) {
    if (before.get(element.id) === element.dataset.stamp) continue;
    element.classList.add("is-fresh");
    element.addEventListener("animationend", () => element.classList.remove("is-fresh"), { once: true });
  }
}

export function startFreshRows() {
  let before = new Map();
  let wasAtEnd = false;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.target;
    if (!target.matches("[data-refreshes]")) return;
    before = stamps(target);
    wasAtEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 80;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const target = document.getElementById(event.detail.target.id);
    if (!target?.matches("[data-refreshes]")) return;
    highlight(target, before);
    dropDoubles();
    if (target.id === "thread" && wasAtEnd) target.scrollTop = target.scrollHeight;
  });
}
