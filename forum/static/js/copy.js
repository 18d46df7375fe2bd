/* button[data-copy="id of an input"][hidden] copies its value; [data-copied][data-say] beside it says so. */
(() => {
  document.querySelectorAll("button[data-copy]").forEach((button) => {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      const said = button.parentElement.querySelector("[data-copied]");
      source.select();
      try {
        await navigator.clipboard.writeText(source.value);
        if (said) said.textContent = said.dataset.say;
      } catch { /* not allowed: the text is selected, Ctrl+C is one step away */ }
    });
  });
})();
