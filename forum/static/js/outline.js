/* The outline of a draft: [data-outline] > ul > li[data-line][data-depth], made anew from what each save tells
   (.outline of .line .depth .text). A press puts the caret into the line of its heading. */
(() => {
  const attach = (form) => {
    const part = form.querySelector("[data-outline]"), area = form.elements.text, list = part.querySelector("ul");
    const press = (item) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "text-button";
      button.textContent = item.textContent;
      item.replaceChildren(button);
    };
    const go = (line) => {
      const lines = area.value.split("\n"), start = lines.slice(0, line).join("\n").length + (line ? 1 : 0);
      // Browsers bring into sight what is typed or focused, not what is only selected.
      area.setSelectionRange(start, start);
      area.blur();
      area.focus();
      area.setSelectionRange(start, start + (lines[line] || "").length);
    };
    for (const item of list.children) press(item);
    list.addEventListener("click", (event) => {
      const item = event.target.closest("li");
      if (item) go(Number(item.dataset.line));
    });
    form.addEventListener("forum:saved", (event) => {
      const told = event.detail.outline || [], had = list.contains(document.activeElement);
      if (had) return; // nothing moves under the hand of who goes through it
      list.replaceChildren(...told.map((heading) => {
        const item = document.createElement("li");
        item.dataset.line = heading.line;
        item.dataset.depth = heading.depth;
        item.textContent = heading.text;
        press(item);
        return item;
      }));
      part.hidden = !told.length;
    });
  };
  document.querySelectorAll("form[data-draft-url]").forEach((form) => form.querySelector("[data-outline]") && attach(form));
})();
