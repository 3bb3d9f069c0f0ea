"""The moves of a camera by name, each as what it does to a rig at a moment.

Terms: S. D. Katz, Film Directing Shot by Shot, 1991; the list of moves of mediacollege.com.
"""

from collections.abc import Callable

from auteur.adapters.engines.previs.motion.planning import Motion, Plan
from auteur.adapters.engines.previs.motion.travelling import (
    crane,
    dolly,
    dolly_zoom,
    follow,
    orbit,
    pedestal,
    still,
    truck,
)
from auteur.adapters.engines.previs.motion.turning import pan, rack_focus, sway, tilt, whip_pan, zoom
from auteur.adapters.engines.previs.reading.shot import CameraMove

MOVERS: dict[str, Callable[[CameraMove, Plan], Motion]] = {
    "static": still, "tracking": follow, "orbit": orbit, "truck": truck, "truck_left": truck, "truck_right": truck,
    "pedestal_up": pedestal, "pedestal_down": pedestal, "crane_up": crane, "crane_down": crane, "push_in": dolly,
    "pull_out": dolly, "dolly_zoom": dolly_zoom, "zoom_in": zoom, "zoom_out": zoom, "pan": pan, "pan_left": pan,
    "pan_right": pan, "tilt_up": tilt, "tilt_down": tilt, "whip_pan": whip_pan, "rack_focus": rack_focus,
    "handheld": sway, "steadicam": sway, "drift": sway,
}  # fmt: skip
"""By name, in the order in which the parts of one move are done: where the camera is first, how it is held last."""
