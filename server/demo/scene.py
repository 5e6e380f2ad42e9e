"""What the robot host's camera sees and what its room sounds like, drawn and played by libavfilter from formulas.

Everything that moves is a sine whose period divides `LOOP_S`, and every note fades out before it comes round again, so the last
frame and the last sample are followed by the first ones without a seam.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from av import AudioFrame, VideoFrame
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import PictureType

WIDTH, HEIGHT, FRAMES_PER_S = 540, 960, 25
SAMPLES_PER_S = 48_000
LOOP_S = 12


@dataclass(frozen=True)
class Sprite:
    """A shape that is drawn once and moved over the picture.

    Colours (0–255) and `alpha` (0–1) are geq formulas in X and Y; `x` and `y` are places and `tilt` an angle (radians) in t.
    """

    width: int
    height: int
    red: str
    green: str
    blue: str
    alpha: str
    x: str = "0"
    y: str = "0"
    tilt: str = ""


def _swing(turns: int, phase: float = 0.0) -> str:
    """A sine that makes `turns` whole turns in a loop."""
    return f"sin(2*PI*{turns}*t/{LOOP_S}+{phase})"


def _disc(cx: float, cy: float, radius: float) -> str:
    """1 inside the disc, 0 outside, one pixel of smooth edge."""
    return f"clip({radius + 0.5}-hypot(X-{cx},Y-{cy}),0,1)"


def _ring(cx: float, cy: float, radius: float, half_width: float) -> str:
    return f"clip({half_width + 0.5}-abs(hypot(X-{cx},Y-{cy})-{radius}),0,1)"


def _ellipse(cx: float, cy: float, rx: float, ry: float) -> str:
    return f"clip((1-hypot((X-{cx})/{rx},(Y-{cy})/{ry}))*{ry}+0.5,0,1)"


def _box(cx: float, cy: float, half_width: float, half_height: float, corner: float) -> str:
    """A rectangle with round corners."""
    dx, dy = f"max(abs(X-{cx})-{half_width - corner},0)", f"max(abs(Y-{cy})-{half_height - corner},0)"
    return f"clip({corner + 0.5}-hypot({dx},{dy}),0,1)"


def _glow(red: int, green: int, blue: int, radius: int, strength: float, x: str, y: str) -> Sprite:
    """Soft light around (x, y)."""
    size = 2 * radius
    alpha = f"{strength}*pow(clip(1-hypot(X-{radius},Y-{radius})/{radius},0,1),2)"
    return Sprite(size, size, str(red), str(green), str(blue), alpha, f"{x}-{radius}", f"{y}-{radius}")


def _bokeh(radius: int, strength: float, x: str, y: str) -> Sprite:
    """A light far out of focus: a faint disc with a brighter rim."""
    size = 2 * radius + 4
    centre = size / 2
    alpha = f"{strength}*({_disc(centre, centre, radius)}+0.7*{_ring(centre, centre, radius - 2, 1.5)})"
    return Sprite(size, size, "255", "214", "170", alpha, x, y)


def _room() -> Sprite:
    """The wall, and the round table at the bottom."""
    top, edge = _ellipse(270, 720, 215, 46), f"max({_ellipse(270, 742, 215, 46)},{_box(270, 731, 215, 11, 1)})"
    dark = f"(1-0.55*pow(hypot((X-270)/420,(Y-430)/720),2))*(1-0.35*clip((Y-742)/300,0,1)*{_ellipse(270, 760, 260, 90)})"

    def channel(above: int, below: int, rim: int, table: int) -> str:
        wall = f"({above}+({below}-{above})*Y/{HEIGHT})*{dark}"
        with_rim = f"({wall})*(1-{edge})+{rim}*(0.75+0.25*cos((X-200)/120))*{edge}"
        return f"({with_rim})*(1-{top})+({table}-22*abs(X-270)/215)*{top}"

    return Sprite(WIDTH, HEIGHT, channel(58, 122, 150, 238), channel(30, 52, 96, 205), channel(66, 70, 78, 172), "1")


def _lamp() -> Sprite:
    """A pendant lamp that sways about the middle of its sprite, which hangs at the upper edge of the picture."""
    cord = "clip(2-abs(X-200),0,1)*gte(Y,330)*lte(Y,560)"
    shade = f"{_ellipse(200, 610, 92, 60)}*lte(Y,612)"
    bulb = _disc(200, 616, 24)
    red = f"40*{cord}*(1-{shade})+(214-0.5*abs(X-175))*{shade}*(1-{bulb})+255*{bulb}"
    green = f"30*{cord}*(1-{shade})+(92-0.3*abs(X-175))*{shade}*(1-{bulb})+236*{bulb}"
    blue = f"40*{cord}*(1-{shade})+(84-0.2*abs(X-175))*{shade}*(1-{bulb})+190*{bulb}"
    alpha = f"max(max({cord},{shade}),{bulb}*gte(Y,606))"
    return Sprite(400, 700, red, green, blue, alpha, x="70", y="-350", tilt=f"0.07*{_swing(3)}")


def _mug() -> Sprite:
    """What is on offer: a cream mug with a red band, floating a little above the table."""
    body = f"max({_box(110, 130, 80, 90, 26)},{_box(110, 80, 80, 50, 6)})"
    handle = f"{_ring(196, 128, 42, 11)}*gte(X,180)"
    mouth = _ellipse(110, 38, 78, 16)
    band = "gte(Y,120)*lte(Y,156)*lte(X,190)"
    light = "(0.80+0.22*cos((X-80)/62))"
    shape = f"max(max({body},{handle}),{_ellipse(110, 38, 80, 18)})"

    def channel(cream: int, red_band: int, tea: int) -> str:
        return f"({cream}*(1-{band})+{red_band}*{band})*{light}*(1-{mouth})+{tea}*{mouth}"

    return Sprite(
        250, 230, channel(248, 206, 120), channel(236, 70, 66), channel(216, 76, 40), shape, x="150", y=f"478+9*{_swing(4)}"
    )


def _steam(x: float, phase: float) -> Sprite:
    wave = "45+14*sin(Y/26)"
    alpha = f"0.30*clip(1-abs(X-({wave}))/16,0,1)*sin(PI*Y/170)"
    return Sprite(90, 170, "255", "244", "232", alpha, x=f"{x}+9*{_swing(2, phase)}", y=f"352+7*{_swing(4, 0.4)}")


SPRITES = (
    _glow(242, 166, 90, 380, 0.62, f"270+70*{_swing(1)}", f"330+30*{_swing(1, 1.6)}"),
    _glow(196, 60, 110, 340, 0.45, f"80+60*{_swing(1, 2.0)}", f"640+50*{_swing(1, 0.5)}"),
    _glow(70, 120, 170, 300, 0.38, f"480+50*{_swing(1, 4.0)}", f"150+60*{_swing(1, 3.0)}"),
    _bokeh(46, 0.13, f"40+22*{_swing(1)}", f"250+26*{_swing(1, 1.0)}"),
    _bokeh(30, 0.17, f"120+18*{_swing(1, 2.2)}", f"420+30*{_swing(1, 0.3)}"),
    _bokeh(58, 0.11, f"390+26*{_swing(1, 4.0)}", f"300+22*{_swing(1, 2.0)}"),
    _bokeh(24, 0.20, f"455+16*{_swing(2, 1.0)}", f"520+26*{_swing(1, 3.2)}"),
    _bokeh(36, 0.15, f"340+24*{_swing(1, 5.0)}", f"170+20*{_swing(1, 4.4)}"),
    _lamp(),
    _glow(255, 214, 150, 240, 0.50, f"270-19*{_swing(3)}", "262"),
    Sprite(300, 60, "60", "24", "30", f"0.45*{_ellipse(150, 30, 120, 22)}", x="112", y="696"),
    _steam(192, 0.0),
    _steam(226, 2.4),
    _mug(),
)

# A slow progression in A minor, two bars a chord: when it sounds (s), MIDI notes of the chord, and of the melody over it.
CHORDS = (
    (0.0, (45, 57, 60, 64), (72, 76, 79, 76)),
    (3.0, (41, 53, 57, 60), (72, 77, 81, 79)),
    (6.0, (48, 55, 60, 64), (76, 79, 84, 79)),
    (9.0, (43, 55, 59, 62), (74, 79, 83, 74)),
)


def pictures() -> Iterator[VideoFrame]:
    """The pictures of one loop, in order, as yuv420p."""
    graph = Graph()
    picture = _still(graph, _room())
    for sprite in SPRITES:
        overlay = graph.add("overlay", x=sprite.x, y=sprite.y, format="yuv420")
        picture.link_to(overlay, 0, 0)
        _still(graph, sprite).link_to(overlay, 0, 1)
        picture = overlay
    sink = graph.add("buffersink")
    _chain(picture, graph.add("format", pix_fmts="yuv420p"), sink)
    graph.configure()
    for _ in range(LOOP_S * FRAMES_PER_S):
        frame = sink.pull()
        assert isinstance(frame, VideoFrame)
        # Repeated stills keep the mark "intra" of their first drawing, and the encoder would obey it in every picture.
        frame.pict_type = PictureType.NONE
        yield frame


def sounds(loops: int) -> Iterator[AudioFrame]:
    """The sound of `loops` loops in blocks of 20 ms, stereo."""
    graph = Graph()
    # Half the sampling rate halves the work, and no bell rings above 4 kHz.
    drawn = SAMPLES_PER_S // 2
    sink = graph.add("abuffersink")
    _chain(
        graph.add("aevalsrc", exprs=_melody(), s=str(drawn), d=str(LOOP_S)),
        graph.add("aloop", loop="-1", size=str(drawn * LOOP_S)),
        graph.add("aresample", str(SAMPLES_PER_S)),
        graph.add("aformat", sample_fmts="s16", channel_layouts="stereo"),
        graph.add("asetnsamples", n=str(SAMPLES_PER_S // 50)),
        sink,
    )
    graph.configure()
    for _ in range(loops * LOOP_S * 50):
        frame = sink.pull()
        assert isinstance(frame, AudioFrame)
        yield frame


def _still(graph: Graph, sprite: Sprite) -> FilterContext:
    """The sprite drawn once and repeated for ever; turned anew in every picture when it tilts."""
    size = f"{sprite.width}x{sprite.height}"
    nodes = [
        graph.add("color", color="black", size=size, rate=str(FRAMES_PER_S), duration=str(1 / FRAMES_PER_S)),
        graph.add("format", pix_fmts="rgba"),
        graph.add("geq", r=sprite.red, g=sprite.green, b=sprite.blue, a=f"255*({sprite.alpha})"),
        graph.add("format", pix_fmts="yuva420p"),
        graph.add("loop", loop="-1", size="1"),
    ]
    if sprite.tilt:
        nodes.append(graph.add("rotate", angle=sprite.tilt, fillcolor="black@0"))
    return _chain(*nodes)


def _chain(*nodes: FilterContext) -> FilterContext:
    """Link the nodes one after another; the last one."""
    for upper, lower in pairwise(nodes):
        upper.link_to(lower)
    return nodes[-1]


def _melody() -> str:
    """Samples (-1 to 1) as a formula in t: soft bells over a quiet pad. `st` and `ld` keep a note's age in a register."""
    notes = []
    for start_s, chord, bells in CHORDS:
        notes += [_note(start_s + 0.04 * index, pitch, 0.18, 1.1, 6) for index, pitch in enumerate(chord)]
        notes += [_note(start_s + 0.75 * index, pitch, 0.22, 2.6, 90) for index, pitch in enumerate(bells)]
    return "+".join(notes)


def _note(start_s: float, pitch: int, loudness: float, decay_per_s: float, attack_per_s: float) -> str:
    """A sine with an octave above it, `start_s` after the loop's beginning; `pitch` is a MIDI number (69 = 440 Hz)."""
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    age = f"st(0,mod(t-{start_s}+{LOOP_S},{LOOP_S}))"
    envelope = f"{loudness}*exp(-{decay_per_s}*ld(0))*(1-exp(-{attack_per_s}*ld(0)))"
    return f"0*{age}+{envelope}*(sin(2*PI*{hertz:.4f}*ld(0))+0.3*sin(4*PI*{hertz:.4f}*ld(0)))"
