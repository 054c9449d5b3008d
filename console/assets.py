"""The files browsers need, each by name: from npm packages (package-lock.json) and from console/static."""

from hashlib import sha256
from pathlib import Path

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse

STATIC = Path(__file__).parent / "static"
FONT = "@fontsource-variable/noto-sans-arabic"
FONT_SCRIPTS = ("arabic", "latin", "latin-ext", "math", "symbols")
# Every address carries a hash of the content (or, for font files, the font's own name), so nothing goes stale.
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


def mount(app: FastAPI, node_modules: Path) -> dict[str, str]:
    """Serve them under /assets/; returns the address of each name. FileNotFoundError when one is missing."""
    served = files(node_modules)
    addresses = {name: f"/assets/{name}?v={_version(file)}" for name, file in served.items()}

    @app.get("/assets/{name:path}", include_in_schema=False)
    async def asset(name: str) -> FileResponse:
        if name not in served:
            raise HTTPException(404)
        return FileResponse(served[name], headers=FOREVER)

    return addresses


def files(node_modules: Path) -> dict[str, Path]:
    """Which file each name stands for."""
    packaged = {
        "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
        "bootstrap.rtl.min.css": "bootstrap/dist/css/bootstrap.rtl.min.css",
        "htmx.min.js": "htmx.org/dist/htmx.min.js",
        "sse.js": "htmx-ext-sse/dist/sse.min.js",
        "fonts/noto-sans-arabic.css": f"{FONT}/index.css",
    }
    for script in FONT_SCRIPTS:
        file = f"files/noto-sans-arabic-{script}-wght-normal.woff2"
        packaged[f"fonts/{file}"] = f"{FONT}/{file}"
    own = {name: STATIC / name for name in ("console.css", "directory.css", "console.js", "desk.js", "icon.svg")}
    return {name: node_modules / path for name, path in packaged.items()} | own


def _version(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()[:12]
