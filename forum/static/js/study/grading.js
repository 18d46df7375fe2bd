/* Grading: form[data-save-url] saves as it goes; fieldset[data-criterion] holds radios .level with .name and .points.
   Keys, if body[data-keys=on]: 1-9 level, Backspace takes it back, n p students (a[data-next], a[data-previous]),
   c comment ([data-comment]). A level set by key is said in [data-level-live]: data-say-level "#c #l", data-say-undone.
   data-say-failed, data-say-unchanged: sentences. POST all fields -> {version, saved_at_text, total_text, refused?}. [data-save-ask] says when it was saved.
   [data-saves] is shown only where this runs. */
(() => {
  const form = document.querySelector("form[data-save-url]");
  if (!form) return;
  const find = (mark) => form.querySelector("[" + mark + "]");
  const fields = () => new URLSearchParams(new FormData(form));
  const words = () => {
    const written = fields();
    written.delete("version");
    return written.toString();
  };
  for (const each of form.querySelectorAll("[data-saves]")) each.hidden = false;
  let timer = 0, kept = words(), running = false, saved = "", refused = "";

  const say = (mark, text) => {
    const place = find(mark);
    if (place && place.textContent !== text) place.textContent = text;
  };
  const save = async (leaving) => {
    clearTimeout(timer);
    const sent = words();
    if (sent === kept || running || refused) return;
    running = true;
    let problem = form.dataset.sayFailed;
    try {
      const options = { method: "POST", body: fields(), keepalive: leaving === true, headers: { Accept: "application/json" } };
      const answer = await fetch(form.dataset.saveUrl, options);
      const told = answer.ok || answer.status === 409 ? await answer.json() : null;
      if (told && told.refused) problem = refused = told.refused;
      else if (told) {
        problem = "";
        kept = sent;
        saved = told.saved_at_text;
        form.elements.version.value = told.version;
        say("data-total", told.total_text);
      }
    } catch { /* no network: said below */ }
    running = false;
    say("data-save-live", problem);
    if (words() !== kept && !refused) timer = setTimeout(save, problem ? 15000 : 1000);
  };
  form.addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(save, event.target.matches("textarea") ? 2000 : 300);
  });
  addEventListener("pagehide", () => save(true));
  const ask = find("data-save-ask");
  if (ask) ask.addEventListener("click", async () => {
    await save();
    say("data-level-live", "");
    say("data-level-live", refused || (words() === kept ? saved || form.dataset.sayUnchanged : form.dataset.sayFailed));
  });

  if (document.body.dataset.keys !== "on") return;
  const criteria = [...form.querySelectorAll("[data-criterion]")], deeds = [];
  const chosen = (criterion) => criterion.querySelector("input:checked");
  const tell = (criterion, pattern, level) => {
    say("data-level-live", pattern.replace("#c", criterion.dataset.criterion).replace("#l", level));
  };
  const changed = (criterion) => criterion.dispatchEvent(new Event("input", { bubbles: true }));
  const setLevel = (number) => {
    const focused = document.activeElement.closest("[data-criterion]");
    const criterion = focused || criteria.find((one) => !chosen(one)) || criteria[0];
    const level = criterion && criterion.querySelectorAll("input[type=radio]")[number - 1];
    if (!level) return;
    deeds.push([criterion, chosen(criterion)]);
    level.checked = true;
    const parts = [...level.closest(".level").querySelectorAll(".name, .points")];
    tell(criterion, form.dataset.sayLevel, parts.map((part) => part.textContent).join(", "));
    changed(criterion);
    const next = criteria[criteria.indexOf(criterion) + 1];
    if (focused && next) (chosen(next) || next.querySelector("input")).focus();
  };
  const takeBack = () => {
    const [criterion, before] = deeds.pop() || [];
    if (!criterion) return;
    if (before) before.checked = true; else chosen(criterion).checked = false;
    tell(criterion, form.dataset.sayUndone, "");
    (before || criterion.querySelector("input")).focus();
    changed(criterion);
  };
  const follow = (mark) => {
    const link = document.querySelector("a[" + mark + "]");
    if (link) link.click();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]")) return;
    if (/^[1-9]$/.test(event.key)) setLevel(Number(event.key));
    else if (event.key === "Backspace") takeBack();
    else if (event.key === "n") follow("data-next");
    else if (event.key === "p") follow("data-previous");
    else if (event.key === "c") find("data-comment").focus();
    else return;
    event.preventDefault();
  });
})();
