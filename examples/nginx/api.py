"""The API behind nginx. It knows nothing of keys: who is let in stands in the headers that nginx sets."""

from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route


async def agreements(request: Request) -> Response:
    """What the caller is, as nginx says."""
    told = request.headers
    return JSONResponse({"token": told.get("x-token-id"), "name": unquote(told.get("x-token-name", ""))})


async def moved(request: Request) -> Response:
    """A redirection."""
    return RedirectResponse("/agreements/", 301)


async def fails(request: Request) -> Response:
    """An error of the API's own."""
    raise RuntimeError("this is what an error looks like")


async def headers(request: Request) -> Response:
    """Every header that came, to look at."""
    return JSONResponse(dict(request.headers))


app = Starlette(
    routes=[
        Route("/agreements/", agreements, methods=["GET", "POST"]),
        Route("/agreements/moved", moved),
        Route("/agreements/fails", fails),
        Route("/agreements/headers", headers),
    ]
)
