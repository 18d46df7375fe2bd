/* button[data-preview-url] posts its form there and puts the HTML that comes back into [data-preview].
   Without this script the same button sends the form and the whole page comes back with the preview in it. */
(() => {
  document.querySelectorAll("button[data-preview-url]").forEach((button) => {
    button.addEventListener("click", async (event) => {
      const form = button.form, region = form.querySelector("[data-preview]");
      event.preventDefault();
      const body = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
      try {
        const answer = await fetch(button.dataset.previewUrl, { method: "POST", body });
        if (!answer.ok) throw new Error(String(answer.status));
        region.innerHTML = await answer.text();
        region.focus();
      } catch {
        // The words are in the form: the long way says what is wrong.
        form.requestSubmit(button);
      }
    });
  });
})();
