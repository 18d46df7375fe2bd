"""Can a person read what they took away, from their own disk and without a network?"""

import io
import zipfile
from pathlib import Path

from tests.browser.conftest import Served
from tests.slices.file_steps import picture, reply_with


def test_the_document_is_read_from_a_disk_without_a_network(served: Served, tmp_path: Path) -> None:
    site = served.site
    ana = site.client("ana")
    text = "A **bold** word, a formula $x^2$ and [a page](https://elsewhere.example.org/) of somebody else's."
    assert reply_with(ana, site, [(picture("PNG"), "Map.png")], text=text).status_code == 303
    page = served.browser("ana").new_page()
    page.goto("/mine")
    page.get_by_role("link", name="Take away what you wrote").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="HIST-204, Cities and their rivers").click()
    with zipfile.ZipFile(io.BytesIO(Path(started.value.path()).read_bytes())) as opened:
        opened.extractall(tmp_path)
    (document,) = tmp_path.glob("*/my-posts.html")
    context = served.chromium.new_context(offline=True, viewport={"width": 320, "height": 640})
    reader = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    reader.on("console", lambda message: said.append(message.text))
    reader.goto(document.as_uri())
    assert reader.locator("strong").inner_text() == "bold"
    assert reader.evaluate("[...document.images].map(each => each.naturalWidth)") == [60]
    assert reader.evaluate("document.documentElement.scrollWidth") <= 320
    assert reader.evaluate("getComputedStyle(document.querySelector('.text')).borderLeftWidth") == "3px"
    assert {url.partition(":")[0] for url in asked} == {"file"}
    assert said == []
    context.close()
