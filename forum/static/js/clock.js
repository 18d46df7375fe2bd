/* In the last hour the server writes its time and what is left into [data-clock]; each save brings both anew.
   It never ticks. If the device's clock is off by more than a minute from data-now, [data-clock-off] says so. */
(() => {
  const clock = document.querySelector("[data-clock]");
  if (!clock) return;
  const compare = (forum, device) => {
    const minutes = Math.round(Math.abs(Date.parse(forum) - device) / 60000);
    const off = clock.querySelector("[data-clock-off]");
    off.textContent = Math.abs(Date.parse(forum) - device) > 60000 ? clock.dataset.sayOff.replace("#n", minutes) : "";
    if (off.textContent) clock.hidden = false;
  };
  const text = clock.querySelector("[data-clock-text]");
  // A page from the browser's memory or cache carries an old time: only a fresh answer is compared.
  const visit = performance.getEntriesByType("navigation")[0];
  if (visit && visit.type !== "back_forward" && visit.transferSize !== 0) {
    compare(clock.dataset.now, performance.timeOrigin + visit.responseStart);
  }
  document.addEventListener("forum:saved", (event) => {
    const told = event.detail;
    text.textContent = told.clock_text || ""; // once the time is over, no old "3 minutes left" stays
    if (told.now) compare(told.now, Date.now());
    clock.hidden = !text.textContent && !clock.querySelector("[data-clock-off]").textContent;
  });
})();
