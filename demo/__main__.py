"""Starts the product across from the emulator, plays the day and writes the page."""

import shutil
import tempfile
from pathlib import Path

from channels.emulator.config import EmulatorConfig
from demo import camera, page
from demo.day import Day
from demo.desks import Desks
from demo.story import Scene
from tests.emulator.running import running_emulator
from tests.stack import ACCOUNT, ROOT, SMS_NUMBER, TOKEN, WHATSAPP_NUMBER, Stack

FOLDER = ROOT / "var" / "demo"


def main() -> None:
    """Play it all with empty data of its own, then say where the page is."""
    with tempfile.TemporaryDirectory(prefix="daleel-demo-", ignore_cleanup_errors=True) as there:
        folder = Path(there) / "page"
        folder.mkdir()
        page.write(folder, played(Path(there) / "home", folder))
        # Only a whole page takes the place of an earlier one.
        shutil.rmtree(FOLDER, ignore_errors=True)
        shutil.copytree(folder, FOLDER)
    print(f"The day is told in {FOLDER / 'index.html'}")


def played(home: Path, folder: Path) -> list[Scene]:
    """The scenes as they happened; their pictures are in the folder."""
    port = Stack.choose_port()
    webhook = f"http://localhost:{port}/twilio/messages"
    config = EmulatorConfig(ACCOUNT, TOKEN, SMS_NUMBER, WHATSAPP_NUMBER, webhook, ROOT / "node_modules")
    with running_emulator(config) as emulator:
        stack = Stack(home, emulator, port)
        print("Starting Daleel ...")
        stack.start()
        try:
            print("Six people text ...")
            with camera.opened(emulator, stack, folder) as taking:
                return Day(emulator, Desks(stack), taking).play()
        finally:
            stack.stop()


if __name__ == "__main__":
    main()
