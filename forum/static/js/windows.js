/* Two windows at one place: "forum:newer" (detail: seq, newer.text, newer.title) brings words that another one saved since
   this one was opened. They are shown in [data-newer], and the writer says which stay in the box: "forum:chosen". The
   others are set aside ("forum:aside", copies.js) and offered another time. */
(() => {
  const attach = (form) => {
    const { text, title } = form.elements, part = form.querySelector("[data-newer]");
    let told = null;
    form.addEventListener("forum:newer", (event) => {
      told = event.detail;
      part.querySelector("[data-newer-text]").textContent = [told.newer.title, told.newer.text].filter(Boolean).join("\n\n");
      part.hidden = false;
    });
    const choose = (theirs) => {
      const here = { text: text.value, title: title ? title.value : "" };
      form.dispatchEvent(new CustomEvent("forum:aside", { detail: theirs ? here : told.newer }));
      if (theirs) {
        text.value = told.newer.text;
        if (title) title.value = told.newer.title;
      }
      part.hidden = true;
      text.focus();
      form.dispatchEvent(new CustomEvent("forum:chosen", { detail: { seq: told.seq } }));
    };
    part.querySelector("[data-newer-yes]").addEventListener("click", () => choose(true));
    part.querySelector("[data-newer-no]").addEventListener("click", () => choose(false));
  };
  document.querySelectorAll("form[data-draft-url]").forEach((form) => form.querySelector("[data-newer]") && attach(form));
})();
