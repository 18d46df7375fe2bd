"""Cartridges for tests: manifests, topics, links and Canvas's own files, as course systems write them."""

from __future__ import annotations

import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from forum.interop.cartridges import Cartridge
from tests.files.archive_builder import zip_of

ASSOCIATED = "associatedcontent/imscc_xmlv1p1/learning-application-resource"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20

_CANVAS = 'xmlns="http://canvas.instructure.com/xsd/cccv1p0"'


@dataclass
class CartridgeBuilder:
    """Gathers files, resources and items; `version` as in the names of the schemas, `1p1`."""

    version: str = "1p1"
    title: str = "Rivers of Europe"
    files: dict[str, bytes | str] = field(default_factory=dict)
    resources: list[str] = field(default_factory=list)
    items: str = ""
    extra: str = ""

    def resource(
        self,
        identifier: str,
        kind: str,
        href: str = "",
        files: Sequence[str] = (),
        depends: Sequence[str] = (),
        inner: str = "",
        attributes: str = "",
    ) -> None:
        """A resource as it is written in the manifest; `href` is its first file."""
        listed = "".join(
            f'<file href="{html.escape(path)}"/>' for path in (files or ([href] if href else []))
        )
        needs = "".join(f'<dependency identifierref="{other}"/>' for other in depends)
        where = f' href="{html.escape(href)}"' if href else ""
        start = f'<resource identifier="{identifier}" type="{kind}"{where} {attributes}>'
        self.resources.append(f"{start}{inner}{listed}{needs}</resource>")

    def page(self, identifier: str, path: str, body: str, head: str = "") -> None:
        """A page of web content."""
        self.files[path] = f"<html><head>{head}</head><body>{body}</body></html>"
        self.resource(identifier, "webcontent", path)

    def file(self, identifier: str, path: str, content: bytes | str) -> None:
        """A file of web content."""
        self.files[path] = content
        self.resource(identifier, "webcontent", path)

    def link(self, identifier: str, title: str, url: str) -> None:
        """A link to the web."""
        self.files[f"{identifier}.xml"] = (
            f'<wl:webLink xmlns:wl="http://www.imsglobal.org/xsd/imsccv{self.version}/imswl_v{self.version}">'
            f'<title>{title}</title><url href="{html.escape(url)}"/></wl:webLink>'
        )
        self.resource(identifier, f"imswl_xmlv{self.version}", files=[f"{identifier}.xml"])

    def topic(
        self,
        identifier: str,
        title: str,
        prompt: str,
        meta: str | None = None,
        inner: str = "",
        **resource: Sequence[str],
    ) -> None:
        """A discussion; `meta` is what stands in Canvas's file beside it."""
        self.files[f"{identifier}.xml"] = (
            f'<topic xmlns="http://www.imsglobal.org/xsd/imsccv{self.version}/imsdt_v{self.version}">'
            f'<title>{title}</title><text texttype="text/html">{html.escape(prompt)}</text>{inner}</topic>'
        )
        depends = list(resource.get("depends", ()))
        if meta is not None:
            path = f"{identifier}_meta.xml"
            self.files[path] = (
                f'<topicMeta identifier="{identifier}_meta" {_CANVAS}>\n<topic_id>{identifier}</topic_id>\n'
                f"{meta}</topicMeta>"
            )
            kind = "associatedcontent/imscc_xmlv1p1/learning-application-resource"
            self.resource(f"{identifier}_meta", kind, path)
            depends.append(f"{identifier}_meta")
        self.resource(identifier, f"imsdt_xmlv{self.version}", files=[f"{identifier}.xml"], depends=depends)

    def canvas(self, course: str = "", modules: str = "", more: Mapping[str, str] | None = None) -> None:
        """What Canvas adds: settings of the course, its modules, other files of course_settings."""
        folder = "course_settings/"
        self.files[folder + "canvas_export.txt"] = "made for a test"
        self.files[folder + "course_settings.xml"] = f'<course identifier="c" {_CANVAS}>{course}</course>'
        self.files[folder + "module_meta.xml"] = f"<modules {_CANVAS}>\n{modules}</modules>"
        for name, content in (more or {}).items():
            self.files[folder + name] = content
        listed = [path for path in self.files if path.startswith(folder)]
        kind = "associatedcontent/imscc_xmlv1p1/learning-application-resource"
        self.resource("settings", kind, folder + "canvas_export.txt", listed)

    def manifest(self) -> str:
        """The manifest as it stands."""
        contents = f'<organization identifier="o"><item identifier="root">{self.items}</item></organization>'
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<manifest identifier="m" xmlns="http://www.imsglobal.org/xsd/imsccv{self.version}/imscp_v1p1"'
            f' xmlns:lom="http://ltsc.ieee.org/xsd/imsccv{self.version}/LOM/manifest">\n'
            f"<metadata><schema>IMS Common Cartridge</schema>"
            f"<schemaversion>{self.version.replace('p', '.')}.0</schemaversion>"
            f"<lom:lom><lom:general><lom:title>"
            f"<lom:string>{self.title}</lom:string></lom:title></lom:general></lom:lom></metadata>\n"
            f"<organizations>{contents if self.items else ''}</organizations>\n"
            f"{self.extra}<resources>\n" + "\n".join(self.resources) + "\n</resources></manifest>"
        )

    def archive(self, folder: str = "") -> io.BytesIO:
        """The cartridge; its files in `folder` if somebody zipped that."""
        files = {"imsmanifest.xml": self.manifest(), **self.files}
        return zip_of({folder + path: content for path, content in files.items()})


def item(identifier: str, title: str, reference: str = "", below: str = "", attributes: str = "") -> str:
    """An item of the table of contents."""
    refers = f' identifierref="{reference}"' if reference else ""
    name = f"<title>{title}</title>" if title else ""
    return f'<item identifier="{identifier}"{refers} {attributes}>{name}{below}</item>\n'


def canvas_item(identifier: str, content: str, title: str, reference: str = "", more: str = "") -> str:
    """An item of a module as Canvas writes it."""
    refers = f"<identifierref>{reference}</identifierref>" if reference else ""
    return (
        f'<item identifier="{identifier}"><content_type>{content}</content_type>'
        f"<title>{title}</title>{refers}{more}</item>\n"
    )


def outline(course: Cartridge) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """Modules with their items: kind, title, indent."""
    return [(m.title, [(str(i.kind), i.title, i.indent) for i in m.items]) for m in course.modules]
