"""The world and the wire, as FastAPI dependencies."""

from typing import Annotated

from fastapi import Depends, Request

from channels.emulator.wire import Wire
from channels.emulator.world import World


def _world(request: Request) -> World:
    world: World = request.app.state.world
    return world


def _wire(request: Request) -> Wire:
    wire: Wire = request.app.state.wire
    return wire


TheWorld = Annotated[World, Depends(_world)]
TheWire = Annotated[Wire, Depends(_wire)]
