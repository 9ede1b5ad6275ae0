// The composer: reply or note, a draft kept while one types, checks beneath the text, saved replies at "/".
import { narrow, nameBefore, selected, step } from "./callees.js";
import { csrfHeaders } from "./requests.js";

const DRAFT_AFTER_MS = 900;
const CHECK_AFTER_MS = 450;

function later(ms, work) {
  let timer;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(work, ms);
  };
  soon.never = () => clearTimeout(timer);
  return soon;
}

export function composer() {
  return {
    note: false,
    picking: false,
    calling: false,
    init() {
      this.box = this.$root.querySelector("textarea");
      this.note = this.$root.querySelector('[name="kind"]:checked')?.value === "note";
      this.keepDraft = later(DRAFT_AFTER_MS, () => this.saveDraft());
      this.lookOver = later(CHECK_AFTER_MS, () => this.check());
      if (this.box.value) this.lookOver();
    },
    // What was sent must not come back as a draft.
    destroy() {
      this.keepDraft.never();
      this.lookOver.never();
    },
    choose(event) {
      this.note = event.target.value === "note";
      this.box.focus();
      this.keepDraft();
      this.lookOver();
    },
    replyMode() {
      this.setKind("reply");
    },
    noteMode() {
      this.setKind("note");
    },
    setKind(kind) {
      const choice = this.$root.querySelector(`[name="kind"][value="${kind}"]`);
      choice.checked = true;
      choice.dispatchEvent(new Event("change", { bubbles: true }));
    },
    typed() {
      this.offerCallees();
      const slash = this.slashAt();
      if (slash >= 0) this.openPicker(this.box.value.slice(slash + 1, this.box.selectionStart));
      else this.picking = false;
      this.keepDraft();
      this.lookOver();
    },
    // In a note "@" and the beginning of a name offer the colleagues whom the note can reach.
    async offerCallees() {
      const asked = this.note ? nameBefore(this.box) : null;
      if (asked === null) return this.closeCallees();
      const list = this.$root.querySelector(".callees");
      if (!this.known) {
        this.known = fetch(list.dataset.callees, { headers: csrfHeaders() }).then((answer) => (answer.ok ? answer.text() : ""));
        list.innerHTML = await this.known;
      }
      await this.known;
      this.calling = narrow(list, nameBefore(this.box));
      this.showCallee();
      return undefined;
    },
    closeCallees() {
      this.calling = false;
      this.box.removeAttribute("aria-activedescendant");
    },
    showCallee() {
      const chosen = this.calling && selected(this.$root);
      if (chosen) this.box.setAttribute("aria-activedescendant", chosen.id);
      else this.box.removeAttribute("aria-activedescendant");
    },
    // Enter that ends the writing of a Chinese word is not meant for the list.
    callKey(event) {
      if (!this.calling || event.isComposing || event.metaKey || event.ctrlKey) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") step(this.$root, event.key === "ArrowDown" ? 1 : -1);
      else if (event.key === "Enter" || event.key === "Tab") this.callNow(selected(this.$root));
      else if (event.key === "Escape") this.closeCallees();
      else return;
      event.preventDefault();
      this.showCallee();
    },
    call(event) {
      this.callNow(event.target.closest("[data-called]"));
    },
    callNow(callee) {
      const asked = nameBefore(this.box);
      if (!callee || asked === null) return;
      const end = this.box.selectionStart;
      this.box.setRangeText(`${callee.dataset.called} `, end - asked.length, end, "end");
      this.closeCallees();
      this.keepDraft();
    },
    // A "/" at the start of a line, with at most a word after it, asks for a saved reply.
    slashAt() {
      const before = this.box.value.slice(0, this.box.selectionStart);
      const found = /(?:^|\n)\/([^\s/]{0,24})$/u.exec(before);
      return found ? before.length - found[1].length - 1 : -1;
    },
    openPicker(query) {
      this.picking = true;
      const field = this.$root.querySelector("[data-picker-query]");
      field.value = query ?? "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    },
    togglePicker() {
      if (this.picking) this.picking = false;
      else {
        this.openPicker("");
        this.$nextTick(() => this.$root.querySelector("[data-picker-query]").focus());
      }
    },
    closePicker() {
      if (!this.picking) return;
      this.picking = false;
      this.box.focus();
    },
    pick(event) {
      const item = event.target.closest("[data-text]");
      if (!item) return;
      const slash = this.slashAt();
      const from = slash >= 0 ? slash : this.box.selectionStart;
      this.box.setRangeText(item.dataset.text, from, this.box.selectionEnd, "end");
      this.picking = false;
      this.box.focus();
      this.typed();
    },
    pickFirst(event) {
      if (!this.picking) return;
      const first = this.$root.querySelector(".picker [data-text]");
      if (!first) return;
      event.preventDefault();
      first.click();
    },
    // A suggestion from the panel: behind what is written, or instead of nothing.
    insert(event) {
      if (this.note) this.replyMode();
      const gap = this.box.value.trim() ? "\n\n" : "";
      this.box.value = `${this.box.value.trimEnd()}${gap}${event.detail.text}`;
      this.box.focus();
      this.typed();
    },
    better(event) {
      const button = event.target.closest("[data-better]");
      if (!button) return;
      const { start, end, better } = button.dataset;
      // The checks count characters; a textarea counts UTF-16 units, of which an emoji has two.
      const letters = Array.from(this.box.value);
      const units = (count) => letters.slice(0, Number(count)).join("").length;
      this.box.setRangeText(better, units(start), units(end), "end");
      this.box.focus();
      this.keepDraft();
      this.check();
    },
    sending() {
      this.destroy();
    },
    send(event) {
      event.preventDefault();
      const button = this.$root.querySelector("[data-send]");
      this.$root.requestSubmit(button);
    },
    files(event) {
      const list = this.$root.querySelector(".pending-files");
      list.replaceChildren(
        ...[...event.target.files].map((file) => {
          const chip = document.createElement("span");
          chip.className = "pill pill--l pill--line";
          chip.textContent = file.name;
          return chip;
        }),
      );
    },
    async post(url, into) {
      if (!url) return;
      const body = new URLSearchParams({ text: this.box.value, kind: this.note ? "note" : "reply" });
      const response = await fetch(url, { method: "POST", headers: csrfHeaders(), body });
      if (response.ok) into(await response.text());
    },
    saveDraft() {
      return this.post(this.$root.dataset.draftUrl, (text) => {
        this.$root.querySelector(".composer__saved").textContent = text;
      });
    },
    check() {
      const asked = this.box.value;
      return this.post(this.$root.dataset.checkUrl, (html) => {
        if (this.box.value === asked) this.$root.querySelector(".checks").innerHTML = html;
      });
    },
  };
}
