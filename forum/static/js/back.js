/* [data-back] in form[data-draft-url]: what the forum says of the words that it did not get when it was asked to ("forum:back",
   detail: text and url, or nothing once it is old): [data-back-text], and [data-back-link] to a post that it did get. */
(() => {
  document.querySelectorAll("form[data-draft-url] [data-back]").forEach((part) => {
    const link = part.querySelector("[data-back-link]");
    part.closest("form").addEventListener("forum:back", (event) => {
      const told = event.detail;
      part.hidden = !told;
      if (!told) return;
      part.querySelector("[data-back-text]").textContent = told.text;
      link.hidden = !told.url;
      if (told.url) link.href = told.url;
    });
  });
})();
