/* select[data-browser-zone]: where no zone is set yet, the browser's is filled in; the person still has to save it. */
(() => {
  const choice = document.querySelector("select[data-browser-zone]");
  if (!choice) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...choice.options].some((option) => option.value === zone)) choice.value = zone;
})();
