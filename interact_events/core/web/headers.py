"""Headers that keep a page to itself."""

from flask import Flask, Response

from interact_events.config import Settings

# data: serves the small drawings that Bootstrap's style sheet carries; nothing is ever inline.
POLICY = (
    "default-src 'self'; img-src 'self' data:; worker-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

# For one page each: where a code is read by the camera; where a button leads to another site, by
# as many redirects as that one likes (browsers hold each of them against `form-action`).
WITH_CAMERA = {
    "Permissions-Policy": HEADERS["Permissions-Policy"].replace("camera=()", "camera=(self)")
}
LEADING_OUT = {
    "Content-Security-Policy": POLICY.replace("form-action 'self'", "form-action https: http:")
}

# Where a script shows a PDF that it has fetched, in a frame of the same page.
WITH_OWN_FRAME = {"Content-Security-Policy": f"{POLICY}; frame-src blob:"}
NOT_INDEXED = {"X-Robots-Tag": "noindex, nofollow"}  # public, but only for whoever has the address


def init_app(app: Flask, settings: Settings) -> None:
    headers = dict(HEADERS)
    if settings.is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response
