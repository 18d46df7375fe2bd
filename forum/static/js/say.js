/* "forum:say" (detail: words, or none) in a form is written into its [data-save-live], which screen readers speak. */
(() => {
  document.addEventListener("forum:say", (event) => {
    const live = event.target.querySelector("[data-save-live]"), words = event.detail || "";
    if (!live || live.textContent === words) return;
    live.textContent = words;
    live.classList.toggle("unseen", !words);
  });
})();
