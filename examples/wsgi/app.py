"""A Flask API that lets in who has a key, and counts what it answers: no proxy, no other process."""

import os

from flask import Flask, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from tokentui.gate.wsgi import TokenMiddleware

app = Flask(__name__)


@app.route("/agreements/", methods=["GET", "POST"])
def agreements() -> Response:
    return jsonify([{"id": "AGP-884-348-731"}])


@app.get("/agreements/whoami")
def whoami() -> Response:
    """The token that was let in, and which of the workers answers."""
    token = request.environ["tokentui.token"]
    return jsonify(id=token.id, name=token.name, modules=token.modules, process=os.getpid())


@app.get("/agreements/export")
def export() -> Response:
    """Streamed, as it comes."""
    return Response((f"line {number}\n" for number in range(20)), mimetype="text/plain")


@app.get("/agreements/moved")
def moved() -> AnyResponse:
    return redirect("/agreements/", 301)


@app.get("/agreements/fails")
def fails() -> Response:
    raise RuntimeError("this is what an error looks like")


@app.get("/healthz")
def health() -> str:
    return "ok"


# Around Flask's own handling of errors, so that it sees the status that is sent. The database is the settings'.
app.wsgi_app = TokenMiddleware(app.wsgi_app, exempt=["/healthz"])  # type: ignore[method-assign]
