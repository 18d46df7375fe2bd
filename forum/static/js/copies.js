/* The browser's own copies of what is typed, until the forum has the same words. IndexedDB holds them: what it has
   taken survives a browser that is killed at once. One copy a window, so that two never overwrite each other.
   form[data-draft-url] tells "forum:typed" (detail: text, title), "forum:kept" and "forum:taken" (the forum has these words)
   and "forum:aside" (detail: text, title; words to be offered later). What is left of earlier visits is offered in
   [data-restore], never put back unasked; put back, it is asked what it would count as: "forum:away". */
(() => {
  const newId = () => Date.now().toString(36) + Math.random().toString(36).slice(2);
  const opened = new Promise((take, fail) => {
    const asked = indexedDB.open("forum", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("copies", { keyPath: "id" }).createIndex("place", "place");
    asked.onsuccess = () => take(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  opened.catch(() => { /* forbidden here: the forum's own drafts remain */ });
  const ask = async (mode, deed) => {
    try {
      const held = (await opened).transaction("copies", mode), asked = deed(held.objectStore("copies"));
      return await new Promise((take, fail) => {
        held.oncomplete = () => take(asked.result);
        held.onabort = held.onerror = () => fail(held.error);
      });
    } catch { return undefined; }
  };
  const drop = (id) => ask("readwrite", (copies) => copies.delete(id));
  const words = (one) => [one.title, one.text].map((part) => part.trim()).filter(Boolean).join("\n\n");

  const attach = async (form) => {
    const { text, title } = form.elements, place = "draft:" + form.dataset.place, id = newId();
    const find = (name) => form.querySelector("[" + name + "]"), offer = find("data-restore");
    const here = () => ({ text: text.value, title: title ? title.value : "" });
    const copy = (detail, of) => ({ id: of, place, text: detail.text, title: detail.title || "", at: Date.now() });
    let latest = null, writing = null;
    // One write at a time, the newest words last: a fast writer waits for nothing.
    const write = async () => {
      while (latest) {
        const next = latest;
        latest = null;
        await ask("readwrite", (copies) => (next.gone ? copies.delete(id) : copies.put(next)));
      }
      writing = null;
    };
    const put = (next) => {
      latest = next;
      writing = writing || write();
      return writing;
    };
    form.addEventListener("forum:typed", (event) => put(copy(event.detail, id)));
    form.addEventListener("forum:kept", () => put({ gone: true }));
    form.addEventListener("forum:taken", (event) => event.detail.until(put({ gone: true })));
    form.addEventListener("forum:aside", (event) => ask("readwrite", (copies) => copies.put(copy(event.detail, newId()))));
    if (!offer) return;

    const all = (await ask("readonly", (copies) => copies.index("place").getAll(place))) || [];
    const needed = (one) => words(one) && words(one) !== words(here());
    for (const one of all) if (!needed(one)) drop(one.id);
    const left = all.filter(needed).sort((one, other) => other.at - one.at);
    const show = () => {
      offer.hidden = !left.length;
      if (left.length) find("data-restore-text").textContent = words(left[0]);
    };
    const next = () => {
      drop(left.shift().id);
      show();
      text.focus();
    };
    find("data-restore-yes").addEventListener("click", () => {
      // What stands in the box is kept: the two change places.
      if (words(here())) form.dispatchEvent(new CustomEvent("forum:aside", { detail: here() }));
      text.value = left[0].text;
      if (title && left[0].title) title.value = left[0].title;
      text.dispatchEvent(new Event("input", { bubbles: true }));
      form.dispatchEvent(new CustomEvent("forum:away"));
      next();
    });
    find("data-restore-no").addEventListener("click", next);
    show();
  };
  document.querySelectorAll("form[data-draft-url]").forEach(attach);
})();
