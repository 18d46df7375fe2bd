"""A browser that has a page is told again that it is unchanged: it alone, and at the site's own address."""

from tests.conftest import Site
from tests.slices.test_kept_pages import answer_to, known, path_of
from tests.world import World


def test_what_one_browser_has_is_not_told_to_another(site: Site, world: World) -> None:
    ana, path = site.client("ana"), path_of(world)
    mark = known(ana, path)
    assert answer_to(site.client("ben"), path, **{"If-None-Match": mark}).status_code == 200
    assert answer_to(site.app.test_client(), path, **{"If-None-Match": mark}).status_code == 302
    name = site.app.config["SESSION_COOKIE_NAME"]
    bare = site.app.test_client(use_cookies=False)
    has = {"If-None-Match": mark, "Cookie": f"{name}={ana.get_cookie(name).value}"}
    assert answer_to(bare, path, **has).status_code == 304
    assert answer_to(bare, path, **has, Host="evil.example").status_code == 400
