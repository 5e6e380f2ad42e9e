"""HTTP of a media node on its private address: WHIP and WHEP sessions as web nodes pass them on, the stage, and figures.

The web role has authorised the client; requests without the shared secret are refused.
"""

from starlette.applications import Starlette
from starlette.routing import Route

from media import whep, whip
from media.control import extensions, figures, sessions, stage
from media.control.requests import guarded
from media.node import MediaNode


def control_app(node: MediaNode, secret: str) -> Starlette:
    """The application; serve it on a unix socket or a private TCP address."""
    routes = [
        Route("/stats", guarded(figures.stats(node), secret), methods=["GET"]),
        Route("/metrics", figures.metrics(node, secret), methods=["GET"]),
        Route("/stage/{stream_id}", guarded(stage.view(node), secret), methods=["GET"]),
        Route("/stage/{stream_id}/{participant_id}", guarded(stage.participant(node), secret), methods=["PUT", "DELETE"]),
    ]
    described = ["GET", "HEAD", "OPTIONS"]
    for protocol, name in ((whip, "whip"), (whep, "whep")):
        endpoint, session = sessions.endpoint(node, protocol, name), sessions.session(node, protocol)
        path = f"/{name}/{{stream_id}}"
        routes += [
            Route(path, guarded(endpoint, secret), methods=["POST", *described]),
            Route(f"{path}/{{session_id}}", guarded(session, secret), methods=["PATCH", "DELETE", *described]),
        ]
    viewer = "/whep/{stream_id}/{session_id}"
    routes += [
        Route(f"{viewer}/sse", guarded(extensions.listen(node), secret), methods=["POST"]),
        Route(f"{viewer}/sse/{{listener_id}}", guarded(extensions.listener(node), secret), methods=["GET", "DELETE"]),
        Route(f"{viewer}/layer", guarded(extensions.layer(node), secret), methods=["POST", "DELETE"]),
    ]
    return Starlette(routes=routes)
