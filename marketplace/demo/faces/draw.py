"""Draw the demo faces, and turn the demo pictures into bitmaps.

    python -m marketplace.demo.faces.draw

The bitmaps are kept with the code; run this after changing a face below or an SVG in `../pictures`. Chromium does the
rendering, through the Playwright of the development requirements, so the same drawing always gives the same pixels.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

FACES_DIR = Path(__file__).parent
PICTURES_DIR = FACES_DIR.parent / "pictures"
FACE_SIZE = (256, 256)
WEBP_QUALITY = 84

EYES = "#2a211d"
GLASSES = "#2f2a28"
BRASS = "#d9a441"

SKINS = {  # face, shade
    "rose": ("#f5d6bd", "#e2b595"),
    "sand": ("#f1c9a5", "#dca77e"),
    "honey": ("#e3b48a", "#c8925f"),
    "copper": ("#c68a5c", "#a86f44"),
    "umber": ("#a9714a", "#8b5833"),
    "walnut": ("#996543", "#7a4c2e"),
    "cocoa": ("#7a4c33", "#5f3824"),
}

LONG_BACK = '<path d="M27 44c0-20 9-29 21-29s21 9 21 29c0 14 3 22 4 30H23c1-8 4-16 4-30z"/>'
CROP = '<path d="M31 38c0-15 6-21 17-21s17 6 17 21c-2-6-5-10-8-11-6-1-12-1-18 0-3 1-6 5-8 11z"/>'
SIDE_PART = '<path d="M30 42c-2-17 5-27 18-27s21 9 18 27c-2-5-3-8-5-11-8-1-16-4-21-9-2 6-6 12-10 20z"/>'

HAIR = {  # behind the head, in front of it; filled with the hair's colour
    "bald": (
        "",
        '<path d="M31 43c-1-5-1-9 1-13 0 5 1 8 1 12zM65 43c1-5 1-9-1-13 0 5-1 8-1 12z"/>',
    ),
    "bob": (
        '<path d="M26 58c-3-22 2-43 22-43s25 21 22 43c-4 3-8 3-10 2H36c-2 1-6 1-10-2z"/>',
        '<path d="M30 44c0-16 5-25 18-25s18 9 18 25c-2-6-4-9-8-11-9 2-20 1-24-1-1 3-2 6-3 12z"/>',
    ),
    "bun": (
        '<circle cx="48" cy="13" r="8"/><path d="M28 46c-2-20 6-29 20-29s22 9 20 29z"/>',
        '<path d="M31 42c0-13 6-20 17-20s17 7 17 20c-4-9-10-13-17-13s-13 4-17 13z"/>',
    ),
    "crop": ("", CROP),
    "curls": (
        (
            '<circle cx="29" cy="38" r="8"/><circle cx="32" cy="27" r="9"/><circle cx="41" cy="19" r="9"/>'
            '<circle cx="54" cy="18" r="9"/><circle cx="64" cy="26" r="9"/><circle cx="67" cy="38" r="8"/>'
            '<circle cx="27" cy="48" r="6"/><circle cx="69" cy="48" r="6"/>'
        ),
        (
            '<circle cx="35" cy="27" r="6"/><circle cx="43" cy="24" r="6"/><circle cx="52" cy="23" r="6"/>'
            '<circle cx="60" cy="27" r="6"/>'
        ),
    ),
    "fringe": (
        LONG_BACK,
        '<path d="M30 43c-1-16 6-24 18-24s19 8 18 24c-1-4-1-6-2-8-10 1-22 1-32 0-1 2-1 4-2 8z"/>',
    ),
    "halo": (
        '<path d="M48 8c18 0 28 11 28 27 0 8-3 14-7 18H27c-4-4-7-10-7-18C20 19 30 8 48 8z"/>',
        '<path d="M30 41c0-14 6-21 18-21s18 7 18 21c-3-9-9-12-17-12s-14 3-17 12z"/>',
    ),
    "locs": (
        (
            '<path d="M29 66c-3-16-3-30 2-42M24 60c-2-12 0-24 6-34M67 66c3-16 3-30-2-42M72 60c2-12 0-24-6-34" '
            'fill="none" stroke="{hair}" stroke-width="5" stroke-linecap="round"/>'
        ),
        (
            '<path d="M30 40c-1-17 6-24 18-24s19 7 18 24c-3-7-6-10-9-12-2 3-4 4-5 0-2 4-5 4-6 0-2 4-5 3-6 '
            '1-4 2-7 5-10 11"/>'
        ),
    ),
    "long": (
        LONG_BACK,
        '<path d="M31 42c-1-15 6-22 17-22s18 7 17 22c-3-8-8-12-13-15-5 6-13 9-21 15z"/>',
    ),
    "plaits": (
        '<path d="M28 40c0-17 8-25 20-25s20 8 20 25l4 34c-3 4-8 4-10 1l-2-30H36l-2 30c-2 3-7 3-10-1z"/>',
        '<path d="M31 42c0-14 6-21 17-21s17 7 17 21c-3-8-9-11-16-17-5 5-13 9-18 17z"/>',
    ),
    "ponytail": ('<path d="M60 20c14-2 20 18 14 44-7-5-9-16-11-26z"/>', SIDE_PART),
    "scarf": (
        '<path d="M48 12c17 0 25 13 25 32 0 14 6 22 8 32H15c2-10 8-18 8-32 0-19 8-32 25-32z"/>',
        (
            '<path fill-rule="evenodd" d="M48 15c15 0 22 12 22 29 0 17-9 30-22 30S26 61 26 44c0-17 7-29 22-29zm0 9c-10 '
            '0-15 7-15 18 0 12 6 22 15 22s15-10 15-22c0-11-5-18-15-18z"/>'
        ),
    ),
    "side-part": ("", SIDE_PART),
    "swept": (
        "",
        '<path d="M30 43c-3-19 5-28 18-28 14 0 21 9 18 28-1-6-3-9-5-12-7 0-15-2-19-6-2 4-7 7-9 9-1 3-2 5-3 9z"/>',
    ),
    "thick": (
        "",
        '<path d="M30 42c-3-18 6-27 19-27 12 0 20 8 17 27-2-2-2-8-4-12-6 1-19 2-27-2-3 4-3 10-5 14z"/>',
    ),
}

EXTRAS = {  # drawn last; `{hair}` is the hair's colour, `{trim}` that of cloth on the head
    "beard": (
        '<path fill="{hair}" d="M31.5 46c.5 14 7 19.5 16.5 19.5S64 60 64.5 46c-2 4-4 6-6 6.2-3-1.7-6.5-1.9-10.5-.4-4'
        '-1.5-7.5-1.3-10.5.4-2-.2-4-2.2-6-6.2zm11.5 9q5 2.5 10 0c-1 4-9 4-10 0z"/>'
    ),
    "beanie": (
        '<path fill="{trim}" d="M29 34c-1-17 7-24 19-24s20 7 19 24z"/>'
        '<rect x="27.5" y="29" width="41" height="7.5" rx="3.5" fill="{trim}"/>'
        '<rect x="27.5" y="29" width="41" height="7.5" rx="3.5" fill="#fff" opacity=".22"/>'
    ),
    "collar": '<path fill="#fbfaf7" opacity=".9" d="M38 71l10 11 10-11 4 3-9 12-5-4-5 4-9-12z"/>',
    "earrings": f'<circle cx="31" cy="51" r="1.9" fill="{BRASS}"/><circle cx="65" cy="51" r="1.9" fill="{BRASS}"/>',
    "glasses": (
        f'<g fill="none" stroke="{GLASSES}" stroke-width="1.5"><rect x="35.5" y="39" width="11" height="9" rx="4"/>'
        '<rect x="49.5" y="39" width="11" height="9" rx="4"/><path d="M46.5 42q1.5-1 3 0"/></g>'
    ),
    "moustache": (
        '<path fill="{hair}" d="M39.5 54c2.5-3.4 6-3.2 8.5-1.6 2.5-1.6 6-1.8 8.5 1.6-3 1.4-6.3 1.2-8.5-.2-2.2 '
        '1.4-5.5 1.6-8.5.2z"/>'
    ),
    "turban": (
        '<path fill="{trim}" d="M27 38c-4-20 7-31 21-31s25 11 21 31c-6-8-13-11-21-12-8 1-15 4-21 12z"/>'
        '<path d="M29 30c9-9 21-14 36-11M34 17c8-3 18-3 27 3M48 26c1-5 0-9-3-13" fill="none" stroke="#000" '
        'stroke-opacity=".18" stroke-width="1.6" stroke-linecap="round"/>'
    ),
    "wrap": (
        '<circle cx="63" cy="13" r="8" fill="{trim}"/>'
        '<path fill="{trim}" d="M28 37C23 15 35 5 49 6c16 0 24 13 19 31-5-8-12-11-20-11s-15 3-20 11z"/>'
        '<path d="M31 27c9-8 22-12 36-8M58 10c4 3 8 4 12 2" fill="none" stroke="#fff" stroke-opacity=".45" '
        'stroke-width="2" stroke-linecap="round"/>'
    ),
}


@dataclass(frozen=True)
class Face:
    ground: str
    coat: str
    skin: str
    style: str
    hair: str
    extras: tuple[str, ...] = ()
    trim: str = "#375a6b"
    brows: str = ""

    def svg(self) -> str:
        """The drawing, 96 units square."""
        face, shade = SKINS[self.skin]
        back, front = HAIR[self.style]
        parts = [
            f'<g fill="{self.hair}">{back}</g>',
            f'<path d="M12 96c1-19 14-24 36-24s35 5 36 24z" fill="{self.coat}"/>',
            f'<path d="M40 58h16v13c0 8-16 8-16 0z" fill="{shade}"/>',
            f'<g fill="{face}"><ellipse cx="48" cy="43" rx="17" ry="21"/>{self._ears()}</g>',
            EXTRAS["beard"] if "beard" in self.extras else "",
            f'<path d="M38 38.5q3-1.8 6 0M52 38.5q3-1.8 6 0" stroke="{self.brows or "{hair}"}" {_LINE}/>',
            f'<g fill="{EYES}"><circle cx="41" cy="43.5" r="1.5"/><circle cx="55" cy="43.5" r="1.5"/></g>',
            f'<path d="M48 44.5c-.5 3-1.4 4.5-1 5.5.6 1 1.6.8 2.2.6" stroke="{shade}" {_LINE}/>',
            f'<path d="M42.5 55.5q5.5 3.8 11 0" stroke="{EYES}" stroke-opacity=".75" {_LINE}/>',
            f'<g fill="{self.hair}">{front}</g>',
            *(EXTRAS[extra] for extra in self.extras if extra != "beard"),
        ]
        drawn = "".join(parts).replace("{hair}", self.hair).replace("{trim}", self.trim)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">'
            f'<path fill="{self.ground}" d="M0 0h96v96H0z"/><g transform="translate(0 5)">{drawn}</g></svg>'
        )

    def _ears(self) -> str:
        if self.style == "scarf":
            return ""
        return '<ellipse cx="31" cy="45" rx="3" ry="4.5"/><ellipse cx="65" cy="45" rx="3" ry="4.5"/>'


_LINE = 'stroke-width="1.5" fill="none" stroke-linecap="round"'

FACES = {
    "abdoulaye": Face("#dde3ea", "#2f5d50", "cocoa", "crop", "#171211", ("beard",)),
    "achieng": Face("#efdccb", "#2c6a57", "cocoa", "bun", "#191312"),
    "aisha": Face("#e6dfd0", "#6b4a72", "walnut", "scarf", "#a8567a", brows="#1b1413"),
    "amara": Face("#e7d3b1", "#b7791f", "cocoa", "halo", "#1d1614"),
    "arash": Face("#dcdfe6", "#4a5a6a", "honey", "thick", "#1f1a1a", ("beard", "glasses")),
    "arjun": Face("#dde6dc", "#7d6a4d", "umber", "swept", "#1a1514", ("glasses",)),
    "bartosz": Face("#d8e1dc", "#5b6b4a", "sand", "crop", "#a67c4a", ("beard",)),
    "beatriz": Face("#ecdfd2", "#2f6f73", "honey", "curls", "#3a241a", ("earrings",)),
    "bjorn": Face(
        "#d6e0e8",
        "#7a3f2c",
        "rose",
        "swept",
        "#c79a5b",
        ("beard", "beanie"),
        trim="#2f4858",
    ),
    "camille": Face("#e9dfe4", "#31506b", "rose", "fringe", "#7b4a2d"),
    "carmo": Face(
        "#e3e6da",
        "#27536b",
        "honey",
        "bob",
        "#8d8780",
        ("earrings", "glasses"),
        brows="#5f5852",
    ),
    "dmytro": Face("#dcd9e3", "#45505c", "rose", "thick", "#b08d5b"),
    "edilson": Face("#e5dccb", "#b0532f", "walnut", "locs", "#1c1413"),
    "elif": Face("#e8e0d6", "#8a3f4a", "sand", "ponytail", "#4a2c1e", ("earrings",)),
    "emeka": Face("#dfe6dd", "#27456b", "cocoa", "crop", "#171211", ("moustache", "collar")),
    "ferhat": Face("#e4dccb", "#375a6b", "honey", "thick", "#2c2421", ("beard", "glasses")),
    "folasade": Face(
        "#e9dccf",
        "#7a2f4a",
        "cocoa",
        "crop",
        "#171211",
        ("wrap", "earrings"),
        trim="#c2571a",
    ),
    "giulia": Face("#ecdcd0", "#3f6a70", "honey", "bun", "#37241c"),
    "gurpreet": Face(
        "#e6e2d4",
        "#3a4f6b",
        "copper",
        "crop",
        "#2a2322",
        ("beard", "turban"),
        trim="#c2862f",
    ),
    "hakon": Face("#d9e3e6", "#3a5a4a", "rose", "side-part", "#d3b277", ("beard",)),
    "halina": Face("#e6e1d6", "#6b5b8a", "rose", "curls", "#d2ccc4", ("glasses",), brows="#7b756e"),
    "hetal": Face("#f0dfc0", "#a2452f", "copper", "plaits", "#191314", ("earrings",)),
    "ignacio": Face("#dde3d6", "#4d5c50", "copper", "side-part", "#4b4542", ("moustache",)),
    "ingeborg": Face("#dbe5e4", "#8a4f42", "rose", "bob", "#c9c5bf", ("glasses",), brows="#7b756e"),
    "joao": Face("#d9e2e6", "#a85a3a", "umber", "crop", "#231915", ("beard",)),
    "kenichi": Face("#e3e0d8", "#2f4858", "sand", "side-part", "#6d6965", ("glasses", "collar")),
    "khalid": Face("#e6e0d0", "#5b5348", "honey", "side-part", "#201a18", ("beard",)),
    "kwame": Face("#dfe4ea", "#8c3d2c", "walnut", "crop", "#171211"),
    "laith": Face("#e1e4da", "#3c4f66", "honey", "curls", "#241b18", ("beard",)),
    "leila": Face("#dfe3d3", "#7b4b5b", "honey", "scarf", "#5f7f8c", brows="#2a1d18"),
    "mariam": Face("#e4dbe3", "#1f4d4d", "sand", "bob", "#2a1c1a", ("earrings",)),
    "mateusz": Face("#cfdcd6", "#2f4858", "sand", "swept", "#7a5433", ("beard",)),
    "minjun": Face("#dbe3e8", "#b7791f", "rose", "thick", "#1d1a1c"),
    "misaki": Face("#e9d9d3", "#3d5a4c", "rose", "bob", "#1f1a1c"),
    "mohammed": Face(
        "#e5ddd0",
        "#2c6a57",
        "copper",
        "crop",
        "#1c1513",
        ("beard", "beanie"),
        trim="#6b4a2f",
    ),
    "neelam": Face("#f0e0cf", "#7a2f5a", "copper", "long", "#1a1415", ("earrings", "glasses")),
    "nhung": Face("#d7e4d4", "#c08a3e", "honey", "long", "#18151a"),
    "niamh": Face("#e8e4cf", "#2d5566", "rose", "long", "#a4522b"),
    "oksana": Face("#e3e6ea", "#b2432f", "rose", "plaits", "#c9a063"),
    "osamu": Face("#e2e3dc", "#4a5560", "sand", "bald", "#a9a39b", ("glasses",), brows="#6d6862"),
    "priya": Face("#f0dfc0", "#4a6b57", "copper", "plaits", "#191314"),
    "rosa": Face("#e3d8e0", "#a2452f", "copper", "plaits", "#221a1a"),
    "sakura": Face("#ecdfe0", "#5b6b8a", "rose", "fringe", "#241c1d"),
    "seoyeon": Face("#dfe6e4", "#7d4a52", "rose", "ponytail", "#2b2021", ("glasses",)),
    "seun": Face("#e8dfcd", "#2a5d68", "cocoa", "locs", "#1a1312", ("beard",)),
    "sofia": Face("#d5e0e8", "#6b5b8a", "honey", "long", "#4a2e20"),
    "solveig": Face("#dde4e8", "#a8433a", "rose", "ponytail", "#d9bd86"),
    "sunita": Face("#ecdccb", "#2f5d7a", "copper", "bun", "#1d1616", ("earrings",)),
    "thandiwe": Face("#e6dccb", "#4d6b3a", "walnut", "halo", "#1b1413", ("glasses", "earrings")),
    "tom": Face("#dbe2de", "#53606b", "rose", "crop", "#b5622f", ("beard", "glasses")),
    "walter": Face("#e5ddd1", "#4d5c50", "rose", "bald", "#d3cec7", ("beard",), brows="#7b756e"),
    "wanjiru": Face("#e9dfd6", "#7a4b1f", "walnut", "crop", "#171211", ("wrap",), trim="#2f6f5f"),
    "yichun": Face("#e4e4d8", "#6a7f8c", "sand", "bob", "#2a2324", ("glasses",)),
    "zeynep": Face("#e7dcd7", "#3f5a7a", "sand", "curls", "#5a2f1f"),
    "zofia": Face("#e0e3e8", "#6b2f3f", "rose", "bun", "#b9b2a9", ("earrings",), brows="#77706a"),
}


def render(browser: Browser, svg: str, size: tuple[int, int], target: Path) -> None:
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_content(f"<style>body{{margin:0}}svg{{display:block;width:{width}px;height:{height}px}}</style>{svg}")
    bitmap = Image.open(io.BytesIO(page.screenshot()))
    bitmap.convert("RGB").save(target, "WEBP", quality=WEBP_QUALITY, method=6)
    page.close()


def picture_size(svg: str) -> tuple[int, int]:
    """Twice the drawing's own size, which is what a wide screen asks for."""
    width, height = svg.split('viewBox="0 0 ')[1].split('"')[0].split()
    return 2 * int(width), 2 * int(height)


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        for name, face in FACES.items():
            render(browser, face.svg(), FACE_SIZE, FACES_DIR / f"{name}.webp")
        for drawing in sorted(PICTURES_DIR.glob("*.svg")):
            svg = drawing.read_text(encoding="utf-8")
            render(browser, svg, picture_size(svg), drawing.with_suffix(".webp"))
        browser.close()


if __name__ == "__main__":
    main()
