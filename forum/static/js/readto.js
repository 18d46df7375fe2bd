/* form[data-read-to] posts the mark "read to here" without leaving the place: its answer {text} goes into
   [data-read-to-state]. Without this script, or without an answer, the form is sent as it is. */
(() => {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("[data-read-to]")) return;
    event.preventDefault();
    try {
      const options = { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" } };
      const answer = await fetch(form.action, options);
      if (!answer.ok) throw new Error(String(answer.status));
      form.querySelector("[data-read-to-state]").textContent = (await answer.json()).text;
      document.querySelectorAll(".post[data-new]").forEach((post) => post.removeAttribute("data-new"));
    } catch {
      form.submit();
    }
  }, true);
})();
