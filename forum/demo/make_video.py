"""Makes the first lesson's video and its captions: slides by Pillow, voice by espeak-ng, film by ffmpeg.

Run by hand when the text changes, on a machine that has espeak-ng, ffmpeg and the DejaVu fonts; what it makes
is kept in the repository, so that nobody who only uses the forum needs any of these:

    .venv/bin/python -m forum.demo.make_video
"""

import subprocess
import tempfile
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

MEDIA = Path(__file__).parent / "course" / "media"
NAME = "public-history-in-a-minute"
SIZE = (640, 360)
FRAMES_A_SECOND = 12
PAUSE, FADE = 0.8, 0.5  # seconds
PAPER, INK, QUIET, ACCENT = "#f6f3ec", "#23272b", "#8b877d", "#8a3b2a"
FONTS = Path("/usr/share/fonts/truetype/dejavu")

Draw = ImageDraw.ImageDraw


@dataclass(frozen=True, slots=True)
class Slide:
    heading: str
    lines: tuple[str, ...]
    said: tuple[str, ...]  # each sentence is one caption
    spanish: tuple[str, ...]
    picture: Callable[[Draw], None]


def square(draw: Draw) -> None:
    """A plinth with a figure, steps, and the sea behind."""
    draw.line((395, 150, 610, 150), fill=QUIET, width=2)
    for step in range(3):
        draw.rectangle(
            (445 - 16 * step, 262 + 14 * step, 555 + 16 * step, 276 + 14 * step), outline=INK, width=2
        )
    draw.rectangle((470, 190, 530, 262), outline=INK, width=2)
    draw.ellipse((491, 92, 509, 112), fill=INK)
    draw.polygon([(486, 116), (514, 116), (520, 190), (480, 190)], fill=INK)


def four_places(draw: Draw) -> None:
    """A statue, a label, a cup and a street sign."""
    draw.rectangle((420, 128, 450, 172), outline=INK, width=2)
    draw.ellipse((428, 98, 442, 112), fill=INK)
    draw.line((435, 112, 435, 128), fill=INK, width=6)
    draw.rectangle((520, 100, 600, 170), outline=INK, width=2)
    for row in range(4):
        draw.line((532, 116 + 12 * row, 588 - 12 * (row == 3), 116 + 12 * row), fill=QUIET, width=3)
    draw.arc((400, 215, 460, 285), 0, 180, fill=INK, width=3)
    draw.line((400, 250, 460, 250), fill=INK, width=3)
    draw.arc((450, 250, 476, 274), 270, 90, fill=INK, width=3)
    draw.rectangle((515, 228, 605, 262), fill=ACCENT)
    draw.line((535, 245, 585, 245), fill=PAPER, width=4)


def hands(draw: Draw) -> None:
    """A sheet with one line struck out and another chosen."""
    draw.rectangle((440, 100, 580, 290), outline=INK, width=2)
    for row in range(7):
        y = 125 + 22 * row
        draw.line((458, y, 560 - 17 * (row % 3), y), fill=ACCENT if row == 3 else QUIET, width=4)
    draw.line((452, 147, 566, 147), fill=INK, width=2)


def questions(draw: Draw) -> None:
    """Three circles that overlap."""
    for x, y, color in ((470, 160, INK), (540, 160, ACCENT), (505, 222, QUIET)):
        draw.ellipse((x - 55, y - 55, x + 55, y + 55), outline=color, width=4)


def wall(draw: Draw) -> None:
    """A book, an arrow, and a label on a wall that somebody reads standing."""
    draw.polygon(
        [(400, 250), (440, 238), (480, 250), (480, 290), (440, 278), (400, 290)], outline=INK, width=2
    )
    draw.line((440, 238, 440, 278), fill=INK, width=2)
    draw.line((455, 220, 505, 165), fill=ACCENT, width=4)
    draw.polygon([(510, 158), (492, 166), (503, 177)], fill=ACCENT)
    draw.rectangle((520, 95, 600, 150), outline=INK, width=2)
    for row in range(3):
        draw.line((532, 110 + 12 * row, 588, 110 + 12 * row), fill=QUIET, width=3)
    draw.ellipse((552, 190, 572, 212), fill=INK)
    draw.polygon([(548, 216), (576, 216), (582, 290), (542, 290)], fill=INK)


def shorter(draw: Draw) -> None:
    """Four texts, each shorter than the last."""
    for number, rows in enumerate((9, 5, 3, 1)):
        left = 396 + 56 * number
        draw.rectangle((left, 110, left + 44, 290), outline=QUIET, width=1)
        for row in range(rows):
            draw.line(
                (left + 7, 126 + 17 * row, left + 37, 126 + 17 * row),
                fill=ACCENT if rows == 1 else INK,
                width=4,
            )


SLIDES = (
    Slide(
        "Where did you last\nmeet the past?",
        ("HIST-204 · Public History",),
        ("Where did you last meet the past?", "Probably not in a classroom."),
        ("¿Dónde se encontró por última vez con el pasado?", "Probablemente no fue en un aula."),
        square,
    ),
    Slide(
        "It was there already",
        ("in a square", "on a label", "in a kitchen", "in the name of a street"),
        ("It was in a square, on a label, in a kitchen,", "or in the name of a street."),
        ("Fue en una plaza, en una cartela, en una cocina", "o en el nombre de una calle."),
        four_places,
    ),
    Slide(
        "Somebody decided",
        ("Public history is the work", "of deciding it with open eyes."),
        (
            "Somebody decided what you would find there.",
            "Public history is the work of deciding it with open eyes.",
        ),
        (
            "Alguien decidió lo que usted iba a encontrar allí.",
            "La historia pública es decidirlo con los ojos abiertos.",
        ),
        hands,
    ),
    Slide(
        "Three questions",
        ("Who tells it?", "Where?", "To whom?"),
        ("We ask three questions.", "Who tells it? Where? And to whom?"),
        ("Hacemos tres preguntas.", "¿Quién la cuenta? ¿Dónde? ¿Y a quién?"),
        questions,
    ),
    Slide(
        "From the book\nto the wall",
        ("Read standing, by people", "who did not choose the subject."),
        (
            "A sentence changes when it moves from a book to a wall.",
            "On the wall it is read standing,",
            "by people who did not choose the subject.",
        ),
        (
            "Una frase cambia cuando pasa del libro a la pared.",
            "En la pared se lee de pie,",
            "y la lee gente que no ha elegido el tema.",
        ),
        wall,
    ),
    Slide(
        "Four weeks, four texts",
        ("a recommendation", "a caption", "a label", "an answer"),
        (
            "In four weeks you will write a recommendation, a caption, a label, and an answer.",
            "They get shorter, and you will find that they get harder.",
        ),
        (
            "En cuatro semanas escribirá una recomendación, un pie, una cartela y una respuesta.",
            "Son cada vez más breves y, ya lo verá, cada vez más difíciles.",
        ),
        shorter,
    ),
    Slide(
        "Take your time",
        ("Nobody is waiting.", "Start with the square."),
        ("Take your time. Nobody is waiting.", "Start with the square."),
        ("Tómese su tiempo. Nadie está esperando.", "Empiece por la plaza."),
        square,
    ),
)


def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / name), size)


def picture_of(slide: Slide) -> Image.Image:
    """The slide as a picture."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    slide.picture(draw)
    draw.multiline_text((40, 84), slide.heading, fill=INK, font=font("DejaVuSerif-Bold.ttf", 27), spacing=8)
    top = 84 + 44 * (slide.heading.count("\n") + 1) + 14
    for number, line in enumerate(slide.lines):
        draw.text((40, top + 31 * number), line, fill=INK, font=font("DejaVuSerif.ttf", 19))
    draw.line((40, 326, 600, 326), fill=QUIET, width=1)
    return image


def speak(sentence: str, file: Path) -> float:
    """Writes the sentence as a WAV file; its length in seconds."""
    command = ["espeak-ng", "-v", "en-gb-x-rp", "-s", "160", "-p", "38", "-w", str(file), sentence]
    subprocess.run(command, check=True)  # noqa: S603 - our own command
    with wave.open(str(file)) as sound:
        return sound.getnframes() / sound.getframerate()


def clock(seconds: float) -> str:
    return f"{int(seconds // 60):02}:{seconds % 60:06.3f}"


def captions(times: list[tuple[float, float]], lines: list[str]) -> str:
    cues = [f"{clock(a)} --> {clock(b)}\n{line}\n" for (a, b), line in zip(times, lines, strict=True)]
    return "WEBVTT\n\n" + "\n".join(cues)


def frames(lengths: list[float]) -> Iterator[bytes]:
    """All frames as RGB bytes; each slide fades into the next."""
    pictures = [picture_of(slide) for slide in SLIDES]
    shown, end = 0, 0.0
    for number, length in enumerate(lengths):
        end += length
        while shown / FRAMES_A_SECOND < end:
            left = end - shown / FRAMES_A_SECOND
            image = pictures[number]
            if left < FADE and number + 1 < len(pictures):
                image = Image.blend(image, pictures[number + 1], 1 - left / FADE)
            yield image.tobytes()
            shown += 1


def make() -> None:
    """Writes the video, the captions in two languages and the transcript into the media folder."""
    times: list[tuple[float, float]] = []
    lengths: list[float] = []
    at = 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts: list[tuple[float, Path]] = []
        for number, slide in enumerate(SLIDES):
            begun = at
            at += PAUSE / 2
            for place, sentence in enumerate(slide.said):
                file = folder / f"{number}-{place}.wav"
                length = speak(sentence, file)
                parts.append((at, file))
                times.append((at, at + length))
                at += length + 0.15
            at += PAUSE
            lengths.append(at - begun)
        sounds = [argument for _, file in parts for argument in ("-i", str(file))]
        delays = ";".join(
            f"[{i + 1}:a]adelay={int(start * 1000)}[a{i}]" for i, (start, _) in enumerate(parts)
        )
        mixed = "".join(f"[a{i}]" for i in range(len(parts)))
        tone = f"{mixed}amix=inputs={len(parts)}:normalize=0,highpass=f=90,lowpass=f=6500,volume=0.8[voice]"
        raw = [
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-s",
            f"{SIZE[0]}x{SIZE[1]}",
            "-r",
            str(FRAMES_A_SECOND),
        ]
        film = [
            "-c:v",
            "libx264",
            "-preset",
            "veryslow",
            "-tune",
            "stillimage",
            "-crf",
            "24",
            "-pix_fmt",
            "yuv420p",
        ]
        voice = ["-c:a", "aac", "-b:a", "56k", "-ac", "1", "-ar", "22050"]
        command = ["ffmpeg", "-y", "-loglevel", "error", *raw, "-i", "-", *sounds]
        command += ["-filter_complex", f"{delays};{tone}", "-map", "0:v", "-map", "[voice]", *film, *voice]
        command += ["-movflags", "+faststart", "-map_metadata", "-1", str(MEDIA / f"{NAME}.mp4")]
        subprocess.run(command, check=True, input=b"".join(frames(lengths)))  # noqa: S603 - our own command
    english = [sentence for slide in SLIDES for sentence in slide.said]
    spanish = [sentence for slide in SLIDES for sentence in slide.spanish]
    (MEDIA / f"{NAME}.en.vtt").write_text(captions(times, english), encoding="utf-8")
    (MEDIA / f"{NAME}.es.vtt").write_text(captions(times, spanish), encoding="utf-8")
    told = [f"**{slide.heading.replace(chr(10), ' ')}.** {' '.join(slide.said)}" for slide in SLIDES[1:]]
    told.insert(0, " ".join(SLIDES[0].said))
    told.append("*The voice is synthetic. The pictures are drawings; nothing is shown that is not said.*")
    (MEDIA / f"{NAME}.md").write_text("\n\n".join(told) + "\n", encoding="utf-8")


if __name__ == "__main__":
    make()
