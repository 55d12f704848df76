"""Where uploaded pictures lie: one file each, written whole or not at all, named by an unguessable id."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from agent_console.pictures import MOST_BYTES, NotAPicture, Picture, redrawn
from agent_console.problems import BadUpload, TooLarge
from agent_console.store import Upload

AT_ONCE = 2
"""Decoding takes a core and up to 100 MB; more at once would only queue up inside the machine."""


@dataclass(frozen=True)
class UploadFiles:
    """The folder of pictures."""

    folder: Path
    turns: asyncio.Semaphore

    async def keep(self, upload_id: str, content: bytes, by_role: str, by_id: str) -> Upload:
        """Clean and store a picture. Raises TooLarge or BadUpload."""
        if len(content) > MOST_BYTES:
            raise TooLarge("图片不能超过 8 MB")
        async with self.turns:
            try:
                picture = await asyncio.to_thread(redrawn, content)
            except NotAPicture:
                raise BadUpload from None
            await asyncio.to_thread(self._write, upload_id, picture)
        size = len(picture.content)
        return Upload(upload_id, by_role, by_id, picture.content_type, picture.width, picture.height, size)

    def file(self, upload: Upload) -> Path:
        return self.folder / upload.id[-2:] / upload.id

    def _write(self, upload_id: str, picture: Picture) -> None:
        file = self.folder / upload_id[-2:] / upload_id
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        with open(draft, "wb") as out:
            out.write(picture.content)
            out.flush()
            os.fsync(out.fileno())
        draft.rename(file)
