/* A POST form pressed twice is sent once. The button is never disabled; after ten seconds it may be pressed again,
   and the idempotency key keeps even that to one post. data-say-saving: words shown after a second, in [data-save-live]. */
(() => {
  const sentAt = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (Date.now() - (sentAt.get(form) || 0) < 10000) {
      event.preventDefault();
      return;
    }
    sentAt.set(form, Date.now());
    const live = form.querySelector("[data-save-live]");
    if (!live || !form.dataset.saySaving) return;
    setTimeout(() => {
      live.textContent = form.dataset.saySaving;
      live.classList.remove("unseen");
    }, 1000);
  });
  // A page taken back from the browser's memory may be sent anew.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.forms) sentAt.delete(form);
  });
})();
