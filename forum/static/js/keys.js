/* Single keys, off until body[data-keys=on]: j k posts, u next new, o open, r reply, / search, ? the list, g h home.
   Marks: article.post, .post[data-new], a[data-open], a[data-reply], [data-search], details[data-keys-list]. */
(() => {
  if (document.body.dataset.keys !== "on") return;
  let before = "";
  const all = (marks) => [...document.querySelectorAll(marks)];
  const here = () => document.activeElement.closest("article.post");
  const go = (element) => {
    if (!element) return;
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "start" });
  };
  const step = (marks, way) => {
    const posts = all(marks), now = here();
    const after = (post) => now.compareDocumentPosition(post) & (way > 0 ? 4 : 2);
    const ahead = now ? posts.filter(after) : posts;
    go(way > 0 ? ahead[0] : ahead[ahead.length - 1]);
  };
  const press = (mark) => {
    const target = (here() || document).querySelector(mark) || document.querySelector(mark);
    if (target) target.click();
  };
  const deeds = {
    j: () => step("article.post", 1),
    k: () => step("article.post", -1),
    u: () => step("article.post[data-new]", 1),
    o: () => press("[data-open], article.post details > summary"),
    r: () => press("[data-reply]"),
    "/": () => {
      const box = document.querySelector("[data-search]");
      if (box) box.focus(); else location.assign("/search");
    },
    "?": () => {
      const list = document.querySelector("[data-keys-list]");
      list.open = true;
      list.querySelector("summary").focus();
    },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]")) return;
    const pair = before + event.key;
    before = event.key === "g" ? "g" : "";
    if (pair === "gh") location.assign("/");
    else if (deeds[event.key]) deeds[event.key]();
    else return;
    event.preventDefault();
  });
})();
