/* Drafts save themselves: form[data-draft-url][data-place][data-seq] with textarea[name=text] and perhaps [name=title].
   POST text, seq, key, csrf_token, back? -> {seq, saved_at_text, words, refused?, newer?, back?, clock_text?, now?}.
   Speaks only when saving fails: "forum:say" (say.js), data-say-*. Tells "forum:typed" and "forum:kept" (copies.js),
   "forum:newer" (windows.js), "forum:saved" and "forum:back" (back.js). "forum:away" says that the forum did not get the
   words when it should have: the next save asks what they would count as. It never posts by itself. */
(() => {
  const attach = (form) => {
    const { text, title, seq: field } = form.elements, say = form.dataset;
    const state = form.querySelector("[data-save-state]");
    const now = () => ({ text: text.value, title: title ? title.value : "" });
    const whole = (words) => words.title.trim() + "\n" + words.text;
    const tell = (name, detail) => form.dispatchEvent(new CustomEvent("forum:" + name, { detail, bubbles: true }));
    let seq = Number(form.dataset.seq), kept = whole(now()), timer = 0, since = 0, running = null;
    let sent = false, away = false, asking = false;
    // What this window saved or tried to: words that the forum has from elsewhere are none of these.
    const mine = new Set([kept]);
    const ahead = (by) => { if (field) field.value = seq + by; };
    const body = (words, number) => {
      const fields = new URLSearchParams({ text: words.text, seq: String(number) });
      for (const name of ["csrf_token", "key", "title", "arrival", "files"]) if (form.elements[name]) fields.set(name, form.elements[name].value);
      if (form.querySelector("[name=tags]")) fields.set("tags", new FormData(form).getAll("tags").join(" "));
      if (away) fields.set("back", "1");
      return fields;
    };
    // The sentence that is to be said; empty if the forum has the words.
    const taken = (answer, told, words) => {
      if (answer.ok) {
        seq = Math.max(seq, told.seq);
        kept = whole(words);
        mine.clear();
        mine.add(kept);
        if (whole(now()) === kept) tell("kept");
        if (state) state.textContent = told.saved_at_text;
        away = false;
        tell("saved", told);
        tell("back", told.back);
        return "";
      }
      if (told.newer) {
        asking = !mine.has(whole(told.newer));
        if (asking) tell("newer", told);
        else seq = told.seq; // an answer was lost, not a save
        return asking ? say.sayNewer : "";
      }
      return told.text || ([400, 401, 403, 422].includes(answer.status) ? say.saySignIn : say.sayRefused);
    };
    const save = async (leaving) => {
      clearTimeout(timer);
      const words = now();
      if (sent || asking || (whole(words) === kept && !away) || (running && leaving !== true)) return;
      const number = running ? 2 : 1, stopped = running = new AbortController(), late = setTimeout(() => stopped.abort(), 20000);
      let said = say.sayFailed;
      mine.add(whole(words));
      ahead(number); // the form may be sent while this is under way
      try {
        // Browsers refuse keepalive bodies beyond 64 kB; the copy in the browser holds those.
        const answer = await fetch(say.draftUrl, { method: "POST", body: body(words, seq + number), signal: stopped.signal,
          keepalive: leaving === true, headers: { Accept: "application/json" } });
        if (answer.status < 500) said = taken(answer, await answer.json().catch(() => ({})), words);
      } catch { /* no network, or no answer: said below */ }
      clearTimeout(late);
      [running, since] = [null, 0];
      if (sent) return;
      ahead(0);
      away = away || said === say.sayFailed;
      tell("say", said);
      if (!asking && (away || whole(now()) !== kept)) timer = setTimeout(save, said ? 15000 : 2000);
    };
    const changed = () => {
      sent = false;
      tell("typed", now());
      clearTimeout(timer);
      since = since || Date.now();
      // Two seconds after the last key, and ten after the first for who never stops.
      timer = setTimeout(save, Math.max(0, Math.min(2000, since + 10000 - Date.now())));
    };
    for (const one of [text, title]) if (one) one.addEventListener("input", changed);
    addEventListener("pagehide", () => save(true));
    addEventListener("online", () => save());
    addEventListener("pageshow", () => { sent = false; });
    form.addEventListener("submit", () => {
      sent = true;
      clearTimeout(timer);
      if (running) running.abort();
      if (text.value) tell("typed", now());
    });
    form.addEventListener("forum:away", () => {
      [sent, away] = [false, true];
      ahead(0);
      timer = setTimeout(save, 3000);
    });
    // Which of two windows' words are to stand in the box, as windows.js heard; `seq` is the number of the other's.
    form.addEventListener("forum:chosen", (event) => {
      [asking, seq, kept] = [false, event.detail.seq, null];
      tell("say", "");
      save();
    });
  };
  document.querySelectorAll("form[data-draft-url]").forEach(attach);
})();
