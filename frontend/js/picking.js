// Choose rows: a box beside each, a range with Shift, "x" for the row at hand. What is done with them is a form; when
// it is done, the boxes are empty again.
let last = null;

function boxes() {
  return [...document.querySelectorAll(".rows .row__pick")];
}

function tell() {
  const count = boxes().filter((box) => box.checked).length;
  document.querySelector(".pane-list")?.classList.toggle("is-picking", count > 0);
  const line = document.querySelector(".bulk__count");
  if (line) line.textContent = count ? line.dataset.words.replace("%s", count) : "";
}

function pickRange(to) {
  const all = boxes();
  const [from, until] = [all.indexOf(last), all.indexOf(to)].sort((a, b) => a - b);
  if (from < 0) return;
  for (const box of all.slice(from, until + 1)) box.checked = to.checked;
}

function pickNone() {
  for (const box of boxes()) box.checked = false;
  last = null;
  tell();
}

export function pickByKey(target) {
  const row = target.closest?.(".row") ?? document.querySelector(".rows .row[aria-current]") ?? document.querySelector(".rows .row");
  const box = target.matches?.(".row__pick") ? target : row?.previousElementSibling;
  if (box?.matches(".row__pick")) box.click();
}

// What the open conversation shows is no longer true when it was among the changed.
function drawOpenAgain(htmx, numbers) {
  const open = Number(location.pathname.split("/").filter(Boolean).pop());
  if (!numbers.includes(open)) return;
  htmx.ajax("GET", location.pathname, { target: "#conversation", swap: "morph" });
}

export function startPicking(htmx) {
  document.addEventListener("click", (event) => {
    if (!event.target.matches(".row__pick")) return;
    if (event.shiftKey && last) pickRange(event.target);
    last = event.target;
    tell();
  });
  document.addEventListener("reset", (event) => {
    if (event.target.id === "bulk") setTimeout(pickNone);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) pickNone();
  });
  document.addEventListener("htmx:afterSettle", tell);
  document.addEventListener("bulk-done", (event) => {
    pickNone();
    drawOpenAgain(htmx, event.detail.numbers ?? []);
  });
}
