/* Drafts save themselves: form[data-draft-url][data-place][data-seq] with textarea[name=text] and perhaps [name=title].
   POST text, seq, key, csrf_token -> {seq, saved_at_text, words, refused?, clock_text?, now?}.
   The browser keeps a copy under data-place until the server has the same words; what is left of an earlier visit is
   offered in [data-restore], never put back unasked. Speaks only when saving fails: [data-save-live], data-say-*. */
(() => {
  const sentMark = "forum:sent";
  const store = {
    get(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* forbidden */ } },
  };

  // The page after a post: it was taken if it says so or leads to it, and then the copy is no longer needed.
  try {
    const place = sessionStorage.getItem(sentMark);
    const target = location.hash.startsWith("#p-") && document.getElementById(location.hash.slice(1));
    if (place && (document.querySelector(".notice[data-kind=done]") || (target && target.matches(".own")))) store.drop(place);
    sessionStorage.removeItem(sentMark);
  } catch { /* no session storage: the copy is offered once more */ }

  const attach = (form) => {
    const text = form.elements.text, place = "draft:" + form.dataset.place;
    const find = (name) => form.querySelector("[" + name + "]");
    const state = find("data-save-state"), live = find("data-save-live"), offer = find("data-restore");
    const title = form.elements.title, all = () => (title ? title.value + "\n" : "") + text.value;
    let seq = Number(form.dataset.seq), kept = all(), timer = 0, sent = false, refused = false, running = null;

    const say = (words) => {
      if (!live || live.textContent === words) return;
      live.textContent = words;
      live.classList.toggle("unseen", !words);
    };
    const save = async (leaving) => {
      clearTimeout(timer);
      const words = all();
      if (sent || refused || words === kept || (running && !leaving)) return;
      const body = new URLSearchParams({ text: text.value, seq: String(++seq), csrf_token: form.elements.csrf_token.value });
      for (const name of ["key", "title", "arrival", "files"]) if (form.elements[name]) body.set(name, form.elements[name].value);
      if (form.querySelector("[name=tags]")) body.set("tags", new FormData(form).getAll("tags").join(" "));
      running = new AbortController();
      let failed = form.dataset.sayFailed;
      try {
        // Browsers refuse keepalive bodies beyond 64 kB; the copy in the browser holds those.
        const options = { method: "POST", body, signal: running.signal, keepalive: Boolean(leaving), headers: { Accept: "application/json" } };
        const answer = await fetch(form.dataset.draftUrl, options);
        const told = answer.ok || answer.status === 409 || answer.status === 422 ? await answer.json() : null;
        if (told && told.text) failed = told.text;
        else if (told && told.refused) {
          // Another window went on from here: numbers must not overtake it, so this one saves in the browser alone.
          refused = true;
          failed = form.dataset.sayRefused;
        } else if (told && answer.ok) {
          failed = "";
          seq = Math.max(seq, told.seq);
          kept = words;
          if (form.elements.seq) form.elements.seq.value = seq;
          if (all() === words) store.drop(place);
          if (state) state.textContent = told.saved_at_text;
          form.dispatchEvent(new CustomEvent("forum:saved", { detail: told, bubbles: true }));
        }
      } catch { /* no network: said below */ }
      running = null;
      if (sent) return;
      say(failed);
      if (all() !== kept) timer = setTimeout(save, failed ? 15000 : 2000);
    };

    const changed = () => {
      sent = false;
      store.set(place, { text: text.value, title: title ? title.value : "", seq });
      clearTimeout(timer);
      timer = setTimeout(save, 2000);
    };
    for (const field of [text, title]) if (field) field.addEventListener("input", changed);
    addEventListener("pagehide", () => save(true));
    form.addEventListener("submit", () => {
      sent = true;
      clearTimeout(timer);
      if (running) running.abort();
      if (text.value) store.set(place, { text: text.value, title: title ? title.value : "", seq });
      try { sessionStorage.setItem(sentMark, place); } catch { /* forbidden */ }
    });
    addEventListener("pageshow", (event) => { if (event.persisted) sent = false; });

    const copy = store.get(place);
    if (!copy || !copy.text || copy.text === text.value || !offer) return;
    find("data-restore-text").textContent = copy.text;
    offer.hidden = false;
    const close = () => { offer.hidden = true; text.focus(); };
    find("data-restore-yes").addEventListener("click", () => {
      text.value = copy.text;
      if (title && copy.title) title.value = copy.title;
      close();
      text.dispatchEvent(new Event("input", { bubbles: true }));
    });
    find("data-restore-no").addEventListener("click", () => { store.drop(place); close(); });
  };
  document.querySelectorAll("form[data-draft-url]").forEach(attach);
})();
