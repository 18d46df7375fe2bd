/* After a refused form the error summary takes focus: [data-focus]. */
(() => {
  const summary = document.querySelector("[data-focus]");
  if (summary) summary.focus();
})();
