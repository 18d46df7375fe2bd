/* [data-attach-url] in a form: chosen, dropped and pasted files ("forum:files") are sent at once, one after the other, with a
   <progress>; the answer is the list [data-attached] anew, and the files are the draft's. What cannot be sent stays in
   the input, which goes with the form. Words for pictures and what is taken away are kept at once, too. */
(() => {
  document.querySelectorAll("[data-attach-url]").forEach((box) => {
    const form = box.closest("form"), find = (name) => box.querySelector("[data-" + name + "]");
    const input = box.querySelector("input[type=file]"), list = find("attached"), bar = find("attach-bar"), live = find("attach-live");
    const waiting = [], failed = [];
    let busy = false, then = null;
    const say = (words, name = "") => { live.textContent = words.replace("#name", name); };
    const send = (file) => new Promise((done) => {
      const body = new FormData(form), request = new XMLHttpRequest();
      body.delete("attach");
      if (file) body.append("attach", file, file.name);
      request.open("POST", box.dataset.attachUrl);
      request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
      request.addEventListener("loadend", () => {
        const taken = (request.status === 200 || request.status === 422) && request.responseText.includes('name="files"');
        if (taken) list.innerHTML = request.responseText;
        done(taken);
      });
      request.send(body);
    });
    const next = async () => {
      if (busy) return;
      busy = true;
      failed.length = 0;
      while (waiting.length) {
        const file = waiting.shift();
        if (file) {
          bar.hidden = false;
          bar.value = 0;
          say(box.dataset.saySending, file.name);
        }
        if (!(await send(file)) && file) failed.push(file);
      }
      busy = false;
      bar.hidden = true;
      const problem = list.querySelector("#attach-error");
      say(failed.length ? box.dataset.sayFailed : problem ? problem.textContent : box.dataset.saySent, failed.map((file) => file.name).join(", "));
      const left = new DataTransfer();
      failed.forEach((file) => left.items.add(file));
      input.files = left.files;
      if (!then) return;
      const by = then.by;
      then = null;
      if (!failed.length) form.requestSubmit(by);
    };
    const take = (files) => {
      waiting.push(...files);
      next();
    };
    input.addEventListener("change", () => take(input.files));
    form.addEventListener("forum:files", (event) => {
      event.preventDefault();
      take(event.detail);
    });
    const brings = (event) => [...(event.dataTransfer ? event.dataTransfer.types : [])].includes("Files");
    form.addEventListener("dragover", (event) => { if (brings(event)) event.preventDefault(); });
    form.addEventListener("drop", (event) => {
      if (!brings(event) || event.target === input) return;
      event.preventDefault();
      take(event.dataTransfer.files);
    });
    list.addEventListener("change", (event) => {
      const dropped = event.target.name === "drop";
      take([null]);
      if (dropped) input.focus();
    });
    // What is being sent is waited for: the form goes once all of it is there.
    form.addEventListener("submit", (event) => {
      if (!busy) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      then = { by: event.submitter };
    });
  });
})();
