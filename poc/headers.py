"""Headers that keep a page to its own scripts, the same from the office and from the worker."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
# A browser never shows these as a page, so the page's policy says nothing of them; and a first
# visit fetches sixty.
FILES = ("text/javascript", "text/css", "application/json", "application/wasm", "image/png")
BARE = {name: HEADERS[name] for name in ("X-Content-Type-Options", "Referrer-Policy")}
