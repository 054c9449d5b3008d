"""A stand-in for the product: it takes the emulator's posts and remembers them as they came."""

from dataclasses import dataclass
from queue import Empty, Queue

from fastapi import FastAPI, Request, Response

PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Post:
    """One form the emulator posted."""

    path: str
    form: dict[str, str]
    signature: str


class Product:
    """Answers every post with `status` and keeps it."""

    def __init__(self) -> None:
        self.status = 200
        self.app = FastAPI()
        self.app.post("/twilio/{kind}")(self._take)
        self._posts: Queue[Post] = Queue()

    async def _take(self, kind: str, request: Request) -> Response:
        form = {key: str(value) for key, value in (await request.form()).items()}
        self._posts.put(Post(request.url.path, form, request.headers.get("X-Twilio-Signature", "")))
        return Response("<Response/>", status_code=self.status, media_type="text/xml")

    def next(self) -> Post:
        """The next post, waiting for it."""
        return self._posts.get(timeout=PATIENCE_SECONDS)

    def statuses(self, count: int) -> list[str]:
        """The MessageStatus of the next posts."""
        return [self.next().form["MessageStatus"] for _ in range(count)]

    def is_quiet(self) -> bool:
        """Whether nothing is waiting to be looked at."""
        try:
            self._posts.get_nowait()
        except Empty:
            return True
        return False
