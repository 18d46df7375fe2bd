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
    // One file, or one field of the list as it was when it was changed: an answer to what was sent before replaces the list.
    const send = (one) => new Promise((done) => {
      const body = new FormData(form), request = new XMLHttpRequest();
      body.delete("attach");
      if (one instanceof File) body.append("attach", one, one.name);
      else body.set(one.name, one.value);
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
        const one = waiting.shift(), isFile = one instanceof File;
        if (isFile) {
          bar.hidden = false;
          bar.value = 0;
          say(box.dataset.saySending, one.name);
        }
        if (!(await send(one)) && isFile) failed.push(one);
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
      const { name, value, checked } = event.target;
      if (name === "drop" && !checked) return;
      take([{ name, value }]);
      if (name === "drop") input.focus();
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
