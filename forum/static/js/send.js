/* form[data-draft-url] is sent by this script, so that a dead network leaves the words where they are: data-say-unsent
   by "forum:say", and "forum:away". The answer is where to go on ("forum:taken", detail.until(promise): what is to be
   done before), or a page that says why not. Pressed twice it is sent once. Without this script the browser sends it. */
(() => {
  const asks = "X-Tell-Address";
  const attach = (form) => {
    let sending = false;
    const tell = (name, detail) => form.dispatchEvent(new CustomEvent("forum:" + name, { detail, bubbles: true }));
    const go = async (address) => {
      const to = new URL(address, location.href), first = [];
      tell("taken", { until: (promise) => first.push(promise) });
      await Promise.all(first);
      // To the page that is here already a browser would only scroll.
      if (to.pathname + to.search !== location.pathname + location.search) return location.assign(to);
      history.replaceState(null, "", to);
      location.reload();
    };
    const send = async (body) => {
      const hasFiles = [...body.values()].some((value) => value instanceof File && value.size);
      // Words go in an instant: a server that says nothing for so long is as good as none. The key keeps it to one post.
      const signal = hasFiles ? undefined : AbortSignal.timeout(30000);
      try {
        const answer = await fetch(form.action, { method: "POST", body, signal, headers: { [asks]: "1", Accept: "text/html" } });
        // What stands before the forum may answer for it, and keeps no words.
        return answer.headers.has(asks) ? { to: answer.headers.get(asks), page: await answer.text() } : null;
      } catch { return null; }
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (sending) return;
      sending = true;
      const body = new FormData(form), by = event.submitter, slow = setTimeout(() => tell("say", form.dataset.saySaving), 1000);
      if (by && by.name) body.append(by.name, by.value);
      const answer = await send(body);
      clearTimeout(slow);
      if (!answer) {
        sending = false;
        tell("say", form.dataset.sayUnsent);
        return tell("away");
      }
      if (answer.to) return go(answer.to);
      document.open();
      document.write(answer.page);
      document.close();
    });
    addEventListener("pageshow", (event) => { if (event.persisted) sending = false; });
  };
  document.querySelectorAll("form[data-draft-url]").forEach(attach);
})();
