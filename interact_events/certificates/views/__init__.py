"""The edge to the web."""

from interact_events.certificates.views import (
    automatic,
    badges,
    designs,
    files,
    languages,
    office,
    people,
    public,
    record,
    register,
    search,
    sending_again,
)

BLUEPRINTS = (
    *(module.blueprint for module in (public, badges, record)),
    *(module.blueprint for module in (office, people, automatic, sending_again, files)),
    *(module.blueprint for module in (register, search)),
    *(designs.of_network, designs.of_offices, languages.of_events, languages.of_people),
)
