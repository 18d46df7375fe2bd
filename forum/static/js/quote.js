/* a[data-quote] in a post quotes what is marked in it: the words go with its address. Without this script, or with nothing
   marked, it quotes the beginning of the post. Of a long passage only its first and last words go. */
(() => {
  const WHOLE = 300, END = 120;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-quote]");
    if (!link) return;
    const address = new URL(link.href), chosen = window.getSelection();
    const prose = link.closest("article").querySelector(".prose");
    const words = chosen.isCollapsed || !prose.contains(chosen.anchorNode) || !prose.contains(chosen.focusNode)
      ? "" : chosen.toString().trim();
    address.search = "?quote=1";
    if (words) address.searchParams.set("passage", words.length <= WHOLE ? words : words.slice(0, END));
    if (words.length > WHOLE) address.searchParams.set("until", words.slice(-END));
    link.href = address.href;
  });
})();
