"""The edge to the web."""

from interact_events.accounts.views import profiles, settings, staff

# The views of `settings` belong to the blueprint that `sign_in` makes.
BLUEPRINTS = (settings.blueprint, profiles.blueprint, staff.blueprint)
