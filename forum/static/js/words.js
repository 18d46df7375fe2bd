/* The server's count of words after each save, [data-words][data-say="… #n …"][data-minimum], and its minutes, [data-reading].
   It is announced once, when the minimum is reached: [data-words-live][data-say]. */
(() => {
  document.addEventListener("forum:saved", (event) => {
    const count = event.detail.words, shown = event.target.querySelector("[data-words]");
    if (!shown || count === undefined) return;
    const minimum = Number(shown.dataset.minimum), live = event.target.querySelector("[data-words-live]");
    const reading = event.target.querySelector("[data-reading]");
    if (reading) reading.textContent = event.detail.reading || "";
    shown.textContent = shown.dataset.say.replace("#n", count);
    if (live) live.textContent = minimum && count >= minimum ? live.dataset.say : "";
  });
})();
