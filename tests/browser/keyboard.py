"""A person at the keyboard alone: every stop of Tab must show its focus, uncovered and inside the window."""

from datetime import date

from playwright.sync_api import Locator, Page

STOPS = 250  # of Tab before what was looked for counts as out of reach

# What stands at the focus: whether it is what was looked for, and what is wrong with how it shows.
_LOOK = """(wanted) => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return { there: false, wrong: "", html: "" };
  const html = e.outerHTML.slice(0, 160);
  const outlined = (one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1 && style.outlineColor !== "rgba(0, 0, 0, 0)";
  };
  const box = e.closest("label") || e;
  if (!outlined(e) && !outlined(box)) return { there: e === wanted, wrong: "focus is not shown", html };
  const points = [];
  for (const r of e.getClientRects()) {
    const left = Math.max(r.left, 0), right = Math.min(r.right, innerWidth);
    const top = Math.max(r.top, 0), bottom = Math.min(r.bottom, innerHeight);
    if (right - left < 1 || bottom - top < 1) continue;
    for (const x of [0.1, 0.5, 0.9]) for (const y of [0.2, 0.5, 0.8]) {
      points.push([left + (right - left) * x, top + (bottom - top) * y]);
    }
  }
  if (!points.length) return { there: e === wanted, wrong: "focus is outside of the window", html };
  const hits = points.map(([x, y]) => document.elementFromPoint(x, y));
  const own = hits.some((hit) => hit && (e.contains(hit) || box.contains(hit)));
  return { there: e === wanted, wrong: own ? "" : "focus is covered", html };
}"""

_NEXT_FRAME = "() => new Promise(requestAnimationFrame)"


class Keyboard:
    """Keys on one page; what is meant is named by role and accessible name, as a screen reader would say it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, wanted: Locator) -> None:
        """Tab until `wanted` has the focus; fails where a stop does not show, or nothing leads there."""
        self._tab("Tab", wanted)

    def _tab(self, key: str, wanted: Locator) -> None:
        element = wanted.element_handle()
        rounds = 0
        for _stop in range(STOPS):
            self.page.keyboard.press(key)
            seen = self.page.evaluate(_LOOK, element)
            for _frame in range(10):
                if not seen["wrong"]:
                    break
                self.page.evaluate(_NEXT_FRAME)  # the window scrolls after the focus moved
                seen = self.page.evaluate(_LOOK, element)
            assert not seen["wrong"], f"{self.page.url}: {seen['wrong']}: {seen['html']}"
            if seen["there"]:
                return
            rounds += not seen["html"]  # past the last stop it comes to none, and begins again
            if rounds > 2:
                break
        raise AssertionError(f"{self.page.url}: no {key} leads to {wanted}")

    def follow(self, name: str, within: Locator | None = None) -> None:
        """Go to a link and open it."""
        self.to((within or self.page).get_by_role("link", name=name, exact=True).first)
        self._enter()

    def press(self, name: str, within: Locator | None = None) -> None:
        """Go to a button and press it; the page that answers is waited for."""
        self.to((within or self.page).get_by_role("button", name=name, exact=True).first)
        self._enter()

    def hand_in(self, name: str) -> None:
        """The same for a button whose answer comes into the page that is here: it is waited for by what it says."""
        self.to(self.page.get_by_role("button", name=name, exact=True).first)
        self.page.keyboard.press("Enter")

    def press_before(self, name: str) -> None:
        """The same for a button that lies before the focus: with Shift+Tab."""
        self._tab("Shift+Tab", self.page.get_by_role("button", name=name, exact=True).last)
        self._enter()

    def _enter(self) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def write(self, wanted: Locator, words: str) -> None:
        """Go to a field and put these words in place of what it holds."""
        self.to(wanted)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(words)
        assert wanted.input_value() == words

    def choose(self, wanted: Locator, option: str) -> None:
        """Go to a list and choose by typing the beginning of an option."""
        self.to(wanted)
        self.page.keyboard.type(option)
        assert wanted.evaluate("each => each.selectedOptions[0].text").startswith(option)

    def date(self, wanted: Locator, on: date) -> None:
        """Go to a date and type it, month first as this browser asks."""
        self.to(wanted)
        self.page.keyboard.type(f"{on:%m%d%Y}")
        assert wanted.input_value() == on.isoformat()

    def tick(self, wanted: Locator) -> None:
        """Go to a box and tick it."""
        self.to(wanted)
        self.page.keyboard.press("Space")
        assert wanted.is_checked()

    def radio(self, wanted: Locator) -> None:
        """Go into the group of a radio button, where Tab enters it, and by the arrows to that button."""
        name = wanted.get_attribute("name")
        ticked = self.page.locator(f'input[type=radio][name="{name}"]:checked')
        self.to(ticked if ticked.count() else self.page.locator(f'input[type=radio][name="{name}"]').first)
        self.page.keyboard.press("Space")
        for _option in range(12):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{self.page.url}: no arrow leads to {wanted}")
