// The search box: results appear beneath it as one types; arrows move, Enter opens, Escape closes.
export function searchBox() {
  return {
    open: false,
    show() {
      this.open = true;
    },
    hide() {
      this.open = false;
    },
    leave(event) {
      if (!this.$root.contains(event.relatedTarget)) this.open = false;
    },
    next(event) {
      this.step(event, 1);
    },
    previous(event) {
      this.step(event, -1);
    },
    step(event, by) {
      event.preventDefault();
      const items = [...this.$root.querySelectorAll(".popmenu__item")];
      const now = items.indexOf(document.activeElement);
      (items[now + by] ?? this.$root.querySelector("input")).focus();
    },
    close() {
      this.open = false;
      this.$root.querySelector("input").blur();
    },
  };
}
