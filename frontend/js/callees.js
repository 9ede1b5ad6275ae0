// The list of colleagues whom a note can name: narrowed down by what stands behind the "@".
const SIGN = /(?:^|[^A-Za-z0-9._%+-])[@＠]([^\s@＠，。、；：！？,;:!?]{0,24})$/u;

/** What is written of a name before the cursor: "" right behind the sign, null where there is none. */
export function nameBefore(box) {
  const found = SIGN.exec(box.value.slice(0, box.selectionStart));
  return found && box.selectionStart === box.selectionEnd ? found[1] : null;
}

function items(root) {
  return [...root.querySelectorAll("[data-called]")];
}

function shown(root) {
  return items(root).filter((item) => !item.hidden);
}

export function selected(root) {
  return root.querySelector('[data-called][aria-selected="true"]:not([hidden])');
}

function select(root, chosen) {
  for (const item of items(root)) item.setAttribute("aria-selected", String(item === chosen));
  chosen?.scrollIntoView({ block: "nearest" });
}

/** Show those who fit, choose the first; whether there is any. */
export function narrow(list, asked) {
  if (asked === null) return false;
  const wanted = asked.toLowerCase();
  for (const item of items(list)) item.hidden = !item.dataset.name.includes(wanted) && !item.dataset.handle.startsWith(wanted);
  const fitting = shown(list);
  select(list, selected(list) ?? fitting[0]);
  return fitting.length > 0;
}

export function step(root, by) {
  const fitting = shown(root);
  const now = fitting.indexOf(selected(root));
  select(root, fitting[(now + by + fitting.length) % fitting.length]);
}
