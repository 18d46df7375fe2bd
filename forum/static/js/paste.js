/* What is pasted into form.composer textarea: a table of a spreadsheet or page becomes a Markdown table, an address
   pasted over chosen words a link. Files are announced as "forum:files" (detail: the files) to whoever takes them.
   What was put in can be undone; inside a fence of code everything stays as it was copied. */
(() => {
  const address = /^(?:https?:\/\/|mailto:)\S+$/i, most = { rows: 300, columns: 20 };
  const cell = (text) => text.trim().replace(/\s+/g, " ").replace(/[\\`*_|]/g, "\\$&");
  const markdown = (rows) => {
    const width = Math.max(0, ...rows.map((row) => row.length));
    if (rows.length < 2 || width < 2 || rows.length > most.rows || width > most.columns) return "";
    const line = (cells) => "| " + Array.from({ length: width }, (_none, at) => cells[at] || "").join(" | ") + " |";
    return [line(rows[0]), "|" + " --- |".repeat(width), ...rows.slice(1).map(line)].join("\n") + "\n";
  };
  const fromPage = (html) => {
    // A document of this kind loads nothing and runs nothing.
    const held = new DOMParser().parseFromString(html, "text/html"), tables = held.querySelectorAll("table");
    if (tables.length !== 1) return "";
    const rows = [...tables[0].rows].map((row) => [...row.cells].flatMap((one) => {
      one.querySelectorAll("br, p, div").forEach((end) => end.after(" "));
      return [cell(one.textContent), ...Array(Math.min(most.columns, Math.max(1, one.colSpan)) - 1).fill("")];
    }));
    tables[0].remove();
    held.querySelectorAll("style, script, title").forEach((other) => other.remove());
    return held.body.textContent.trim() ? "" : markdown(rows);
  };
  const fromSheet = (text) => {
    const rows = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n").map((line) => line.split("\t"));
    const even = rows.every((row) => row.length === rows[0].length);
    return even && !text.includes('"') ? markdown(rows.map((row) => row.map(cell))) : "";
  };
  const inCode = (area) => (area.value.slice(0, area.selectionStart).match(/^\s*(?:```|~~~)/gm) || []).length % 2 === 1;
  const put = (area, words) => {
    if (document.execCommand("insertText", false, words)) return;
    area.setRangeText(words, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  document.querySelectorAll("form.composer textarea[name=text]").forEach((area) => {
    area.addEventListener("paste", (event) => {
      const held = event.clipboardData, live = area.form.querySelector("[data-pasted]");
      const text = held.getData("text/plain"), page = held.getData("text/html");
      const { selectionStart: start, selectionEnd: end, value } = area, chosen = value.slice(start, end);
      if (inCode(area)) return;
      const table = (page.includes("<t") && fromPage(page)) || (text.includes("\t") && fromSheet(text));
      if (table) {
        event.preventDefault();
        const before = value.slice(0, start), gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
        put(area, gap + table + (value.slice(end).startsWith("\n") ? "" : "\n"));
        live.textContent = live.dataset.sayTable;
      } else if (address.test(text.trim()) && chosen.trim() && !/[\n[\]]/.test(chosen) && !address.test(chosen.trim())) {
        event.preventDefault();
        const target = text.trim().replace(/[()]/g, (sign) => (sign === "(" ? "%28" : "%29"));
        put(area, "[" + chosen + "](" + target + ")");
        live.textContent = live.dataset.sayLink;
      } else if (held.files.length) {
        const told = new CustomEvent("forum:files", { detail: [...held.files], bubbles: true, cancelable: true });
        if (!area.dispatchEvent(told)) event.preventDefault();
      }
    });
  });
})();
