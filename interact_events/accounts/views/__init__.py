"""The edge to the web."""

from interact_events.accounts.views import profiles, sign_in, staff

BLUEPRINTS = (sign_in.blueprint, profiles.blueprint, staff.blueprint)
