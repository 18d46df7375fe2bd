/* [data-toolbar="id of a textarea"] > button[data-mark=bold|italic|quote|code|list|link], shown only with this script.
   One tab stop, arrows within; Ctrl or Command with B, I, K in the textarea. What was there can be undone. */
(() => {
  const around = { bold: ["**", "**"], italic: ["*", "*"], code: ["`", "`"], link: ["[", "](https://)"] };
  const lines = { quote: "> ", list: "- " };
  const put = (area, start, end, words, from, to) => {
    area.focus();
    area.setSelectionRange(start, end);
    // insertText alone keeps the browser's own undo.
    if (!document.execCommand("insertText", false, words)) {
      area.setRangeText(words, start, end, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    area.setSelectionRange(from, to);
  };
  const mark = (area, kind) => {
    const { selectionStart: start, selectionEnd: end, value } = area, chosen = value.slice(start, end);
    if (lines[kind] || (kind === "code" && chosen.includes("\n"))) {
      const first = value.lastIndexOf("\n", start - 1) + 1, block = value.slice(first, end);
      const words = lines[kind] ? block.replace(/^/gm, lines[kind]) : "```\n" + block + "\n```";
      put(area, first, end, words, first + words.length, first + words.length);
      return;
    }
    const [open, close] = around[kind];
    put(area, start, end, open + chosen + close, start + open.length, start + open.length + chosen.length);
  };
  document.querySelectorAll("[data-toolbar]").forEach((bar) => {
    const area = document.getElementById(bar.dataset.toolbar), buttons = [...bar.querySelectorAll("button")];
    const only = (chosen) => buttons.forEach((button) => { button.tabIndex = button === chosen ? 0 : -1; });
    bar.hidden = false;
    only(buttons[0]);
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("[data-mark]");
      if (button) mark(area, button.dataset.mark);
    });
    bar.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const next = buttons[(buttons.indexOf(event.target) + step + buttons.length) % buttons.length];
      event.preventDefault();
      only(next);
      next.focus();
    });
    area.addEventListener("keydown", (event) => {
      const kind = { b: "bold", i: "italic", k: "link" }[event.key];
      if (!kind || event.altKey || event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      mark(area, kind);
    });
  });
})();
