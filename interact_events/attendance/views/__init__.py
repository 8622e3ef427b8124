"""The edge to the web."""

from interact_events.attendance.views import (
    after,
    check_in,
    imports,
    joining,
    live,
    overview,
    paper,
    people,
    personal_codes,
    room_codes,
    self_check_in,
    walk_ins,
    worker,
)

BLUEPRINTS = (
    overview.blueprint,
    people.blueprint,
    after.blueprint,
    live.blueprint,
    check_in.blueprint,
    walk_ins.blueprint,
    worker.blueprint,
    imports.blueprint,
    paper.blueprint,
    self_check_in.blueprint,
    room_codes.blueprint,
    personal_codes.blueprint,
    joining.blueprint,
)
