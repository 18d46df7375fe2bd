/* [data-zone-line][data-shown="America/Chicago"][hidden]: one quiet line where this device's clock runs in another zone
   than the one that times are shown in. data-say and the button's data-say hold #place. Zones whose clocks agree all year
   (Asia/Calcutta and Asia/Kolkata; Paris and Madrid) are one to a reader, so nothing is said. Nothing is sent unless its
   form is; [data-zone-leave] puts the line away for this pair of zones, in this browser. */
(() => {
  const line = document.querySelector("[data-zone-line]");
  if (!line || location.pathname === "/settings/zone") return;
  const shown = line.dataset.shown, here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!here || here === shown || !/^[A-Z][A-Za-z]+\/\w/.test(here) || here.startsWith("Etc/")) return;

  const wall = (zone) => {
    const clock = new Intl.DateTimeFormat("en", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
    return (at) => clock.format(at);
  };
  const agree = () => {
    const one = wall(here), other = wall(shown), now = Date.now();
    for (let week = 0; week < 53; week++) if (one(now + week * 604800000) !== other(now + week * 604800000)) return false;
    return true;
  };
  const pair = "forum:zones-left:" + shown + ":" + here;
  try {
    if (localStorage.getItem(pair) || agree()) return;
  } catch { return; /* a zone that this browser does not know, or nowhere to remember that the line was put away */ }

  const place = here.slice(here.lastIndexOf("/") + 1).replaceAll("_", " ");
  const form = line.querySelector("form"), button = form.querySelector("button[type=submit]");
  for (const each of [line.querySelector("[data-zone-text]"), button]) each.textContent = each.dataset.say.replace("#place", place);
  form.elements.zone.value = here;
  form.action += "?next=" + encodeURIComponent(location.pathname + location.search);
  line.querySelector("[data-zone-leave]").addEventListener("click", () => {
    line.hidden = true;
    localStorage.setItem(pair, "1");
  });
  line.hidden = false;
})();
