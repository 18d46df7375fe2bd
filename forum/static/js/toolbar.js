/* [data-toolbar="id of a textarea"][data-say-column] > button[data-mark], shown only with this script. One tab stop,
   arrows, Home and End within. Ctrl (Command on a Mac) with B, I, K in the textarea. A mark pressed again is taken
   away; whatever was put in can be undone. */
(() => {
  const around = { bold: ["**", "**"], italic: ["*", "*"], code: ["`", "`"], link: ["[", "](https://)"] };
  const lines = { quote: "> ", list: "- ", numbers: "1. ", heading: "## " };
  const begins = { quote: /^> ?/, list: /^[-*+] /, numbers: /^\d{1,9}[.)] /, heading: /^#{1,6} ?/ };
  const isMac = /mac/i.test(navigator.platform);
  const put = (area, start, end, words, from, to) => {
    area.focus();
    area.setSelectionRange(start, end);
    // insertText alone keeps the browser's own undo.
    if (!document.execCommand(words ? "insertText" : "delete", false, words)) {
      area.setRangeText(words, start, end, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    area.setSelectionRange(from, to);
  };
  const markLines = (area, kind, first, block) => {
    const rows = block.split("\n"), has = rows.every((row) => begins[kind].test(row));
    const words = rows.map((row, at) => (
      has ? row.replace(begins[kind], "") : (kind === "numbers" ? at + 1 + ". " : lines[kind]) + row)).join("\n");
    put(area, first, first + block.length, words, first + words.length, first + words.length);
  };
  const table = (area, end, name) => {
    const before = area.value.slice(0, end), gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const words = `${gap}| ${name} 1 | ${name} 2 |\n| --- | --- |\n|  |  |\n`, from = end + gap.length + 2;
    put(area, end, end, words, from, from + name.length + 2);
  };
  const mark = (area, kind, bar) => {
    const { selectionStart: start, selectionEnd: end, value } = area, chosen = value.slice(start, end);
    const first = value.lastIndexOf("\n", start - 1) + 1;
    if (kind === "table") return table(area, end, bar.dataset.sayColumn);
    if (lines[kind]) return markLines(area, kind, first, value.slice(first, end));
    if (kind === "code" && chosen.includes("\n")) {
      const words = "```\n" + value.slice(first, end) + "\n```";
      return put(area, first, end, words, first + words.length, first + words.length);
    }
    const [open, close] = around[kind];
    const isOpen = value.slice(0, start).endsWith(open) && value.slice(end).startsWith(close);
    // One star beside another is the half of a bold mark.
    const isHalf = kind === "italic" && value.slice(0, start).endsWith("**") && !value.slice(0, start).endsWith("***");
    if (chosen && isOpen && !isHalf) {
      return put(area, start - open.length, end + close.length, chosen, start - open.length, end - open.length);
    }
    const from = start + open.length, to = from + chosen.length;
    if (kind === "link" && chosen) return put(area, start, end, open + chosen + close, to + 2, to + close.length - 1);
    return put(area, start, end, open + chosen + close, from, to);
  };
  document.querySelectorAll("[data-toolbar]").forEach((bar) => {
    const area = document.getElementById(bar.dataset.toolbar), buttons = [...bar.querySelectorAll("button")];
    const only = (chosen) => buttons.forEach((button) => { button.tabIndex = button === chosen ? 0 : -1; });
    bar.hidden = false;
    only(buttons[0]);
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("[data-mark]");
      if (!button) return;
      only(button);
      mark(area, button.dataset.mark, bar);
    });
    bar.addEventListener("keydown", (event) => {
      const at = buttons.indexOf(event.target), step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const to = { Home: 0, End: buttons.length - 1 }[event.key];
      if (at < 0 || (!step && to === undefined)) return;
      const next = buttons[to === undefined ? (at + step + buttons.length) % buttons.length : to];
      event.preventDefault();
      only(next);
      next.focus();
    });
    area.addEventListener("keydown", (event) => {
      const kind = { b: "bold", i: "italic", k: "link" }[event.key];
      if (!kind || event.altKey || event.shiftKey || !(isMac ? event.metaKey : event.ctrlKey)) return;
      event.preventDefault();
      mark(area, kind, bar);
    });
  });
})();
