// A link with `data-dialog` opens its page as a dialog: htmx puts the page's form into #dialog, and it is shown when
// it arrives. Without script the same link is an ordinary page. Menus made of <details> close like menus.
function dialog() {
  return document.getElementById("dialog");
}

export function closeDialog() {
  const box = dialog();
  if (box?.open) box.close();
}

export function startDialogs(htmx) {
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "dialog-body") return;
    if (!dialog().open) dialog().showModal();
    event.detail.target.querySelector("[autofocus]")?.focus();
  });
  document.addEventListener("close-dialog", closeDialog);
  document.addEventListener("open-dialog", (event) => {
    htmx.ajax("GET", event.detail.url, { target: "#dialog-body", swap: "innerHTML" });
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
    if (event.target.localName === "dialog") event.target.close();
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.opens)?.showModal();
    }
    for (const menu of document.querySelectorAll("details.drop[open]")) {
      const inside = menu.contains(event.target);
      if (!inside || event.target.closest(".popmenu a, .popmenu button")) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.drop[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}
