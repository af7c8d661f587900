"""Everything the product writes, by the name of its scene. A write that no scene comes by has no point to die at."""

from __future__ import annotations

from collections.abc import Mapping

from bench.storm import (
    scenes_of_development,
    scenes_of_files,
    scenes_of_groups,
    scenes_of_hands,
    scenes_of_house,
    scenes_of_letters,
    scenes_of_records,
    scenes_of_registry,
    scenes_of_revenue,
    scenes_of_time,
    scenes_of_work,
)
from bench.storm.scene import Scene

SCENES: Mapping[str, Scene] = {
    **scenes_of_work.SCENES,
    **scenes_of_time.SCENES,
    **scenes_of_development.SCENES,
    **scenes_of_files.SCENES,
    **scenes_of_hands.SCENES,
    **scenes_of_house.SCENES,
    **scenes_of_groups.SCENES,
    **scenes_of_letters.SCENES,
    **scenes_of_records.SCENES,
    **scenes_of_registry.SCENES,
    **scenes_of_revenue.SCENES,
}
