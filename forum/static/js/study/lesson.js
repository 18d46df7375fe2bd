/* a[data-seek="seconds"] moves the player [data-media] there and plays on; without this script the link leads to the player. */
(() => {
  const film = document.querySelector("[data-media]");
  if (!film) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-seek]");
    if (!link) return;
    event.preventDefault();
    film.currentTime = Number(link.dataset.seek);
    film.focus();
    film.play().catch(() => { /* the browser wants a press on the player itself */ });
  });
})();
